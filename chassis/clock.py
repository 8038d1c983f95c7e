"""The only place that reads the wall clock. Nothing orders, deduplicates or fences by it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Protocol
from zoneinfo import ZoneInfo

CITY = ZoneInfo("Asia/Shanghai")


class Clock(Protocol):
    """Where the time comes from."""

    def now(self) -> datetime:
        """This moment, aware, in UTC."""
        ...


class SystemClock:
    """The machine's clock, moved forward by ``offset`` so that deadlines can be tried."""

    def __init__(self, offset: timedelta = timedelta(0)) -> None:
        self.offset = offset

    def now(self) -> datetime:
        return datetime.now(UTC) + self.offset


class FixedClock:
    """A clock that stands still until it is moved: for tests and replays."""

    def __init__(self, at: datetime) -> None:
        if at.tzinfo is None:
            raise ValueError("a clock needs an aware datetime")
        self._at = at.astimezone(UTC)

    def now(self) -> datetime:
        return self._at

    def set(self, at: datetime) -> None:
        self._at = at.astimezone(UTC)

    def advance(self, by: timedelta) -> None:
        self._at += by


@lru_cache(maxsize=1024)  # a batch asks of one moment again and again, for each of its filings
def today(now: datetime) -> date:
    """The date in the city at ``now``."""
    return now.astimezone(CITY).date()


@lru_cache(maxsize=1024)
def rfc3339(at: datetime) -> str:
    """``at`` in UTC with six decimals and ``Z``: the stored form, whose text order is the order in time."""
    return at.astimezone(UTC).isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"
