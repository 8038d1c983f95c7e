"""The words every service shares: enums of the public surface and the small values that several events carry."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from pydantic import BaseModel, ConfigDict


class Role(StrEnum):
    CLERK = "clerk"
    INTEGRATOR = "integrator"
    TOWNSHIP_OFFICER = "township_officer"
    MAP_OFFICER = "map_officer"
    REVIEWER = "reviewer"
    GRID = "grid"
    SUPERVISOR = "supervisor"
    AUDITOR = "auditor"
    ADMIN = "admin"


class Unit(StrEnum):
    """Units that are told or asked; codes of ``departments.csv`` plus SG (supervision group of the town) and QW (Qianwan new area)."""

    AMR = "AMR"
    PSC = "PSC"
    TWN = "TWN"
    NRP = "NRP"
    EIT = "EIT"
    EEB = "EEB"
    EMB = "EMB"
    CLE = "CLE"
    MGO = "MGO"
    PARK = "PARK"
    DRC = "DRC"
    SG = "SG"
    QW = "QW"


class Action(StrEnum):
    ESTABLISH = "establish"
    BRANCH = "branch"
    AMEND_PREMISES = "amend_premises"
    AMEND_SCOPE = "amend_scope"
    AMEND_OTHER = "amend_other"


class SubjectType(StrEnum):
    COMPANY = "company"
    INDIVIDUAL_BUSINESS = "individual_business"


class Process(StrEnum):
    SPRAYING = "spraying"
    ELECTROPLATING = "electroplating"
    CASTING = "casting"
    WASTE_PLASTIC = "waste_plastic"


class FilingStatus(StrEnum):
    UNDER_REVIEW = "under_review"
    HELD = "held"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    CLOSED_DUPLICATE = "closed_duplicate"
    REFERRED = "referred"


class Outcome(StrEnum):
    ACCEPT = "accept"
    ACCEPT_FLAGGED = "accept_flagged"
    HOLD = "hold"
    REFUSE = "refuse"
    CLOSED = "closed"
    REFER = "refer"


class LandVerdict(StrEnum):
    INDUSTRIAL = "industrial"
    NON_INDUSTRIAL = "non_industrial"
    MIXED = "mixed"
    TRANSITION = "transition"
    UNKNOWN = "unknown"
    PENDING = "pending"
    OUT_OF_AREA = "out_of_area"


class StatementOutcome(StrEnum):
    NOT_REQUIRED = "not_required"
    REQUIRED_VALID = "required_valid"
    REQUIRED_MISSING = "required_missing"
    REQUIRED_INVALID = "required_invalid"
    UNDETERMINED = "undetermined"


class StatementFinding(StrEnum):
    WRONG_TOWNSHIP = "wrong_township"
    NOT_A_TOWNSHIP = "not_a_township"
    EXPIRED = "expired"
    OTHER_PREMISES = "other_premises"
    OTHER_ENTERPRISE = "other_enterprise"
    SECOND_OFFICER_MISSING = "second_officer_missing"
    DOES_NOT_SUPPORT = "does_not_support"
    REVOKED = "revoked"
    FORGED = "forged"


class Flag(StrEnum):
    """Any of them makes an ``accept`` an ``accept_flagged``."""

    VILLAGE_STRICT = "village_strict"
    STATEMENT_RELIED_ON = "statement_relied_on"
    TRANSITION = "transition"
    CENTRAL_CITY = "central_city"
    QIANWAN = "qianwan"
    HIGH_POLLUTION = "high_pollution"
    LAND_NOT_SUPPLIED = "land_not_supplied"


class Tag(StrEnum):
    """For reports, without effect on the decision."""

    OUTSIDE_CONTROL_LINE = "outside_control_line"
    TWO_HIGH = "two_high"
    BLOCK_INDUSTRY = "block_industry"
    GRADE_C = "grade_c"
    GRADE_D = "grade_d"
    FORGED_STATEMENT = "forged_statement"


class FilingReason(StrEnum):
    STATEMENT_MISSING = "statement_missing"
    STATEMENT_INVALID = "statement_invalid"
    STATEMENT_REVOKED = "statement_revoked"
    STATEMENT_FORGED = "statement_forged"
    STATEMENT_NEGATIVE = "statement_negative"
    LAND_UNKNOWN = "land_unknown"
    LAND_MIXED = "land_mixed"
    LAND_VERDICT_PENDING = "land_verdict_pending"
    HIGH_POLLUTION_REVIEW = "high_pollution_review"
    OPEN_LIST_REVIEW = "open_list_review"
    PARK_ADMISSION_MISSING = "park_admission_missing"
    PRODUCTION_SITE_MISSING = "production_site_missing"
    TOWNSHIP_DISPUTED = "township_disputed"
    DUPLICATE = "duplicate"
    OUT_OF_AREA = "out_of_area"
    SET_ASIDE_REVIEW = "set_aside_review"


class PowerReason(StrEnum):
    NON_INDUSTRIAL_SITE = "non_industrial_site"
    TRANSITION_GRADE = "transition_grade"
    TRANSITION_UNGRADED = "transition_ungraded"
    TRANSITION_DUE = "transition_due"
    TRANSITION_CONFIRMATION = "transition_confirmation"
    LAND_UNKNOWN = "land_unknown"
    LAND_MIXED = "land_mixed"
    LAND_VERDICT_PENDING = "land_verdict_pending"
    LOW_VOLTAGE_REVIEW = "low_voltage_review"
    WATCH_PERIOD = "watch_period"
    USE_NOT_DECLARED = "use_not_declared"
    OUT_OF_AREA = "out_of_area"
    SET_ASIDE_REVIEW = "set_aside_review"


class InstallKind(StrEnum):
    NEW_THREE_PHASE_TRANSFORMER = "new_three_phase_transformer"
    INCREASE_THREE_PHASE = "increase_three_phase"
    REPLACE_LIKE_FOR_LIKE = "replace_like_for_like"
    LOW_VOLTAGE_THREE_PHASE = "low_voltage_three_phase"
    SINGLE_PHASE = "single_phase"


class PowerDecision(StrEnum):
    ALLOW = "allow"
    HOLD = "hold"
    BLOCK = "block"
    REFER = "refer"
    NOT_RESTRICTED = "not_restricted"


class Grade(StrEnum):
    A = "A"
    B = "B"
    C = "C"
    D = "D"


class ListType(StrEnum):
    INEFFICIENT = "inefficient"
    SCATTERED_MESSY_DIRTY = "scattered_messy_dirty"
    OUTDATED_CAPACITY = "outdated_capacity"
    LOW_SCATTERED = "low_scattered"
    SOURCE_CONTROL = "source_control"


class ListCause(StrEnum):
    UNREGISTERED_USE = "unregistered_use"
    FORGED_STATEMENT = "forged_statement"
    STATEMENT_REVOKED = "statement_revoked"
    BREACH = "breach"


class ListStatus(StrEnum):
    FOUND = "found"
    CONFIRMED = "confirmed"
    LISTED = "listed"
    RECTIFYING = "rectifying"
    CHECKED = "checked"
    DELISTED = "delisted"
    CLOSE_OUT = "close_out"


class AdmissionStatus(StrEnum):
    APPLIED = "applied"
    APPROVED = "approved"
    REFUSED = "refused"
    EXITED = "exited"


class Value(BaseModel):
    """A value inside an event: frozen; readers ignore fields they do not know."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class LandUse(Value):
    """A land-use class with its code list. The same digits mean different land in different lists: never a bare code."""

    scheme: str
    code: str


class Premises(Value):
    """A place as filed. ``point`` is [lon, lat], CGCS2000. ``parcel_code`` null: to be matched by land_check."""

    township_code: str
    address: str
    parcel_code: str | None = None
    unit_number: str | None = None
    point: tuple[float, float] | None = None
    used_for_production: bool = True


class Controller(Value):
    name: str
    uscc: str | None = None


class NewLand(Value):
    """New land asked for; ``area_mu`` in mu (亩)."""

    area_mu: float
    stand_alone: bool


class PolicyRef(Value):
    id: str
    version: int


class Clause(Value):
    """Where a rule stands and what it says, quoted exactly."""

    document: str
    section: str
    quote: str


class ReasonRef(Value):
    """Why a decision is what it is, short form for events; ``due`` is a date in the city's zone or null."""

    code: str
    rule: str
    owner: Unit | None = None
    clause: Clause | None = None
    due: date | None = None


class DueRef(Value):
    """What falls due, as ``GET /deadlines`` shows it.

    ``due`` null: it stands still since ``paused_since``, or no calendar reaches that far.
    """

    kind: str
    due: date | None
    owner: Unit
    paused_since: date | None = None


class Fact(Value):
    """A fact a decision used: where it comes from and the day or time it was true."""

    name: str
    value: str
    source: str
    as_of: str | None = None
