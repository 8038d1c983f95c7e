"""The townships' work list: statement requests and their answers."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from pydantic import StrictBool
from starlette.responses import Response

from chassis.answer import Answer
from chassis.paging import Page, page_of
from chassis.preconditions import etag
from chassis.service import service_of
from contracts.identifiers import LongText, Name, ParcelCode, Sha256, TownshipCode
from services.land_check.api.bodies import Day, Id, ReasonSent, Sent, answered
from services.land_check.api.callers import Reader, StatementLister, TownshipActor, sees, townships_seen
from services.land_check.api.shapes import request_json, statement_answer
from services.land_check.domain import RequestStatus, Statement, StatementResult
from services.land_check.errors import request_not_found
from services.land_check.handlers.answering import Decline, Issue, Return, requests_answered
from services.land_check.tables.rows import STATEMENT_REQUEST, dict_of
from services.land_check.tables.search import find_requests, one

router = APIRouter(tags=["产权说明出具请求 / Statement requests"])


class IssueSent(Sent):
    """产权说明 / The township's statement."""

    result: StatementResult
    owner: Name
    basis: LongText
    second_officer: Name | None = None
    valid_to: Day | None = None
    document_sha256: Sha256
    in_village: StrictBool | None = None


class ReturnSent(ReasonSent):
    """退回 / The place is not ours."""

    suggested_township_code: TownshipCode | None = None


@router.get("/statement-requests")
async def list_requests(
    request: Request,
    principal: StatementLister,
    page: Annotated[Page, Depends()],
    status: RequestStatus | None = None,
    township_code: TownshipCode | None = None,
    filing_id: Id | None = None,
    parcel_code: ParcelCode | None = None,
) -> Response:
    """出具请求列表，先到的在前；镇（街道）只看本辖区 / Requests, oldest first; a township officer sees the own townships."""
    seen = townships_seen(principal)
    rows = await service_of(request).read(
        lambda tx: find_requests(
            tx,
            page.after,
            page.limit,
            seen,
            status=status,
            township_code=township_code,
            filing_id=filing_id,
            parcel_code=parcel_code,
        )
    )
    return answered(page_of(rows, page.limit, lambda row: [row.statement_request_id], lambda row: request_json(dict_of(row))))


@router.get("/statement-requests/{request_id}")
async def get_request(request: Request, principal: Reader, request_id: Id) -> Response:
    """读取出具请求 / One request."""
    row = await service_of(request).read(lambda tx: one(tx, STATEMENT_REQUEST, request_id))
    if row is None or not sees(principal, row.township_code):
        raise request_not_found()
    return answered(request_json(dict_of(row)), etag(row.version))


@router.post("/statement-requests/{request_id}:issue", status_code=201)
async def issue(request: Request, principal: TownshipActor, request_id: Id, body: IssueSent) -> Response:
    """出具产权说明 / Issue the statement."""
    command = Issue(request_id, **dict(body))
    return await service_of(request).command(request, requests_answered, command, shape=_created)


@router.post("/statement-requests/{request_id}:decline")
async def decline(request: Request, principal: TownshipActor, request_id: Id, body: ReasonSent) -> Response:
    """不能提供 / The township cannot provide a statement."""
    return await service_of(request).command(request, requests_answered, Decline(request_id, body.reason), shape=_shown)


@router.post("/statement-requests/{request_id}:return")
async def give_back(request: Request, principal: TownshipActor, request_id: Id, body: ReturnSent) -> Response:
    """退回：不属本辖区 / Return it: the place is not the township's own."""
    command = Return(request_id, body.reason, body.suggested_township_code)
    return await service_of(request).command(request, requests_answered, command, shape=_shown)


def _created(paper: Statement) -> Answer:
    answer = statement_answer(paper, 201)
    return Answer(201, answer.body, {**answer.headers, "Location": f"/land-check/v1/statements/{paper.statement_id}"})


def _shown(row: dict[str, Any]) -> Answer:
    return Answer(200, request_json(row), etag(row["version"]))
