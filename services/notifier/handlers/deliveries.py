"""The ledger: claim what is due, record how attempts went, replay."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Any

import orjson
from sqlalchemy import Row, update

from chassis.clock import rfc3339
from chassis.database import Transaction
from chassis.messages import Command, Message, Result
from chassis.problems import Problem
from contracts.notifier import DeliveryEvent, DeliveryExhausted, DeliverySucceeded, DigestIssued
from contracts.values import dataclass
from services.notifier import rules, tables
from services.notifier.domain import Attempt, DeliveryStatus, Endpoint, Errand, Notice
from services.notifier.errors import delivery_not_found
from services.notifier.handlers.endpoints import retire
from services.notifier.handlers.speaking import townships_of
from services.notifier.handlers.telling import addressed_to, delivery_row

KEPT_ATTEMPTS = 100
"""Attempts of one delivery that the ledger keeps: after many replays the oldest go."""


@dataclass(frozen=True, slots=True)
class Retries:
    """When to try again: ``delays`` in seconds before each attempt, ``jitter`` in 0..1 drawn for this batch."""

    delays: tuple[float, ...]
    jitter: float


def wanting(tx: Transaction, busy: Collection[str]) -> bool:
    """Whether an endpoint that is not ``busy`` has something due. Reads only."""
    return any(row.endpoint_id not in busy for row in tx.rows(tables.DUE_ENDPOINTS, {"now": rfc3339(tx.now)}))


def claim(tx: Transaction, busy: Collection[str], cautious: Collection[str], most: int, lease: float) -> list[Errand]:
    """Take what is due of every endpoint that is not ``busy``: up to ``most`` each, one of those that are ``cautious``.

    Nobody else takes it again for ``lease`` seconds.
    """
    now = rfc3339(tx.now)
    errands: list[Errand] = []
    for row in tx.rows(tables.DUE_ENDPOINTS, {"now": now}):
        if row.endpoint_id in busy:
            continue
        endpoint = tables.endpoint_of(row, now)
        limit = 1 if row.endpoint_id in cautious else most
        asked = {"endpoint": row.endpoint_id, "now": now, "most": limit}
        errands += [_errand(due, endpoint) for due in tx.rows(tables.DUE_DELIVERIES, asked)]
    if errands:
        until = rfc3339(tx.now + timedelta(seconds=lease))
        tx.execute(tables.TAKE, [{"taken": errand.delivery_id, "until": until} for errand in errands])
    return errands


def release(tx: Transaction) -> Result:
    """Let go of every claim: for a start where no other sender can be at work."""
    tx.execute(update(tables.DELIVERIES).where(tables.PENDING, tables.DELIVERIES.c.claimed_until.is_not(None)).values(claimed_until=None))
    return Result()


def hasten(tx: Transaction, lease: float) -> Result:
    """After the clock has gone back: what was never tried is due at once, and a claim that lasts longer than any lease is none."""
    deliveries, now = tables.DELIVERIES.c, rfc3339(tx.now)
    longest = rfc3339(tx.now + timedelta(seconds=lease))
    early = update(tables.DELIVERIES).where(tables.PENDING, deliveries.tries == 0, deliveries.due_at > now)
    tx.execute(early.values(due_at=now, version=deliveries.version + 1))
    tx.execute(update(tables.DELIVERIES).where(tables.PENDING, deliveries.claimed_until > longest).values(claimed_until=None))
    return Result()


def record(tx: Transaction, results: Sequence[tuple[Errand, Attempt]], retries: Retries) -> Result:
    """Write down how attempts went and what follows from each."""
    errands = {errand.delivery_id: (errand, attempt) for errand, attempt in results}
    result = Result()
    changes: list[dict[str, Any]] = []
    gone: set[str] = set()
    for row in tx.lock(tables.DELIVERIES, tables.DELIVERIES.c.delivery_id, errands):
        errand, attempt = errands[row.delivery_id]
        outcome = rules.after(attempt, row.tries + 1, retries.delays, retries.jitter)
        if row.status != DeliveryStatus.PENDING and outcome.status is not DeliveryStatus.DELIVERED:
            outcome = rules.Outcome(DeliveryStatus(row.status), None)  # given up meanwhile, with its endpoint
        attempts = [*orjson.loads(row.attempts), _written(attempt)][-KEPT_ATTEMPTS:]
        due = None if outcome.due is None else rfc3339(outcome.due)
        change = {"status": outcome.status, "due": due, "tries": row.tries + 1, "attempts": orjson.dumps(attempts).decode()}
        changes.append({"recorded": row.delivery_id, **{f"new_{name}": value for name, value in change.items()}})
        result.messages += _said(errand, row, outcome.status, len(attempts))
        if outcome.endpoint_gone:
            gone.add(errand.endpoint.endpoint_id)
    if changes:
        tx.execute(tables.RECORD, changes)
    for endpoint_id in sorted(gone):
        result.messages += retire(tx, endpoint_id, "gone")
    return result


def replay(batch: Sequence[Command[str]], tx: Transaction) -> Result:
    """Try again, from the start of the schedule, under the same webhook id. The answers are the delivery rows.

    A delivery without endpoint goes to the endpoints that want it by now.
    """
    return Result(answers=[_replayed(command.data, tx) for command in batch])


def _replayed(delivery_id: str, tx: Transaction) -> Row[Any] | Problem:
    rows = tx.lock(tables.DELIVERIES, tables.DELIVERIES.c.delivery_id, [delivery_id])
    if not rows:
        return delivery_not_found()
    row = rows[0]
    notice = _notice(tx, row)
    found = [endpoint for endpoint in tables.active_endpoints(tx, [row.recipient]) if _may_take(endpoint, row, notice)]
    if not found:
        zh, en = "该单位目前没有可用的接收端", "the unit has no endpoint in use for this event: register or enable one"
        return Problem(409, "no-endpoint", zh, en)
    now = rfc3339(tx.now)
    values = {**addressed_to(notice.stream, row.recipient, found[0], now), "tries": 0, "claimed_until": None, "version": row.version + 1}
    tx.execute(update(tables.DELIVERIES).where(tables.DELIVERIES.c.delivery_id == delivery_id).values(**values))
    tx.insert_new(tables.DELIVERIES, [delivery_row(notice, row.recipient, other, now) for other in found[1:]])
    return tx.load(tables.DELIVERIES, tables.DELIVERIES.c.delivery_id, [delivery_id])[0]


def _may_take(endpoint: Endpoint, row: Row[Any], notice: Notice) -> bool:
    return rules.wants(endpoint, notice) if row.endpoint_id is None else endpoint.endpoint_id == str(row.endpoint_id)


def _notice(tx: Transaction, row: Row[Any]) -> Notice:
    kept = tx.load(tables.NOTICES, tables.NOTICES.c.event_id, [row.event_id])[0]
    place = (row.filing_id, row.parcel_code, row.township_code)
    townships = townships_of(orjson.loads(kept.body)["data"]["group"]) if row.event_type == DigestIssued.type else frozenset[str]()
    return Notice(row.event_id, row.event_type, kept.stream, kept.seq, *place, (row.recipient,), townships)


def _errand(row: Row[Any], endpoint: Endpoint) -> Errand:
    return Errand(
        delivery_id=row.delivery_id,
        endpoint=endpoint,
        event_type=row.event_type,
        filing_id=row.filing_id,
        parcel_code=row.parcel_code,
        event_id=row.event_id,
        correlation_id=row.correlation_id,
        body=bytes(row.body),
        tries=row.tries,
    )


def _written(attempt: Attempt) -> dict[str, Any]:
    return {"at": rfc3339(attempt.at), "status_code": attempt.status_code, "error": attempt.error}


def _said(errand: Errand, row: Row[Any], status: DeliveryStatus, attempts: int) -> list[Message]:
    said: dict[DeliveryStatus, type[DeliveryEvent]] = {
        DeliveryStatus.DELIVERED: DeliverySucceeded,
        DeliveryStatus.EXHAUSTED: DeliveryExhausted,
    }
    kind = said.get(status)
    if kind is None or row.status == status:
        return []
    event = kind(
        endpoint_id=errand.endpoint.endpoint_id,
        recipient=errand.endpoint.recipient,
        delivery_id=errand.delivery_id,
        event_id=errand.event_id,
        event_type=errand.event_type,
        filing_id=errand.filing_id,
        parcel_code=errand.parcel_code,
        attempts=attempts,
    )
    return [Message(event, errand.correlation_id, errand.event_id)]
