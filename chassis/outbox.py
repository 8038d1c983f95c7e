"""The outbox: messages become rows in the transaction that caused them, numbered densely for each (topic, key)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

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
    tx.outgoing = True


def _row(message: Message, topic: str, key: str, seq: int, source: str, time: str) -> tuple[object, ...]:
    event = message.event
    body = event.model_dump_json().encode()
    if len(body) > MAX_BODY:
        raise MessageTooLargeError(f"{event.type} for {key} has {len(body)} bytes, more than {MAX_BODY}")
    envelope = Envelope(
        id=new_id(),
        source=source,
        type=event.type,
        subject=key,
        time=time,
        key=key,
        seq=seq,
        correlation_id=message.correlation_id,
        causation_id=message.causation_id,
        data=body,
    )
    return (envelope.id, topic, key, seq, event.type, orjson.dumps(envelope.headers()).decode(), body, time)
