"""What falls due, by day: the registration periods and the days by which papers must come."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from sqlalchemy import Row
from starlette.responses import Response

from chassis.answer import Answer, respond
from chassis.clock import today
from chassis.database import Transaction
from chassis.deadlines import DeadlineState, escalation_of, state_of
from chassis.paging import DuePage, page_of
from chassis.service import service_of
from contracts import reference
from contracts.identifiers import Day, TownshipCode
from contracts.vocabulary import Unit
from services.registration import tables
from services.registration.api.answers import DEADLINES
from services.registration.api.callers import DueLister, townships_seen
from services.registration.rules.period import OWNER

NO_DAY = tables.Days("", "")


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
    days = _days(state, before, now) if owner in (None, OWNER) else NO_DAY

    def listed(tx: Transaction) -> list[tuple[str, Row[Any]]]:
        found = ((kind, tables.falling_due(tx, kind, days, seen, page.after, page.limit + 1)) for kind in tables.DAY_OF)
        return sorted(((kind, row) for kind, rows in found for row in rows), key=_key)[: page.limit + 1]

    answer = Answer(200, page_of(await service.read(listed), page.limit, _key, lambda each: _shown(*each, now)))
    return respond(answer.status, answer.encoded(), answer.headers)


def _days(state: DeadlineState | None, before: date | None, now: date) -> tables.Days:
    """Where deadlines in that state stand in the order of the list."""
    first, end = {
        None: ("", None),
        DeadlineState.OVERDUE: ("", now.isoformat()),
        DeadlineState.RUNNING: (now.isoformat(), tables.PAUSED),
        DeadlineState.PAUSED: (tables.PAUSED, tables.UNKNOWN),
        DeadlineState.UNKNOWN: (tables.UNKNOWN, None),
    }[state]
    if before is not None:
        end = min(end or tables.PAUSED, before.isoformat())
    return tables.Days(first, end)


def _shown(kind: str, row: Row[Any], now: date) -> dict[str, Any]:
    """All that is shown stands in the columns: no decision is opened."""
    dated = row.day not in (tables.PAUSED, tables.UNKNOWN)
    due = date.fromisoformat(row.day) if dated else None
    return {
        "kind": kind,
        "filing_id": row.filing_id,
        "township_code": row.township_code,
        "due": row.day if dated else None,
        "state": DeadlineState.PAUSED if row.day == tables.PAUSED else state_of(due, now),
        "owner": OWNER,
        "escalation": escalation_of(due, now),
    }


def _key(each: tuple[str, Row[Any]]) -> tuple[str, str, str]:
    kind, row = each
    return row.day, kind, row.filing_id
