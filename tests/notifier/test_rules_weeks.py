"""The day of the weekly digest: the first working day of the week in the city; a year without a calendar is never guessed."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.deadlines import is_working_day
from services.notifier.rules import Week, week_to_issue


def day(text: str) -> date:
    return date.fromisoformat(text)


@pytest.mark.parametrize(
    ("now", "monday", "missing"),
    [
        ("2026-11-30", "2026-11-30", False),  # a plain Monday
        ("2026-12-04", "2026-11-30", False),  # a start on its Friday: late
        ("2026-12-06", "2026-11-30", False),
        ("2026-05-04", "2026-04-27", False),  # Labour Day holidays, 1 to 5 May 2026: Monday and Tuesday are free
        ("2026-05-05", "2026-04-27", False),
        ("2026-05-06", "2026-05-04", False),
        ("2026-02-16", "2026-02-09", False),  # the Spring Festival takes the whole week from 16 February 2026
        ("2026-02-22", "2026-02-09", False),
        ("2026-02-23", None, False),  # and the Monday after it
        ("2026-02-24", "2026-02-23", False),
        ("2026-12-31", "2026-12-28", False),
        ("2027-01-03", "2026-12-28", False),  # the week began in a year that is known
        ("2027-01-04", "2026-12-28", False),  # nobody knows whether this Monday is worked
        ("2027-01-10", "2026-12-28", False),
        ("2027-01-11", "2027-01-04", True),  # that week is over, whichever day it was
        ("2027-01-17", "2027-01-04", True),
    ],
)
def test_the_week_whose_digest_is_due(now: str, monday: str | None, missing: bool) -> None:
    assert week_to_issue(day(now)) == (None if monday is None else Week(day(monday), missing))


@given(now=st.dates(date(2020, 1, 6), date(2026, 12, 31)))
def test_it_is_due_from_the_first_working_day_of_its_week_on(now: date) -> None:
    week = week_to_issue(now)
    monday = now - timedelta(days=now.weekday())
    worked = [monday + timedelta(days=n) for n in range(now.weekday() + 1) if is_working_day(monday + timedelta(days=n))]
    if worked:
        assert week == Week(monday)
    else:
        assert week is None or week.monday == monday - timedelta(days=7)


@given(now=st.dates(date(2020, 1, 6), date(2030, 1, 1)))
def test_weeks_never_go_back(now: date) -> None:
    first, second = week_to_issue(now), week_to_issue(now + timedelta(days=1))
    if first is not None and second is not None:
        assert second.monday >= first.monday
