"""Working days by the calendar of the State Council, and what a deadline is on a given day. Pure: the day arrives as an argument.

The calendar is published year by year, make-up working Saturdays included: a year that is not known yet gives None, never a guess.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache

from chinese_calendar import is_workday  # type: ignore[import-untyped]

ESCALATES_AFTER = 2
"""Working days over the deadline after which the supervision group is named."""


class DeadlineState(StrEnum):
    """``overdue``: the day is over in the city. ``paused``: it does not run now. ``unknown``: no calendar reaches that far."""

    RUNNING = "running"
    PAUSED = "paused"
    OVERDUE = "overdue"
    UNKNOWN = "unknown"


class Escalation(StrEnum):
    """Who is to look at it now: its owner from the working day before, then the township's leader, then the supervision group."""

    OWNER = "owner"
    TOWNSHIP = "township"
    SUPERVISION_GROUP = "supervision_group"


def working_days_after(day: date, count: int, left_out: Callable[[date], bool] | None = None) -> date | None:
    """The ``count``-th working day after ``day``, days ``left_out`` not counted. None: it lies in a year whose calendar is not known."""
    try:
        return _uninterrupted(day, count) if left_out is None else _counted(day, count, left_out)
    except (NotImplementedError, OverflowError):
        return None


@lru_cache(maxsize=4096)  # thousands of filings of one day have the same
def _uninterrupted(day: date, count: int) -> date:
    return _counted(day, count, lambda _: False)


def _counted(day: date, count: int, left_out: Callable[[date], bool]) -> date:
    while count > 0:
        day += timedelta(days=1)
        count -= is_working_day(day) and not left_out(day)
    return day


def working_days_between(day: date, last: date, left_out: Callable[[date], bool] | None = None) -> int | None:
    """How many working days there are after ``day`` up to ``last``, days ``left_out`` not counted. None: a year has no calendar yet."""
    try:
        days = (day + timedelta(days=n) for n in range(1, (last - day).days + 1))
        return sum(is_working_day(each) and not (left_out and left_out(each)) for each in days)
    except NotImplementedError:
        return None


@lru_cache(maxsize=4096)  # the library searches all its years for every single day
def is_working_day(day: date) -> bool:
    """Raises NotImplementedError for a year whose calendar is not known."""
    return bool(is_workday(day))


def state_of(due: date | None, today: date) -> DeadlineState:
    """The state of a deadline that runs to the end of ``due``; it is over with the first second of the day after."""
    if due is None:
        return DeadlineState.UNKNOWN
    return DeadlineState.OVERDUE if today > due else DeadlineState.RUNNING


def escalation_of(due: date | None, today: date) -> Escalation | None:
    """Who is to look at a running or overdue deadline. Where the calendar ends, the earlier of two steps stays."""
    if due is None:
        return None
    if today > due:
        last = working_days_after(due, ESCALATES_AFTER)
        return Escalation.SUPERVISION_GROUP if last is not None and today > last else Escalation.TOWNSHIP
    following = working_days_after(today, 1)
    near = due <= today + timedelta(days=1) or (following is not None and following >= due)
    return Escalation.OWNER if near else None


@lru_cache(maxsize=4096)  # many things fall due on one day
def escalates_from(due: date) -> date:
    """The first day on which ``escalation_of`` names anybody: the last working day before ``due``, at latest the day before."""
    if due == date.min:
        return due
    day = eve = due - timedelta(days=1)
    try:
        while not is_working_day(day):
            day -= timedelta(days=1)
    except NotImplementedError:
        return eve
    return day


@lru_cache(maxsize=4096)
def escalates_next(due: date, today: date) -> date | None:
    """The first day after ``today`` on which ``escalation_of`` names somebody else. None: nobody comes after, or no calendar tells when."""
    try:
        if today < escalates_from(due):
            return escalates_from(due)
        if today <= due:
            return due + timedelta(days=1)
        last = working_days_after(due, ESCALATES_AFTER)
        return None if last is None or today > last else last + timedelta(days=1)
    except OverflowError:
        return None
