"""What power_grid publishes, all on ``power_grid.events``, keyed by parcel."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from pydantic import AwareDatetime

from contracts.envelope import Event
from contracts.vocabulary import InstallKind, LandVerdict, PolicyRef, PowerDecision, ReasonRef, Unit

TOPIC = "power_grid.events"


class SiteEvent(Event):
    """About one site: a parcel, or one unit of it. ``parcel_code`` is null only for a request on a filing whose place is not known yet."""

    topic: ClassVar[str] = TOPIC

    filing_id: str | None = None
    parcel_code: str | None
    unit_number: str | None
    township_code: str | None
    notify: tuple[Unit, ...] = ()

    def key(self) -> str:
        return self.parcel_code or self.filing_id or "unplaced"


class BlockEvent(SiteEvent):
    """A change of the site's standing answer. ``block_streamseq`` is dense per site in the feed ``GET /blocks``.

    ``acknowledge_by``: the last day for both owners of what was imposed; null for what was lifted, or where no calendar reaches that far.
    """

    block_id: str
    block_streamseq: int
    reasons: tuple[ReasonRef, ...]
    policy: PolicyRef
    at: AwareDatetime
    acknowledge_by: date | None = None


class BlockImposed(BlockEvent):
    type: ClassVar[str] = "power_grid.block_imposed.v1"


class BlockLifted(BlockEvent):
    type: ClassVar[str] = "power_grid.block_lifted.v1"


class HoldImposed(BlockEvent):
    type: ClassVar[str] = "power_grid.hold_imposed.v1"


class HoldLifted(BlockEvent):
    type: ClassVar[str] = "power_grid.hold_lifted.v1"


class BlockAcknowledged(SiteEvent):
    """One of its two owners, PSC or AMR, has seen a block or hold. Nobody is told: it ends the reminders."""

    type: ClassVar[str] = "power_grid.block_acknowledged.v1"
    block_id: str
    unit: Unit
    at: AwareDatetime


class ClearanceEvent(SiteEvent):
    clearance_id: str
    request_id: str
    kind: InstallKind
    decision: PowerDecision
    proposed: PowerDecision | None
    land_verdict: LandVerdict
    reasons: tuple[ReasonRef, ...]
    site_epoch: int
    policy: PolicyRef
    at: AwareDatetime


class InstallCleared(ClearanceEvent):
    """``decision`` is allow or not_restricted."""

    type: ClassVar[str] = "power_grid.install_cleared.v1"


class InstallDenied(ClearanceEvent):
    """``decision`` is hold, block or refer."""

    type: ClassVar[str] = "power_grid.install_denied.v1"


class InstallCommitted(ClearanceEvent):
    """The power company connects on this clearance: the site had not changed since."""

    type: ClassVar[str] = "power_grid.install_committed.v1"


class ClearanceReviewed(SiteEvent):
    """The word of a unit on a hold of a clearance; or an appeal against the block ``block_id``: ``code`` appeal, ``result`` open, upheld or
    reversed, and ``clearance_id`` empty, as every request at the site is concerned.
    """

    type: ClassVar[str] = "power_grid.clearance_reviewed.v1"
    clearance_id: str
    code: str
    result: str
    unit: Unit
    block_id: str | None = None


class FindingRecorded(SiteEvent):
    """Seen in the field. ``kind``: manufacturing_use or transformer_connected; ``state``: open or closed."""

    type: ClassVar[str] = "power_grid.finding_recorded.v1"
    finding_id: str
    kind: str
    state: str
    industry_code: str | None
    observed_on: date


class BreachFound(SiteEvent):
    """A transformer stands connected where none was cleared, or a hold came after a connection. ``cause`` says which."""

    type: ClassVar[str] = "power_grid.breach_found.v1"
    breach_id: str
    cause: str
    finding_id: str | None = None
    clearance_id: str | None = None
