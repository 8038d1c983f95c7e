"""What falls due, by day: blocks and holds to be acknowledged, and watch periods that end."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from chassis.answer import Answer
from chassis.clock import today
from chassis.database import Transaction
from chassis.deadlines import DeadlineState, escalation_of, state_of
from chassis.paging import DuePage, page_of
from chassis.service import service_of
from contracts import reference
from contracts.identifiers import Day, TownshipCode
from contracts.vocabulary import Unit
from services.power_grid.api.callers import DueLister, townships_seen
from services.power_grid.api.shape import answered
from services.power_grid.handlers import ACKNOWLEDGEMENT, Due, falling_due

NEVER = "9999-99-99"
"""In the order of the list: what has no day comes last."""


router = APIRouter(tags=["期限 / Deadlines"])


@router.get("/deadlines")
async def list_deadlines(
    request: Request,
    principal: DueLister,
    page: Annotated[DuePage, Depends()],
    township_code: TownshipCode | None = None,
    state: DeadlineState | None = None,
    before: Annotated[Day | None, Query(description="早于此日届满 / due before this day")] = None,
    owner: Unit | None = None,
) -> Response:
    """待确认的限制和观察期，先届满的在前 / Blocks to be acknowledged and watch periods that end, the earliest first."""
    service, seen = service_of(request), townships_seen(principal)
    if township_code is not None:
        asked = frozenset(reference.codes_of(township_code))
        seen = asked if seen is None else seen & asked
    now, after = today(service.clock.now()), ("",) if page.after is None else tuple(page.after)

    def listed(tx: Transaction) -> list[dict[str, Any]]:
        due = (_shown(each, now) for each in falling_due(tx) if seen is None or each.township_code in seen)
        wanted = (each for each in due if owner in (None, each["owner"]) and state in (None, each["state"]) and _is_before(each, before))
        return sorted((each for each in wanted if _key(each) > after), key=_key)[: page.limit + 1]

    return answered(Answer(200, page_of(await service.read(listed), page.limit, _key)))


def _shown(each: Due, now: date) -> dict[str, Any]:
    """Nobody need act when a watch ends: it is not escalated."""
    return {
        "kind": each.kind,
        "block_id": each.block_id,
        "parcel_code": each.site.parcel_code,
        "unit_number": each.site.unit_number,
        "township_code": each.township_code,
        "due": None if each.due is None else each.due.isoformat(),
        "state": state_of(each.due, now),
        "owner": each.owner,
        "escalation": escalation_of(each.due, now) if each.kind == ACKNOWLEDGEMENT else None,
    }


def _is_before(each: dict[str, Any], day: date | None) -> bool:
    return day is None or (each["due"] is not None and each["due"] < day.isoformat())


def _key(each: dict[str, Any]) -> tuple[str, str, str]:
    about = (each["parcel_code"], each["unit_number"], each["block_id"], each["owner"])
    return each["due"] or NEVER, each["kind"], " ".join(str(part or "") for part in about)
