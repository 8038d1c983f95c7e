"""Working days by the calendar of the State Council, which is published year by year: an unknown year is not guessed."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache

from chinese_calendar import is_workday  # type: ignore[import-untyped]


@lru_cache(maxsize=64)  # the library searches all its years for every single day
def working_days_after(day: date, count: int) -> date | None:
    """The ``count``-th working day after ``day``. None: it lies in a year whose calendar is not known yet."""
    try:
        while count > 0:
            day += timedelta(days=1)
            count -= is_workday(day)
    except NotImplementedError:
        return None
    return day
