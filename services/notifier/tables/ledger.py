"""Rows of the ledger (endpoints, notices, deliveries) and the queries on them.

Times are RFC 3339 text in UTC with microseconds, so text order is time order.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson
from sqlalchemy import (
    Column,
    ColumnElement,
    Index,
    LargeBinary,
    Row,
    Select,
    Table,
    UniqueConstraint,
    bindparam,
    not_,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from chassis.clock import rfc3339
from chassis.database import Transaction
from services.notifier.domain import Channel, ChannelType, Endpoint, EndpointState

PENDING = text("status = 'pending'")
DELETED = "deleted"
"""State of an endpoint's row after DELETE: kept because the ledger names it, never shown."""


class NotifierRow(SQLModel, registry=registry()):
    """Base of the rows, with metadata of their own."""


class EndpointRow(NotifierRow, table=True):
    """``address`` is a URL or mail address; ``events`` and ``townships`` are JSON lists, ``townships`` NULL for everywhere."""

    __tablename__ = "endpoint"

    endpoint_id: str = Field(primary_key=True)
    version: int
    state: str
    recipient: str
    channel: str
    address: str
    events: str
    townships: str | None
    lang: str
    secret: str
    previous_secret: str | None
    previous_secret_until: str | None
    created_at: str


class NoticeRow(NotifierRow, table=True):
    """An event that names units: its body as it is sent, kept once however many are told."""

    __tablename__ = "notice"

    event_id: str = Field(primary_key=True)
    event_type: str
    stream: str
    seq: int
    correlation_id: str
    body: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class DeliveryRow(NotifierRow, table=True):
    """One unit told, or to be told, of one event.

    ``target`` is the endpoint, or the unit where no endpoint wants the event: no two rows of an event have the same.
    ``lane`` is endpoint and stream: deliveries of one lane go out in the order of ``seq``. ``due_at`` is set while pending;
    until ``claimed_until`` a sender is at it. ``tries`` counts since it was made or replayed; ``attempts`` is a JSON list of all.
    ``version`` grows with every change but a claim; the database begins it, so that no insert carries it.
    """

    __tablename__ = "delivery"
    __table_args__ = (
        UniqueConstraint("event_id", "target", name="uq_delivery_event_target"),
        Index("ix_delivery_due", "endpoint_id", "due_at", sqlite_where=PENDING, postgresql_where=PENDING),
        Index("ix_delivery_lane", "lane", "seq", sqlite_where=PENDING, postgresql_where=PENDING),
        Index("ix_delivery_filing", "filing_id"),
        Index("ix_delivery_parcel", "parcel_code"),
    )

    delivery_id: str = Field(primary_key=True)
    event_id: str
    target: str
    endpoint_id: str | None
    recipient: str
    event_type: str
    lane: str
    seq: int
    filing_id: str | None
    parcel_code: str | None
    township_code: str | None
    status: str
    created_at: str
    due_at: str | None
    claimed_until: str | None
    tries: int
    attempts: str
    version: int = Field(sa_column_kwargs={"server_default": "1"})


ENDPOINTS: Table = EndpointRow.__table__  # type: ignore[attr-defined]
NOTICES: Table = NoticeRow.__table__  # type: ignore[attr-defined]
DELIVERIES: Table = DeliveryRow.__table__  # type: ignore[attr-defined]


def known_notices(tx: Transaction, event_ids: Iterable[str]) -> Sequence[Row[Any]]:
    """Those of ``event_ids`` that are in the ledger already: hardly ever one."""
    return tx.load(NOTICES, NOTICES.c.event_id, event_ids)


def endpoint_of(row: Row[Any], now: str) -> Endpoint:
    """The endpoint of a row, with the secrets that sign at ``now``, newest first."""
    old = row.previous_secret if row.previous_secret is not None and (row.previous_secret_until or "") > now else None
    return Endpoint(
        endpoint_id=row.endpoint_id,
        recipient=row.recipient,
        channel=Channel(ChannelType(row.channel), row.address),
        events=frozenset(orjson.loads(row.events)),
        townships=None if row.townships is None else frozenset(orjson.loads(row.townships)),
        lang=row.lang,
        secrets=(row.secret, old) if old else (row.secret,),
    )


def active_endpoints(tx: Transaction, recipients: Iterable[str]) -> list[Endpoint]:
    """The endpoints in use of those units, oldest first."""
    rows = [row for row in tx.load(ENDPOINTS, ENDPOINTS.c.recipient, recipients) if row.state == EndpointState.ACTIVE]
    now = rfc3339(tx.now)
    return [endpoint_of(row, now) for row in sorted(rows, key=lambda row: row.endpoint_id)]


def endpoint_row(tx: Transaction, endpoint_id: str) -> Row[Any] | None:
    """The row of an endpoint that has not been deleted."""
    rows = [row for row in tx.load(ENDPOINTS, ENDPOINTS.c.endpoint_id, [endpoint_id]) if row.state != DELETED]
    return rows[0] if rows else None


def endpoints_page(after: Sequence[Any] | None, limit: int, recipient: str | None) -> Select[Any]:
    """One row more than ``limit``, oldest first."""
    query = select(ENDPOINTS).where(ENDPOINTS.c.state != DELETED).order_by(ENDPOINTS.c.endpoint_id).limit(limit + 1)
    if recipient is not None:
        query = query.where(ENDPOINTS.c.recipient == recipient)
    return query if after is None else query.where(ENDPOINTS.c.endpoint_id > str(after[0]))


def deliveries_page(after: Sequence[Any] | None, limit: int, filters: Mapping[str, str]) -> Select[Any]:
    """One row more than ``limit``, newest first. ``filters`` are column names with the value asked for."""
    query = select(DELIVERIES).order_by(DELIVERIES.c.delivery_id.desc()).limit(limit + 1)
    query = query.where(*(DELIVERIES.c[name] == value for name, value in filters.items()))
    return query if after is None else query.where(DELIVERIES.c.delivery_id < str(after[0]))


def _due() -> tuple[ColumnElement[bool], ...]:
    unclaimed = or_(DELIVERIES.c.claimed_until.is_(None), DELIVERIES.c.claimed_until <= bindparam("now"))
    return DELIVERIES.c.status == text("'pending'"), DELIVERIES.c.due_at <= bindparam("now"), unclaimed


def _due_endpoints() -> Select[Any]:
    due = select(1).where(DELIVERIES.c.endpoint_id == ENDPOINTS.c.endpoint_id, *_due()).correlate(ENDPOINTS).exists()
    return select(ENDPOINTS).where(ENDPOINTS.c.state == EndpointState.ACTIVE, due).order_by(ENDPOINTS.c.endpoint_id)


def _due_deliveries() -> Select[Any]:
    earlier = DELIVERIES.alias("earlier")
    blocked = (
        select(1)
        .where(earlier.c.lane == DELIVERIES.c.lane, earlier.c.status == text("'pending'"), earlier.c.seq < DELIVERIES.c.seq)
        .correlate(DELIVERIES)
        .exists()
    )
    return (
        select(DELIVERIES, NOTICES.c.body, NOTICES.c.correlation_id)
        .join(NOTICES, NOTICES.c.event_id == DELIVERIES.c.event_id)
        .where(DELIVERIES.c.endpoint_id == bindparam("endpoint"), *_due(), not_(blocked))
        .order_by(DELIVERIES.c.due_at, DELIVERIES.c.seq)
        .limit(bindparam("most"))
        .with_for_update(skip_locked=True, of=DELIVERIES)
    )


DUE_ENDPOINTS = _due_endpoints()
"""The endpoints in use that have something due and unclaimed at ``now``."""

DUE_DELIVERIES = _due_deliveries()
"""What ``endpoint`` may be told next, ``most`` at once, with the body to send: due, unclaimed, nothing of its lane waiting before it."""

TAKE = update(DELIVERIES).where(DELIVERIES.c.delivery_id == bindparam("taken")).values(claimed_until=bindparam("until"))
"""Claim the delivery ``taken``."""

RECORD = (
    update(DELIVERIES)
    .where(DELIVERIES.c.delivery_id == bindparam("recorded"))
    .values(
        status=bindparam("new_status"),
        due_at=bindparam("new_due"),
        tries=bindparam("new_tries"),
        attempts=bindparam("new_attempts"),
        claimed_until=None,
        version=DELIVERIES.c.version + 1,
    )
)
"""Write down how an attempt at the delivery ``recorded`` went, and let go of it."""
