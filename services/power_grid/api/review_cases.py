"""Review cases: connected sites that another policy set would not allow. Read them, close them; nothing is disconnected by it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from chassis.answer import Answer
from chassis.paging import Page, page_of
from chassis.preconditions import optional_if_match
from chassis.review_cases import CaseClosureSent, CaseState, CloseCase, Wanted, case_not_found, may_see
from chassis.service import service_of
from contracts.identifiers import TownshipCode
from services.power_grid.api.callers import Anybody, DueLister, townships_seen
from services.power_grid.api.shape import answered
from services.power_grid.handlers import close_review_cases
from services.power_grid.tables.review_cases import REVIEW_CASES as CASES

router = APIRouter(prefix="/review-cases", tags=["复核 / Review cases"])


@router.get("")
async def list_review_cases(
    request: Request,
    principal: DueLister,
    page: Annotated[Page, Depends()],
    state: CaseState | None = None,
    township_code: TownshipCode | None = None,
    clearance_id: Annotated[str | None, Query(max_length=100)] = None,
) -> Response:
    """新政策集启用后不会放行的已接电场所，新的在前 / Connected sites that a later policy set would not allow, newest first."""
    wanted = Wanted.of(state, clearance_id, township_code, townships_seen(principal))
    cases = await service_of(request).read(lambda tx: CASES.page(tx, wanted, page.after, page.limit))
    listed = page_of(cases, page.limit, lambda case: [case["review_case_id"]], CASES.shown)
    return answered(Answer(200, listed))


@router.get("/{review_case_id}")
async def read_review_case(request: Request, principal: Anybody, review_case_id: str) -> Response:
    """读取一项复核 / Read one."""
    case = await service_of(request).read(lambda tx: CASES.by_id(tx, review_case_id))
    if case is None or not may_see(case, townships_seen(principal)):
        raise case_not_found()
    return answered(CASES.answer(case))


@router.post("/{review_case_id}:close")
async def close_review_case(request: Request, principal: Anybody, review_case_id: str, body: CaseClosureSent) -> Response:
    """市制造业治理办公室办结：维持，或者另行提请处理；不因此断电
    / The governance office closes it: the connection stands, or setting it aside is sought elsewhere. Nothing is disconnected.
    """
    close = CloseCase(review_case_id, body, townships_seen(principal), optional_if_match(request))
    return await service_of(request).command(request, close_review_cases, close, shape=CASES.answer)
