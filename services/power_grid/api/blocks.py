"""The ordered feed of blocks and holds, its snapshot, acknowledgements and overrides."""

from __future__ import annotations

from hashlib import sha256
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from chassis.answer import Answer
from chassis.paging import DEFAULT_LIMIT, LARGEST_LIMIT, cursor_of_key, key_of_cursor
from chassis.problems import Problem
from chassis.service import service_of
from contracts.vocabulary import Role, Unit
from services.power_grid import tables
from services.power_grid.api.callers import Acknowledger, FeedReader, Signatory
from services.power_grid.api.requests import OverrideSent
from services.power_grid.api.shape import answered, block_answer, feed_entry_json, override_answer, standing_json
from services.power_grid.domain import FeedEntry, Site
from services.power_grid.errors import bad_feed_cursor, not_an_acknowledger
from services.power_grid.handlers import Acknowledge, SignOverride, acknowledge_blocks, sign_overrides

LONGEST_WAIT = 60
LARGEST_POSITION = 2**62

router = APIRouter(tags=["限制 / Blocks"])


@router.get("/blocks")
async def read_feed(
    request: Request,
    principal: FeedReader,
    after: Annotated[str | None, Query(max_length=200, description="上次的 next_cursor / next_cursor of the last call")] = None,
    wait: Annotated[float, Query(ge=0, le=LONGEST_WAIT, allow_inf_nan=False, description="最多等待的秒数 / seconds to wait at most")] = 0,
    limit: Annotated[int, Query(ge=1, le=LARGEST_LIMIT)] = DEFAULT_LIMIT,
) -> Response:
    """按发生顺序读取限制的设立与解除；可长轮询；next_cursor 总有值
    / Blocks and holds imposed and lifted, in the order of commit; long poll; next_cursor is never null.
    """
    position = _position(after)
    entries: list[tuple[int, FeedEntry]] = await service_of(request).wait_for(
        lambda tx: tables.feed_after(tx, position, limit), lambda found: bool(found), wait
    )
    last = entries[-1][0] if entries else position
    body = {"items": [feed_entry_json(entry) for _, entry in entries], "next_cursor": cursor_of_key([last])}
    return answered(Answer(200, body))


def _position(after: str | None) -> int:
    if after is None:
        return 0
    try:
        [position] = key_of_cursor(after, (int,))
    except Problem as problem:
        raise bad_feed_cursor() from problem
    if not 0 <= position <= LARGEST_POSITION:
        raise bad_feed_cursor()
    return int(position)


@router.get("/blocks:snapshot")
async def read_snapshot(request: Request, principal: FeedReader) -> Response:
    """现行全部限制、其摘要和对应的游标 / All that stands, its digest, and the cursor from which the feed goes on."""
    head, sites = await service_of(request).read(lambda tx: (tables.feed_head(tx), tables.standing_sites(tx)))
    sites.sort(key=lambda site: (site.key.parcel_code, site.key.unit_number or ""))
    body = {"items": [standing_json(site) for site in sites], "cursor": cursor_of_key([head]), "digest": digest_of(sites)}
    return answered(Answer(200, body))


def digest_of(sites: list[Site]) -> str:
    """SHA-256 of the lines ``parcel_code,unit_number,block_id,streamseq`` + LF, sorted, UTF-8, null empty."""
    lines = sorted(f"{site.key.parcel_code},{site.key.unit_number or ''},{site.block_id or ''},{site.streamseq}\n" for site in sites)
    return sha256("".join(lines).encode()).hexdigest()


@router.post("/blocks/{block_id}:acknowledge")
async def acknowledge(request: Request, principal: Acknowledger, block_id: str) -> Response:
    """确认已知悉：供电公司、市场监管部门各一次 / Seen: once by the power company, once by market supervision (admin of unit AMR)."""
    if principal.has(Role.ADMIN) and principal.unit == Unit.AMR:
        owner = Unit.AMR
    elif principal.has(Role.GRID):
        owner = Unit.PSC
    else:
        raise not_an_acknowledger()
    return await service_of(request).command(
        request, acknowledge_blocks, Acknowledge(block_id, owner), shape=lambda block: block_answer(block, principal)
    )


@router.post("/blocks/{block_id}:override", responses={202: {"description": "已签一份 / one signature"}})
async def override(request: Request, principal: Signatory, block_id: str, body: OverrideSent) -> Response:
    """两个单位签署后放行，至场地情况变化为止 / Two units sign; in force until the site's epoch moves."""
    sign = SignOverride(block_id, body.reason, body.document_sha256)
    return await service_of(request).command(request, sign_overrides, sign, shape=override_answer)
