"""What falls due, by day: the registration periods and the days by which papers must come."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from chassis.answer import Answer, respond
from chassis.auth import Principal
from chassis.clock import today
from chassis.database import Transaction
from chassis.deadlines import DeadlineState, escalation_of
from chassis.paging import Page, page_of
from chassis.service import service_of
from contracts import reference
from contracts.identifiers import Day, TownshipCode
from contracts.vocabulary import FilingStatus, Role, Unit
from services.registration import tables
from services.registration.api.answers import DEADLINES
from services.registration.api.callers import SEE_ALL_DUE, DueLister
from services.registration.rules.period import deadlines_of

NEVER = "9999-99-99"
"""In the order of the list: what has no day comes last."""


class DuePage(Page):
    """Deadlines are in the order of day, kind and filing."""

    KEY = (str, str, str)


router = APIRouter(tags=["期限 / Deadlines"])


@router.get("/deadlines", responses=DEADLINES)
async def list_deadlines(
    request: Request,
    principal: DueLister,
    page: Annotated[DuePage, Depends()],
    township_code: TownshipCode | None = None,
    state: DeadlineState | None = None,
    before: Annotated[Day | None, Query(description="早于此日届满 / due before this day")] = None,
    owner: Unit | None = None,
) -> Response:
    """在办申请的期限，先届满的在前 / Deadlines of the open filings, the earliest first, as far as the caller sees."""
    service, seen = service_of(request), townships_seen(principal)
    if township_code is not None:
        asked = frozenset(reference.codes_of(township_code))
        seen = asked if seen is None else seen & asked
    now = today(service.clock.now())
    after = ("",) if page.after is None else tuple(page.after)

    def listed(tx: Transaction) -> list[dict[str, Any]]:
        due = (each for row in tables.undecided(tx, seen) for each in _due(row, now))
        return sorted((each for each in due if _key(each) > after and _wanted(each, state, before, owner)), key=_key)[: page.limit + 1]

    answer = Answer(200, page_of(await service.read(listed), page.limit, _key))
    return respond(answer.status, answer.encoded(), answer.headers)


def townships_seen(principal: Principal) -> frozenset[str] | None:
    """None: all of them."""
    if principal.has(*SEE_ALL_DUE):
        return None
    own = principal.townships if principal.has(Role.TOWNSHIP_OFFICER) else frozenset[str]()
    group = principal.unit if principal.has(Role.SUPERVISOR) else None
    led = (unit.code for unit in reference.townships() if unit.group is not None and unit.group == group)
    return frozenset(each for code in (*own, *led) for each in reference.codes_of(code))


def _due(row: Any, now: date) -> Iterator[dict[str, Any]]:
    status = FilingStatus(row.status)
    decision, said = tables.decision_of(row.decision, row.submitted_at), tables.said_in(row.said)
    for deadline in deadlines_of(status, today(datetime.fromisoformat(row.submitted_at)), decision, said):
        yield {
            "kind": deadline.kind,
            "filing_id": row.filing_id,
            "township_code": row.township_code,
            "due": deadline.due and deadline.due.isoformat(),
            "state": deadline.state(now),
            "owner": deadline.owner,
            "escalation": escalation_of(deadline.due, now),
        }


def _wanted(each: dict[str, Any], state: DeadlineState | None, before: date | None, owner: Unit | None) -> bool:
    if state not in (None, each["state"]) or owner not in (None, each["owner"]):
        return False
    return before is None or (each["due"] is not None and each["due"] < before.isoformat())


def _key(each: dict[str, Any]) -> tuple[str, str, str]:
    return each["due"] or NEVER, each["kind"], each["filing_id"]
