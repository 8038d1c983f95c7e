"""Install requests and their clearances."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from chassis.answer import Answer
from chassis.paging import Page, page_of
from chassis.preconditions import optional_if_match
from chassis.service import service_of
from contracts.identifiers import ParcelCode
from services.power_grid import tables
from services.power_grid.api.callers import ClearanceLister, ClearanceReader, Committer, HoldOwner, PowerCompany
from services.power_grid.api.requests import CommitSent, InstallRequestSent, ReviewSent
from services.power_grid.api.shape import answered, clearance_answer, clearance_json
from services.power_grid.api.tokens import ClearanceTokens
from services.power_grid.errors import clearance_not_found
from services.power_grid.handlers import Asked, Commit, ReviewHold, commit_clearances, request_installs, review_clearances

router = APIRouter(tags=["通电许可 / Clearances"])


def tokens_of(request: Request) -> ClearanceTokens:
    tokens: ClearanceTokens = request.app.state.clearance_tokens
    return tokens


@router.post("/install-requests", status_code=201)
async def request_install(request: Request, principal: PowerCompany, body: InstallRequestSent) -> Response:
    """供电公司就某场地提出用电申请，当场答复；同一 request_id 再次提交得到同一答复
    / The power company asks for a site and is answered at once; the same request_id again gets the same clearance.
    """
    tokens = tokens_of(request)

    def shape(asked: Asked) -> Answer:
        return clearance_answer(asked.clearance, tokens, principal, 201 if asked.created else 200)

    return await service_of(request).command(request, request_installs, body.asked(), shape=shape)


@router.get("/clearances/{clearance_id}")
async def read_clearance(request: Request, principal: ClearanceReader, clearance_id: str) -> Response:
    """读取许可：未接电的按今天的事实 / Read a clearance: uncommitted ones say what holds today, history what was said before."""
    found = await service_of(request).read(lambda tx: tables.load_clearances(tx, [clearance_id]))
    if clearance_id not in found:
        raise clearance_not_found()
    return answered(clearance_answer(found[clearance_id], tokens_of(request), principal))


@router.get("/clearances")
async def list_clearances(
    request: Request,
    principal: ClearanceLister,
    page: Annotated[Page, Depends()],
    request_id: Annotated[str | None, Query(max_length=100)] = None,
    parcel_code: ParcelCode | None = None,
) -> Response:
    """许可列表，新的在前 / Clearances, newest first."""
    tokens = tokens_of(request)
    rows = await service_of(request).read(lambda tx: tx.rows(tables.clearances_page(page.after, page.limit, request_id, parcel_code)))
    listed = page_of(
        rows, page.limit, lambda row: [row.clearance_id], lambda row: clearance_json(tables.clearance_of(row), tokens, principal)
    )
    return answered(Answer(200, listed))


@router.post("/clearances/{clearance_id}:commit")
async def commit_clearance(request: Request, principal: Committer, clearance_id: str, body: CommitSent) -> Response:
    """接电前确认：场地自发证以来未变化方可接电 / Just before connecting: 200 only if nothing at the site has changed since."""
    tokens = tokens_of(request)
    commit = Commit(clearance_id, tokens.claims(body.token))
    return await service_of(request).command(
        request, commit_clearances, commit, shape=lambda clearance: clearance_answer(clearance, tokens, principal)
    )


@router.post("/clearances/{clearance_id}:review")
async def review_clearance(request: Request, principal: HoldOwner, clearance_id: str, body: ReviewSent) -> Response:
    """由负责单位办结一项暂缓；refuse 即为拦截 / The unit that owns a hold ends it; refuse makes it a block."""
    tokens = tokens_of(request)
    review = ReviewHold(clearance_id, body.code, body.result, body.reason, body.document_sha256, optional_if_match(request))
    return await service_of(request).command(
        request, review_clearances, review, shape=lambda clearance: clearance_answer(clearance, tokens, principal)
    )
