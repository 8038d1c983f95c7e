"""What notifier publishes, all on ``notifier.events``, keyed by endpoint; each digest and each reminder by its own id."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from contracts.envelope import Event
from contracts.vocabulary import PolicyRef, Unit, Value

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


class TownshipFigures(Value):
    """The figures of one township; ``township_code`` null: of places whose township is not known. Only figures that are not zero."""

    township_code: str | None
    figures: dict[str, int]


class UnacknowledgedBlock(Value):
    """A block or hold that stands and that ``units`` have not acknowledged; imposed on ``since``, to be acknowledged by ``due``."""

    block_id: str
    parcel_code: str | None
    unit_number: str | None
    township_code: str | None
    since: date | None
    due: date | None
    units: tuple[Unit, ...]


class DigestIssued(EndpointEvent):
    """The weekly figures of one supervision group, or of the whole city where ``group`` is null; both days are included.

    Issued once for all endpoints of its recipient, so ``endpoint_id`` names that: SG1, SG2, SG3 or MGO. ``figures``, and those of each
    township: of the moment ``held``, ``overdue``, ``without_day`` (no calendar reaches that far), ``unacknowledged``; of the period
    ``blocks_imposed``, ``blocks_lifted``, ``breaches``, ``no_endpoint``; of the period and the week before it ``exhausted``.
    ``unacknowledged`` lists the oldest 500. ``calendar_missing``: issued when its week was over, since no calendar says which of its days
    was the first working day. ``policy``: the set in force when it was issued; ``policy_confirmed``: whether anybody has confirmed that
    its papers still stand, null in digests of before.
    """

    type: ClassVar[str] = "notifier.digest_issued.v1"
    digest_id: str
    group: str | None
    period_from: date
    period_to: date
    figures: dict[str, int]
    filing_id: None = None
    parcel_code: None = None
    township_code: None = None
    townships: tuple[TownshipFigures, ...] = ()
    unacknowledged: tuple[UnacknowledgedBlock, ...] = ()
    calendar_missing: bool = False
    policy: PolicyRef | None = None
    policy_confirmed: bool | None = None
    notify: tuple[Unit, ...] = ()

    def key(self) -> str:
        return self.digest_id


class ReminderIssued(Event):
    """Something falls due: said once for each item, its day and each step. ``escalation``: owner, township or supervision_group.

    ``kind``, ``record_id``, ``due``, ``state`` and ``owner`` are those of ``GET /deadlines``; ``recipient`` is who is to look at it now,
    ``group`` the supervision group where that is SG.
    """

    type: ClassVar[str] = "notifier.reminder_issued.v1"
    topic: ClassVar[str] = TOPIC

    reminder_id: str
    kind: str
    record_id: str
    filing_id: str | None
    parcel_code: str | None
    unit_number: str | None
    township_code: str | None
    due: date
    state: str
    owner: Unit
    escalation: str
    recipient: Unit
    group: str | None = None
    notify: tuple[Unit, ...] = ()

    def key(self) -> str:
        return self.reminder_id
