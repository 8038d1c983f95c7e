"""Named places where a test may break the process: ``SLUICEGATE_FAILPOINTS="relay.after_publish=kill@3,api.before_commit=sleep:0.5"``.

Actions: ``kill`` (SIGKILL to itself), ``stop`` (SIGSTOP to itself: whoever watches it resumes it), ``raise`` (FailpointReachedError),
``cut`` (ConnectionResetError, as when the other end is gone: after a COMMIT it makes its fate unknown), ``sleep:SECONDS``.
``@N`` means on the N-th hit only (default: the first, ``sleep``: every hit). Without the variable a failpoint is one dictionary look-up.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Mapping
from dataclasses import dataclass

from chassis.errors import FailpointReachedError

VARIABLE = "SLUICEGATE_FAILPOINTS"


@dataclass(slots=True)
class _Plan:
    action: str
    seconds: float
    at: int | None
    hits: int = 0


def _parse(text: str) -> dict[str, _Plan]:
    plans: dict[str, _Plan] = {}
    for part in filter(None, (piece.strip() for piece in text.split(","))):
        name, _, action = part.partition("=")
        action, _, at = action.partition("@")
        action, _, seconds = action.partition(":")
        if action not in ("kill", "stop", "raise", "cut", "sleep"):
            raise ValueError(f"{VARIABLE}: unknown action in {part!r}")
        first = None if action == "sleep" else 1
        plans[name] = _Plan(action, float(seconds or 0), int(at) if at else first)
    return plans


_plans = _parse(os.environ.get(VARIABLE, ""))


def arm(text: str) -> Mapping[str, object]:
    """Replace the plan of this process (tests); an empty text disarms. Returns the plan."""
    _plans.clear()
    _plans.update(_parse(text))
    return _plans


def failpoint(name: str) -> None:
    """Do what the plan says for this place, usually nothing."""
    plan = _plans.get(name)
    if plan is None:
        return
    plan.hits += 1
    if plan.at is not None and plan.hits != plan.at:
        return
    if plan.action == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    elif plan.action == "stop":
        os.kill(os.getpid(), signal.SIGSTOP)
    elif plan.action == "raise":
        raise FailpointReachedError(name)
    elif plan.action == "cut":
        raise ConnectionResetError(f"cut at {name}")
    else:
        time.sleep(plan.seconds)
