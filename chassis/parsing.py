"""From bytes to an event, once in a process: the services of an embedded system are handed the same bytes, and events never change."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chassis.messages import Received
from contracts.envelope import Envelope, Event

KEPT = 4096
MAX_BODY = 64 * 1024

_kept: dict[int, Received[Any]] = {}  # by the identity of the body, which the envelope keeps alive


def parsed(event: type[Event], headers: Mapping[str, str], body: bytes) -> Received[Any]:
    """The event in ``body``. Raises KeyError for a missing header, ValidationError for a body of another shape."""
    found = _kept.get(id(body))
    if found is not None and found.envelope.data is body and type(found.event) is event and found.envelope.id == headers.get("ce_id"):
        return found
    envelope = Envelope.of_headers(headers, body)
    made = Received(event.model_validate_json(body), envelope)
    if len(body) <= MAX_BODY:
        _keep(id(body), made)
    return made


def _keep(identity: int, made: Received[Any]) -> None:
    if len(_kept) >= KEPT:
        for oldest in list(_kept)[: KEPT // 2]:  # a copy: other threads keep theirs meanwhile
            _kept.pop(oldest, None)
    _kept[identity] = made
