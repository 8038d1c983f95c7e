"""Stored clearances in the order of their ids, for a what-if; those that are not asked about are not read whole."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import NamedTuple

import orjson
from sqlalchemy import func, select

from chassis.clock import today
from chassis.database import Transaction
from services.power_grid.domain import Clearance
from services.power_grid.tables.requests import clearance_of
from services.power_grid.tables.rows import CLEARANCES

COUNTED_AT_ONCE = 5000

IsAsked = Callable[[date, str | None], bool]
"""Whether a clearance is asked about: by the day of the city on which it was requested, and its township."""


class Part(NamedTuple):
    """Some clearances. ``last``: the id it ended with, asked about or not; empty: there was nothing more."""

    last: str
    asked: list[Clearance]


def clearances_after(tx: Transaction, is_asked: IsAsked | None, after: str, limit: int) -> Part:
    """Of the next ``limit``, those asked about; ``is_asked`` null: all."""
    query = select(CLEARANCES).where(CLEARANCES.c.clearance_id > after).order_by(CLEARANCES.c.clearance_id).limit(limit)
    rows = tx.rows(query)
    asked = [clearance_of(row) for row in rows if is_asked is None or _is_asked(is_asked, row.body)]
    return Part(rows[-1].clearance_id if rows else "", asked)


def count_clearances(tx: Transaction, is_asked: IsAsked | None) -> int:
    """How many are asked about."""
    if is_asked is None:
        return int(tx.rows(select(func.count()).select_from(CLEARANCES))[0][0])
    count, after = 0, ""
    columns = select(CLEARANCES.c.clearance_id, CLEARANCES.c.body).order_by(CLEARANCES.c.clearance_id).limit(COUNTED_AT_ONCE)
    while rows := tx.rows(columns.where(CLEARANCES.c.clearance_id > after)):
        count += sum(_is_asked(is_asked, row.body) for row in rows)
        after = rows[-1].clearance_id
    return count


def _is_asked(is_asked: IsAsked, body: str) -> bool:
    clearance = orjson.loads(body)
    return is_asked(today(datetime.fromisoformat(clearance["requested_at"])), clearance["township_code"])
