"""What land_check publishes: verdicts and statements (by filing), parcels (by parcel code), registers (by record)."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from pydantic import AwareDatetime

from contracts.envelope import Event
from contracts.vocabulary import (
    AdmissionStatus,
    Controller,
    Fact,
    Flag,
    Grade,
    LandVerdict,
    ListCause,
    ListStatus,
    ListType,
    PolicyRef,
    StatementFinding,
    StatementOutcome,
    Unit,
    Value,
)

TOPIC = "land_check.events"
PARCELS = "land_check.parcels"
REGISTERS = "land_check.registers"


class StatementView(Value):
    """How the filing stands with its property-right statement.

    ``findings`` are those of the paper that counts; ``declined``: the township cannot provide one.
    """

    outcome: StatementOutcome
    statement_id: str | None = None
    findings: tuple[StatementFinding, ...] = ()
    declined: bool = False
    second_officer: bool = False


class LandFindings(Value):
    """Everything land_check knows that registration's rules need, for one filing at one revision.

    ``in_village`` is the parcel's, else the statement's; null: not known, no flag. ``park_admission`` null: the place is in no park
    or nothing is recorded for ``park_id``; ``admission_id`` is that of the admission. ``open_lists`` are the lists and ``open_entries`` the
    ids of the open entries that concern the place or the controller. ``disputed_request``: the statement request returned last.
    ``planned_implementation`` null on transition land: the date is not known.
    """

    land_verdict: LandVerdict
    township_code: str
    parcel_code: str | None = None
    unit_number: str | None = None
    matched_by: str | None = None
    in_village: bool | None = None
    in_qianwan: bool | None = None
    inside_control_line: bool | None = None
    planned_implementation: date | None = None
    statement: StatementView
    township_disputed: bool = False
    park_id: str | None = None
    park_admission: AdmissionStatus | None = None
    open_lists: tuple[ListType, ...] = ()
    grade: Grade | None = None
    survey_only: bool = False
    facts: tuple[Fact, ...] = ()
    open_entries: tuple[str, ...] = ()
    admission_id: str | None = None
    disputed_request: str | None = None


class LandEvent(Event):
    topic: ClassVar[str] = TOPIC

    filing_id: str
    enterprise_name: str
    township_code: str
    parcel_code: str | None
    unit_number: str | None
    notify: tuple[Unit, ...] = ()

    def key(self) -> str:
        return self.filing_id


class Review(Value):
    """What a verdict on a decided filing is to be compared with: ``before`` are the findings of the same moment under ``policy``,
    the set that was in force before. ``before`` null: the same findings. ``policy`` null: not known.
    """

    policy: PolicyRef | None = None
    before: LandFindings | None = None


class LandVerdictIssued(LandEvent):
    """The land findings of a filing at ``revision``; published again whenever they change. ``policy`` is the set that gave the verdict.

    ``review`` is set where a decided filing was looked at again because another set came into force: nothing is decided by it.
    """

    type: ClassVar[str] = "land_check.land_verdict_issued.v1"
    revision: int
    land: LandFindings
    policy: PolicyRef
    judged_at: AwareDatetime
    review: Review | None = None


class StatementRequested(LandEvent):
    type: ClassVar[str] = "land_check.statement_requested.v1"
    statement_request_id: str
    flags: tuple[Flag, ...] = ()
    due: date | None = None


class StatementEvent(LandEvent):
    statement_id: str


class StatementIssued(StatementEvent):
    """A statement is bound to the filing: issued on request, or recorded from paper. ``state``: valid or invalid, ``findings`` say why."""

    type: ClassVar[str] = "land_check.statement_issued.v1"
    statement_request_id: str | None
    result: str
    state: str
    findings: tuple[StatementFinding, ...] = ()
    issued_on: date
    valid_to: date


class StatementDeclined(LandEvent):
    """The township cannot provide a statement (不能提供): the filing is refused."""

    type: ClassVar[str] = "land_check.statement_declined.v1"
    statement_request_id: str


class StatementReturned(LandEvent):
    """The asked township says the place is not its own; the map office settles which township is right."""

    type: ClassVar[str] = "land_check.statement_returned.v1"
    statement_request_id: str
    suggested_township_code: str | None = None


class StatementRevoked(StatementEvent):
    type: ClassVar[str] = "land_check.statement_revoked.v1"


class StatementFoundForged(StatementEvent):
    type: ClassVar[str] = "land_check.statement_found_forged.v1"


class UnitVerdict(Value):
    unit_number: str
    land_verdict: LandVerdict


class ParcelChanged(Event):
    """A parcel was recorded or changed. ``land_verdict`` is that of the parcel; ``units`` those with a use of their own.

    ``survey_only``: nothing is registered there, and a survey shows industrial use (R20).
    """

    type: ClassVar[str] = "land_check.parcel_changed.v1"
    topic: ClassVar[str] = PARCELS

    filing_id: None = None
    parcel_code: str
    unit_number: None = None
    township_code: str
    version: int
    land_verdict: LandVerdict
    units: tuple[UnitVerdict, ...] = ()
    planned_implementation: date | None = None
    in_village: bool | None = None
    survey_only: bool = False
    facts: tuple[Fact, ...] = ()
    policy: PolicyRef
    changed_at: AwareDatetime
    notify: tuple[Unit, ...] = ()

    def key(self) -> str:
        return self.parcel_code


class RegisterEvent(Event):
    topic: ClassVar[str] = REGISTERS

    filing_id: None = None
    parcel_code: str | None = None
    unit_number: str | None = None
    township_code: str | None = None
    notify: tuple[Unit, ...] = ()


class GradeRecorded(RegisterEvent):
    """The per-mu grade of an enterprise for a year; the same USCC and year replaces."""

    type: ClassVar[str] = "land_check.grade_recorded.v1"
    uscc: str
    year: int
    grade: Grade

    def key(self) -> str:
        return f"{self.uscc}:{self.year}"


class ParkAdmissionRecorded(RegisterEvent):
    type: ClassVar[str] = "land_check.park_admission_recorded.v1"
    admission_id: str
    park_id: str
    enterprise_name: str
    uscc: str | None
    status: AdmissionStatus
    decided_on: date

    def key(self) -> str:
        return self.park_id


class ListEntryOpened(RegisterEvent):
    """``due``: the day by which it is to be put right, null where nobody set one."""

    type: ClassVar[str] = "land_check.list_entry_opened.v1"
    entry_id: str
    list: ListType
    status: ListStatus
    cause: ListCause | None
    enterprise_name: str | None
    uscc: str | None
    controller: Controller | None = None
    due: date | None = None

    def key(self) -> str:
        return self.entry_id


class ListEntryClosed(RegisterEvent):
    type: ClassVar[str] = "land_check.list_entry_closed.v1"
    entry_id: str
    list: ListType
    status: ListStatus

    def key(self) -> str:
        return self.entry_id
