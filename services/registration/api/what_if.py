"""What another setting of the switches would decide: stored filings in chunks, each judged twice; nothing changes."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Request

from chassis.moments import stored_moment
from chassis.paging import Page
from chassis.policies import in_force
from chassis.service import Service, service_of
from chassis.what_if import TRIED, Flip, Outcome, Question, Tally, who_turned
from contracts.policy import Policy
from services.registration.api.callers import PolicyReader
from services.registration.clients import LandCheckUnreachable, LandSide
from services.registration.domain import Filing
from services.registration.errors import land_side_unreachable
from services.registration.handlers.what_if import Found, compare, outcomes
from services.registration.tables import filing_of
from services.registration.tables.what_if import filings_after

CHUNK = 500

router = APIRouter(tags=["政策 / Policies"])


@dataclass(frozen=True, slots=True)
class Trial:
    """One question on its way through the filings."""

    service: Service
    land: LandSide
    question: Question
    present: Policy
    candidate: Policy

    async def chunk(self, after: str) -> list[Filing]:
        since = None if self.question.first is None else stored_moment(self.question.first.isoformat(), timedelta(0))
        until = None if self.question.last is None else stored_moment(self.question.last.isoformat(), timedelta(days=1))
        return await self.service.read(
            lambda tx: [filing_of(row) for row in filings_after(tx, after, since, until, self.question.township_code, CHUNK)]
        )

    async def flips(self, filings: Sequence[Filing]) -> tuple[int, list[Flip]]:
        """How many could not be judged, for want of findings of their revision, and what would be decided otherwise."""
        found = await self._found(filings, self.question)
        flips = await asyncio.to_thread(compare, filings, found, self.present, self.candidate)
        turned = self.question.turned(self.present, self.candidate)
        alone = await self._alone([filing for filing in filings if filing.filing_id in {flip.id for flip in flips}], turned)
        return len(filings) - len(found), [
            replace(flip, switch=who_turned(flip.would_be, alone.get(flip.id, {}), turned)) for flip in flips
        ]

    async def _alone(self, filings: Sequence[Filing], turned: Mapping[str, Any]) -> dict[str, dict[str, Outcome]]:
        """What each turned switch would do alone; of one switch that is known already."""
        each: dict[str, dict[str, Outcome]] = {filing.filing_id: {} for filing in filings}
        for name, value in turned.items() if len(turned) > 1 and filings else ():
            question = Question({name: value})
            found = await self._found(filings, question)
            policy = question.candidate(self.present)
            for filing in filings:
                if filing.filing_id in found:
                    each[filing.filing_id][name] = outcomes(filing, found[filing.filing_id], self.present, policy)[1]
        return each

    async def _found(self, filings: Sequence[Filing], question: Question) -> dict[str, Found]:
        wanted = {filing.filing_id: filing.revision for filing in filings}
        sent = {"switches": dict(question.switches), "policy_set": question.policy_set}
        try:
            answers = await self.land.findings(list(wanted), sent, self.present.ref)
        except LandCheckUnreachable as error:
            raise land_side_unreachable() from error
        return {each.filing_id: Found(each.now, each.then) for each in answers if wanted.get(each.filing_id) == each.revision}


@router.post("/decisions:what-if", response_model=None, responses=TRIED)
async def what_if(
    request: Request, principal: PolicyReader, page: Annotated[Page, Depends()], body: Annotated[dict[str, Any], Body()]
) -> dict[str, Any]:
    """试算：转动若干开关，或以整份候选政策集，已存申请中哪些决定会不同；不改变任何事。汇总在首页，
    后续页 summary 为 null，checked 为该页所查件数；not_judged 为土地认定尚未到达者
    / Turn switches, or send a whole candidate set: which stored filings would be decided otherwise. Nothing changes. The first page
    counts everything; later ones have no summary and count what they looked through.
    """
    question, service = Question.of(body), service_of(request)
    present = await service.read(in_force)
    land = LandSide(request.app.state.peers, request.headers, request.state.correlation_id)
    trial = Trial(service, land, question, present, question.candidate(present))
    tally = Tally("filing_id", page.limit, counts=page.after is None)
    after = "" if page.after is None else str(page.after[0])
    while not tally.done and (filings := await trial.chunk(after)):
        not_judged, flips = await trial.flips(filings)
        tally.add(len(filings), not_judged, flips)
        after = filings[-1].filing_id
    return tally.shown(present)
