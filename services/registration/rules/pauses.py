"""When a period stands still: one rule for the registrar's days and for those of the correction notice."""

from __future__ import annotations

from datetime import date

from services.registration.domain import Pause


def paused(pauses: tuple[Pause, ...], still: bool, today: date) -> tuple[Pause, ...]:
    """The pauses after a change on ``today``: one begins, goes on or ends."""
    last = pauses[-1] if pauses else None
    if last is not None and last.until is None:
        return pauses if still else (*pauses[:-1], Pause(last.since, today))
    return (*pauses, Pause(today)) if still else pauses
