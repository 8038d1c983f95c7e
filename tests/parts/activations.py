"""Another policy set, as every service hears of it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from chassis.testing import NOON
from contracts.policy import CURRENT, Policy
from contracts.policy_activation import PolicyActivated
from contracts.vocabulary import PolicyRef, Unit

FIRST_DAY = date(2026, 11, 1)


def ref(version: int = 2) -> PolicyRef:
    return PolicyRef(id=CURRENT.ref.id, version=version)


def turned(version: int = 2, **switches: Any) -> Policy:
    """The shipped set with some switches turned, under another version."""
    whole = CURRENT.set.model_dump(mode="json")
    return Policy.of({**whole, "version": version, "switches": {**whole["switches"], **switches}})


def activated(version: int = 2, day: date = FIRST_DAY, at: datetime = NOON, **switches: Any) -> PolicyActivated:
    """That set is in force from ``day`` on."""
    return PolicyActivated(
        policy_id=CURRENT.ref.id,
        version=version,
        effective_from=day,
        reason="另一种读法",
        signed_by=(Unit.MGO, Unit.AMR),
        policy_set=turned(version, **switches).set.model_dump(mode="json"),
        activated_at=at,
    )
