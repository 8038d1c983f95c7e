"""What another setting of the switches would answer the power company; nothing changes."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Request
from starlette.responses import Response

from chassis.paging import Page
from chassis.peers import Peers, PeerUnreachable
from chassis.policies import in_force
from chassis.service import Service, service_of
from chassis.trying import TRIED, tried
from chassis.what_if import Chunk, Question, Sets
from contracts.values import dataclass
from services.power_grid.api.callers import Adviser
from services.power_grid.clients import readings
from services.power_grid.errors import land_side_unreachable
from services.power_grid.handlers.what_if import asked_by, cases_after, flips_of
from services.power_grid.tables.what_if import IsAsked, count_clearances

CHUNK = 500

router = APIRouter(tags=["政策 / Policies"])


@dataclass(frozen=True, slots=True)
class Run:
    """One question on its way through the clearances."""

    service: Service
    peers: Peers
    question: Question
    is_asked: IsAsked | None
    sets: Sets

    async def chunk(self, after: str) -> Chunk | None:
        found = await self.service.read(lambda tx: cases_after(tx, self.is_asked, after, CHUNK))
        if not found.last:
            return None
        try:
            land = await readings(self.peers, found.filing_ids, found.parcel_codes, self.question, self.sets)
        except PeerUnreachable as error:
            raise land_side_unreachable() from error
        not_judged, flips = await asyncio.to_thread(flips_of, found.cases, land, self.sets)
        return Chunk(found.last, len(found.cases), not_judged, flips)


@router.post("/decisions:what-if", response_model=None, responses=TRIED)
async def what_if(
    request: Request, principal: Adviser, page: Annotated[Page, Depends()], body: Annotated[dict[str, Any], Body()]
) -> Response:
    """试算：转动若干开关，或以整份候选政策集，哪些用电答复会不同（含已接电者）；不改变任何事。土地认定按候选政策向土地核查
    查询；not_judged 为两边所知宗地尚不一致者。汇总在首页
    / Turn switches, or send a whole candidate set: which answers, committed ones too, would be others. Nothing changes. The land is
    read by the candidate as well; not_judged counts places on which the land side has said more than was heard here yet. The first
    page counts everything. Accept: application/x-ndjson answers in one go, a line for each chunk with its flips.
    """
    question, service = Question.of(body), service_of(request)
    is_asked = asked_by(question)
    present, total = await service.read(lambda tx: (in_force(tx), count_clearances(tx, is_asked)))
    sets = question.sets(present)
    run = Run(service, Peers.of(request), question, is_asked, sets)
    return await tried(request, page, present, "clearance_id", total, run.chunk)
