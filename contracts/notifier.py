"""What notifier publishes, all on ``notifier.events``, keyed by endpoint."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from contracts.envelope import Event
from contracts.vocabulary import Unit

TOPIC = "notifier.events"


class EndpointEvent(Event):
    topic: ClassVar[str] = TOPIC

    endpoint_id: str
    recipient: Unit

    def key(self) -> str:
        return self.endpoint_id


class DeliveryEvent(EndpointEvent):
    delivery_id: str
    event_id: str
    event_type: str
    filing_id: str | None
    parcel_code: str | None
    attempts: int


class DeliverySucceeded(DeliveryEvent):
    type: ClassVar[str] = "notifier.delivery_succeeded.v1"


class DeliveryExhausted(DeliveryEvent):
    """Given up after the last attempt; an operator may replay it."""

    type: ClassVar[str] = "notifier.delivery_exhausted.v1"


class EndpointDisabled(EndpointEvent):
    """The receiver said it is gone (410), or an administrator switched it off."""

    type: ClassVar[str] = "notifier.endpoint_disabled.v1"
    cause: str


class DigestIssued(EndpointEvent):
    """The weekly figures of one supervision group, or of the whole city where ``group`` is null; both days are included."""

    type: ClassVar[str] = "notifier.digest_issued.v1"
    digest_id: str
    group: str | None
    period_from: date
    period_to: date
    figures: dict[str, int]
