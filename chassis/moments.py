"""Days and moments as they come in a query, in the form in which times are stored."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Annotated

from pydantic import AfterValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from chassis.clock import CITY, rfc3339
from chassis.problems import FieldError, Problem

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?(?:Z|[+-][0-9]{2}:[0-9]{2})")
EARLIEST, LATEST = "0001-01-01T00:00:00.000000Z", "9999-12-31T23:59:59.999999Z"


def stored_moment(text: str, day: timedelta) -> str:
    """A moment as it is stored; a date is its first moment in the city, moved on by ``day``. Beyond the calendar: its end.

    A blank stands for the plus sign that a caller forgot to encode.
    """
    given = text.strip().replace(" ", "+")
    try:
        if _DAY.fullmatch(given):
            return _bounded(datetime.combine(date.fromisoformat(given), time.min, CITY), day)
        if _MOMENT.fullmatch(given):
            return _bounded(datetime.fromisoformat(given), timedelta(0))
    except ValueError:
        pass
    raise PydanticCustomError(
        "not-a-time",
        "应为日期（2026-11-01）或带时区的时间（2026-11-01T09:00:00+08:00）"
        " / a date (2026-11-01) or a time with its offset (2026-11-01T09:00:00+08:00) is needed",
    )


def _bounded(at: datetime, day: timedelta) -> str:
    try:
        return rfc3339(at + day)
    except OverflowError:
        return EARLIEST if at.year == 1 else LATEST


_SHAPE = WithJsonSchema({"type": "string", "pattern": f"^(?:{_DAY.pattern}|{_MOMENT.pattern})$"})

Since = Annotated[str, AfterValidator(partial(stored_moment, day=timedelta(0))), _SHAPE]
"""A date, from its first moment on, or a moment."""

Until = Annotated[str, AfterValidator(partial(stored_moment, day=timedelta(days=1))), _SHAPE]
"""A date, to its end, or a moment."""

AsOf = Annotated[str, AfterValidator(partial(stored_moment, day=timedelta(days=1, microseconds=-1))), _SHAPE]
"""A date, to its last moment, or a moment: what was known then. Check it with ``not_to_come``."""


def not_to_come(as_of: str, now: datetime) -> str:
    """``as_of``; the rest of today is now. Raises the 422 problem for a day to come: nobody knows what will be known."""
    if as_of > stored_moment(now.astimezone(CITY).date().isoformat(), timedelta(days=1, microseconds=-1)):
        zh, en = "as_of 不能晚于今天", "as_of cannot be later than today"
        raise Problem(422, "as-of-to-come", zh, en, [FieldError("/query/as_of", "as-of-to-come", f"{zh} / {en}")])
    return as_of
