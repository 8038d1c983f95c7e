"""Papers brought by applicants: recorded whether or not they hold, bound to a filing, revoked, reported as forged."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from chassis.auth import Principal
from chassis.clock import rfc3339, today
from chassis.database import Transaction
from chassis.identifiers import new_id
from chassis.messages import Command, Message, Result
from chassis.policies import in_force
from chassis.problems import Problem
from contracts.policy import Policy
from contracts.values import dataclass
from contracts.vocabulary import FilingStatus, LandVerdict, ListCause, Role, StatementFinding
from services.land_check.domain import (
    Filing,
    IssuerType,
    PaperEvent,
    Parcel,
    Statement,
    StatementContext,
    StatementResult,
    StatementState,
)
from services.land_check.errors import bad_field, filing_not_found, statement_not_found, wrong_state
from services.land_check.handlers.judging import Case, context_of, judge, judge_again
from services.land_check.handlers.lists import Finding, open_by_the_system
from services.land_check.handlers.saying import statement_events, statement_found_forged, statement_revoked
from services.land_check.handlers.territory import own_townships
from services.land_check.rules.land import parcel_verdict
from services.land_check.rules.statements import is_village_strict, judged, last_day, speaks_for
from services.land_check.tables.filings import lock_filings, open_filings_at
from services.land_check.tables.parcels import load_parcels
from services.land_check.tables.statements import Change, lock_statement, save_statements

CHECK_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
CHECK_PLACES = 12


@dataclass(frozen=True, slots=True)
class Paper:
    """What stands on a statement, as recorded. ``valid_to`` None: the usual time from ``issued_on``."""

    filing_id: str | None
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
    valid_to: date | None
    document_sha256: str
    in_village: bool | None


@dataclass(frozen=True, slots=True)
class Withdraw:
    """Revoke a statement, or report it as forged."""

    statement_id: str
    reason: str


def statements_recorded(batch: Sequence[Command[Paper]], tx: Transaction) -> Result:
    """Record papers: each is bound to its filing, to an open one it fits, or left for the next."""
    result = Result()
    for command in batch:
        try:
            result.answers.append(_record(tx, command, result.messages))
        except Problem as problem:
            result.answers.append(problem)
    return result


def statements_revoked(batch: Sequence[Command[Withdraw]], tx: Transaction) -> Result:
    """The township takes its statement back; a registration that relied on it stands, but becomes a case for supervision."""
    return _withdraw_all(batch, tx, StatementState.REVOKED)


def statements_reported_forged(batch: Sequence[Command[Withdraw]], tx: Transaction) -> Result:
    """A paper is found forged: a filing that needs it is refused, and a source control case is opened in any event."""
    return _withdraw_all(batch, tx, StatementState.FORGED)


def new_check_code() -> str:
    """A code of 59 random bits that people can copy: no letter or digit is taken for another."""
    return "".join(secrets.choice(CHECK_ALPHABET) for _ in range(CHECK_PLACES))


def draft(paper: Paper, township_code: str, by: Principal, tx: Transaction) -> Statement:
    """The statement of a paper, not yet held against anything."""
    return Statement(
        statement_id=new_id("st-"),
        check_code=new_check_code(),
        filing_id=paper.filing_id,
        township_code=township_code,
        issuer_type=paper.issuer_type,
        issuer_township=paper.issuer_township,
        issuer_name=paper.issuer_name,
        result=paper.result,
        enterprise_name=paper.enterprise_name,
        uscc=paper.uscc,
        parcel_code=paper.parcel_code,
        unit_number=paper.unit_number,
        owner=paper.owner,
        basis=paper.basis,
        second_officer=paper.second_officer,
        issued_on=paper.issued_on,
        valid_to=last_day(paper.issued_on, paper.valid_to, in_force(tx)),
        document_sha256=paper.document_sha256,
        in_village=paper.in_village,
        recorded_by=by.sub,
        recorded_at=rfc3339(tx.now),
    )


def bind_to(tx: Transaction, statement: Statement, filing: Filing, cause: Command[Any]) -> tuple[Statement, list[Message]]:
    """Hold a new statement against its filing, save it, tell of it, and judge the filing if it is open."""
    site = filing.site
    if site is None:
        raise ValueError(f"filing {filing.filing_id} has no site")
    parcel = load_parcels(tx, [site.parcel_code]).get(site.parcel_code) if site.parcel_code is not None else None
    policy = in_force(tx)
    held = judged(statement, context_of(filing, replace(site, parcel=parcel), filing.verdict, statement, policy), policy)
    save_statements(tx, [Change(held, held.begins_with, held.recorded_by)])
    messages = [Message.because(cause, event) for event in statement_events(held, filing, site)]
    if filing.is_open:
        messages += judge(tx, [Case(filing, cause)], policy).messages
    return held, messages


def _record(tx: Transaction, command: Command[Paper], messages: list[Message]) -> Statement:
    paper, by = command.data, command.principal
    if paper.filing_id is None:
        return _record_for_the_next_filing(tx, command, messages)
    filing = lock_filings(tx, [paper.filing_id]).get(paper.filing_id)
    if filing is None or filing.site is None or filing.site.township_code not in own_townships(by):
        raise filing_not_found()
    held, caused = bind_to(tx, draft(paper, filing.site.township_code, by, tx), filing, command)
    messages += caused
    return held


def _record_for_the_next_filing(tx: Transaction, command: Command[Paper], messages: list[Message]) -> Statement:
    """Held against the register alone; an open filing of the same enterprise, parcel and unit takes it at once."""
    paper = command.data
    parcel_code = str(paper.parcel_code)
    parcel = load_parcels(tx, [parcel_code]).get(parcel_code)
    township = parcel.township_code if parcel is not None else paper.issuer_township
    if township is None:
        zh, en = "宗地不在登记册中，请填写出具单位所在镇（街道）", "the parcel is not in the register: say of which township the issuer is"
        raise bad_field("/issuer/township_code", "issuer-township-required", zh, en)
    if township not in own_townships(command.principal):
        raise statement_not_found()
    statement = draft(paper, township, command.principal, tx)
    policy = in_force(tx)
    statement = judged(statement, _on_its_own(statement, parcel, today(tx.now), policy), policy)
    save_statements(tx, [Change(statement, PaperEvent.RECORDED, statement.recorded_by)])
    fitting = [filing for filing in lock_filings(tx, open_filings_at(tx, [parcel_code])).values() if _fits(filing, paper, policy)]
    judgement = judge(tx, [Case(filing, command, changed=False) for filing in fitting], policy)
    messages += judgement.messages
    return next((bound for bound, *_ in judgement.papers if bound.statement_id == statement.statement_id), statement)


def _on_its_own(statement: Statement, parcel: Parcel | None, day: date, policy: Policy) -> StatementContext:
    verdict = LandVerdict.UNKNOWN if parcel is None else parcel_verdict(parcel, policy, statement.unit_number)
    return StatementContext(
        township_code=None if parcel is None else parcel.township_code,
        parcel_code=statement.parcel_code,
        unit_number=statement.unit_number,
        enterprise_name=statement.enterprise_name,
        uscc=statement.uscc,
        filed_on=day,
        village_strict=is_village_strict(parcel, statement.in_village, verdict),
        superseded=parcel is not None and bool(parcel.superseded_by),
    )


def _fits(filing: Filing, paper: Paper, policy: Policy) -> bool:
    facts, site = filing.facts, filing.site
    same_place = site is not None and site.unit_number == paper.unit_number
    return same_place and speaks_for(paper, facts.enterprise_name, facts.uscc, policy)


def _withdraw_all(batch: Sequence[Command[Withdraw]], tx: Transaction, state: StatementState) -> Result:
    result = Result()
    for command in batch:
        try:
            result.answers.append(_withdraw(tx, command, state, result.messages))
        except Problem as problem:
            result.answers.append(problem)
    return result


def _withdraw(tx: Transaction, command: Command[Withdraw], state: StatementState, messages: list[Message]) -> Statement:
    paper, filing = _locked(tx, command.data.statement_id)
    if paper is None or not _may_withdraw(command.principal, paper, state):
        raise statement_not_found()
    if paper.forged or (paper.revoked and state is StatementState.REVOKED):
        raise wrong_state(f"该产权说明状态为 {paper.state}，不能再办", f"the statement is {paper.state} already")
    paper = _withdrawn(paper, state, command.data.reason)
    event = PaperEvent.FOUND_FORGED if state is StatementState.FORGED else PaperEvent.REVOKED
    save_statements(tx, [Change(paper, event, command.principal.sub)])
    if filing is not None:
        say = statement_found_forged if state is StatementState.FORGED else statement_revoked
        messages.append(Message.because(command, say(paper, filing.filing_id, filing.facts.enterprise_name)))
        messages += judge_again(tx, [filing.filing_id], command, in_force(tx)).messages
    relied_on = filing is not None and filing.status is FilingStatus.ACCEPTED and paper.spent_at is not None
    if state is StatementState.FORGED or relied_on:
        messages += open_by_the_system(tx, command, [case_for_supervision(paper)])
    return paper


def _locked(tx: Transaction, statement_id: str) -> tuple[Statement | None, Filing | None]:
    """The statement and its filing."""
    paper = lock_statement(tx, statement_id)
    if paper is None or paper.filing_id is None:
        return paper, None
    return paper, lock_filings(tx, [paper.filing_id]).get(paper.filing_id)


def _may_withdraw(by: Principal, paper: Statement, state: StatementState) -> bool:
    if by.has(Role.TOWNSHIP_OFFICER) and paper.township_code in own_townships(by):
        return True
    return state is StatementState.FORGED and by.has(Role.CLERK)


def _withdrawn(paper: Statement, state: StatementState, reason: str) -> Statement:
    forged = state is StatementState.FORGED
    finding = StatementFinding.FORGED if forged else StatementFinding.REVOKED
    return replace(
        paper,
        forged=forged,
        revoked=paper.revoked or not forged,
        reason=reason,
        findings=(finding, *paper.findings),
        version=paper.version + 1,
    )


def case_for_supervision(paper: Statement) -> Finding:
    """Why a paper that was forged or revoked concerns supervision."""
    return Finding(
        cause=ListCause.FORGED_STATEMENT if paper.forged else ListCause.STATEMENT_REVOKED,
        enterprise_name=paper.enterprise_name,
        uscc=paper.uscc,
        parcel_code=paper.parcel_code,
        unit_number=paper.unit_number,
        township_code=paper.township_code,
    )
