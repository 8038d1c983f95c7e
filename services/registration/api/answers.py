"""The answers as the API page describes them. Documentation only: answers are built in ``shape.py`` and not validated again."""

from __future__ import annotations

from typing import Any

from pydantic import AwareDatetime, BaseModel

from chassis.deadlines import DeadlineState, Escalation
from chassis.review_cases import CaseState
from contracts.policy import Text
from contracts.vocabulary import (
    Clause,
    Controller,
    Fact,
    FilingStatus,
    Flag,
    LandVerdict,
    NewLand,
    Outcome,
    PolicyRef,
    PowerDecision,
    Premises,
    Process,
    StatementOutcome,
    Tag,
    Unit,
)


class ReasonShown(BaseModel):
    """理由 / Why; ``owner``: whose word ends it, null where only papers do; ``due``: day of the city, end of that day."""

    code: str
    rule: str
    owner: Unit | None
    clause: Clause
    message: Text
    remedy: Text
    due: str | None


class DecisionShown(BaseModel):
    """决定 / A decision with its evidence."""

    outcome: Outcome
    flags: list[Flag]
    tags: list[Tag]
    land_verdict: LandVerdict
    statement: StatementOutcome
    reasons: list[ReasonShown]
    policy: PolicyRef
    policy_confirmed: bool
    facts: list[Fact]
    notify: list[Unit]
    would_change_if: list[str]
    decided_at: AwareDatetime


class TriedShown(DecisionShown):
    """预检 / A decision that was only tried, and what a three-phase transformer would get."""

    three_phase: PowerDecision


class PersonShown(BaseModel):
    name: str
    phone: str


class AppealShown(BaseModel):
    """申诉 / ``state``: open, upheld or reversed."""

    state: str
    filed_at: AwareDatetime
    decided_at: AwareDatetime | None
    reason: str | None


class SetAsideShown(BaseModel):
    """被撤销的决定 / A decision as it stood, and who set it aside, when and why."""

    at: AwareDatetime
    by: str
    unit: Unit
    reason: str
    document_sha256: str | None
    decision: DecisionShown


class CorrectionShown(BaseModel):
    """更正 / Which fields were put right, when, by whom and why."""

    at: AwareDatetime
    by: str
    fields: list[str]
    reason: str


class DeadlineShown(BaseModel):
    """期限 / ``due``: day of the city, end of that day; null while paused, or where no working-day calendar reaches."""

    kind: str
    due: str | None
    paused_since: str | None
    owner: Unit


class DueShown(BaseModel):
    """今天的期限 / A deadline as it is today. ``escalation``: who is to look at it, null while it is far off."""

    kind: str
    filing_id: str
    township_code: str
    due: str | None
    state: DeadlineState
    owner: Unit
    escalation: Escalation | None


class DeadlinesShown(BaseModel):
    items: list[DueShown]
    next_cursor: str | None


class FilingShown(BaseModel):
    """申请 / A filing. ``applicant`` is null for those who need not know."""

    filing_id: str
    version: int
    status: FilingStatus
    submitted_at: AwareDatetime
    action: str
    subject_type: str
    enterprise_name: str
    uscc: str | None
    industry_code: str
    processes: list[Process]
    business_scope: str
    premises: Premises
    production_premises: Premises | None
    applicant: PersonShown | None
    controller: Controller | None
    park_id: str | None
    new_land: NewLand | None
    matched_by: str | None
    decision: DecisionShown
    duplicate_of: str | None
    answers: list[dict[str, Any]]
    appeal: AppealShown | None
    set_aside: list[SetAsideShown]
    corrections: list[CorrectionShown]
    deadlines: list[DeadlineShown]
    history_url: str


class FilingsShown(BaseModel):
    items: list[FilingShown]
    next_cursor: str | None


class VersionShown(BaseModel):
    """一个版本 / One version: when, who, what, and the decision it had."""

    version: int
    at: AwareDatetime
    by: str
    event: str
    decision: DecisionShown


class HistoryShown(BaseModel):
    items: list[VersionShown]


class ReasonsOfCase(BaseModel):
    was: list[ReasonShown]
    would_be: list[ReasonShown]


class FlagsOfCase(BaseModel):
    was: list[Flag]
    would_be: list[Flag]


class ReviewCaseShown(BaseModel):
    """复核事项 / A decision that ``policy`` would take otherwise: as it stands (by ``was_by``), and as it would be."""

    review_case_id: str
    version: int
    filing_id: str
    township_code: str
    policy: PolicyRef
    was: Outcome
    would_be: Outcome
    was_by: PolicyRef
    reasons: ReasonsOfCase
    flags: FlagsOfCase
    opened_at: AwareDatetime
    state: CaseState
    result: str | None
    reason: str | None
    document_sha256: str | None
    closed_by: str | None
    closed_at: AwareDatetime | None


class ReviewCasesShown(BaseModel):
    items: list[ReviewCaseShown]
    next_cursor: str | None


Described = dict[int | str, dict[str, Any]]

FILING: Described = {200: {"model": FilingShown}}
REVIEW_CASE: Described = {200: {"model": ReviewCaseShown}}
REVIEW_CASES: Described = {200: {"model": ReviewCasesShown}}
DEADLINES: Described = {200: {"model": DeadlinesShown}}
FILED: Described = {201: {"model": FilingShown}}
FILINGS: Described = {200: {"model": FilingsShown}}
HISTORY: Described = {200: {"model": HistoryShown}}
TRIED: Described = {200: {"model": TriedShown}}
