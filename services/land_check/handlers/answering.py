"""A township answers a statement request: issues the statement, declines, or returns it as not its own."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from chassis.auth import Principal
from chassis.clock import today
from chassis.database import Transaction
from chassis.messages import Command, Message, Result
from chassis.policies import in_force
from chassis.problems import Problem
from contracts import reference
from contracts.land_check import StatementDeclined, StatementReturned
from contracts.values import dataclass
from services.land_check.domain import Filing, IssuerType, RequestStatus, Statement, StatementResult
from services.land_check.domain.identity import same_text_key
from services.land_check.errors import not_pending, request_not_found, second_officer_required, second_officer_same, valid_to_past
from services.land_check.handlers.judging import Case, judge
from services.land_check.handlers.saying import TOLD_OF_RETURN, TOLD_OF_STATEMENT
from services.land_check.handlers.statements import Paper, bind_to, draft
from services.land_check.handlers.territory import own_townships
from services.land_check.rules.statements import is_village_strict
from services.land_check.tables.filings import lock_filings
from services.land_check.tables.parcels import load_parcels
from services.land_check.tables.statements import Closing, close_requests, lock_request


@dataclass(frozen=True, slots=True)
class Issue:
    """The township's statement on a request."""

    request_id: str
    result: StatementResult
    owner: str
    basis: str
    second_officer: str | None
    valid_to: date | None
    document_sha256: str
    in_village: bool | None


@dataclass(frozen=True, slots=True)
class Decline:
    """The township cannot provide a statement (不能提供)."""

    request_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class Return:
    """The place is not the township's own."""

    request_id: str
    reason: str
    suggested_township_code: str | None


Reply = Issue | Decline | Return


def requests_answered(batch: Sequence[Command[Reply]], tx: Transaction) -> Result:
    """Answer pending requests. An ``Issue`` is answered with the statement, the others with the request."""
    result = Result()
    for command in batch:
        try:
            row, filing = _pending(tx, command)
            result.answers.append(_answer(tx, command, row, filing, result.messages))
        except Problem as problem:
            result.answers.append(problem)
    return result


def _pending(tx: Transaction, command: Command[Reply]) -> tuple[dict[str, Any], Filing]:
    row = lock_request(tx, command.data.request_id)
    if row is None or row["township_code"] not in own_townships(command.principal):
        raise request_not_found()
    filing = lock_filings(tx, [row["filing_id"]])[row["filing_id"]]
    if row["status"] != RequestStatus.PENDING or not filing.is_open:
        raise not_pending(row["status"])
    return row, filing


def _answer(
    tx: Transaction, command: Command[Reply], row: dict[str, Any], filing: Filing, messages: list[Message]
) -> Statement | dict[str, Any]:
    match command.data:
        case Issue() as issue:
            return _issue(tx, command, issue, row, filing, messages)
        case Decline() as decline:
            filing.rulings.request_status, filing.rulings.declined = RequestStatus.DECLINED, True
            messages.append(Message.because(command, _declined(row, filing)))
            _close(tx, row, command, RequestStatus.DECLINED, reason=decline.reason)
        case Return() as returned:
            filing.rulings.request_status, filing.rulings.disputed_township = RequestStatus.RETURNED, row["township_code"]
            filing.rulings.disputed_on = today(tx.now)
            messages.append(Message.because(command, _returned(row, filing, returned.suggested_township_code)))
            suggested = returned.suggested_township_code
            _close(tx, row, command, RequestStatus.RETURNED, reason=returned.reason, suggested_township_code=suggested)
    messages += judge(tx, [Case(filing, command)], in_force(tx)).messages
    return row


def _issue(
    tx: Transaction, command: Command[Reply], issue: Issue, row: dict[str, Any], filing: Filing, messages: list[Message]
) -> Statement:
    now = today(tx.now)
    if issue.valid_to is not None and issue.valid_to < now:
        raise valid_to_past()
    _check_second_officer(tx, issue, command.principal, filing)
    statement = draft(_paper(issue, row, filing, now), row["township_code"], command.principal, tx)
    statement.statement_request_id = row["statement_request_id"]
    filing.rulings.request_status = RequestStatus.ISSUED
    _close(tx, row, command, RequestStatus.ISSUED, statement_id=statement.statement_id)
    held, caused = bind_to(tx, statement, filing, command)
    messages += caused
    return held


def _check_second_officer(tx: Transaction, issue: Issue, by: Principal, filing: Filing) -> None:
    """需严格把关: in a village someone else than the drafter checks (R01)."""
    second = issue.second_officer
    if second is not None and same_text_key(second) in (same_text_key(by.sub), same_text_key(by.name)):
        raise second_officer_same()
    code = filing.site.parcel_code if filing.site is not None else None
    parcel = load_parcels(tx, [code]).get(code) if code is not None else None
    industrial = in_force(tx).is_industrial_section(filing.facts.industry_code)
    if second is None and industrial and is_village_strict(parcel, issue.in_village, filing.verdict):
        raise second_officer_required()


def _paper(issue: Issue, row: dict[str, Any], filing: Filing, now: date) -> Paper:
    unit = reference.township(row["township_code"])
    return Paper(
        filing_id=filing.filing_id,
        issuer_type=IssuerType.TOWNSHIP,
        issuer_township=row["township_code"],
        issuer_name=unit.issuer_zh if unit is not None and unit.issuer_zh else row["township_code"],
        result=issue.result,
        enterprise_name=filing.facts.enterprise_name,
        uscc=filing.facts.uscc,
        parcel_code=row["parcel_code"],
        unit_number=row["unit_number"],
        owner=issue.owner,
        basis=issue.basis,
        second_officer=issue.second_officer,
        issued_on=now,
        valid_to=issue.valid_to,
        document_sha256=issue.document_sha256,
        in_village=issue.in_village,
    )


def _close(tx: Transaction, row: dict[str, Any], by: Command[Reply], status: RequestStatus, **changes: str | None) -> None:
    row |= {"status": status.value, **changes}
    close_requests(tx, [Closing(row, by.principal.sub)])


def _declined(row: dict[str, Any], filing: Filing) -> StatementDeclined:
    return StatementDeclined(
        filing_id=filing.filing_id,
        enterprise_name=filing.facts.enterprise_name,
        township_code=row["township_code"],
        parcel_code=row["parcel_code"],
        unit_number=row["unit_number"],
        notify=TOLD_OF_STATEMENT,
        statement_request_id=row["statement_request_id"],
    )


def _returned(row: dict[str, Any], filing: Filing, suggested: str | None) -> StatementReturned:
    return StatementReturned(
        filing_id=filing.filing_id,
        enterprise_name=filing.facts.enterprise_name,
        township_code=row["township_code"],
        parcel_code=row["parcel_code"],
        unit_number=row["unit_number"],
        notify=TOLD_OF_RETURN,
        statement_request_id=row["statement_request_id"],
        suggested_township_code=suggested,
    )
