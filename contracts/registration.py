"""What registration publishes, all on ``registration.events``, keyed by filing."""

from __future__ import annotations

from typing import ClassVar

from pydantic import AwareDatetime

from contracts.envelope import Event
from contracts.vocabulary import (
    Action,
    Controller,
    DueRef,
    FilingStatus,
    Flag,
    LandVerdict,
    NewLand,
    Outcome,
    PolicyRef,
    Premises,
    Process,
    ReasonRef,
    StatementOutcome,
    SubjectType,
    Tag,
    Unit,
    Value,
)

TOPIC = "registration.events"


class FilingFacts(Value):
    """What is filed, as the other services need it: no contact person, no phone.

    ``industry_code`` is the 4-digit GB/T 4754-2017 class without its section letter.
    """

    action: Action
    subject_type: SubjectType
    enterprise_name: str
    uscc: str | None
    industry_code: str
    processes: tuple[Process, ...] = ()
    premises: Premises
    production_premises: Premises | None = None
    controller: Controller | None = None
    park_id: str | None = None
    new_land: NewLand | None = None
    submitted_at: AwareDatetime

    @property
    def place(self) -> Premises:
        """The place whose land is looked at: the production premises if named, else the premises."""
        return self.production_premises or self.premises

    @property
    def production_place(self) -> Premises | None:
        """Where a manufacturer produces: the production premises if named, else the premises if production happens there, else None."""
        if self.production_premises is not None:
            return self.production_premises
        return self.premises if self.premises.used_for_production else None


class FilingEvent(Event):
    """Common to all: ``parcel_code`` and ``unit_number`` are the checked place as known now, ``version`` the filing's version.

    ``revision`` counts what the applicant changed (1 for the first submission): a land verdict names the revision it judged.
    ``deadlines`` are those of the filing from now on, none once it is decided; a first submission does not name them.
    """

    topic: ClassVar[str] = TOPIC

    filing_id: str
    version: int
    revision: int
    enterprise_name: str
    uscc: str | None
    township_code: str
    parcel_code: str | None
    unit_number: str | None
    notify: tuple[Unit, ...] = ()
    deadlines: tuple[DueRef, ...] = ()

    def key(self) -> str:
        return self.filing_id


class FilingSubmitted(FilingEvent):
    type: ClassVar[str] = "registration.filing_submitted.v1"
    filing: FilingFacts


class FilingAmended(FilingEvent):
    """The applicant changed the filing (``revision`` grew, judged again) or a clerk recorded its USCC (``revision`` unchanged)."""

    type: ClassVar[str] = "registration.filing_amended.v1"
    filing: FilingFacts


class DecisionSummary(Value):
    """A decision in short: the texts are read from the filing itself."""

    outcome: Outcome
    flags: tuple[Flag, ...] = ()
    tags: tuple[Tag, ...] = ()
    land_verdict: LandVerdict
    statement: StatementOutcome
    reasons: tuple[ReasonRef, ...] = ()
    policy: PolicyRef
    decided_at: AwareDatetime


class DecidedEvent(FilingEvent):
    """``action`` and ``manufacturing`` tell the power side whether this filing makes its place a manufacturing site."""

    status: FilingStatus
    action: Action
    industry_code: str
    manufacturing: bool
    decision: DecisionSummary


class FilingHeld(DecidedEvent):
    """Held, or held on with another deadline: then ``notify`` is empty."""

    type: ClassVar[str] = "registration.filing_held.v1"


class FilingAccepted(DecidedEvent):
    type: ClassVar[str] = "registration.filing_accepted.v1"


class FilingRefused(DecidedEvent):
    type: ClassVar[str] = "registration.filing_refused.v1"


class FilingReferred(DecidedEvent):
    type: ClassVar[str] = "registration.filing_referred.v1"


class FilingWithdrawn(FilingEvent):
    """The applicant took the filing back; ``manufacturing`` as in the decided events. Starts the site's watch period."""

    type: ClassVar[str] = "registration.filing_withdrawn.v1"
    manufacturing: bool
    withdrawn_at: AwareDatetime


class FilingClosed(FilingEvent):
    """Closed as a duplicate of ``duplicate_of``, which stands."""

    type: ClassVar[str] = "registration.filing_closed.v1"
    duplicate_of: str
    decision: DecisionSummary


class FilingReviewed(FilingEvent):
    """A unit ended one of the holds (``result`` clear) or refused on it. The decision that follows is an event of its own.

    ``about``: what the word was given for: ids of the open list entries, the park and its newest admission, or the returned statement
    request. Empty: the filing as it is filed.
    """

    type: ClassVar[str] = "registration.filing_reviewed.v1"
    code: str
    result: str
    unit: Unit
    about: tuple[str, ...] = ()


class FilingAppealed(FilingEvent):
    """``state``: open, upheld or reversed. A reversed filing is judged again and published as held."""

    type: ClassVar[str] = "registration.filing_appealed.v1"
    state: str
