"""Notices of the power side, to print or as PDF: the answer to a request, and the block or hold that stands at a site."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, Response

from chassis.database import Transaction
from chassis.notices import FORMATS, Format, Language, in_turn, notice_answer
from chassis.policies import named
from chassis.preconditions import etag
from chassis.service import service_of
from services.power_grid import tables
from services.power_grid.api.callers import BlockReader, ClearanceReader
from services.power_grid.api.notice_sheet import sheet_of_block, sheet_of_clearance
from services.power_grid.api.shape import appeal_state, block_version
from services.power_grid.domain import Block, Clearance
from services.power_grid.errors import block_not_found, clearance_not_found
from services.power_grid.handlers import SiteView, look_at_site

router = APIRouter()


@router.get("/clearances/{clearance_id}/notice", response_class=HTMLResponse, responses=FORMATS, tags=["通电许可 / Clearances"])
async def clearance_notice(
    request: Request, principal: ClearanceReader, clearance_id: str, lang: Language = "zh", format: Format = None
) -> Response:
    """对用电申请的答复，可打印的双语通知书 / The answer to a request as a notice in both languages, to print or as PDF."""

    def query(tx: Transaction) -> tuple[Clearance, SiteView | None, Block | None] | None:
        clearance = tables.load_clearances(tx, [clearance_id]).get(clearance_id)
        if clearance is None:
            return None
        site = clearance.site if clearance.committed_at is None else None
        if site is None:
            return clearance, None, None
        view = look_at_site(tx, site)
        return clearance, view, None if view.block_id is None else tables.load_blocks(tx, [view.block_id]).get(view.block_id)

    found = await service_of(request).read(query)
    if found is None:
        raise clearance_not_found()
    clearance, view, block = found
    policy = named(clearance.answer.policy)
    sheets = [sheet_of_clearance(clearance, policy, view, language, block) for language in in_turn(lang)]
    return await notice_answer(request, sheets, clearance_id, format, f"v{clearance.version}", etag(clearance.version))


@router.get("/blocks/{block_id}/notice", response_class=HTMLResponse, responses=FORMATS, tags=["限制 / Blocks"])
async def block_notice(request: Request, principal: BlockReader, block_id: str, lang: Language = "zh", format: Format = None) -> Response:
    """场地的限制或者暂缓，可打印的双语通知书 / The block or hold at a site as a notice in both languages, to print or as PDF."""

    def query(tx: Transaction) -> tuple[Block, SiteView | None] | None:
        block = tables.load_blocks(tx, [block_id]).get(block_id)
        if block is None:
            return None
        return block, look_at_site(tx, block.site) if block.lifted_at is None else None

    found = await service_of(request).read(query)
    if found is None:
        raise block_not_found()
    block, view = found
    policy = named(block.policy)
    sheets = [sheet_of_block(block, policy, view, language) for language in in_turn(lang)]
    state = "lifted" if block.lifted_at else "standing"
    kept_as = f"{state}-{appeal_state(block)}" if block.appeal else state
    return await notice_answer(request, sheets, block_id, format, kept_as, etag(block_version(block)))
