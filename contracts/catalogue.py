"""Every message there is: who publishes it, who hears it, on which topic, in which order."""

from __future__ import annotations

from typing import NamedTuple

from contracts import land_check, notifier, policy_activation, power_grid, registration
from contracts.envelope import Event


class Stream(NamedTuple):
    """A topic. ``key``: what the order is kept for; ``consumers``: services that listen; ``purpose`` in Chinese and English."""

    topic: str
    publisher: str
    key: str
    consumers: tuple[str, ...]
    purpose: tuple[str, str]
    events: tuple[type[Event], ...]


STREAMS = (
    Stream(
        topic=registration.TOPIC,
        publisher="registration",
        key="filing_id",
        consumers=("land_check", "power_grid", "notifier"),
        purpose=("登记申报及其决定", "filings and what was decided on them"),
        events=(
            registration.FilingSubmitted,
            registration.FilingAmended,
            registration.FilingWithdrawn,
            registration.FilingHeld,
            registration.FilingAccepted,
            registration.FilingRefused,
            registration.FilingClosed,
            registration.FilingReferred,
            registration.FilingReviewed,
            registration.FilingAppealed,
        ),
    ),
    Stream(
        topic=land_check.TOPIC,
        publisher="land_check",
        key="filing_id",
        consumers=("registration", "power_grid", "notifier"),
        purpose=("申报的土地认定和产权说明", "land verdicts and statements of filings"),
        events=(
            land_check.LandVerdictIssued,
            land_check.StatementRequested,
            land_check.StatementIssued,
            land_check.StatementDeclined,
            land_check.StatementReturned,
            land_check.StatementRevoked,
            land_check.StatementFoundForged,
        ),
    ),
    Stream(
        topic=land_check.PARCELS,
        publisher="land_check",
        key="parcel_code",
        consumers=("power_grid", "notifier"),
        purpose=("宗地登记信息的变化", "changes of the parcel register"),
        events=(land_check.ParcelChanged,),
    ),
    Stream(
        topic=land_check.REGISTERS,
        publisher="land_check",
        key="record id",
        consumers=("power_grid", "notifier"),
        purpose=("亩均评价、入园审核和问题清单", "grades, park admissions and problem lists"),
        events=(
            land_check.GradeRecorded,
            land_check.ParkAdmissionRecorded,
            land_check.ListEntryOpened,
            land_check.ListEntryClosed,
        ),
    ),
    Stream(
        topic=power_grid.TOPIC,
        publisher="power_grid",
        key="parcel_code",
        consumers=("land_check", "notifier"),
        purpose=("场地用电的拦截、放行和发现", "blocks, clearances and findings at a site"),
        events=(
            power_grid.BlockImposed,
            power_grid.BlockLifted,
            power_grid.HoldImposed,
            power_grid.HoldLifted,
            power_grid.InstallCleared,
            power_grid.InstallDenied,
            power_grid.InstallCommitted,
            power_grid.ClearanceReviewed,
            power_grid.FindingRecorded,
            power_grid.BreachFound,
        ),
    ),
    Stream(
        topic=notifier.TOPIC,
        publisher="notifier",
        key="endpoint_id",
        consumers=(),
        purpose=("通知的送达情况", "what became of the deliveries"),
        events=(notifier.DeliverySucceeded, notifier.DeliveryExhausted, notifier.EndpointDisabled, notifier.DigestIssued),
    ),
    Stream(
        topic=policy_activation.TOPIC,
        publisher="registration",
        key="policy_id",
        consumers=("registration", "land_check", "power_grid", "notifier"),
        purpose=("规则集的生效", "a policy set comes into force"),
        events=(policy_activation.PolicyActivated,),
    ),
)

EVENTS: dict[str, type[Event]] = {event.type: event for stream in STREAMS for event in stream.events}
"""Every event class by its CloudEvents type."""
