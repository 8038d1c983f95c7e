"""Identifiers, the clock, and the failpoints that break a process on purpose."""

from __future__ import annotations

import threading
import time
from datetime import UTC, date, datetime, timedelta, timezone
from uuid import UUID

import pytest

from chassis import failpoints
from chassis.clock import CITY, FixedClock, SystemClock, rfc3339, today
from chassis.errors import FailpointReachedError
from chassis.identifiers import new_id


def test_identifiers_are_uuid_version_7_with_their_prefix() -> None:
    made = new_id("f-")
    assert made.startswith("f-")
    assert len(made) == 34
    value = UUID(made[2:])
    assert (value.version, value.variant) == (7, "specified in RFC 4122")
    assert abs((value.int >> 80) / 1000 - time.time()) < 5


def test_identifiers_sort_by_the_time_they_were_made() -> None:
    made = []
    for _ in range(50):
        made.append(new_id())
        time.sleep(0.000_01)
    assert made == sorted(made)


def test_threads_never_make_the_same_identifier() -> None:
    made: list[str] = []

    def make() -> None:
        made.extend([new_id() for _ in range(5000)])

    threads = [threading.Thread(target=make) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(made)) == 20_000


def test_the_day_of_the_city_is_not_the_day_of_utc() -> None:
    assert today(datetime(2026, 11, 21, 16, 30, tzinfo=UTC)) == date(2026, 11, 22)
    assert CITY.utcoffset(datetime(2026, 1, 1)) == timedelta(hours=8)  # noqa: DTZ001 - a wall clock reading is meant


def test_stored_times_sort_as_text() -> None:
    times = [datetime(2026, 11, 22, 4, 0, 0, micro, tzinfo=UTC) for micro in (0, 5, 50_000)]
    assert [rfc3339(at) for at in times] == sorted(rfc3339(at) for at in times)
    assert rfc3339(datetime(2026, 11, 22, 12, 0, tzinfo=timezone(timedelta(hours=8)))) == "2026-11-22T04:00:00.000000Z"
    assert datetime.fromisoformat(rfc3339(times[1])) == times[1]


def test_clocks() -> None:
    assert abs(SystemClock().now() - datetime.now(UTC)) < timedelta(seconds=5)
    assert SystemClock(timedelta(days=30)).now() - datetime.now(UTC) > timedelta(days=29)
    clock = FixedClock(datetime(2026, 11, 22, 12, tzinfo=CITY))
    clock.advance(timedelta(hours=1))
    assert clock.now() == datetime(2026, 11, 22, 5, tzinfo=UTC)
    with pytest.raises(ValueError, match="aware"):
        FixedClock(datetime(2026, 11, 22))  # noqa: DTZ001 - that is what is refused


def test_failpoints_act_on_the_hit_they_name() -> None:
    failpoints.arm("here=raise@2, there=sleep:0.01")
    try:
        failpoints.failpoint("here")
        with pytest.raises(FailpointReachedError, match="here"):
            failpoints.failpoint("here")
        failpoints.failpoint("here")
        started = time.monotonic()
        failpoints.failpoint("there")
        failpoints.failpoint("there")
        assert time.monotonic() - started >= 0.02
        failpoints.failpoint("nowhere")
    finally:
        failpoints.arm("")
    with pytest.raises(ValueError, match="unknown action"):
        failpoints.arm("here=explode")
