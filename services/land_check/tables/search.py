"""Lists as people ask for them: filtered, in the order of the key, one page at a time."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Row, Table, exists, false, func, literal, null, or_, select, tuple_, union_all

from chassis.database import Transaction
from chassis.deadlines import DeadlineState
from contracts.reference import codes_of
from contracts.values import dataclass
from contracts.vocabulary import ListStatus
from services.land_check.domain import Box, RequestStatus
from services.land_check.domain.geometry import cells_touching
from services.land_check.domain.identity import parcel_code_of_unit, same_text_key
from services.land_check.tables.rows import (
    FILING,
    GRADE,
    LIST_ENTRY,
    PARCEL,
    PARCEL_ADDRESS,
    PARCEL_CELL,
    PARCEL_GEOMETRY,
    PARCEL_HISTORY,
    PARCEL_UNIT,
    STATEMENT,
    STATEMENT_REQUEST,
)

NO_DAY = "9999-99-99"
ENDED = (ListStatus.DELISTED, ListStatus.CLOSE_OUT)


def one(tx: Transaction, table: Table, key: str) -> Row[Any] | None:
    """The row with this primary key."""
    rows = tx.load(table, next(iter(table.primary_key)), [key])
    return rows[0] if rows else None


def is_known(tx: Transaction, filing_id: str) -> bool:
    """Whether the filing has been heard of here."""
    return bool(tx.rows(select(FILING.c.filing_id).where(FILING.c.filing_id == filing_id)))


def find_parcels(
    tx: Transaction, after: Sequence[Any] | None, limit: int, *, box: Box | None, township_code: str | None, text: str | None
) -> Sequence[Row[Any]]:
    """Parcels in a box, of a township, or by code, unit number or part of an address; by code."""
    wanted: list[ColumnElement[bool]] = [] if township_code is None else [PARCEL.c.township_code.in_(codes_of(township_code))]
    if box is not None:
        wanted += _touching(box)
    if text is not None:
        wanted.append(_named(text))
    return _page(tx, PARCEL, wanted, after, limit)


def parcel_history(tx: Transaction, parcel_code: str, after: Sequence[Any] | None, limit: int) -> Sequence[Row[Any]]:
    """The versions of a parcel, the first one first."""
    columns = PARCEL_HISTORY.c
    wanted = [columns.parcel_code == parcel_code]
    if after is not None:
        wanted.append(columns.version > after[0])
    return tx.rows(select(PARCEL_HISTORY).where(*wanted).order_by(columns.version).limit(limit + 1))


def find_requests(
    tx: Transaction, after: Sequence[Any] | None, limit: int, townships: Collection[str] | None, **equal: str | None
) -> Sequence[Row[Any]]:
    """Statement requests of those townships (None: of all), the oldest first."""
    return _page(tx, STATEMENT_REQUEST, _wanted(STATEMENT_REQUEST, townships, equal), after, limit)


def find_statements(
    tx: Transaction,
    after: Sequence[Any] | None,
    limit: int,
    townships: Collection[str] | None,
    enterprise: str | None,
    **equal: str | None,
) -> Sequence[Row[Any]]:
    """Statements about places in those townships; ``enterprise`` is a name or a USCC."""
    wanted = _wanted(STATEMENT, townships, equal)
    if enterprise is not None:
        wanted.append(or_(STATEMENT.c.enterprise_key == same_text_key(enterprise), STATEMENT.c.uscc == enterprise))
    return _page(tx, STATEMENT, wanted, after, limit)


def find_entries(
    tx: Transaction, after: Sequence[Any] | None, limit: int, townships: Collection[str] | None, **equal: str | None
) -> Sequence[Row[Any]]:
    """List entries in those townships, the oldest first."""
    return _page(tx, LIST_ENTRY, _wanted(LIST_ENTRY, townships, equal), after, limit)


def find_grades(tx: Transaction, after: Sequence[Any] | None, limit: int, uscc: str | None) -> Sequence[Row[Any]]:
    """Grades, by USCC and year."""
    wanted = [] if uscc is None else [GRADE.c.uscc == uscc]
    if after is not None:
        wanted.append(or_(GRADE.c.uscc > after[0], (GRADE.c.uscc == after[0]) & (GRADE.c.year > after[1])))
    return tx.rows(select(GRADE).where(*wanted).order_by(GRADE.c.uscc, GRADE.c.year).limit(limit + 1))


def parcel_at(tx: Transaction, parcel_code: str, at: str) -> Row[Any] | None:
    """The version of a parcel that was in the register at a moment, by when it was recorded."""
    lines = select(PARCEL_HISTORY).where(PARCEL_HISTORY.c.parcel_code == parcel_code, PARCEL_HISTORY.c.recorded_at <= at)
    rows = tx.rows(lines.order_by(PARCEL_HISTORY.c.version.desc()).limit(1))
    return rows[0] if rows else None


@dataclass(frozen=True, slots=True)
class Due:
    """What falls due, as asked for on ``today``; None: not filtered. ``townships`` are those the caller sees."""

    today: date
    townships: Collection[str] | None
    township_code: str | None
    state: DeadlineState | None
    before: date | None


def find_deadlines(tx: Transaction, after: Sequence[Any] | None, limit: int, wanted: Due) -> Sequence[Row[Any]]:
    """Statements asked for and entries to be put right, by day; what has no day comes last."""
    request, entry = STATEMENT_REQUEST.c, LIST_ENTRY.c
    asked = select(
        literal("statement_request").label("kind"), request.statement_request_id.label("record_id"), request.filing_id,
        request.township_code, request.due, func.coalesce(request.due, NO_DAY).label("ordered"),
    ).where(request.status == RequestStatus.PENDING, *_due(STATEMENT_REQUEST, wanted))  # fmt: skip
    listed = select(
        literal("list_entry"), entry.entry_id, null(), entry.township_code, entry.due, entry.due
    ).where(entry.due.is_not(None), entry.status.not_in(ENDED), *_due(LIST_ENTRY, wanted))  # fmt: skip
    both = union_all(asked, listed).subquery()
    key = tuple_(both.c.ordered, both.c.kind, both.c.record_id)
    query = select(both) if after is None else select(both).where(key > tuple_(*(literal(part) for part in after)))
    return tx.rows(query.order_by(both.c.ordered, both.c.kind, both.c.record_id).limit(limit + 1))


def _due(table: Table, wanted: Due) -> list[ColumnElement[bool]]:
    due, day = table.c.due, wanted.today.isoformat()
    states: dict[DeadlineState | None, list[ColumnElement[bool]]] = {
        None: [],
        DeadlineState.RUNNING: [due >= day],
        DeadlineState.OVERDUE: [due < day],
        DeadlineState.UNKNOWN: [due.is_(None)],
        DeadlineState.PAUSED: [false()],
    }
    before = [] if wanted.before is None else [due < wanted.before.isoformat()]
    return [*_wanted(table, wanted.townships, {"township_code": wanted.township_code}), *states[wanted.state], *before]


def _touching(box: Box) -> list[ColumnElement[bool]]:
    """By the grid where the box is small enough, else by the boxes of the parcels alone."""
    outline = PARCEL_GEOMETRY.c
    touching = (outline.west <= box.east, outline.east >= box.west, outline.south <= box.north, outline.north >= box.south)
    cells = cells_touching(box)
    if cells is None:
        return [PARCEL.c.parcel_code.in_(select(outline.parcel_code).where(*touching))]
    near = select(PARCEL_CELL.c.parcel_code).where(PARCEL_CELL.c.cell.in_(cells))
    return [PARCEL.c.parcel_code.in_(near), exists().where(outline.parcel_code == PARCEL.c.parcel_code, *touching)]


def _named(text: str) -> ColumnElement[bool]:
    code = "".join(text.split()).upper()
    unit = "".join(text.split())
    addressed = select(PARCEL_ADDRESS.c.parcel_code).where(PARCEL_ADDRESS.c.address_key.contains(same_text_key(text), autoescape=True))
    with_unit = select(PARCEL_UNIT.c.parcel_code).where(PARCEL_UNIT.c.unit_number.in_({unit, code}))
    return or_(
        PARCEL.c.parcel_code.in_([code, parcel_code_of_unit(code) or code]),
        PARCEL.c.parcel_code.in_(with_unit),
        PARCEL.c.parcel_code.in_(addressed),
    )


def _wanted(table: Table, townships: Collection[str] | None, equal: dict[str, str | None]) -> list[ColumnElement[bool]]:
    given = {name: value for name, value in equal.items() if value is not None}
    wanted = [table.c[name].in_(codes_of(value)) if name == "township_code" else table.c[name] == value for name, value in given.items()]
    if townships is not None:
        wanted.append(table.c.township_code.in_(sorted(townships)))
    return wanted


def _page(
    tx: Transaction, table: Table, wanted: Sequence[ColumnElement[bool]], after: Sequence[Any] | None, limit: int
) -> Sequence[Row[Any]]:
    key = next(iter(table.primary_key))
    if after is not None:
        wanted = [*wanted, key > str(after[0])]
    return tx.rows(select(table).where(*wanted).order_by(key).limit(limit + 1))
