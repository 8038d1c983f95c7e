"""The five years of R07, counted in the calendar."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone

FIVE_YEARS = 5
CITY = timezone(timedelta(hours=8))
"""The city's zone, as far back as parcels are told of."""


def due_from(planned: date) -> date:
    """The first day on which a plan counts as due within five years (「5年内」, both ends included)."""
    year = planned.year - FIVE_YEARS
    try:
        return planned.replace(year=year)
    except ValueError:  # 29 February, in a year without one
        return date(year, 2, 28) + timedelta(days=1)


def is_due(planned: date | None, counted_from: date | None) -> bool:
    """Whether the plan is due within five years of a day; an unknown date, of either, counts as due."""
    return planned is None or counted_from is None or due_from(planned) <= counted_from


def day_of(moment: datetime) -> date:
    """The day it was in the city."""
    return moment.astimezone(CITY).date()
