"""Anyone may ask whether a statement with this check code stands; not too often, and nothing personal is told."""

from __future__ import annotations

import math
import time
from collections import OrderedDict

from fastapi import APIRouter, Request
from sqlalchemy import Row
from starlette.responses import Response

from chassis.database import Transaction
from chassis.service import service_of
from services.land_check.api.bodies import Id, answered
from services.land_check.api.shapes import check_json
from services.land_check.errors import statement_not_found, too_many_requests
from services.land_check.tables.rows import STATEMENT
from services.land_check.tables.statements import statement_of

MOST_CALLERS = 10_000

router = APIRouter(tags=["产权说明 / Statements"])


class Lookups:
    """A bucket of look-ups for each address, refilled steadily. Kept in this process; the longest silent address is forgotten first."""

    def __init__(self, per_minute: int) -> None:
        self._full = float(per_minute)
        self._rate = per_minute / 60
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, address: str) -> None:
        """Raises the 429 problem when the address has asked too often."""
        now = time.monotonic()
        left, at = self._left.pop(address, (self._full, now))
        left = min(self._full, left + (now - at) * self._rate)
        self._left[address] = (max(left - 1, 0.0) if left >= 1 else left, now)
        if len(self._left) > MOST_CALLERS:
            self._left.popitem(last=False)
        if left < 1:
            raise too_many_requests(math.ceil((1 - left) / self._rate))


@router.get("/statement-checks/{check_code}", responses={429: {"description": "过于频繁 / too often"}})
async def check_statement(request: Request, check_code: Id) -> Response:
    """凭核验码查产权说明是否有效，无需登录 / Whether a statement stands, by its check code; no token."""
    lookups: Lookups = request.app.state.lookups
    lookups.take(request.client.host if request.client is not None else "unknown")
    code = check_code.strip().upper()

    def query(tx: Transaction) -> list[Row[tuple[object, ...]]]:
        return list(tx.load(STATEMENT, STATEMENT.c.check_code, [code]))

    rows = await service_of(request).read(query)
    if not rows:
        raise statement_not_found()
    return answered(check_json(statement_of(rows[0])), {"Cache-Control": "no-store"})
