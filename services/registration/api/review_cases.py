"""Review cases: what another policy set would decide otherwise of what is decided. Read them, close them; no filing changes by it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from chassis.answer import Answer, respond
from chassis.paging import Page, page_of
from chassis.preconditions import optional_if_match
from chassis.review_cases import CaseClosureSent, CaseState, CloseCase, Wanted, case_not_found, may_see
from chassis.service import service_of
from contracts.identifiers import TownshipCode
from services.registration.api.answers import REVIEW_CASE, REVIEW_CASES
from services.registration.api.callers import Anybody, DueLister, townships_seen
from services.registration.handlers import close_review_cases
from services.registration.tables.review_cases import REVIEW_CASES as CASES

router = APIRouter(prefix="/review-cases", tags=["复核 / Review cases"])


@router.get("", responses=REVIEW_CASES)
async def list_review_cases(
    request: Request,
    principal: DueLister,
    page: Annotated[Page, Depends()],
    state: CaseState | None = None,
    township_code: TownshipCode | None = None,
    filing_id: Annotated[str | None, Query(max_length=100)] = None,
) -> Response:
    """新政策集启用后会作出不同决定的已决申请，新的在前 / Decided filings that a later policy set would decide otherwise, newest first."""
    wanted = Wanted.of(state, filing_id, township_code, townships_seen(principal))
    cases = await service_of(request).read(lambda tx: CASES.page(tx, wanted, page.after, page.limit))
    listed = page_of(cases, page.limit, lambda case: [case["review_case_id"]], CASES.shown)
    return _answered(Answer(200, listed))


@router.get("/{review_case_id}", responses=REVIEW_CASE)
async def read_review_case(request: Request, principal: Anybody, review_case_id: str) -> Response:
    """读取一项复核 / Read one."""
    case = await service_of(request).read(lambda tx: CASES.by_id(tx, review_case_id))
    if case is None or not may_see(case, townships_seen(principal)):
        raise case_not_found()
    return _answered(CASES.answer(case))


@router.post("/{review_case_id}:close", responses=REVIEW_CASE)
async def close_review_case(request: Request, principal: Anybody, review_case_id: str, body: CaseClosureSent) -> Response:
    """市制造业治理办公室办结：维持，或者另行提请撤销；申请本身不变
    / The governance office closes it: the decision stands, or setting it aside is sought elsewhere. The filing does not change.
    """
    close = CloseCase(review_case_id, body, townships_seen(principal), optional_if_match(request))
    return await service_of(request).command(request, close_review_cases, close, shape=CASES.answer)


def _answered(answer: Answer) -> Response:
    return respond(answer.status, answer.encoded(), answer.headers)
