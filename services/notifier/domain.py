"""Nouns of telling: who is to be told (endpoint), what (notice), and how it went (delivery, attempt)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from contracts import land_check, power_grid, registration
from contracts.envelope import Event

HEARD: tuple[type[Event], ...] = (
    registration.FilingAmended,
    registration.FilingWithdrawn,
    registration.FilingHeld,
    registration.FilingAccepted,
    registration.FilingRefused,
    registration.FilingClosed,
    registration.FilingReferred,
    registration.FilingReviewed,
    registration.FilingAppealed,
    land_check.StatementRequested,
    land_check.StatementIssued,
    land_check.StatementDeclined,
    land_check.StatementReturned,
    land_check.StatementRevoked,
    land_check.StatementFoundForged,
    land_check.ParkAdmissionRecorded,
    land_check.ListEntryOpened,
    land_check.ListEntryClosed,
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
)
"""Every event that may name units to be told."""

NAMES_NOBODY: tuple[type[Event], ...] = (
    registration.FilingSubmitted,
    land_check.LandVerdictIssued,
    land_check.ParcelChanged,
    land_check.GradeRecorded,
)
"""Events that by the rules name nobody: the most frequent ones, not heard at all. A decision or request that follows is told."""

SUBSCRIBABLE = frozenset({event.type for event in (*HEARD, *NAMES_NOBODY)} | {"notifier.digest_issued.v1"})
"""Types an endpoint may ask for."""


class ChannelType(StrEnum):
    WEBHOOK = "webhook"
    EMAIL = "email"
    APPRISE = "apprise"


class EndpointState(StrEnum):
    ACTIVE = "active"
    DISABLED = "disabled"


class DeliveryStatus(StrEnum):
    PENDING = "pending"
    DELIVERED = "delivered"
    EXHAUSTED = "exhausted"
    NO_ENDPOINT = "no_endpoint"


@dataclass(frozen=True, slots=True)
class Channel:
    """How an endpoint is reached. ``address`` is a URL (webhook, apprise) or a mail address (email)."""

    type: ChannelType
    address: str


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where one unit wants to hear of some events. ``townships`` None: wherever it happens; ``secrets`` newest first."""

    endpoint_id: str
    recipient: str
    channel: Channel
    events: frozenset[str]
    townships: frozenset[str] | None
    lang: str
    secrets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Notice:
    """One event that names units to be told. ``stream`` is its topic and key, within which ``seq`` gives the order."""

    event_id: str
    event_type: str
    stream: str
    seq: int
    filing_id: str | None
    parcel_code: str | None
    township_code: str | None
    recipients: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Errand:
    """One due delivery with all that is needed to make the attempt. ``tries`` counts those since it was made or replayed."""

    delivery_id: str
    endpoint: Endpoint
    event_type: str
    filing_id: str | None
    parcel_code: str | None
    event_id: str
    correlation_id: str
    body: bytes
    tries: int


@dataclass(frozen=True, slots=True)
class Attempt:
    """How one attempt ended. ``error`` is a stable slug or None; ``retry_after`` seconds the receiver asked for."""

    at: datetime
    status_code: int | None
    error: str | None
    retry_after: float | None = None
