"""Statements: papers brought by applicants, read, revoked, reported as forged."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from pydantic import StrictBool, model_validator
from pydantic_core import PydanticCustomError
from starlette.responses import Response

from chassis.answer import Answer
from chassis.clock import today
from chassis.moments import AsOf
from chassis.paging import Page, page_of
from chassis.preconditions import etag
from chassis.service import service_of
from contracts.identifiers import LongText, Name, ParcelCode, Sha256, ShortText, TownshipCode, UnitNumber, Uscc, check_unit_on_parcel
from services.land_check.api.bodies import Day, Id, ReasonSent, Sent, answered
from services.land_check.api.callers import (
    ForgeryReporter,
    Reader,
    StatementLister,
    TownshipActor,
    TownshipOfficer,
    statement_seen,
    townships_seen,
)
from services.land_check.api.histories import statement_as_of
from services.land_check.api.rulings import heard_of
from services.land_check.api.shapes import statement_answer, statement_json
from services.land_check.domain import IssuerType, Statement, StatementResult
from services.land_check.errors import bad_field
from services.land_check.handlers.statements import Paper, Withdraw, statements_recorded, statements_reported_forged, statements_revoked
from services.land_check.tables.search import find_statements
from services.land_check.tables.statements import statement_of

router = APIRouter(tags=["产权说明 / Statements"])


class IssuerSent(Sent):
    """出具单位 / Who issued the paper, as it says."""

    type: IssuerType
    township_code: TownshipCode | None = None
    name: Name

    @model_validator(mode="after")
    def _a_township_has_a_code(self) -> IssuerSent:
        if self.township_code is None and self.type in (IssuerType.TOWNSHIP, IssuerType.ZONE_COMMITTEE):
            raise PydanticCustomError(
                "issuer-township-required",
                "请填写出具单位的 township_code / say which township it is: township_code",
                {"pointer": "/township_code"},
            )
        return self


class StatementSent(Sent):
    """纸质产权说明 / A paper: the fields say what stands on it."""

    filing_id: ShortText | None = None
    issuer: IssuerSent
    result: StatementResult
    enterprise_name: Name
    uscc: Uscc | None = None
    parcel_code: ParcelCode | None = None
    unit_number: UnitNumber | None = None
    owner: Name
    basis: LongText
    second_officer: Name | None = None
    issued_on: Day
    valid_to: Day | None = None
    document_sha256: Sha256
    in_village: StrictBool | None = None

    @model_validator(mode="after")
    def _says_where(self) -> StatementSent:
        check_unit_on_parcel(self.parcel_code, self.unit_number)
        if self.parcel_code is None and self.filing_id is None:
            raise PydanticCustomError(
                "parcel-or-filing-required", "请填写宗地代码或申请编号 / give parcel_code or filing_id", {"pointer": "/parcel_code"}
            )
        return self

    def paper(self) -> Paper:
        given = dict(self)
        issuer: IssuerSent = given.pop("issuer")
        return Paper(issuer_type=issuer.type, issuer_township=issuer.township_code, issuer_name=issuer.name, **given)


@router.post("/statements", status_code=201)
async def record_statement(request: Request, principal: TownshipOfficer, body: StatementSent) -> Response:
    """登记申请人带来的产权说明；不符合的也登记，findings 写明原因 / Record a paper; one that does not hold is recorded too."""
    service = service_of(request)
    _check_issue_day(body.issued_on, today(service.clock.now()))
    if body.filing_id is not None:
        await heard_of(request, body.filing_id)
    return await service.command(request, statements_recorded, body.paper(), shape=_created)


@router.get("/statements/{statement_id}")
async def get_statement(
    request: Request,
    principal: Reader,
    statement_id: Id,
    as_of: Annotated[AsOf | None, Query(description="当时所载；日期指当日终了 / as it stood then; a date: at its end")] = None,
) -> Response:
    """读取产权说明 / One statement."""
    if as_of is not None:
        return await statement_as_of(request, principal, statement_id, as_of)
    paper = await service_of(request).read(lambda tx: statement_seen(tx, principal, statement_id))
    return answered(statement_json(paper), etag(paper.version))


@router.get("/statements")
async def list_statements(
    request: Request,
    principal: StatementLister,
    page: Annotated[Page, Depends()],
    parcel_code: ParcelCode | None = None,
    enterprise: Annotated[Name | None, Query(description="统一社会信用代码或者名称 / USCC or name")] = None,
    township_code: TownshipCode | None = None,
) -> Response:
    """产权说明列表 / Statements, oldest first; a township officer sees the own townships."""
    seen = townships_seen(principal)
    rows = await service_of(request).read(
        lambda tx: find_statements(tx, page.after, page.limit, seen, enterprise, parcel_code=parcel_code, township_code=township_code)
    )
    return answered(page_of(rows, page.limit, lambda row: [row.statement_id], lambda row: statement_json(statement_of(row))))


@router.post("/statements/{statement_id}:revoke")
async def revoke(request: Request, principal: TownshipActor, statement_id: Id, body: ReasonSent) -> Response:
    """撤销产权说明；不删除 / Revoke a statement; nothing is deleted."""
    command = Withdraw(statement_id, body.reason)
    return await service_of(request).command(request, statements_revoked, command, shape=statement_answer)


@router.post("/statements/{statement_id}:report-forged")
async def report_forged(request: Request, principal: ForgeryReporter, statement_id: Id, body: ReasonSent) -> Response:
    """报告伪造；不删除 / Report a statement as forged; nothing is deleted."""
    command = Withdraw(statement_id, body.reason)
    return await service_of(request).command(request, statements_reported_forged, command, shape=statement_answer)


def _created(paper: Statement) -> Answer:
    answer = statement_answer(paper, 201)
    return Answer(201, answer.body, {**answer.headers, "Location": f"/land-check/v1/statements/{paper.statement_id}"})


def _check_issue_day(issued_on: date, now: date) -> None:
    if issued_on > now:
        zh, en = "出具日不能晚于今天", "issued_on must not lie after today"
        raise bad_field("/issued_on", "issued-on-future", zh, en)
