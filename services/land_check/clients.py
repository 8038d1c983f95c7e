"""Outgoing calls: what the power side would say about a place, for checks only. No answer means hold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx
import structlog

from chassis.http import CORRELATION_HEADER
from contracts.vocabulary import PowerDecision

CHECKS = "/power-grid/v1/checks"

log = structlog.get_logger("checks")


class PowerGrid:
    """power_grid on its public paths. ``http`` None: there is no way to it."""

    def __init__(self, http: httpx.AsyncClient | None, timeout: float) -> None:
        self._http = http
        self._timeout = timeout

    async def three_phase(self, question: Mapping[str, Any], authorization: str, correlation_id: str) -> PowerDecision:
        """What a new three-phase transformer would get there now, asked in the caller's name. Late, refused or unreadable: hold."""
        if self._http is None:
            return PowerDecision.HOLD
        headers = {"Authorization": authorization, CORRELATION_HEADER: correlation_id}
        try:
            response = await self._http.post(CHECKS, json=dict(question), headers=headers, timeout=self._timeout)
            return PowerDecision(response.raise_for_status().json()["three_phase"])
        except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
            log.warning("checked without the power side", reason=type(error).__name__, correlation_id=correlation_id)
            return PowerDecision.HOLD
