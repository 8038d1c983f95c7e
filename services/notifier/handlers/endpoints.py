"""Endpoints: registered, changed, rotated, tried, retired."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import orjson
from sqlalchemy import Row, update

from chassis.clock import rfc3339
from chassis.database import Transaction
from chassis.identifiers import new_id
from chassis.messages import Command, Message, Result
from chassis.preconditions import stale_version
from chassis.problems import FieldError, Problem
from contracts.notifier import EndpointDisabled
from contracts.values import dataclass
from services.notifier import rules, tables
from services.notifier.domain import Channel, DeliveryStatus, Endpoint, EndpointState, Notice
from services.notifier.errors import endpoint_not_found
from services.notifier.handlers.telling import delivery_row

SECRET_BYTES = 32
"""Within the 24 to 64 bytes of Standard Webhooks."""
TEST_TYPE = "notifier.endpoint_tested.v1"


@dataclass(frozen=True, slots=True)
class Registration:
    """A new endpoint as asked for."""

    recipient: str
    channel: Channel
    events: tuple[str, ...]
    townships: tuple[str, ...] | None
    lang: str


@dataclass(frozen=True, slots=True)
class Change:
    """What shall be different about an endpoint: row columns with their new values; ``version`` the caller has seen, or None."""

    endpoint_id: str
    version: int | None
    columns: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Rotation:
    """A new secret; the old one goes on signing for ``grace`` seconds."""

    endpoint_id: str
    version: int | None
    grace: float


@dataclass(frozen=True, slots=True)
class Shown:
    """An endpoint's row, with its secret the once that it may be seen."""

    row: Row[Any]
    secret: str | None = None


def new_secret() -> str:
    return "whsec_" + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def create(batch: Sequence[Command[Registration]], tx: Transaction) -> Result:
    """Register endpoints. The answers are ``Shown`` with the secret."""
    rows = [_row(command.data, rfc3339(tx.now)) for command in batch]
    tx.insert(tables.ENDPOINTS, rows)
    return Result(answers=[_shown(tx, row["endpoint_id"], row["secret"]) for row in rows])


def change(batch: Sequence[Command[Change]], tx: Transaction) -> Result:
    """Change endpoints; one that is switched off, or becomes another unit's, gives up what it had waiting.

    What is equal already changes nothing. The answers are ``Shown``.
    """
    result = Result()
    for command in batch:
        wanted = command.data
        row = _current(tx, wanted.endpoint_id, wanted.version)
        if isinstance(row, Problem):
            result.answers.append(row)
            continue
        becomes = {"recipient": row.recipient, "townships": row.townships, **wanted.columns}
        if becomes["townships"] is None and becomes["recipient"] in rules.TOWNSHIP_BOUND:
            result.answers.append(townships_required())
            continue
        columns = {name: value for name, value in wanted.columns.items() if value != getattr(row, name)}
        if columns:
            _set(tx, row, columns)
        off = row.state == EndpointState.ACTIVE and wanted.columns.get("state") == EndpointState.DISABLED
        if off:
            result.messages.append(Message.because(command, _disabled(row, "administrator")))
        if off or "recipient" in columns:
            _give_up(tx, row.endpoint_id)
        result.answers.append(_shown(tx, wanted.endpoint_id))
    return result


def delete(batch: Sequence[Command[Change]], tx: Transaction) -> Result:
    """Remove endpoints; the ledger keeps what they were told. The answers are None."""
    result = Result()
    for command in batch:
        row = _current(tx, command.data.endpoint_id, command.data.version)
        if isinstance(row, Problem):
            result.answers.append(row)
            continue
        _set(tx, row, {"state": tables.DELETED, "secret": "", "previous_secret": None, "previous_secret_until": None})
        _give_up(tx, row.endpoint_id)
        if row.state == EndpointState.ACTIVE:
            result.messages.append(Message.because(command, _disabled(row, "deleted")))
        result.answers.append(None)
    return result


def rotate_secret(batch: Sequence[Command[Rotation]], tx: Transaction) -> Result:
    """Give endpoints a new secret. The answers are ``Shown`` with the secret."""
    answers: list[Any] = []
    for command in batch:
        row = _current(tx, command.data.endpoint_id, command.data.version)
        if isinstance(row, Problem):
            answers.append(row)
            continue
        secret = new_secret()
        until = rfc3339(tx.now + timedelta(seconds=command.data.grace))
        _set(tx, row, {"secret": secret, "previous_secret": row.secret, "previous_secret_until": until})
        answers.append(_shown(tx, row.endpoint_id, secret))
    return Result(answers=answers)


def test(batch: Sequence[Command[str]], tx: Transaction) -> Result:
    """Put a trial event into the ledger for one endpoint. The answers are delivery rows."""
    return Result(answers=[_tested(command, tx) for command in batch])


def retire(tx: Transaction, endpoint_id: str, cause: str) -> list[Message]:
    """Switch off an endpoint because of what its receiver said."""
    row = tables.endpoint_row(tx, endpoint_id)
    if row is None or row.state != EndpointState.ACTIVE:
        return []
    _set(tx, row, {"state": EndpointState.DISABLED})
    _give_up(tx, endpoint_id)
    return [Message(_disabled(row, cause), new_id(), None)]


def _row(wanted: Registration, now: str) -> dict[str, Any]:
    return {
        "endpoint_id": new_id("ep_"),
        "version": 1,
        "state": EndpointState.ACTIVE,
        "recipient": wanted.recipient,
        "channel": wanted.channel.type,
        "address": wanted.channel.address,
        "events": orjson.dumps(wanted.events).decode(),
        "townships": None if wanted.townships is None else orjson.dumps(wanted.townships).decode(),
        "lang": wanted.lang,
        "secret": new_secret(),
        "previous_secret": None,
        "previous_secret_until": None,
        "created_at": now,
    }


def _current(tx: Transaction, endpoint_id: str, version: int | None) -> Row[Any] | Problem:
    tx.lock(tables.ENDPOINTS, tables.ENDPOINTS.c.endpoint_id, [endpoint_id])
    row = tables.endpoint_row(tx, endpoint_id)
    if row is None:
        return endpoint_not_found()
    return row if version is None or version == row.version else stale_version(row.version)


def townships_required() -> Problem:
    zh, en = "TWN 与 SG 的接收端须写明 townships", "endpoints of TWN and SG must name townships"
    return Problem(422, "townships-required", zh, en, [FieldError("/townships", "townships-required", f"{zh} / {en}")])


def _set(tx: Transaction, row: Row[Any], columns: dict[str, Any]) -> None:
    table = tables.ENDPOINTS
    tx.execute(update(table).where(table.c.endpoint_id == row.endpoint_id).values(version=row.version + 1, **columns))


def _give_up(tx: Transaction, endpoint_id: str) -> None:
    table = tables.DELIVERIES
    waiting = update(table).where(table.c.endpoint_id == endpoint_id, tables.PENDING)
    tx.execute(waiting.values(status=DeliveryStatus.EXHAUSTED, due_at=None, claimed_until=None, version=table.c.version + 1))


def _disabled(row: Row[Any], cause: str) -> EndpointDisabled:
    return EndpointDisabled(endpoint_id=row.endpoint_id, recipient=row.recipient, cause=cause)


def _shown(tx: Transaction, endpoint_id: str, secret: str | None = None) -> Shown:
    return Shown(tx.load(tables.ENDPOINTS, tables.ENDPOINTS.c.endpoint_id, [endpoint_id])[0], secret)


def _tested(command: Command[str], tx: Transaction) -> Row[Any] | Problem:
    row = tables.endpoint_row(tx, command.data)
    if row is None:
        return endpoint_not_found()
    if row.state != EndpointState.ACTIVE:
        return Problem(409, "endpoint-disabled", "接收端已停用，请先启用", 'the endpoint is switched off: PATCH {"state": "active"} first')
    now = rfc3339(tx.now)
    endpoint: Endpoint = tables.endpoint_of(row, now)
    notice = Notice(new_id(), TEST_TYPE, f"test {row.endpoint_id}", 1, None, None, None, (row.recipient,))
    trial = {
        "event_id": notice.event_id,
        "event_type": TEST_TYPE,
        "stream": notice.stream,
        "seq": 1,
        "correlation_id": command.correlation_id,
        "body": _trial_body(notice.event_id, row, now),
    }
    delivery = delivery_row(notice, row.recipient, endpoint, now)
    tx.insert(tables.NOTICES, [trial])
    tx.insert(tables.DELIVERIES, [delivery])
    return tx.load(tables.DELIVERIES, tables.DELIVERIES.c.delivery_id, [delivery["delivery_id"]])[0]


def _trial_body(event_id: str, row: Row[Any], now: str) -> bytes:
    data = {"filing_id": None, "parcel_code": None, "endpoint_id": row.endpoint_id, "recipient": row.recipient}
    attributes = {"specversion": "1.0", "id": event_id, "source": "/notifier", "type": TEST_TYPE, "subject": row.endpoint_id, "time": now}
    return orjson.dumps({**attributes, "datacontenttype": "application/json", "data": data})
