"""The five years of R07, counted in the calendar."""

from __future__ import annotations

from datetime import date, timedelta

FIVE_YEARS = 5


def due_from(planned: date) -> date:
    """The first day on which a plan counts as due within five years (「5年内」, both ends included)."""
    year = planned.year - FIVE_YEARS
    try:
        return planned.replace(year=year)
    except ValueError:  # 29 February, in a year without one
        return date(year, 2, 28) + timedelta(days=1)


def is_due(planned: date | None, asked_on: date) -> bool:
    """Whether the plan is due within five years of the day of asking; an unknown date counts as due."""
    return planned is None or due_from(planned) <= asked_on
