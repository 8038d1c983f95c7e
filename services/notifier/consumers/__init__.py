"""What notifier listens to, and the sender that empties the ledger of what is due."""

from __future__ import annotations

from chassis import policies
from chassis.service import On
from contracts.policy_activation import PolicyActivated
from services.notifier.consumers.sender import send_what_is_due
from services.notifier.domain import HEARD
from services.notifier.handlers import hear

SUBSCRIPTIONS: tuple[On, ...] = (*(On(event, hear) for event in HEARD), On(PolicyActivated, policies.hear))

__all__ = ["SUBSCRIPTIONS", "send_what_is_due"]
