"""From bytes to an event, once in a process: the services of an embedded system hear the same events, and events never change."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chassis.messages import Received
from contracts.envelope import Envelope, Event

KEPT = 4096
MAX_BODY = 64 * 1024

_kept: dict[str, Received[Any]] = {}  # by event id


def parsed(event: type[Event], headers: Mapping[str, str], body: bytes) -> Received[Any]:
    """The event in ``body``. Raises KeyError for a missing header, ValidationError for a body of another shape."""
    found = _kept.get(headers["ce_id"])
    if found is not None and found.envelope.data == body and type(found.event) is event and found.envelope.headers() == headers:
        return found
    envelope = Envelope.of_headers(headers, body)
    made = Received(event.model_validate_json(body), envelope)
    if len(body) <= MAX_BODY:
        _keep(envelope.id, made)
    return made


def _keep(event_id: str, made: Received[Any]) -> None:
    if len(_kept) >= KEPT:
        for oldest in list(_kept)[: KEPT // 2]:  # a copy: other threads keep theirs meanwhile
            _kept.pop(oldest, None)
    _kept[event_id] = made
