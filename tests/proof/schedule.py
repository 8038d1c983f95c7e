"""Which faults come when: all of it follows from a seed, so that a run can be done again."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import NamedTuple

COMMITS = ("api", "consumer", "relay", "bus", "claim", "replay", "progress")
PLACES = (
    *(f"{label}.{moment}_commit" for label in COMMITS for moment in ("before", "after")),
    "relay.after_read",
    "relay.after_publish",
    "relay.after_delete",
    "consumer.after_fetch",
    "consumer.after_cas",
    "park.before_commit",
    "replay.before_open",
)
WITHOUT_BUS = tuple(place for place in PLACES if place.split(".")[0] not in ("bus", "progress"))
NOTIFIER_PLACES = tuple(f"notifier.{label}.{moment}_commit" for label in ("claim", "record") for moment in ("before", "after"))
PRODUCT_PLACES = (*PLACES, *NOTIFIER_PLACES, "notifier.after_send", "job.before_commit", "job.after_commit")
ACTIONS = ("kill", "stop", "cut", "raise")
FIRST, SHORTEST, LONGEST, QUIET = 1.0, 0.4, 2.5, 2.0
"""Seconds: when the first fault comes, what lies between two, and how long before the end there are none."""


class Fault(NamedTuple):
    """``at`` seconds after the start ``kind`` happens to ``target``; ``how`` says the rest: seconds, or failpoints of the next life."""

    at: float
    kind: str
    target: str
    how: str

    def __str__(self) -> str:
        return f"{self.at:6.2f}s {self.kind} {self.target} {self.how}".rstrip()


def schedule(seed: int, seconds: float, kinds: Sequence[str], members: Sequence[str], places: Sequence[str]) -> list[Fault]:
    """Faults of these ``kinds`` to these ``members`` (processes), in the order of time."""
    chance = random.Random(seed)  # noqa: S311 - repeatable is what it must be
    faults = []
    at = FIRST
    while at < seconds - QUIET:
        kind = chance.choice(kinds)
        faults.append(Fault(round(at, 2), kind, chance.choice(members), _how(kind, chance, places)))
        at += chance.uniform(SHORTEST, LONGEST)
    return faults


def _how(kind: str, chance: random.Random, places: Sequence[str]) -> str:
    if kind == "failpoint":
        return f"{chance.choice(places)}={chance.choice(ACTIONS)}@{chance.randint(1, 12)}"
    if kind == "clock":
        return f"PT{chance.randint(0, 26)}H"
    if kind in ("stop", "disk", "broker", "database"):
        return str(round(chance.uniform(0.3, 2.0), 2))
    if kind == "long_stop":
        return str(round(chance.uniform(7.0, 9.0), 2))
    return ""
