"""Rows of registration and the queries on them: filings, their history, and the client references of bulk submissions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from operator import itemgetter
from typing import Any

from sqlalchemy import Column, Index, Row, Select, Table, Text, select, text
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from chassis.database import Transaction
from chassis.tables import Rights
from contracts.reference import codes_of
from contracts.values import dataclass


class RegistrationRow(SQLModel, registry=registry()):
    """Base of this service's tables: its own registry, so that services in one process never share metadata."""


def _where_known(name: str, column: str, *more: str) -> Index:
    known = text(f"{column} IS NOT NULL")
    return Index(name, column, *more, sqlite_where=known, postgresql_where=known)


class FilingRow(RegistrationRow, table=True):
    """A filing as it stands. ``decision`` null: never decided. Times are RFC 3339 in UTC, dates the city's; Text columns hold JSON.

    ``registration_due``, ``correction_due``: see ``tables/due.py``.
    """

    __tablename__ = "filing"

    filing_id: str = Field(primary_key=True)
    version: int
    revision: int
    status: str
    submitted_by: str
    submitted_at: str
    name_key: str
    same_key: str
    uscc: str | None
    township_code: str
    parcel_code: str | None
    unit_number: str | None
    matched_by: str | None
    duplicate_of: str | None
    refuse_after: str | None
    registration_due: str | None
    correction_due: str | None
    request: str = Field(sa_column=Column(Text, nullable=False))
    decision: str | None = Field(sa_column=Column(Text))
    land: str | None = Field(sa_column=Column(Text))
    said: str | None = Field(sa_column=Column(Text))

    __table_args__ = (
        Index("filing_name_key", "name_key"),
        _where_known("filing_uscc", "uscc"),
        _where_known("filing_parcel", "parcel_code"),
        Index("filing_status", "status", "filing_id"),
        Index("filing_township", "township_code", "filing_id"),
        Index("filing_submitter", "submitted_by", "filing_id"),
        _where_known("filing_duplicate_of", "duplicate_of"),
        _where_known("filing_due", "refuse_after"),
        _where_known("filing_registration_due", "registration_due", "filing_id", "township_code"),
        _where_known("filing_correction_due", "correction_due", "filing_id", "township_code"),
    )


class HistoryRow(RegistrationRow, table=True):
    """One version of a filing: what happened, who did it, the decision it had then (null: pending); ``undo``: what else stood before."""

    __tablename__ = "filing_history"

    filing_id: str = Field(primary_key=True)
    version: int = Field(primary_key=True)
    at: str
    by: str
    event: str
    decision: str | None = Field(sa_column=Column(Text))
    undo: str | None = Field(sa_column=Column(Text))


class ClientRefRow(RegistrationRow, table=True):
    """A line of a bulk submission that was taken, under ``subject + LF + client_ref``: the same line again gets the same filing."""

    __tablename__ = "client_ref"

    ref: str = Field(primary_key=True)
    fingerprint: str
    filing_id: str
    created_at: str = Field(index=True)


FILINGS: Table = FilingRow.__table__  # type: ignore[attr-defined]
HISTORY: Table = HistoryRow.__table__  # type: ignore[attr-defined]
CLIENT_REFS: Table = ClientRefRow.__table__  # type: ignore[attr-defined]

RIGHTS = Rights(append_only=frozenset({"filing_history", "client_ref", "policy_set", "policy_signature"}))
"""Decisions stay as they were taken: nobody but the owner can change or delete a line of the history, a policy set or a signature."""

STANDING = ("version", "status", "uscc", "matched_by", "refuse_after", "registration_due", "correction_due", "decision", "land", "said")
"""What changes when a filing is decided or something is said about it."""

PLACED = ("township_code", "parcel_code", "unit_number")
"""What changes when the land side finds the place."""

FILED = ("revision", "same_key", "name_key", "request", "duplicate_of", *PLACED)
"""What changes when the applicant amends."""


DECIDING = ("filing_accepted", "filing_refused", "filing_reviewed", "filing_appealed")
"""Lines of the history in which somebody decided, reviewed, or decided an appeal."""


def save(tx: Transaction, rows: Sequence[dict[str, Any]], columns: tuple[str, ...]) -> None:
    """Write ``columns`` (one of the groups above) of changed filings; ``rows`` hold whole rows."""
    values = itemgetter(*columns, "filing_id")
    tx.update(FILINGS, (*columns, "filing_id"), [values(row) for row in rows])


def by_ids(tx: Transaction, filing_ids: Iterable[str]) -> Sequence[Row[Any]]:
    """Those filings, kept from other writers until COMMIT."""
    return tx.lock(FILINGS, FILINGS.c.filing_id, filing_ids)


def by_id(tx: Transaction, filing_id: str) -> Row[Any] | None:
    return next(iter(tx.load(FILINGS, FILINGS.c.filing_id, [filing_id])), None)


def overdue(tx: Transaction, day: str, limit: int) -> Sequence[Row[Any]]:
    """Held filings whose correction notice ended before ``day``, the longest overdue first."""
    return tx.rows(select(FILINGS).where(FILINGS.c.refuse_after < day).order_by(FILINGS.c.refuse_after).limit(limit))


def history(tx: Transaction, filing_id: str) -> Sequence[Row[Any]]:
    return tx.rows(select(HISTORY).where(HISTORY.c.filing_id == filing_id).order_by(HISTORY.c.version))


def deciders(tx: Transaction, filing_ids: Iterable[str]) -> dict[str, set[str]]:
    """Who has had a part in the decisions on those filings, people and the system alike."""
    by = select(HISTORY.c.filing_id, HISTORY.c.by).where(tx.backend.one_of_keys(HISTORY.c.filing_id), HISTORY.c.event.in_(DECIDING))
    found: dict[str, set[str]] = {}
    for row in tx.rows(by, {"keys": tx.backend.keys(filing_ids)}):
        found.setdefault(row.filing_id, set()).add(row.by)
    return found


@dataclass(frozen=True, slots=True)
class Search:
    """Filters of the list; None: not filtered. ``since`` and ``until`` are RFC 3339 in UTC, ``until`` not included."""

    status: str | None = None
    township_code: str | None = None
    uscc: str | None = None
    name_key: str | None = None
    parcel_code: str | None = None
    since: str | None = None
    until: str | None = None
    submitted_by: str | None = None


def search(tx: Transaction, wanted: Search, after: Sequence[str] | None, limit: int) -> Sequence[Row[Any]]:
    """A page of filings, newest first, with one row more than ``limit`` if there is a next page. ``after``: the id last seen."""
    query: Select[Any] = select(FILINGS)
    if wanted.township_code is not None:
        query = query.where(FILINGS.c.township_code.in_(codes_of(wanted.township_code)))
    for name in ("status", "parcel_code", "submitted_by", "uscc", "name_key"):
        value = getattr(wanted, name)
        if value is not None:
            query = query.where(FILINGS.c[name] == value)
    if wanted.since is not None:
        query = query.where(FILINGS.c.submitted_at >= wanted.since)
    if wanted.until is not None:
        query = query.where(FILINGS.c.submitted_at < wanted.until)
    if after is not None:
        query = query.where(FILINGS.c.filing_id < str(after[0]))
    return tx.rows(query.order_by(FILINGS.c.filing_id.desc()).limit(limit + 1))
