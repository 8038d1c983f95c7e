"""Who lifts a block by signature."""

from __future__ import annotations

from contracts.policy import Policy
from contracts.vocabulary import Unit


def signatories(policy: Policy) -> tuple[Unit, ...]:
    """The units of which two different ones together may lift a block in a single case (R04, power_override_roles)."""
    return policy.switches.power_override_roles


def may_sign(policy: Policy, unit: str | None) -> bool:
    """Whether a signature of this unit counts."""
    return unit in signatories(policy)
