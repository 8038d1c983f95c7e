"""What the power company asks and the clearance it gets, with its history."""

from __future__ import annotations

from datetime import datetime

from contracts.values import dataclass
from contracts.vocabulary import InstallKind, PolicyRef, PowerDecision, Unit
from services.power_grid.domain.answers import Answer
from services.power_grid.domain.facts import SiteKey


@dataclass(frozen=True, slots=True)
class InstallRequest:
    """A request as it was asked. Capacities in kVA, after and before the work. ``applicant_name`` may be a person's: it never leaves."""

    request_id: str
    kind: InstallKind
    parcel_code: str | None
    unit_number: str | None
    filing_id: str | None
    capacity_kva: float
    existing_capacity_kva: float | None
    applicant_type: str
    applicant_name: str
    applicant_uscc: str | None
    declared_industry_code: str | None

    @property
    def adds(self) -> bool:
        """False for single-phase work, replacement and reduction: nothing three-phase is added."""
        if self.kind is InstallKind.SINGLE_PHASE:
            return False
        if self.kind in (InstallKind.INCREASE_THREE_PHASE, InstallKind.REPLACE_LIKE_FOR_LIKE):
            return self.existing_capacity_kva is None or self.capacity_kva > self.existing_capacity_kva
        return True


@dataclass(frozen=True, slots=True)
class Review:
    """The word of the unit that owns a hold; good for the site and epoch it was given in (``site`` null: given before that was kept)."""

    code: str
    result: str
    reason: str
    document_sha256: str | None
    unit: Unit
    by: str
    at: datetime
    epoch: int
    site: SiteKey | None = None


@dataclass(frozen=True, slots=True)
class TokenClaims:
    """What a clearance's token says, its signature proven."""

    clearance_id: str
    site: SiteKey
    epoch: int
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Past:
    """An earlier answer of a clearance."""

    answer: Answer
    site_epoch: int
    decided_at: datetime


@dataclass(frozen=True, slots=True)
class Clearance:
    """A request, its present answer and what went before. ``site`` null: the place of its filing is not known yet.

    A committed one keeps the site and the answer it was committed on; ``committed_under`` is the set that was in force then (null:
    committed before that was kept). ``judged_by``: the filing that stands for the one it names, where that is closed as its duplicate.
    """

    clearance_id: str
    version: int
    request: InstallRequest
    site: SiteKey | None
    township_code: str | None
    answer: Answer
    site_epoch: int
    requested_at: datetime
    decided_at: datetime
    history: tuple[Past, ...] = ()
    reviews: tuple[Review, ...] = ()
    ever_allowed: bool = False
    committed_at: datetime | None = None
    committed_by: str | None = None
    breached: bool = False
    committed_under: PolicyRef | None = None
    judged_by: str | None = None

    @property
    def filing_id(self) -> str | None:
        """The filing it is judged by."""
        return self.judged_by or self.request.filing_id

    @property
    def allowed(self) -> bool:
        return self.answer.decision is PowerDecision.ALLOW


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature under an override."""

    unit: Unit
    sub: str
    at: datetime
