"""By when a block or hold must have been seen by its two owners (000 annex 2, tasks 18 and 19). The papers name no day: three is ours."""

from __future__ import annotations

from datetime import date

from chassis.deadlines import working_days_after

WORKING_DAYS = 3


def seen_by(imposed_on: date) -> date | None:
    """The last day of the city for both acknowledgements; None: no calendar reaches that far."""
    return working_days_after(imposed_on, WORKING_DAYS)
