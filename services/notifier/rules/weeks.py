"""When a weekly digest is due: on the first working day of the week (002 §三(二), 检查通报机制; the papers name no day, weekly is ours)."""

from __future__ import annotations

from datetime import date, timedelta

from chassis.deadlines import is_working_day
from contracts.values import dataclass

WEEK = timedelta(days=7)
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Week:
    """A week by its Monday. ``calendar_missing``: nobody has published which of its days was the first working day."""

    monday: date
    calendar_missing: bool = False


def week_to_issue(today: date) -> Week | None:
    """The last week whose first working day has come by ``today``; None: neither this week nor the one before has such a day yet.

    Where the calendar is not known, no day is guessed: a week that is over has had its first working day, whichever it was.
    """
    monday = today - timedelta(days=today.weekday())
    if _has_begun(monday, today):
        return Week(monday)
    before = _has_begun(monday - WEEK, monday - DAY)
    return None if before is False else Week(monday - WEEK, before is None)


def _has_begun(monday: date, today: date) -> bool | None:
    """Whether a day from ``monday`` to ``today`` was a working day. None: that is not known."""
    try:
        return any(is_working_day(monday + n * DAY) for n in range((today - monday).days + 1))
    except NotImplementedError:
        return None
