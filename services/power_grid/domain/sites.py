"""Sites as they are kept: epoch, standing answer, blocks, overrides; and all facts of one parcel together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field, replace
from datetime import date, datetime
from enum import StrEnum

from contracts.policy import FIRST
from contracts.values import dataclass
from contracts.vocabulary import LandVerdict, PolicyRef, Unit
from services.power_grid.domain.answers import Reason
from services.power_grid.domain.clearances import Signature
from services.power_grid.domain.facts import DeclaredUse, Filing, Finding, Grades, Parcel, SiteKey


class Standing(StrEnum):
    """The answer that stands at a site without anybody asking."""

    NONE = "none"
    HOLD = "hold"
    BLOCK = "block"


@dataclass(frozen=True, slots=True)
class Manufacturing:
    """One manufacturing use known at a site. ``land`` is the verdict of its own place; ``pending``: not judged yet;
    ``judged_anew``: but before, at this very place.

    ``set_aside``: what was decided on its filing was, and nobody has decided anew.
    """

    source: str
    filing_id: str | None
    enterprise_name: str | None
    industry_code: str | None
    since: datetime | date
    site: SiteKey
    land: LandVerdict
    uscc: str | None = None
    pending: bool = False
    judged_anew: bool = False
    has_statement: bool = False
    forged_statement: bool = False
    set_aside: bool = False


@dataclass(frozen=True, slots=True)
class ParcelFacts:
    """Everything known about one parcel: the input of every decision there.

    ``filings`` are those placed on it; ``moves`` the accepted amendments of premises, wherever they lead, of the enterprises among them.
    """

    parcel_code: str
    parcel: Parcel | None = None
    filings: tuple[Filing, ...] = ()
    moves: tuple[Filing, ...] = ()
    findings: tuple[Finding, ...] = ()
    uses: tuple[DeclaredUse, ...] = ()
    grades: Grades = field(default_factory=dict)

    def land(self, unit_number: str | None) -> LandVerdict:
        """The verdict of a place on the parcel; a parcel nobody told of is unknown."""
        return LandVerdict.UNKNOWN if self.parcel is None else self.parcel.verdict_of(unit_number)


@dataclass(frozen=True, slots=True)
class Known:
    """What is known at one site: its land, the manufacturing it sees, the last day of its watch.

    ``otherwise``: the filings there that are no manufacturing use and whose land is another than the site's.
    """

    land: LandVerdict
    uses: tuple[Manufacturing, ...]
    watch_until: date | None
    otherwise: tuple[tuple[str, LandVerdict], ...] = ()


@dataclass(frozen=True, slots=True)
class Site:
    """The kept state of a site. ``epoch`` grows when a fact that decides changes; ``fingerprint`` stands for those facts. A filing not
    judged yet is such a fact; where nobody holds an answer, it and one that changes nothing that stands may count only when somebody asks
    (``Touched.may_wait``).

    ``streamseq`` counts its entries in the feed; ``next_look`` is the day on which time alone may change its answer;
    ``notify`` are the units told of the standing answer, who are told of its end too; ``policy`` is the set it was imposed by.
    """

    key: SiteKey
    epoch: int = 0
    fingerprint: str = ""
    standing: Standing = Standing.NONE
    reasons: tuple[Reason, ...] = ()
    notify: tuple[Unit, ...] = ()
    block_id: str | None = None
    imposed_at: datetime | None = None
    streamseq: int = 0
    next_look: date | None = None
    override_epoch: int | None = None
    reversed_epoch: int | None = None
    policy: PolicyRef = FIRST.ref

    @property
    def overridden(self) -> bool:
        """Whether an override is in force: it ends when the epoch moves."""
        return self.override_epoch == self.epoch

    @property
    def reversed(self) -> bool:
        """Whether a block of this epoch was reversed on appeal: what would block holds, until the epoch moves."""
        return self.reversed_epoch == self.epoch


@dataclass(frozen=True, slots=True)
class Appeal:
    """What was said against a block, and what became of it. ``state``: open, upheld or reversed; documents have ``name`` and ``sha256``."""

    state: str
    filed_at: datetime
    filed_by: str
    text: str
    documents: tuple[Mapping[str, str], ...] = ()
    decided_at: datetime | None = None
    decided_by: str | None = None
    reason: str | None = None
    document_sha256: str | None = None


@dataclass(frozen=True, slots=True)
class Block:
    """One period in which a site was held or blocked, with its two acknowledgements.

    ``after_appeal_of``: the block that was reversed on appeal, in whose place this hold stands.
    """

    block_id: str
    site: SiteKey
    standing: Standing
    reasons: tuple[Reason, ...]
    streamseq: int
    imposed_at: datetime
    lifted_at: datetime | None = None
    acknowledged: Mapping[str, datetime] = field(default_factory=dict)
    policy: PolicyRef = FIRST.ref
    appeal: Appeal | None = None
    after_appeal_of: str | None = None

    def at(self, moment: datetime) -> Block | None:
        """As it was then: everything about a block is dated. None: it was not imposed yet."""
        if self.imposed_at > moment:
            return None
        appeal = self.appeal
        if appeal is not None and appeal.decided_at is not None and appeal.decided_at > moment:
            appeal = replace(appeal, state="open", decided_at=None, decided_by=None, reason=None, document_sha256=None)
        return replace(
            self,
            lifted_at=self.lifted_at if self.lifted_at is not None and self.lifted_at <= moment else None,
            acknowledged={unit: at for unit, at in self.acknowledged.items() if at <= moment},
            appeal=appeal if appeal is not None and appeal.filed_at <= moment else None,
        )


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """A line of the ordered feed. ``type``: block_imposed, block_lifted, hold_imposed, hold_lifted."""

    type: str
    block_id: str
    site: SiteKey
    streamseq: int
    reasons: tuple[Reason, ...]
    at: datetime
    policy: PolicyRef = FIRST.ref


@dataclass(frozen=True, slots=True)
class Override:
    """Two units lifting a block by signature, for as long as the site's epoch does not move."""

    override_id: str
    block_id: str
    site: SiteKey
    epoch: int
    reason: str
    document_sha256: str
    signatures: tuple[Signature, ...]
    in_force: bool
