"""The nouns of registration: a filing, what was said about it, and the decision it has."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import field
from datetime import date
from typing import Any, NamedTuple

from contracts.land_check import LandFindings
from contracts.policy import Policy
from contracts.policy import Reason as Entry
from contracts.registration import FilingFacts
from contracts.values import dataclass
from contracts.vocabulary import (
    Fact,
    FilingReason,
    FilingStatus,
    Flag,
    LandVerdict,
    Outcome,
    PolicyRef,
    Premises,
    StatementOutcome,
    Tag,
    Unit,
)

OPEN = frozenset({FilingStatus.UNDER_REVIEW, FilingStatus.HELD})
"""Still to be decided: may be amended, withdrawn, judged again."""

LIVE = OPEN | {FilingStatus.ACCEPTED}
"""A second filing of the same enterprise for the same thing is a duplicate of one of these."""

STATEMENT_DUE = frozenset({StatementOutcome.REQUIRED_MISSING, StatementOutcome.REQUIRED_INVALID})

STATUS_OF: Mapping[Outcome, FilingStatus] = {
    Outcome.ACCEPT: FilingStatus.ACCEPTED,
    Outcome.ACCEPT_FLAGGED: FilingStatus.ACCEPTED,
    Outcome.HOLD: FilingStatus.HELD,
    Outcome.REFUSE: FilingStatus.REFUSED,
    Outcome.REFER: FilingStatus.REFERRED,
}


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a filing is held, refused, referred or closed. ``variant`` picks a wording of the policy's catalogue."""

    code: FilingReason
    due: date | None = None
    variant: str | None = None
    refuses: bool = False


def entry_of(policy: Policy, reason: Reason) -> Entry:
    """The texts of a reason in the policy's catalogue."""
    return policy.reason(reason.code, reason.variant)


@dataclass(frozen=True, slots=True)
class Pause:
    """Days of the city that do not count for a period; ``until`` None: it still stands still."""

    since: date
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Clock:
    """The one correction notice: held for the statement since ``since``; ``due`` None: no working-day calendar reaches that far.

    ``pauses``: the days on which nobody knew which township to ask. The first of them still counts.
    """

    since: date
    due: date | None
    pauses: tuple[Pause, ...] = ()


@dataclass(frozen=True, slots=True)
class Decision:
    """An answer with its evidence. ``refuse_after``: refused by itself once this day of the city is over."""

    outcome: Outcome
    land_verdict: LandVerdict
    statement: StatementOutcome
    policy: PolicyRef
    reasons: tuple[Reason, ...] = ()
    flags: tuple[Flag, ...] = ()
    tags: tuple[Tag, ...] = ()
    notify: tuple[Unit, ...] = ()
    facts: tuple[Fact, ...] = ()
    decided_at: str = ""
    clock: Clock | None = None
    refuse_after: date | None = None

    def says_the_same_as(self, other: Decision) -> bool:
        """Equal in everything that other services are told."""
        return (self.outcome, self.land_verdict, self.statement, self.reasons, self.flags, self.tags, self.notify) == (
            other.outcome,
            other.land_verdict,
            other.statement,
            other.reasons,
            other.flags,
            other.tags,
            other.notify,
        )


def pending(policy: PolicyRef, at: str = "") -> Decision:
    """Before the first land verdict of a revision: held, and nobody is told of a filing merely under review."""
    reasons = (Reason(FilingReason.LAND_VERDICT_PENDING),)
    return Decision(Outcome.HOLD, LandVerdict.PENDING, StatementOutcome.UNDETERMINED, policy, reasons, decided_at=at)


@dataclass(frozen=True, slots=True)
class Review:
    """The word of the unit that owns a hold. ``result``: clear or refuse.

    ``about``: what it was given for, see ``rules.words``. None: the filing as it is filed, or stored before this was kept.
    """

    code: FilingReason
    result: str
    unit: Unit
    by: str
    at: str
    reason: str
    document_sha256: str | None
    about: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Appeal:
    """``state``: open, upheld or reversed; times as RFC 3339 text."""

    state: str
    filed_at: str
    decided_at: str | None
    reason: str | None
    text: str
    documents: tuple[Mapping[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Extension:
    """The one extension of the registration period, approved by the registrar."""

    by: str
    at: str
    reason: str


@dataclass(frozen=True, slots=True)
class SetAside:
    """A decision that was set aside, as it stood, and who did it, when and why."""

    at: str
    by: str
    unit: Unit
    reason: str
    document_sha256: str | None
    decision: Decision


@dataclass(frozen=True, slots=True)
class Said:
    """What people have said about a filing beside the land findings.

    ``overruled``: what an appeal took away the refusing effect of: ids of papers, reason codes, or ``declined`` (by the township).
    ``told``: the units told of the filing before it was amended. ``set_aside``: the decisions that were, the last one last.
    """

    reviews: tuple[Review, ...] = ()
    cannot_provide: bool = False
    clock: Clock | None = None
    overruled: tuple[str, ...] = ()
    answers: tuple[Mapping[str, Any], ...] = ()
    appeal: Appeal | None = None
    told: tuple[Unit, ...] = ()
    pauses: tuple[Pause, ...] = ()
    extension: Extension | None = None
    set_aside: tuple[SetAside, ...] = ()
    corrections: tuple[Mapping[str, Any], ...] = ()

    def review_of(self, code: FilingReason) -> Review | None:
        """The last word on a hold."""
        return next((review for review in reversed(self.reviews) if review.code == code), None)


@dataclass(frozen=True, slots=True)
class Place:
    """The place that is checked, as known now: filed first, then as the land side matched it."""

    township_code: str
    parcel_code: str | None
    unit_number: str | None

    @property
    def where(self) -> tuple[str | None, str | None]:
        """Parcel and unit."""
        return self.parcel_code, self.unit_number


class Keys(NamedTuple):
    """What tells filings apart: the enterprise's name as it is compared, and action and place as they are compared."""

    name: str
    place: str


class Moment(NamedTuple):
    """The time of one unit of work: RFC 3339 text in UTC, and the date it is in the city."""

    at: str
    today: date


@dataclass(frozen=True, slots=True)
class Submission:
    """A filing as it comes in. ``request`` is its JSON object, normalised; ``facts`` the same without the applicant's person."""

    request: Mapping[str, Any]
    facts: FilingFacts
    keys: Keys
    client_ref: str | None = None
    fingerprint: str = ""


@dataclass(frozen=True, slots=True)
class Filing:
    """A filing as it stands. ``request`` is what was filed as JSON, with the applicant's name and phone; ``uscc`` the code known now."""

    filing_id: str
    version: int
    revision: int
    status: FilingStatus
    submitted_by: str
    submitted_at: str
    uscc: str | None
    request: Mapping[str, Any]
    place: Place
    decision: Decision
    matched_by: str | None = None
    land: LandFindings | None = None
    said: Said = field(default_factory=Said)
    duplicate_of: str | None = None

    @property
    def name(self) -> str:
        return str(self.request["enterprise_name"])

    @property
    def pending(self) -> bool:
        """No land verdict for this revision yet."""
        return self.status is FilingStatus.UNDER_REVIEW

    @property
    def awaits_the_first(self) -> bool:
        """Closed beside a filing that had no land verdict then."""
        return self.status is FilingStatus.CLOSED_DUPLICATE and self.decision.land_verdict is LandVerdict.PENDING


def facts_of(request: Mapping[str, Any], submitted_at: Any) -> FilingFacts:
    """What is filed, without the applicant's person and the scope text."""
    return FilingFacts.model_validate({**request, "submitted_at": submitted_at})


def checked_premises(facts: FilingFacts) -> Premises:
    """The production place, or the premises where none is named."""
    return facts.place


def name_key(name: str) -> str:
    """An enterprise's name as it is compared: width, case and blanks do not matter."""
    if name.isascii() or not unicodedata.is_normalized("NFKC", name):
        name = unicodedata.normalize("NFKC", name)
    return "".join(name.split()).casefold()


def keys_of(facts: FilingFacts) -> Keys:
    """Filings are compared by name, action, parcel and unit; by the address where there is no parcel."""
    place = checked_premises(facts)
    where = place.parcel_code or "@" + name_key(place.address)
    return Keys(name_key(facts.enterprise_name), _place_key(facts.action, where, place.unit_number))


def keys_where_found(filing: Filing, filed: Keys) -> Keys:
    """The keys of whoever names the parcel and unit where the land side found the filing; ``filed`` where it found none."""
    place = filing.place
    if place.parcel_code is None:
        return filed
    return Keys(filed.name, _place_key(str(filing.request["action"]), place.parcel_code, place.unit_number))


def _place_key(action: str, where: str, unit: str | None) -> str:
    return f"{action}\n{where}\n{unit or ''}"
