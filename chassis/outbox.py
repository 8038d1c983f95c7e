"""The outbox: messages become rows in the transaction that caused them, numbered densely for each (topic, key)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import cache

import orjson

from chassis.clock import rfc3339
from chassis.errors import MessageTooLargeError
from chassis.identifiers import new_id
from chassis.messages import Message
from chassis.transaction import Transaction
from contracts.envelope import Envelope

MAX_BODY = 1024 * 1024
"""Bytes of the largest body a bus is asked to carry."""


def append(tx: Transaction, messages: Sequence[Message], source: str) -> None:
    """Store ``messages`` to be published after COMMIT, in this order within each key. ``source`` is CloudEvents': ``/registration``.

    Each body is encoded here, once. Raises MessageTooLargeError over ``MAX_BODY``.
    """
    if not messages:
        return
    addressed = [(message, message.event.topic, message.event.key()) for message in messages]
    counts = Counter((topic, key) for _, topic, key in addressed)
    last = tx.backend.advance_streams(tx.cursor, counts)
    following = {stream: last[stream] - count for stream, count in counts.items()}
    time = rfc3339(tx.now)
    rows = []
    for message, topic, key in addressed:
        following[topic, key] += 1
        rows.append(_row(message, topic, key, following[topic, key], source, time))
    tx.backend.insert_outbox(tx.cursor, rows)
    tx.outgoing.update(key for _, key in counts)


def _row(message: Message, topic: str, key: str, seq: int, source: str, time: str) -> tuple[object, ...]:
    event = message.event
    body: bytes = event.__pydantic_serializer__.to_json(event)
    if len(body) > MAX_BODY:
        raise MessageTooLargeError(f"{event.type} for {key} has {len(body)} bytes, more than {MAX_BODY}")
    event_id = message.id or new_id()
    headers = {
        **_fixed_headers(event.type, source),
        "ce_id": event_id,
        "ce_subject": key,
        "ce_time": time,
        "ce_partitionkey": key,
        "ce_streamseq": str(seq),
        "ce_correlationid": message.correlation_id,
    }
    if message.causation_id is not None:
        headers["ce_causationid"] = message.causation_id
    return (event_id, topic, key, seq, event.type, orjson.dumps(headers).decode(), body, time)


@cache
def _fixed_headers(type_: str, source: str) -> dict[str, str]:
    """The headers of every event of a type, in the envelope's own order; the others are put over them."""
    return Envelope("", source, type_, "", "", "", 0, "", None, b"").headers()
