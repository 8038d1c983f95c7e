"""Working days and deadlines, by the calendar of the State Council: a year that nobody has published is never guessed."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.clock import CITY, today
from chassis.deadlines import (
    DeadlineState,
    Escalation,
    escalates_from,
    escalates_next,
    escalation_of,
    is_working_day,
    state_of,
    working_days_after,
)


def day(text: str) -> date:
    return date.fromisoformat(text)


@pytest.mark.parametrize(
    ("start", "count", "expected"),
    [
        ("2026-11-22", 10, "2026-12-04"),  # two plain weeks, from a Sunday
        ("2026-11-22", 0, "2026-11-22"),
        ("2026-09-30", 1, "2026-10-08"),  # National Day week
        ("2026-10-09", 1, "2026-10-10"),  # the Saturday after it is worked
        ("2025-09-27", 1, "2025-09-28"),  # the Sunday before it too
        ("2026-02-13", 1, "2026-02-14"),  # the Saturday before the Spring Festival
        ("2026-02-14", 1, "2026-02-24"),  # and the nine days of it
        ("2024-02-28", 1, "2024-02-29"),  # 29 February
        ("2024-02-28", 2, "2024-03-01"),
        ("2025-12-31", 1, "2026-01-04"),  # New Year: the Sunday after it is worked
        ("2026-12-30", 1, "2026-12-31"),  # the last day of the last year that is known
        ("2026-12-31", 1, None),
        ("2026-12-25", 10, None),
        ("2090-01-01", 1, None),
        ("1999-01-04", 1, None),
        ("9999-12-31", 1, None),
    ],
)
def test_working_days(start: str, count: int, expected: str | None) -> None:
    assert working_days_after(day(start), count) == (expected and day(expected))


@given(start=st.dates(date(2020, 1, 1), date(2026, 6, 1)), count=st.integers(1, 30))
def test_a_deadline_is_a_working_day_and_exactly_so_many_lie_before_it(start: date, count: int) -> None:
    due = working_days_after(start, count)
    assert due is not None
    assert is_working_day(due)
    assert sum(is_working_day(start + timedelta(days=n)) for n in range(1, (due - start).days + 1)) == count


@given(start=st.dates(date(2020, 1, 1), date(2026, 3, 1)), count=st.integers(0, 10), out=st.sets(st.integers(1, 20)))
def test_days_left_out_never_bring_a_deadline_nearer(start: date, count: int, out: set[int]) -> None:
    plain, later = working_days_after(start, count), working_days_after(start, count, lambda each: (each - start).days in out)
    assert plain is not None
    assert later is not None
    assert later >= plain


DUE = day("2026-12-04")


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2026-12-04T23:59:59.999999", DeadlineState.RUNNING),
        ("2026-12-05T00:00:00", DeadlineState.OVERDUE),
    ],
)
def test_a_deadline_runs_to_the_last_second_of_its_day_in_the_city(at: str, expected: DeadlineState) -> None:
    assert state_of(DUE, today(datetime.fromisoformat(at).replace(tzinfo=CITY))) is expected
    assert state_of(None, DUE) is DeadlineState.UNKNOWN


@pytest.mark.parametrize(
    ("due", "on", "expected"),
    [
        ("2026-12-04", "2026-12-02", None),
        ("2026-12-04", "2026-12-03", Escalation.OWNER),
        ("2026-12-04", "2026-12-04", Escalation.OWNER),
        ("2026-12-07", "2026-12-04", Escalation.OWNER),  # the Friday before a Monday
        ("2026-12-07", "2026-12-03", None),
        ("2026-12-04", "2026-12-05", Escalation.TOWNSHIP),
        ("2026-12-04", "2026-12-08", Escalation.TOWNSHIP),  # the second working day over it, to its end
        ("2026-12-04", "2026-12-09", Escalation.SUPERVISION_GROUP),
        ("2026-12-31", "2026-12-30", Escalation.OWNER),
        ("2026-12-31", "2026-12-31", Escalation.OWNER),
        ("2026-12-31", "2027-03-01", Escalation.TOWNSHIP),  # no calendar of 2027: the step that can be counted
    ],
)
def test_who_is_to_look_at_it(due: str, on: str, expected: Escalation | None) -> None:
    assert escalation_of(day(due), day(on)) is expected


def test_what_has_no_day_escalates_to_nobody() -> None:
    assert escalation_of(None, DUE) is None


DAYS = st.dates(date(2025, 1, 1), date(2027, 3, 1))
"""The last year whose calendar is known, the one before, and some weeks of one that is not."""


def first_change(due: date, today: date) -> date | None:
    """Looked for day by day, as far as three months."""
    days = (today + timedelta(days=n) for n in range(1, 100))
    return next((each for each in days if escalation_of(due, each) is not escalation_of(due, today)), None)


@given(due=DAYS, ahead=st.integers(-20, 60))
def test_the_next_step_comes_on_the_first_day_on_which_somebody_else_is_to_look(due: date, ahead: int) -> None:
    now = due - timedelta(days=ahead)
    assert escalates_next(due, now) == first_change(due, now)


@given(due=DAYS)
def test_the_first_step_comes_on_the_first_day_on_which_anybody_is_to_look(due: date) -> None:
    first = escalates_from(due)
    assert escalation_of(due, first) is Escalation.OWNER
    assert escalation_of(due, first - timedelta(days=1)) is None


@pytest.mark.parametrize("due", [date.min, date.max])
def test_the_ends_of_all_days_are_no_error(due: date) -> None:
    assert escalates_from(due) <= due
    assert escalates_next(due, due) in (None, due + timedelta(days=1) if due < date.max else None)
