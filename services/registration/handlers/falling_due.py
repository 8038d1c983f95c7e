"""On which days something falls due on a filing, as its row keeps them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType

from chassis.clock import today
from chassis.database import Transaction
from chassis.messages import Result
from contracts.vocabulary import FilingStatus
from services.registration.domain import OPEN, Decision, Said
from services.registration.rules.period import Deadline, deadlines_of
from services.registration.tables import DAY_OF, DUE, PAUSED, UNKNOWN, filing_of, row_of, save, undated

NOTHING: Mapping[str, str | None] = MappingProxyType(dict.fromkeys(DUE))

AT_ONCE = 500


def due_days(status: FilingStatus, submitted_at: str, decision: Decision, said: Said) -> Mapping[str, str | None]:
    """The columns of ``DUE``: a day of the city, or why there is none; null where no such deadline is."""
    if status not in OPEN:
        return NOTHING
    found = deadlines_of(status, today(datetime.fromisoformat(submitted_at)), decision, said)
    return {**NOTHING, **{DAY_OF[deadline.kind]: _day(deadline) for deadline in found}}


def _day(deadline: Deadline) -> str:
    if deadline.paused_since is not None:
        return PAUSED
    return UNKNOWN if deadline.due is None else deadline.due.isoformat()


def date_what_a_new_calendar_reaches(tx: Transaction) -> Result:
    """Give the periods a day that had none because the working days of their year were not published. Decides nothing."""
    rows = []
    for filing in map(filing_of, undated(tx, AT_ONCE)):
        days = due_days(filing.status, filing.submitted_at, filing.decision, filing.said)
        if days["registration_due"] == UNKNOWN:
            break  # the oldest are dated first
        rows.append(row_of(filing, days))
    save(tx, rows, DUE)
    return Result()
