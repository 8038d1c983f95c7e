"""Anyone may ask whether a statement with this check code stands; not too often, and nothing personal is told.

A code has 59 random bits: whoever guesses a thousand times a second at a million statements needs decades to find one. Unknown codes
all get the same answer.
"""

from __future__ import annotations

import math
import time
import unicodedata
from collections import OrderedDict
from datetime import date
from ipaddress import IPv6Address, ip_address
from typing import Annotated, Any

from fastapi import APIRouter, Request
from pydantic import TypeAdapter, ValidationError, WithJsonSchema
from sqlalchemy import Row
from starlette.responses import Response

from chassis.clock import today
from chassis.database import Transaction
from chassis.errors import TemporaryError
from chassis.moved_clock import moved_clock
from chassis.problems import Problem
from chassis.problems.fields import problem_of
from chassis.service import service_of
from services.land_check.api.bodies import Id, answered
from services.land_check.api.check_page import page_of_failure, page_of_statement
from services.land_check.api.shapes import check_json
from services.land_check.errors import statement_not_found, too_many_requests
from services.land_check.tables.rows import STATEMENT
from services.land_check.tables.statements import statement_of

MOST_CALLERS = 10_000
NETWORK_BITS = 64
"""What a household of the newer internet protocol has: its addresses are one caller."""

KEPT_NOWHERE = {"Cache-Control": "no-store", "Vary": "Accept"}
ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {"description": "核验结果；浏览器得网页 / what was found; a browser gets a page", "content": {"text/html": {}}},
    429: {"description": "过于频繁 / too often"},
}

CheckCode = Annotated[str, WithJsonSchema({"type": "string", "minLength": 1, "maxLength": 200})]
"""Checked by the endpoint: whoever came with a browser is told by a page, also that this is no code."""

_ID: TypeAdapter[str] = TypeAdapter(Id)

router = APIRouter(tags=["产权说明 / Statements"])


class Lookups:
    """A bucket of look-ups for each caller, refilled steadily. Kept in this process; the longest silent caller is forgotten first."""

    def __init__(self, per_minute: int) -> None:
        self._full = float(per_minute)
        self._rate = per_minute / 60
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, caller: str) -> None:
        """Raises the 429 problem when the caller has asked too often."""
        now = time.monotonic()
        left, at = self._left.pop(caller, (self._full, now))
        left = min(self._full, left + (now - at) * self._rate)
        self._left[caller] = (max(left - 1, 0.0) if left >= 1 else left, now)
        if len(self._left) > MOST_CALLERS:
            self._left.popitem(last=False)
        if left < 1:
            raise too_many_requests(math.ceil((1 - left) / self._rate))


@router.get("/statement-checks/{check_code}", responses=ANSWERS)
async def check_statement(request: Request, check_code: CheckCode) -> Response:
    """凭核验码查产权说明是否有效，无需登录 / Whether a statement stands, by its check code; no token.

    浏览器（Accept: text/html）得内容相同的网页 / A browser gets a page with the same facts.
    """
    page, day = wants_page(request), today(service_of(request).clock.now())
    moved = moved_clock(service_of(request).settings)
    try:
        shown = await _looked_up(request, check_code, day)
    except Problem as problem:
        problem.headers.update(KEPT_NOWHERE)
        if not page:
            raise
        return page_of_failure(problem.status, problem.headers, moved)
    except TemporaryError:
        if not page:
            raise
        return page_of_failure(503, KEPT_NOWHERE, moved)
    return page_of_statement(shown, day, KEPT_NOWHERE, moved) if page else answered(shown, KEPT_NOWHERE)


def wants_page(request: Request) -> bool:
    """A browser names HTML and not JSON; everybody else gets JSON."""
    accepted = request.headers.get("accept", "").lower()
    return "text/html" in accepted and "application/json" not in accepted


def caller_of(request: Request) -> str:
    """Whom a look-up counts for: an address, or the network of one that has many."""
    host = request.client.host if request.client is not None else "unknown"
    try:
        address = ip_address(host)
    except ValueError:
        return host
    if isinstance(address, IPv6Address) and address.ipv4_mapped is None:
        return f"{int(address) >> (128 - NETWORK_BITS):x}"
    return str(getattr(address, "ipv4_mapped", None) or address)


def code_as_written(text: str) -> str:
    """The code as it is stored, however it was copied: small letters, wide letters, blanks and hyphens between its parts."""
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKC", text).upper()))


async def _looked_up(request: Request, check_code: str, day: date) -> dict[str, Any]:
    """What may be told. Raises 429, 422 and 404."""
    lookups: Lookups = request.app.state.lookups
    lookups.take(caller_of(request))
    try:
        code = code_as_written(_ID.validate_python(check_code))
    except ValidationError as error:
        raise problem_of([{**item, "loc": ("path", "check_code")} for item in error.errors(include_url=False)]) from error
    rows = await service_of(request).read(lambda tx: _with_code(tx, code))
    if not rows:
        raise statement_not_found()
    return check_json(statement_of(rows[0]), day)


def _with_code(tx: Transaction, code: str) -> list[Row[Any]]:
    return list(tx.load(STATEMENT, STATEMENT.c.check_code, [code]))
