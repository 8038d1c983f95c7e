"""One block or hold, and the appeal against a block."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from chassis.answer import Answer
from chassis.clock import rfc3339
from chassis.moments import AsOf, not_to_come
from chassis.service import service_of
from services.power_grid import tables
from services.power_grid.api.callers import Appellant, BlockReader, GovernanceOffice
from services.power_grid.api.requests import AppealDecisionSent, AppealSent
from services.power_grid.api.shape import answered, block_answer, block_json
from services.power_grid.errors import block_not_found, not_imposed_yet
from services.power_grid.handlers import DecideAppeal, appeal_blocks, decide_appeals

router = APIRouter(tags=["限制 / Blocks"])


@router.get("/blocks/{block_id}")
async def read_block(
    request: Request,
    principal: BlockReader,
    block_id: str,
    as_of: Annotated[AsOf | None, Query(description="当时的情况；日期指当日终了 / as it stood then; a date: at its end")] = None,
) -> Response:
    """读取一项限制或者暂缓，及其确认和申诉 / A block or hold with its acknowledgements and its appeal, now or at a moment."""
    service = service_of(request)
    then = None if as_of is None else not_to_come(as_of, service.clock.now())
    block = (await service.read(lambda tx: tables.load_blocks(tx, [block_id]))).get(block_id)
    if block is None:
        raise block_not_found()
    if then is None:
        return answered(block_answer(block, principal))
    earlier = block.at(datetime.fromisoformat(then))
    if earlier is None:
        raise not_imposed_yet(rfc3339(block.imposed_at))
    return answered(Answer(200, {**block_json(earlier, principal), "as_of": then}))


@router.post("/blocks/{block_id}:appeal")
async def appeal(request: Request, principal: Appellant, block_id: str, body: AppealSent) -> Response:
    """代当事人对拦截提出申诉；决定之前拦截照旧 / Appeal against a block for the party concerned; it stands until the appeal is decided."""
    return await service_of(request).command(
        request, appeal_blocks, body.against(block_id), shape=lambda block: block_answer(block, principal)
    )


@router.post("/blocks/{block_id}:decide-appeal")
async def decide_appeal(request: Request, principal: GovernanceOffice, block_id: str, body: AppealDecisionSent) -> Response:
    """市制造业治理办公室决定申诉：upheld 维持拦截；reversed 改为暂缓，待两个单位签署或者场地情况变化，不因此放行
    / The governance office decides: upheld, the block stands; reversed, it becomes a hold until two units sign or the facts of the site
    change, and nothing is allowed by that alone.
    """
    decide = DecideAppeal(block_id, body.result, body.reason, body.document_sha256)
    return await service_of(request).command(request, decide_appeals, decide, shape=lambda block: block_answer(block, principal))
