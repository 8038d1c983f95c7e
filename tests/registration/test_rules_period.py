"""The registration period, whatever the order of pauses: it never ends early, and a day that was not paused counts."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from chassis.deadlines import is_working_day
from contracts.policy import CURRENT
from contracts.vocabulary import FilingStatus
from services.registration.domain import Extension, Pause, Said, pending
from services.registration.rules.pauses import paused
from services.registration.rules.period import deadlines_of

EXTENSION = Extension("reviewer-1", "2026-03-02T04:00:00.000000Z", "情形复杂")
days = st.dates(date(2024, 1, 1), date(2026, 10, 1))
turns = st.lists(st.tuples(st.integers(0, 9), st.booleans()), max_size=6)


def period(submitted_on: date, moves: list[tuple[int, bool]], extension: Extension | None = None) -> tuple[date | None, tuple[Pause, ...]]:
    pauses: tuple[Pause, ...] = ()
    today = submitted_on
    for wait, still in moves:
        today += timedelta(days=wait)
        pauses = paused(pauses, still, today)
    said = Said(pauses=pauses, extension=extension)
    return deadlines_of(FilingStatus.UNDER_REVIEW, submitted_on, pending(CURRENT.ref), said)[0].due, pauses


@given(days, turns, st.booleans())
def test_exactly_the_days_given_lie_before_it_and_none_of_them_was_paused(start: date, moves: list[tuple[int, bool]], more: bool) -> None:
    due, pauses = period(start, moves, EXTENSION if more else None)
    if pauses and pauses[-1].until is None:
        assert due is None
        return
    assert due is not None
    counted = [start + timedelta(days=n) for n in range(1, (due - start).days + 1)]
    counted = [day for day in counted if is_working_day(day) and not any(p.since <= day <= (p.until or day) for p in pauses)]
    assert (len(counted), counted[-1]) == (6 if more else 3, due)


@given(days, turns)
def test_pauses_follow_one_another_and_only_the_last_is_open(start: date, moves: list[tuple[int, bool]]) -> None:
    _, pauses = period(start, moves)
    assert all(pause.until is not None and pause.since <= pause.until for pause in pauses[:-1])
    assert all(one.until is not None and one.until <= two.since for one, two in pairwise(pauses))
