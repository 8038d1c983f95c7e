"""What goes into a handler and what comes out of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

from contracts.envelope import Envelope, Event
from contracts.values import dataclass

if TYPE_CHECKING:
    from chassis.auth import Principal
    from chassis.database import Transaction

T = TypeVar("T")
E = TypeVar("E", bound=Event)


class Command(NamedTuple, Generic[T]):
    """Something a caller wants done: its parsed ``data``, who asks, and the ids that tie what follows to it."""

    data: T
    principal: Principal
    correlation_id: str
    id: str


class Received(NamedTuple, Generic[E]):
    """An event as it reached this service, parsed, with its envelope."""

    event: E
    envelope: Envelope

    @classmethod
    def read(cls, event: type[E], headers: Mapping[str, str], body: bytes) -> Received[E]:
        """The event in ``body``. Raises KeyError for a missing header, ValidationError for a body of another shape."""
        envelope = Envelope.of_headers(headers, body)
        return cls(event.model_validate_json(body), envelope)

    @property
    def correlation_id(self) -> str:
        return self.envelope.correlation_id

    @property
    def id(self) -> str:
        return self.envelope.id


@dataclass(frozen=True, slots=True)
class Itself:
    """A service acting by itself, because a day has come or a policy set: it opens a conversation of its own."""

    correlation_id: str
    id: None = None


class Message(NamedTuple):
    """An event to be published, with what caused it. ``id``: its own where that follows from what it says; else it is given one."""

    event: Event
    correlation_id: str
    causation_id: str | None
    id: str | None = None

    @classmethod
    def because(cls, cause: Command[Any] | Received[Any] | Itself, event: Event) -> Message:
        """The message for ``event``, in the conversation of ``cause``."""
        return cls(event, cause.correlation_id, cause.id)


@dataclass(slots=True)
class Result:
    """What a handler did: messages to publish and, for commands, one answer for each item (a ``Problem`` refuses that item)."""

    messages: list[Message] = field(default_factory=list)
    answers: list[Any] = field(default_factory=list)


Handler = Callable[[Sequence[Any], "Transaction"], Result]
"""``handler(batch, tx)``: a batch of ``Command`` or of ``Received``. Plain synchronous code; never commits, never publishes.

A batch of events never holds the same (topic, key) twice. May raise ``Problem``, ``TemporaryError`` or ``PermanentError``.
"""
