"""Filings in and out: submit, read, wait, list, history."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from pydantic import TypeAdapter, ValidationError
from starlette.responses import Response

from chassis.answer import Answer, respond
from chassis.auth import Principal
from chassis.database import Transaction
from chassis.moments import AsOf, Since, Until, not_to_come
from chassis.paging import Page, page_of
from chassis.preconditions import etag
from chassis.service import service_of
from contracts.identifiers import ParcelCode, TownshipCode, Uscc
from contracts.vocabulary import FilingStatus
from services.registration import tables
from services.registration.api.answers import FILED, FILING, FILINGS, HISTORY
from services.registration.api.callers import Lister, Reader, Submitter
from services.registration.api.requests import FilingSent
from services.registration.api.shape import created, decision_json, filing_json, shown
from services.registration.domain import name_key
from services.registration.errors import cannot_wait_for_the_past, filing_not_found, not_filed_yet
from services.registration.handlers import READERS, may_see, submit

LONGEST_WAIT = 60

USCC: TypeAdapter[str] = TypeAdapter(Uscc)

router = APIRouter(tags=["申请 / Filings"])


@router.post("/filings", status_code=201, responses=FILED)
async def submit_filing(request: Request, principal: Submitter, body: FilingSent) -> Response:
    """提交申请；土地认定作出之前为 under_review / Submit a filing; it is under_review until the land verdict comes."""
    service = service_of(request)
    submission = body.submitted(service.clock.now())
    return await service.command(request, submit, submission, shape=lambda filing: created(filing, principal))


@router.get("/filings/{filing_id}", responses=FILING)
async def read_filing(
    request: Request,
    principal: Reader,
    filing_id: str,
    wait: Annotated[float, Query(ge=0, le=LONGEST_WAIT, allow_inf_nan=False, description="最多等待的秒数 / seconds to wait at most")] = 0,
    since_version: Annotated[int | None, Query(ge=0, le=2**31, description="等到版本大于此数 / until the version is greater")] = None,
    as_of: Annotated[AsOf | None, Query(description="当时所知和所定；日期指当日终了 / as it stood then; a date: at its end")] = None,
) -> Response:
    """读取申请；可等待其离开 under_review（重复申请：等到先前申请有土地认定）或者版本变化，或者读取某时的状态
    / Read a filing; may wait until it leaves under_review (a duplicate: until the first has its verdict) or changes, or tell how it
    stood at a moment.
    """
    if as_of is not None:
        return await _read_as_of(request, principal, filing_id, as_of, waits=bool(wait) or since_version is not None)

    def arrived(found: tuple[Any, bool]) -> bool:
        row, awaited = found
        if row is None or not may_see(principal, row.submitted_by):
            return True
        return bool(row.version > since_version if since_version is not None else not awaited)

    service = service_of(request)
    row, _ = await service.wait_for(lambda tx: _and_whether_its_verdict_is_awaited(tx, filing_id), arrived, wait, filing_id)
    if row is None or not may_see(principal, row.submitted_by):
        raise filing_not_found()
    return answered(shown(tables.filing_of(row), principal))


def _and_whether_its_verdict_is_awaited(tx: Transaction, filing_id: str) -> tuple[Any, bool]:
    """A filing's row. A duplicate awaits the verdict of the first while that is under review; both get it in one transaction."""
    row = tables.by_id(tx, filing_id)
    if row is None or row.status != FilingStatus.CLOSED_DUPLICATE or not tables.filing_of(row).awaits_the_first:
        return row, row is not None and row.status == FilingStatus.UNDER_REVIEW
    first = tables.by_id(tx, row.duplicate_of)
    if first is not None and first.status == FilingStatus.UNDER_REVIEW:
        return row, True
    return tables.by_id(tx, filing_id), False  # between the two looks the first may have got it


async def _read_as_of(request: Request, principal: Principal, filing_id: str, as_of: str, *, waits: bool) -> Response:
    """As it stood then, for reading only: without the tag that an action needs."""
    service = service_of(request)
    then = not_to_come(as_of, service.clock.now())
    if waits:
        raise cannot_wait_for_the_past()
    row, lines = await service.read(lambda tx: (tables.by_id(tx, filing_id), tables.history(tx, filing_id)))
    if row is None or not may_see(principal, row.submitted_by):
        raise filing_not_found()
    known = [line for line in lines if line.at <= then]
    if not known:
        raise not_filed_yet(row.submitted_at)
    filing = tables.at_version(tables.filing_of(row), lines, known[-1])
    return answered(Answer(200, {**filing_json(filing, principal), "as_of": then}))


@router.get("/filings/{filing_id}/history", responses=HISTORY)
async def read_history(request: Request, principal: Reader, filing_id: str) -> Response:
    """申请的每个版本：何时、何人、何事、当时的决定 / Every version of a filing: when, who, what, and the decision it had."""

    def query(tx: Any) -> tuple[Any, Any]:
        return tables.by_id(tx, filing_id), tables.history(tx, filing_id)

    row, lines = await service_of(request).read(query)
    if row is None or not may_see(principal, row.submitted_by):
        raise filing_not_found()
    items = [
        {
            "version": line.version,
            "at": line.at,
            "by": line.by,
            "event": line.event,
            "decision": decision_json(tables.decision_of(line.decision, line.at)),
        }
        for line in lines
    ]
    return answered(Answer(200, {"items": items}, etag(row.version)))


@router.get("/filings", responses=FILINGS)
async def list_filings(
    request: Request,
    principal: Lister,
    page: Annotated[Page, Depends()],
    status: FilingStatus | None = None,
    township_code: TownshipCode | None = None,
    enterprise: Annotated[str | None, Query(max_length=200, description="统一社会信用代码或者名称 / USCC or name")] = None,
    parcel_code: ParcelCode | None = None,
    from_: Annotated[Since | None, Query(alias="from", description="日期或时间 / date or time")] = None,
    to: Annotated[Until | None, Query(description="日期（含当日）或时间 / date, that day included, or time")] = None,
) -> Response:
    """申请列表，新的在前 / Filings, newest first; an integrator sees its own."""
    uscc, key = _enterprise(enterprise)
    wanted = tables.Search(
        status=status,
        township_code=township_code,
        uscc=uscc,
        name_key=key,
        parcel_code=parcel_code,
        since=from_,
        until=to,
        submitted_by=None if principal.has(*READERS) else principal.sub,
    )
    rows = await service_of(request).read(lambda tx: tables.search(tx, wanted, page.after, page.limit))
    listed = page_of(rows, page.limit, lambda row: [row.filing_id], lambda row: filing_json(tables.filing_of(row), principal))
    return answered(Answer(200, listed))


def answered(answer: Answer) -> Response:
    return respond(answer.status, answer.encoded(), answer.headers)


def _enterprise(text: str | None) -> tuple[str | None, str | None]:
    """The USCC if the text is one, else the name as it is compared."""
    if text is None:
        return None, None
    try:
        return USCC.validate_python(text), None
    except ValidationError:
        return None, name_key(text)
