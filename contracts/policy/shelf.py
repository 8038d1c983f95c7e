"""The policy sets that are shipped with this package."""

from __future__ import annotations

import json
from datetime import date
from functools import cache
from importlib.resources import files

from contracts.policy.policy import Policy

_SETS = files("contracts.policy").joinpath("sets")
_SHIPPED = (("cixi-source-control", 1),)


class PolicyNotFoundError(LookupError):
    """No such policy set is shipped, or none is in force on that day. Nothing may be allowed without one."""


@cache
def load_policy(policy_id: str, version: int) -> Policy:
    """A shipped policy set. Raises PolicyNotFoundError."""
    if (policy_id, version) not in _SHIPPED:
        raise PolicyNotFoundError(f"{policy_id} version {version} is not shipped")
    return Policy.of(json.loads(_SETS.joinpath(f"{policy_id}.v{version}.json").read_text(encoding="utf-8")))


def policy_at(day: date) -> Policy:
    """The newest shipped set in force on a day of the city. Raises PolicyNotFoundError."""
    for policy_id, version in reversed(_SHIPPED):
        policy = load_policy(policy_id, version)
        if policy.set.effective_from <= day and (policy.set.effective_to is None or day <= policy.set.effective_to):
            return policy
    raise PolicyNotFoundError(f"no policy set is in force on {day.isoformat()}")


FIRST = load_policy(*_SHIPPED[0])
"""The first shipped set: it decided whatever is stored without the name of a set."""

CURRENT = load_policy(*_SHIPPED[-1])
"""The newest shipped set."""
