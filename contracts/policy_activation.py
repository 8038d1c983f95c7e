"""What is said when another policy set comes into force, on ``policy.events``, keyed by policy; every service hears it."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

from pydantic import AwareDatetime

from contracts.envelope import Event
from contracts.vocabulary import Unit

TOPIC = "policy.events"


class PolicyActivated(Event):
    """A policy set was activated from a day of the city on; two different units signed.

    ``policy_set`` is the whole set as JSON, read with ``contracts.policy.Policy.of``.
    """

    type: ClassVar[str] = "policy.activated.v1"
    topic: ClassVar[str] = TOPIC

    policy_id: str
    version: int
    effective_from: date
    reason: str
    signed_by: tuple[Unit, Unit]
    policy_set: dict[str, Any]
    activated_at: AwareDatetime

    def key(self) -> str:
        return self.policy_id
