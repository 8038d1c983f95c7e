"""What became of a statement and of a request for one, in the order in which it happened; and a statement as it was.

What happened before a history was kept is told as far as the records know it, with null for what they do not.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, Request
from sqlalchemy import Row
from starlette.responses import Response

from chassis.auth import Principal
from chassis.clock import rfc3339, today
from chassis.database import Transaction
from chassis.moments import not_to_come
from chassis.preconditions import etag
from chassis.service import service_of
from services.land_check.api.bodies import Id, answered
from services.land_check.api.callers import Reader, sees, statement_seen
from services.land_check.api.shapes import statement_json
from services.land_check.domain import PaperEvent, RequestStatus, Statement
from services.land_check.errors import not_kept, not_recorded_yet, request_not_found
from services.land_check.rules.statements import is_over
from services.land_check.tables.rows import STATEMENT, STATEMENT_REQUEST
from services.land_check.tables.search import one
from services.land_check.tables.statements import SYSTEM, histories, paper_of, requests_of_filing, statement_of

Item = dict[str, Any]
Lines = Sequence[Row[Any]]

BEFORE = 0
"""The version in the lines of a statement's history that tell how it was asked for: there was no statement yet."""

router = APIRouter()


@router.get("/statements/{statement_id}/history", tags=["产权说明 / Statements"])
async def statement_history(request: Request, principal: Reader, statement_id: Id) -> Response:
    """产权说明的每个版本：何时、何人、何事 / Every version of a statement: when, who, what.

    依请求出具的，先列请求的经过（version 为 0）；有效期届满不是事件，见 expired / One issued on request begins with how it was asked for
    (version 0); the last day going by is no event: ``expired`` tells it.
    """

    def query(tx: Transaction) -> tuple[Statement, list[Item], Lines]:
        paper = statement_seen(tx, principal, statement_id)
        return paper, _asked_for(tx, principal, paper), histories(tx, [statement_id])[statement_id]

    service = service_of(request)
    paper, asked, lines = await service.read(query)
    items = items_of_statement(paper, lines)
    body = {
        "items": asked + items,
        "complete": [item["version"] for item in items] == list(range(1, paper.version + 1)),
        "valid_to": paper.valid_to,
        "expired": is_over(paper, today(service.clock.now())),
    }
    return answered(body, etag(paper.version))


@router.get("/statement-requests/{request_id}/history", tags=["产权说明出具请求 / Statement requests"])
async def request_history(request: Request, principal: Reader, request_id: Id) -> Response:
    """出具请求的经过：何时提出，何时由何人出具、不能提供、退回或者撤回 / How a request went: when it was made, and who answered it when."""

    def query(tx: Transaction) -> tuple[Row[Any], Lines, Statement | None]:
        row = one(tx, STATEMENT_REQUEST, request_id)
        if row is None or not sees(principal, row.township_code):
            raise request_not_found()
        issued = one(tx, STATEMENT, row.statement_id) if row.statement_id is not None else None
        return row, histories(tx, [request_id])[request_id], None if issued is None else statement_of(issued)

    row, lines, issued = await service_of(request).read(query)
    return answered({"items": items_of_request(row, lines, issued)}, etag(row.version))


async def statement_as_of(request: Request, principal: Principal, statement_id: str, as_of: str) -> Response:
    """As it stood then, without the tag that an action needs."""
    service = service_of(request)
    now = service.clock.now()
    then = not_to_come(as_of, now)

    def query(tx: Transaction) -> tuple[Statement, Lines]:
        return statement_seen(tx, principal, statement_id), histories(tx, [statement_id])[statement_id]

    paper, lines = await service.read(query)
    return answered(statement_json(paper_then(paper, lines, then, rfc3339(now))) | {"as_of": then})


def paper_then(paper: Statement, lines: Lines, then: str, now: str) -> Statement:
    """The version that stood at ``then``. Raises 404 for a moment before it was recorded, or of which nothing was kept."""
    if paper.recorded_at > then:
        raise not_recorded_yet()
    known = [line for line in lines if line.at <= then]
    if known:
        return paper_of(known[-1].body)
    if then < now and (lines or paper.version > 1):
        raise not_kept()
    return paper


def items_of_statement(paper: Statement, lines: Lines) -> list[Item]:
    """A line a version that is known of: those kept, the first one, which the statement itself tells of, and how it stands now."""
    items = [_version(paper_of(line.body), line.event, line.at, line.by, line.state, line.reason) for line in lines]
    if not items and paper.version > 1:
        event = PaperEvent.FOUND_FORGED if paper.forged else PaperEvent.REVOKED if paper.revoked else None
        items = [_version(paper, event, None, None, paper.state, paper.reason)]
    if not items or items[0]["version"] > 1:
        known = paper if paper.version == 1 else None
        first = _version(paper, paper.begins_with, paper.recorded_at, paper.recorded_by, known.state if known else None, None)
        if known is None:
            first |= {"filing_id": paper.filing_id if paper.statement_request_id else None, "findings": None}
        items.insert(0, first | {"version": 1})
    return items


def items_of_request(row: Row[Any], lines: Lines, issued: Statement | None) -> list[Item]:
    """When it was made, and how it ended. ``issued``: the statement it ended with, which tells when where no line was kept."""
    first = _step(row, 1, PaperEvent.REQUESTED, row.requested_at, SYSTEM) | {
        "state": RequestStatus.PENDING,
        "suggested_township_code": None,
    }
    if lines:
        end = lines[-1]
        return [first, _step(row, end.version, end.event, end.at, end.by, end.reason)]
    if row.status == RequestStatus.PENDING:
        return [first]
    at, by = (issued.recorded_at, issued.recorded_by) if issued is not None else (None, None)
    return [first, _step(row, row.version, row.status, at, by, row.reason)]


def _asked_for(tx: Transaction, principal: Principal, paper: Statement) -> list[Item]:
    """How the townships that the caller sees were asked until this statement came; its own issue is its first version."""
    if paper.statement_request_id is None or paper.filing_id is None:
        return []
    asked = [row for row in requests_of_filing(tx, paper.filing_id) if row.requested_at <= paper.recorded_at]
    lines = histories(tx, [row.statement_request_id for row in asked])
    steps = (
        step for row in asked if sees(principal, row.township_code) for step in items_of_request(row, lines[row.statement_request_id], None)
    )
    return [step | {"version": BEFORE} for step in steps if step["event"] != PaperEvent.ISSUED]


def _version(paper: Statement, event: str | None, at: str | None, by: str | None, state: str | None, reason: str | None) -> Item:
    return {
        "version": paper.version,
        "at": at,
        "by": by,
        "event": event,
        "state": state,
        "reason": reason,
        "findings": paper.findings,
        "filing_id": paper.filing_id,
        "township_code": paper.township_code,
        "statement_request_id": paper.statement_request_id,
        "suggested_township_code": None,
    }


def _step(row: Row[Any], version: int, event: str, at: str | None, by: str | None, reason: str | None = None) -> Item:
    return {
        "version": version,
        "at": at,
        "by": by,
        "event": event,
        "state": row.status,
        "reason": reason,
        "findings": (),
        "filing_id": row.filing_id,
        "township_code": row.township_code,
        "statement_request_id": row.statement_request_id,
        "suggested_township_code": row.suggested_township_code,
    }
