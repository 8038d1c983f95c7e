"""What notifier listens to, and the sender that empties the ledger of what is due."""

from __future__ import annotations

from chassis.service import On
from services.notifier.consumers.sender import send_what_is_due
from services.notifier.domain import HEARD
from services.notifier.handlers import tell

SUBSCRIPTIONS: tuple[On, ...] = tuple(On(event, tell) for event in HEARD)

__all__ = ["SUBSCRIPTIONS", "send_what_is_due"]
