"""Events in, deliveries out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson

from chassis.clock import rfc3339
from chassis.database import Transaction
from chassis.identifiers import new_id
from chassis.messages import Received, Result
from contracts.envelope import Envelope
from services.notifier import rules, tables
from services.notifier.domain import DeliveryStatus, Endpoint, Notice


def tell(batch: Sequence[Received[Any]], tx: Transaction) -> Result:
    """One delivery for every unit an event names and every endpoint of that unit that wants it; ``no_endpoint`` where there is none.

    The same event heard again changes nothing: the database knows event and target as one key.
    """
    named = _not_told_yet(tx, [received for received in batch if received.event.notify])
    enter(tx, [(notice_of(received.event, received.envelope), received.envelope) for received in named])
    return Result()


def enter(tx: Transaction, told: Sequence[tuple[Notice, Envelope]]) -> None:
    """Put notices that are new into the ledger, each with its event, and a delivery for everyone who gets it."""
    notices = [notice for notice, _ in told]
    endpoints = tables.active_endpoints(tx, {unit for notice in notices for unit in notice.recipients})
    now = rfc3339(tx.now)
    tx.insert(tables.NOTICES, [notice_row(notice, envelope) for notice, envelope in told])
    rows = [delivery_row(notice, unit, found, now) for notice in notices for unit, found in rules.targets(notice, endpoints)]
    tx.insert(tables.DELIVERIES, rows)


def _not_told_yet(tx: Transaction, batch: Sequence[Received[Any]]) -> list[Received[Any]]:
    known = {row.event_id for row in tables.known_notices(tx, [received.id for received in batch])} if batch else set()
    return [received for received in batch if received.id not in known]


def notice_of(event: Any, envelope: Envelope) -> Notice:
    """The part of an event that decides who is told."""
    return Notice(
        event_id=envelope.id,
        event_type=envelope.type,
        stream=f"{event.topic} {envelope.key}",
        seq=envelope.seq,
        filing_id=event.filing_id,
        parcel_code=event.parcel_code,
        township_code=event.township_code,
        recipients=tuple(str(unit) for unit in event.notify),
    )


def notice_row(notice: Notice, envelope: Envelope) -> dict[str, Any]:
    """The event kept as the CloudEvent that is signed and sent, byte for byte, at every attempt."""
    return {
        "event_id": notice.event_id,
        "event_type": notice.event_type,
        "stream": notice.stream,
        "seq": notice.seq,
        "correlation_id": envelope.correlation_id,
        "body": orjson.dumps(envelope.structured()),
    }


def delivery_row(notice: Notice, recipient: str, endpoint: Endpoint | None, now: str) -> dict[str, Any]:
    """A new row of the ledger, due at once if there is an endpoint."""
    return {
        "delivery_id": new_id("dlv_"),
        "event_id": notice.event_id,
        "recipient": recipient,
        "event_type": notice.event_type,
        "seq": notice.seq,
        "filing_id": notice.filing_id,
        "parcel_code": notice.parcel_code,
        "township_code": notice.township_code,
        "created_at": now,
        "claimed_until": None,
        "tries": 0,
        "attempts": "[]",
        **addressed_to(notice.stream, recipient, endpoint, now),
    }


def addressed_to(stream: str, recipient: str, endpoint: Endpoint | None, now: str) -> dict[str, Any]:
    """The columns that say where a delivery goes."""
    if endpoint is None:
        return {"endpoint_id": None, "target": recipient, "lane": "", "status": DeliveryStatus.NO_ENDPOINT, "due_at": None}
    endpoint_id = endpoint.endpoint_id
    lane = f"{endpoint_id} {stream}"
    return {"endpoint_id": endpoint_id, "target": endpoint_id, "lane": lane, "status": DeliveryStatus.PENDING, "due_at": now}
