"""A clock that was moved forward to try deadlines: every page a person reads says so, or a try would be taken for the real thing."""

from __future__ import annotations

from chassis.settings import ServiceSettings
from contracts.policy import Text


def offset_of(settings: ServiceSettings) -> str | None:
    """How far the clock was moved, in ISO 8601; None when it tells real time."""
    return settings.model_dump(mode="json", include={"clock_offset"})["clock_offset"] if settings.clock_offset else None


def moved_clock(settings: ServiceSettings) -> Text | None:
    """The sentence for a page; None when the clock tells real time."""
    offset = offset_of(settings)
    if offset is None:
        return None
    return Text(zh=f"系统时钟已向前拨 {offset}，仅供试用。", en=f"The clock runs {offset} ahead: for trying deadlines only.")


def titled(title: str, settings: ServiceSettings) -> str:
    """The title of an API page, with that sentence behind it where the clock was moved."""
    moved = moved_clock(settings)
    return title if moved is None else f"{title}（{moved}）"
