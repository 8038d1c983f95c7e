"""What another setting of the switches would answer the power company; nothing changes."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Request

from chassis.paging import Page
from chassis.policies import in_force
from chassis.service import service_of
from chassis.what_if import TRIED, Question, Tally
from services.power_grid.api.callers import Adviser
from services.power_grid.handlers.what_if import try_clearances

CHUNK = 500

router = APIRouter(tags=["政策 / Policies"])


@router.post("/decisions:what-if", response_model=None, responses=TRIED)
async def what_if(
    request: Request, principal: Adviser, page: Annotated[Page, Depends()], body: Annotated[dict[str, Any], Body()]
) -> dict[str, Any]:
    """试算：转动若干开关，或以整份候选政策集，哪些用电答复会不同（含已接电者）；不改变任何事。土地认定按已收到的：
    土地类开关须待土地认定重新下达后才影响用电。汇总在首页
    / Turn switches, or send a whole candidate set: which answers, committed ones too, would be others. Nothing changes. Land verdicts
    are those heard so far: switches about land reach power only when verdicts are issued again. The first page counts everything.
    """
    question, service = Question.of(body), service_of(request)
    present = await service.read(in_force)
    candidate = question.candidate(present)
    tally = Tally("clearance_id", page.limit, counts=page.after is None)
    after = "" if page.after is None else str(page.after[0])
    while not tally.done:
        tried = await service.read(lambda tx, after=after: try_clearances(tx, question, present, candidate, after, CHUNK))  # type: ignore[misc]
        if not tried.last:
            break
        tally.add(tried.checked, 0, tried.flips)
        after = tried.last
    return tally.shown(present)
