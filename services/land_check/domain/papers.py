"""Property-right statements, the requests for them, and what can happen to both."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from contracts.values import dataclass
from contracts.vocabulary import StatementFinding, StatementOutcome


class IssuerType(StrEnum):
    TOWNSHIP = "township"
    ZONE_COMMITTEE = "zone_committee"
    VILLAGE_COMMITTEE = "village_committee"
    OTHER = "other"


class StatementResult(StrEnum):
    SUPPORTS = "supports"
    DOES_NOT_SUPPORT = "does_not_support"


class StatementState(StrEnum):
    VALID = "valid"
    INVALID = "invalid"
    REVOKED = "revoked"
    FORGED = "forged"


class CheckState(StrEnum):
    """What anyone may know of a statement: its state, and of a valid one that its last day is over."""

    VALID = "valid"
    INVALID = "invalid"
    REVOKED = "revoked"
    FORGED = "forged"
    EXPIRED = "expired"


class RequestStatus(StrEnum):
    PENDING = "pending"
    ISSUED = "issued"
    DECLINED = "declined"
    RETURNED = "returned"
    CANCELLED = "cancelled"


class PaperEvent(StrEnum):
    """What happens to a request for a statement and to the statement itself. A day's end is none: ``valid_to`` tells that by itself."""

    REQUESTED = "requested"
    ISSUED = "issued"
    DECLINED = "declined"
    RETURNED = "returned"
    CANCELLED = "cancelled"
    RECORDED = "recorded"
    BOUND = "bound"
    JUDGED_AGAIN = "judged_again"
    MOVED = "moved"
    REVOKED = "revoked"
    FOUND_FORGED = "found_forged"
    SPENT = "spent"


@dataclass(slots=True)
class Statement:
    """A property-right statement, issued on request or recorded from paper; the fields say what stands on it.

    ``township_code`` is the township of the place, whose officers act on it, once bound that of the filing as it is now; the issuer's is
    ``issuer_township``.
    ``spent_at``: when a registration that relied on it was heard of.
    """

    statement_id: str
    check_code: str
    filing_id: str | None
    township_code: str
    issuer_type: IssuerType
    issuer_township: str | None
    issuer_name: str
    result: StatementResult
    enterprise_name: str
    uscc: str | None
    parcel_code: str | None
    unit_number: str | None
    owner: str
    basis: str
    second_officer: str | None
    issued_on: date
    valid_to: date
    document_sha256: str
    in_village: bool | None
    recorded_by: str
    recorded_at: str
    statement_request_id: str | None = None
    revoked: bool = False
    forged: bool = False
    reason: str | None = None
    findings: tuple[StatementFinding, ...] = ()
    version: int = 1
    spent_at: str | None = None

    @property
    def state(self) -> StatementState:
        if self.forged:
            return StatementState.FORGED
        if self.revoked:
            return StatementState.REVOKED
        return StatementState.INVALID if self.findings else StatementState.VALID

    @property
    def begins_with(self) -> PaperEvent:
        """What its first version was."""
        return PaperEvent.RECORDED if self.statement_request_id is None else PaperEvent.ISSUED


@dataclass(frozen=True, slots=True)
class StatementContext:
    """What a paper is held against: the place, the enterprise and the day of filing.

    ``village_strict``: a second officer is due. ``superseded``: the parcel was split or merged since.
    """

    township_code: str | None
    parcel_code: str | None
    unit_number: str | None
    enterprise_name: str
    uscc: str | None
    filed_on: date
    village_strict: bool
    superseded: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """How a filing stands with its statement; ``paper`` is the one that counts."""

    outcome: StatementOutcome
    paper: Statement | None = None
    declined: bool = False
