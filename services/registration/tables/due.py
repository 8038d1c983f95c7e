"""The days on which something falls due on open filings, in columns of their own: their indexes alone hold the list of deadlines."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Row, or_, select

from chassis.database import Transaction
from services.registration.tables.rows import FILINGS

PAUSED, UNKNOWN = "paused", "unknown"
"""In place of a day: it stands still, no calendar reaches that far. Both stand behind every day, and in this order."""

DAY_OF: Mapping[str, str] = {"correction": "correction_due", "registration": "registration_due"}
"""The column of each kind of deadline; null where there is none."""

DUE = tuple(DAY_OF.values())


class Days(NamedTuple):
    """From ``first`` to before ``end``; None: to the last."""

    first: str = ""
    end: str | None = None


def falling_due(
    tx: Transaction, kind: str, days: Days, townships: Collection[str] | None, after: Sequence[str] | None, limit: int
) -> Sequence[Row[Any]]:
    """Deadlines of one kind in the order of day and filing, of the filings in those townships (None: in all).

    ``after``: day, kind and filing last seen in the list of all kinds, which is in the order of these three.
    """
    columns, day = FILINGS.c, FILINGS.c[DAY_OF[kind]]
    query = select(columns.filing_id, columns.township_code, day.label("day")).where(day >= days.first)
    if days.end is not None:
        query = query.where(day < days.end)
    if townships is not None:
        # not by the index of townships, which grows with all that was ever decided there
        query = query.where((columns.township_code + "").in_(sorted(townships)))
    if after is not None:
        last, its_kind, its_filing = after
        query = query.where(day >= last)
        if kind < its_kind:
            query = query.where(day > last)
        if kind == its_kind:
            query = query.where(or_(day > last, columns.filing_id > its_filing))
    return tx.rows(query.order_by(day, columns.filing_id).limit(limit))


def undated(tx: Transaction, limit: int) -> Sequence[Row[Any]]:
    """Filings whose registration period could not be given a day, the oldest first."""
    query = select(FILINGS).where(FILINGS.c.registration_due == UNKNOWN)
    return tx.rows(query.order_by(FILINGS.c.filing_id).limit(limit))
