"""Rows of what falls due and of the digests issued, and the queries on them. Days are ISO 8601 text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import Column, ColumnElement, Index, LargeBinary, Row, Select, Table, and_, func, not_, or_, select, text, update
from sqlmodel import Field

from chassis.database import Transaction
from contracts.vocabulary import Unit
from services.notifier.domain import Item, ItemState, Kind, Word
from services.notifier.tables.ledger import DELIVERIES, NotifierRow

OPEN = text("state <> 'ended'")
TO_LOOK_AT = text("look_on IS NOT NULL")


class DueItemRow(NotifierRow, table=True):
    """``services.notifier.domain.Item``, one row for each: the event with the greatest ``seq`` of its stream says how it stands."""

    __tablename__ = "due_item"
    __table_args__ = (
        Index("ix_due_item_look", "look_on", sqlite_where=TO_LOOK_AT, postgresql_where=TO_LOOK_AT),
        Index("ix_due_item_open", "kind", "due", sqlite_where=OPEN, postgresql_where=OPEN),
    )

    item: str = Field(primary_key=True)
    kind: str
    record_id: str
    filing_id: str | None
    parcel_code: str | None
    unit_number: str | None
    township_code: str | None
    owner: str
    since: str | None
    due: str | None
    state: str
    look_on: str | None
    seq: int


class FilingWordRow(NotifierRow, table=True):
    """The ``seq`` of the last word heard of a filing, and whether by it a township may still be asked for a statement.

    One small row for every filing of the city, so that what falls due may be heard before or after what ends it.
    """

    __tablename__ = "filing_word"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012 - as SQLAlchemy wants it

    filing_id: str = Field(primary_key=True)
    seq: int
    asks: int


class DigestRow(NotifierRow, table=True):
    """A digest as it was issued, once for each ``recipient`` (SG1, SG2, SG3, MGO) and week; ``body`` is its event as JSON.

    ``ledger_head``: the last delivery there was.
    """

    __tablename__ = "digest"

    digest_id: str = Field(primary_key=True)
    recipient: str
    period_to: str
    issued_at: str
    ledger_head: str
    body: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


DUE_ITEMS: Table = DueItemRow.__table__  # type: ignore[attr-defined]
FILING_WORDS: Table = FilingWordRow.__table__  # type: ignore[attr-defined]
DIGESTS: Table = DigestRow.__table__  # type: ignore[attr-defined]

COLUMNS = tuple(column.name for column in DUE_ITEMS.columns)


class Made(NamedTuple):
    """Deliveries made from ``since`` to before ``until``, all of them ``after`` one: the rest of the ledger need not be read."""

    after: str
    since: str
    until: str


def note(tx: Transaction, items: Sequence[Item], words: Sequence[Word]) -> None:
    """Keep how the items stand now and the last words on filings; what an earlier event of their stream said is passed over.

    A statement each, none where there is nothing to keep.
    """
    tx.upsert(DUE_ITEMS, [_row(item) for item in items], newest="seq")
    tx.upsert(FILING_WORDS, [{"filing_id": filing_id, "seq": seq, "asks": asks} for filing_id, seq, asks in words], newest="seq")


def _row(item: Item) -> dict[str, Any]:
    return {
        "item": item.item,
        "kind": item.kind,
        "record_id": item.record_id,
        "filing_id": item.filing_id,
        "parcel_code": item.parcel_code,
        "unit_number": item.unit_number,
        "township_code": item.township_code,
        "owner": item.owner,
        "since": item.since and item.since.isoformat(),
        "due": item.due and item.due.isoformat(),
        "state": item.state,
        "look_on": item.look_on and item.look_on.isoformat(),
        "seq": item.seq,
    }


def item_of(row: Row[Any]) -> Item:
    """The item of a row."""
    given = {name: getattr(row, name) for name in COLUMNS}
    days = {name: given[name] and date.fromisoformat(given[name]) for name in ("since", "due", "look_on")}
    words = {"kind": Kind(row.kind), "owner": Unit(row.owner), "state": ItemState(row.state)}
    return Item(**{**given, **days, **words})


WITH_WORDS = DUE_ITEMS.outerjoin(FILING_WORDS, FILING_WORDS.c.filing_id == DUE_ITEMS.c.filing_id)
OPEN_ITEM = DUE_ITEMS.c.state != text("'ended'")
"""In the words of the index."""

OF_FILINGS = DUE_ITEMS.c.kind.in_((Kind.REGISTRATION, Kind.CORRECTION))
IS_OPEN = and_(
    OPEN_ITEM,
    or_(not_(OF_FILINGS), FILING_WORDS.c.seq == DUE_ITEMS.c.seq),
    or_(DUE_ITEMS.c.kind != Kind.STATEMENT_REQUEST, FILING_WORDS.c.filing_id.is_(None), FILING_WORDS.c.asks == 1),
)
"""What falls due on a filing does so as long as the last word on it names it; a statement is asked for until the filing asks no more.

The two streams of a filing may be heard in any order: so this is read, never written.
"""


def open_items(tx: Transaction) -> list[Item]:
    """Everything that is open, by item."""
    query = select(DUE_ITEMS).select_from(WITH_WORDS).where(IS_OPEN).order_by(DUE_ITEMS.c.item)
    return [item_of(row) for row in tx.rows(query)]


def to_look_at(tx: Transaction, today: date, most: int) -> list[tuple[Item, bool]]:
    """Up to ``most`` items whose day to be looked at has come, the earliest first; each with whether it is open."""
    query = (
        select(DUE_ITEMS, IS_OPEN.label("open"))
        .select_from(WITH_WORDS)
        .where(DUE_ITEMS.c.look_on.is_not(None), DUE_ITEMS.c.look_on <= today.isoformat())
        .order_by(DUE_ITEMS.c.look_on, DUE_ITEMS.c.item)
        .limit(most)
    )
    return [(item_of(row), bool(row.open)) for row in tx.rows(query)]


def look_again(tx: Transaction, days: Mapping[str, date | None]) -> None:
    """Set the next day on which each item is to be looked at; None: not before another event tells of it."""
    tx.update(DUE_ITEMS, ("look_on", "item"), [(day and day.isoformat(), item) for item, day in days.items()])


def counted_open(tx: Transaction, today: date) -> Sequence[Row[Any]]:
    """The open items by ``township_code``, ``kind`` and whether they are ``overdue`` or ``without_day``: ``number`` of each."""
    item = DUE_ITEMS.c
    overdue = and_(item.due.is_not(None), item.due < today.isoformat()).label("overdue")
    without_day = and_(item.due.is_(None), item.state == ItemState.RUNNING).label("without_day")
    groups = (item.township_code, item.kind, overdue, without_day)
    query = select(*groups, func.count().label("number")).select_from(WITH_WORDS).where(IS_OPEN)
    return tx.rows(query.group_by(item.township_code, item.kind, text("overdue"), text("without_day")))


def unacknowledged(tx: Transaction) -> list[Item]:
    """The acknowledgements that are missing, by block; those of the block that stands longest first."""
    item = DUE_ITEMS.c
    query = select(DUE_ITEMS).where(OPEN_ITEM, item.kind == text(f"'{Kind.ACKNOWLEDGEMENT}'"))
    return [item_of(row) for row in tx.rows(query.order_by(item.since, item.record_id, item.owner))]


def end_what_is_settled(tx: Transaction) -> None:
    """Mark what a later word on its filing no longer names: it never counts again, and need not be read again."""
    later = select(FILING_WORDS.c.filing_id).where(FILING_WORDS.c.filing_id == DUE_ITEMS.c.filing_id, FILING_WORDS.c.seq > DUE_ITEMS.c.seq)
    settled = update(DUE_ITEMS).where(OPEN_ITEM, OF_FILINGS, later.correlate(DUE_ITEMS).exists())
    tx.execute(settled.values(state=ItemState.ENDED, look_on=None))


def happened(tx: Transaction, types: Iterable[str], made: Made) -> Sequence[Row[Any]]:
    """How many events of the ``types`` were heard in that time, by ``township_code`` and ``event_type``."""
    rows, number = DELIVERIES.c, func.count(DELIVERIES.c.event_id.distinct()).label("number")
    query = select(rows.township_code, rows.event_type, number).where(*_made(made), rows.event_type.in_(tuple(types)))
    return tx.rows(query.group_by(rows.township_code, rows.event_type))


def not_delivered(tx: Transaction, status: str, made: Made) -> Sequence[Row[Any]]:
    """How many deliveries made in that time stand in ``status`` now, by ``township_code``."""
    rows = DELIVERIES.c
    query = select(rows.township_code, func.count().label("number")).where(*_made(made), rows.status == status)
    return tx.rows(query.group_by(rows.township_code))


def _made(made: Made) -> tuple[ColumnElement[bool], ...]:
    rows = DELIVERIES.c
    return rows.delivery_id > made.after, rows.created_at >= made.since, rows.created_at < made.until


def ledger_ends(tx: Transaction) -> tuple[str, str] | None:
    """When the first delivery was made, and the id of the last; None: nobody was ever told anything."""
    rows = DELIVERIES.c
    first = tx.rows(select(rows.created_at).order_by(rows.delivery_id).limit(1))
    last = tx.rows(select(rows.delivery_id).order_by(rows.delivery_id.desc()).limit(1))
    return (first[0].created_at, last[0].delivery_id) if first and last else None


def last_digests(tx: Transaction, most: int) -> Sequence[Row[Any]]:
    """The last digests of the governance office, newest first: all of a week are issued together."""
    return tx.rows(select(DIGESTS).where(DIGESTS.c.recipient == Unit.MGO).order_by(DIGESTS.c.digest_id.desc()).limit(most))


def digests_page(after: Sequence[Any] | None, limit: int, recipient: str | None) -> Select[Any]:
    """One row more than ``limit``, newest first; of one recipient, or of all."""
    query = select(DIGESTS).order_by(DIGESTS.c.digest_id.desc()).limit(limit + 1)
    if recipient is not None:
        query = query.where(DIGESTS.c.recipient == recipient)
    return query if after is None else query.where(DIGESTS.c.digest_id < str(after[0]))
