"""What another setting of the switches would decide: stored filings in chunks, each judged twice; nothing changes."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Request
from starlette.responses import Response

from chassis.moments import stored_moment
from chassis.paging import Page
from chassis.peers import Peers, PeerUnreachable
from chassis.policies import in_force
from chassis.service import Service, service_of
from chassis.trying import TRIED, tried
from chassis.what_if import Chunk, Question, Sets
from contracts.values import dataclass
from contracts.what_if import LandTrial
from services.registration.api.callers import PolicyReader
from services.registration.clients import findings
from services.registration.errors import land_side_unreachable
from services.registration.handlers.what_if import Trial
from services.registration.tables.what_if import Bounds, count_filings, filings_after

CHUNK = 1000

router = APIRouter(tags=["政策 / Policies"])


@dataclass(frozen=True, slots=True)
class Run:
    """One question on its way through the filings."""

    service: Service
    peers: Peers
    question: Question
    bounds: Bounds
    sets: Sets
    trial: Trial

    async def chunk(self, after: str) -> Chunk | None:
        filings = await self.service.read(lambda tx: filings_after(tx, self.bounds, after, CHUNK))
        if not filings:
            return None
        wanted = {filing.filing_id: filing.revision for filing in filings}
        answer = await self._ask(list(wanted))
        # what the land side has of another revision is not about the filing as it stands
        found = {filing_id: places for filing_id, revision, places in answer.filings if wanted.get(filing_id) == revision}
        flips = await asyncio.to_thread(self.trial.flips, filings, found, answer.findings)
        return Chunk(filings[-1].filing_id, len(filings), len(filings) - len(found), flips)

    async def _ask(self, filing_ids: Sequence[str]) -> LandTrial:
        try:
            return await findings(self.peers, filing_ids, self.question, self.sets)
        except PeerUnreachable as error:
            raise land_side_unreachable() from error


def bounds_of(question: Question) -> Bounds:
    since = None if question.first is None else stored_moment(question.first.isoformat(), timedelta(0))
    until = None if question.last is None else stored_moment(question.last.isoformat(), timedelta(days=1))
    return Bounds(since, until, question.townships)


@router.post("/decisions:what-if", response_model=None, responses=TRIED)
async def what_if(
    request: Request, principal: PolicyReader, page: Annotated[Page, Depends()], body: Annotated[dict[str, Any], Body()]
) -> Response:
    """试算：转动若干开关，或以整份候选政策集，已存申请中哪些决定会不同；不改变任何事。汇总在首页，
    后续页 summary 为 null，checked 为该页所查件数，total 为应查件数；not_judged 为土地认定尚未到达者
    / Turn switches, or send a whole candidate set: which stored filings would be decided otherwise. Nothing changes. The first page
    counts everything; later ones have no summary and count what they looked through. Accept: application/x-ndjson answers in one go,
    a line for each chunk with its flips.
    """
    question, service = Question.of(body), service_of(request)
    bounds = bounds_of(question)
    present, total = await service.read(lambda tx: (in_force(tx), count_filings(tx, bounds)))
    sets = question.sets(present)
    run = Run(service, Peers.of(request), question, bounds, sets, Trial(sets))
    return await tried(request, page, present, "filing_id", total, run.chunk)
