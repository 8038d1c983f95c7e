"""Nouns of telling: who is to be told (endpoint), what (notice), and how it went (delivery, attempt)."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple

from contracts import land_check, power_grid, registration
from contracts.catalogue import EVENTS
from contracts.envelope import Event
from contracts.values import dataclass
from contracts.vocabulary import Unit

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
    power_grid.BlockAcknowledged,
)
"""Every event that may name units to be told, or ends what falls due. Those that name nobody, the most frequent ones, are not heard."""

SUBSCRIBABLE = frozenset(EVENTS)
"""Types an endpoint may ask for: every one there is. Those that name nobody bring nothing."""


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
    """One event that names units to be told. ``stream`` is its topic and key, within which ``seq`` gives the order.

    ``townships`` are those it is about where it is about no single place: a digest's.
    """

    event_id: str
    event_type: str
    stream: str
    seq: int
    filing_id: str | None
    parcel_code: str | None
    township_code: str | None
    recipients: tuple[str, ...]
    townships: frozenset[str] = frozenset()


class Kind(StrEnum):
    """What falls due; each named as in the ``GET /deadlines`` that shows it."""

    REGISTRATION = "registration"
    CORRECTION = "correction"
    STATEMENT_REQUEST = "statement_request"
    LIST_ENTRY = "list_entry"
    ACKNOWLEDGEMENT = "acknowledgement"


class ItemState(StrEnum):
    RUNNING = "running"
    PAUSED = "paused"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Item:
    """Something that falls due, as the ``seq``-th event of its stream left it. ``record_id`` is the request, entry, block or filing.

    ``due`` None: it stands still, or no calendar reaches that far. ``since``: the day a block was imposed.
    ``look_on``: the next day on which somebody else is to look at it.
    """

    item: str
    kind: Kind
    record_id: str
    filing_id: str | None
    parcel_code: str | None
    unit_number: str | None
    township_code: str | None
    owner: Unit
    since: date | None
    due: date | None
    state: ItemState
    look_on: date | None
    seq: int


class Word(NamedTuple):
    """The last word on a filing: the ``seq``-th of its stream. ``asks``: by it a township may still be asked for a statement."""

    filing_id: str
    seq: int
    asks: int


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
