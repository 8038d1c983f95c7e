"""Every message there is: who publishes it, who hears it, on which topic, in which order."""

from __future__ import annotations

from typing import NamedTuple

from contracts import land_check, notifier, policy_activation, power_grid, registration
from contracts.envelope import Event

LAND, POWER, REGISTRATION, NOTIFIER = "land_check", "power_grid", "registration", "notifier"


class Stream(NamedTuple):
    """A topic. ``key``: what the order is kept for; ``purpose`` in Chinese and English; ``events``: each with the services that hear it."""

    topic: str
    publisher: str
    key: str
    purpose: tuple[str, str]
    events: dict[type[Event], tuple[str, ...]]

    @property
    def consumers(self) -> tuple[str, ...]:
        """The services that hear any of its events, in the order they are first named."""
        return tuple(dict.fromkeys(service for services in self.events.values() for service in services))


STREAMS = (
    Stream(
        topic=registration.TOPIC,
        publisher=REGISTRATION,
        key="filing_id",
        purpose=("登记申报及其决定", "filings and what was decided on them"),
        events={
            registration.FilingSubmitted: (LAND, POWER),
            registration.FilingAmended: (LAND, POWER, NOTIFIER),
            registration.FilingWithdrawn: (LAND, POWER, NOTIFIER),
            registration.FilingHeld: (LAND, POWER, NOTIFIER),
            registration.FilingAccepted: (LAND, POWER, NOTIFIER),
            registration.FilingRefused: (LAND, POWER, NOTIFIER),
            registration.FilingClosed: (LAND, POWER, NOTIFIER),
            registration.FilingReferred: (LAND, POWER, NOTIFIER),
            registration.FilingReviewed: (LAND, NOTIFIER),
            registration.FilingAppealed: (NOTIFIER,),
        },
    ),
    Stream(
        topic=land_check.TOPIC,
        publisher=LAND,
        key="filing_id",
        purpose=("申报的土地认定和产权说明", "land verdicts and statements of filings"),
        events={
            land_check.LandVerdictIssued: (REGISTRATION, POWER),
            land_check.StatementRequested: (NOTIFIER,),
            land_check.StatementIssued: (POWER, NOTIFIER),
            land_check.StatementDeclined: (NOTIFIER,),
            land_check.StatementReturned: (NOTIFIER,),
            land_check.StatementRevoked: (POWER, NOTIFIER),
            land_check.StatementFoundForged: (POWER, NOTIFIER),
        },
    ),
    Stream(
        topic=land_check.PARCELS,
        publisher=LAND,
        key="parcel_code",
        purpose=("宗地登记信息的变化", "changes of the parcel register"),
        events={land_check.ParcelChanged: (POWER,)},
    ),
    Stream(
        topic=land_check.REGISTERS,
        publisher=LAND,
        key="record id",
        purpose=("亩均评价、入园审核和问题清单", "grades, park admissions and problem lists"),
        events={
            land_check.GradeRecorded: (POWER,),
            land_check.ParkAdmissionRecorded: (NOTIFIER,),
            land_check.ListEntryOpened: (NOTIFIER,),
            land_check.ListEntryClosed: (NOTIFIER,),
        },
    ),
    Stream(
        topic=power_grid.TOPIC,
        publisher=POWER,
        key="parcel_code",
        purpose=("场地用电的拦截、放行和发现", "blocks, clearances and findings at a site"),
        events={
            power_grid.BlockImposed: (NOTIFIER,),
            power_grid.BlockLifted: (NOTIFIER,),
            power_grid.HoldImposed: (NOTIFIER,),
            power_grid.HoldLifted: (NOTIFIER,),
            power_grid.InstallCleared: (NOTIFIER,),
            power_grid.InstallDenied: (NOTIFIER,),
            power_grid.InstallCommitted: (NOTIFIER,),
            power_grid.ClearanceReviewed: (NOTIFIER,),
            power_grid.FindingRecorded: (LAND, NOTIFIER),
            power_grid.BreachFound: (LAND, NOTIFIER),
            power_grid.BlockAcknowledged: (NOTIFIER,),
        },
    ),
    Stream(
        topic=notifier.TOPIC,
        publisher=NOTIFIER,
        key="endpoint_id, digest_id or reminder_id",
        purpose=("通知的送达情况，催办和周报", "what became of the deliveries; reminders and weekly digests"),
        events={
            notifier.DeliverySucceeded: (),
            notifier.DeliveryExhausted: (),
            notifier.EndpointDisabled: (),
            notifier.DigestIssued: (),
            notifier.ReminderIssued: (),
        },
    ),
    Stream(
        topic=policy_activation.TOPIC,
        publisher=REGISTRATION,
        key="policy_id",
        purpose=("规则集的生效", "a policy set comes into force"),
        events={policy_activation.PolicyActivated: (REGISTRATION, LAND, POWER, NOTIFIER)},
    ),
)

EVENTS: dict[str, type[Event]] = {event.type: event for stream in STREAMS for event in stream.events}
"""Every event class by its CloudEvents type."""
