"""What falls due, by day: statements the townships are asked for, and list entries that are to be put right."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from chassis.clock import today
from chassis.deadlines import DeadlineState, escalation_of, state_of
from chassis.paging import DuePage, page_of
from chassis.service import service_of
from contracts.identifiers import TownshipCode
from contracts.vocabulary import Unit
from services.land_check.api.bodies import Day, answered
from services.land_check.api.callers import EntryLister, townships_seen
from services.land_check.tables.search import Due, find_deadlines

router = APIRouter(tags=["期限 / Deadlines"])


@router.get("/deadlines")
async def list_deadlines(
    request: Request,
    principal: EntryLister,
    page: Annotated[DuePage, Depends()],
    township_code: TownshipCode | None = None,
    state: DeadlineState | None = None,
    before: Annotated[Day | None, Query(description="早于此日届满 / due before this day")] = None,
    owner: Unit | None = None,
) -> Response:
    """待出具的产权说明和清单条目的期限，先届满的在前 / Deadlines of open statement requests and list entries, the earliest first."""
    service = service_of(request)
    now, seen = today(service.clock.now()), townships_seen(principal)
    wanted = Due(now, seen, township_code, state, before)
    found = owner in (None, Unit.TWN)  # all of these are for the townships to watch over
    rows = await service.read(lambda tx: find_deadlines(tx, page.after, page.limit, wanted)) if found else []
    return answered(page_of(rows, page.limit, lambda row: [row.ordered, row.kind, row.record_id], lambda row: _shown(row, now)))


def _shown(row: Any, now: date) -> dict[str, Any]:
    """A request belongs to its filing; an entry to none."""
    due = date.fromisoformat(row.due) if row.due else None
    return {
        "kind": row.kind,
        "record_id": row.record_id,
        "filing_id": row.filing_id,
        "township_code": row.township_code,
        "due": row.due,
        "state": state_of(due, now),
        "owner": Unit.TWN,
        "escalation": escalation_of(due, now),
    }
