"""Outgoing calls to the land side, for pre-checks and what-ifs only. A filing itself never waits for another service."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import httpx
from pydantic import BaseModel, ValidationError

from chassis.http import CORRELATION_HEADER
from contracts.land_check import LandFindings
from contracts.registration import FilingFacts
from contracts.vocabulary import PolicyRef

CHECKS = "/land-check/v1/checks"
FINDINGS = "/land-check/v1/findings:what-if"
FINDINGS_SECONDS = 60.0
ASKED = {"action", "subject_type", "uscc", "industry_code", "processes", "controller", "park_id"}
"""What a check is told besides the place: enough to find admissions, lists and papers."""


class LandCheckUnreachable(Exception):  # noqa: N818 - says what it is
    """No answer, or none that can be used: nothing may be allowed on it."""


@dataclass(frozen=True, slots=True)
class Compared:
    """Findings of one filing under the set in force and under the candidate."""

    filing_id: str
    revision: int
    now: LandFindings
    then: LandFindings


class _Answer(BaseModel):
    policy: PolicyRef
    items: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class LandSide:
    """The land side, asked in the caller's name."""

    peers: httpx.AsyncClient | None
    headers: Mapping[str, str]
    correlation_id: str

    async def check(self, facts: FilingFacts) -> Mapping[str, Any]:
        """What the place of ``facts`` is. Raises LandCheckUnreachable."""
        body = facts.model_dump(mode="json", include=ASKED) | {
            "premises": facts.place.model_dump(mode="json"),
            "enterprise_name": facts.enterprise_name or None,
        }
        try:
            answer = (await self._ask(CHECKS, body)).json()
        except ValueError as error:
            raise LandCheckUnreachable(type(error).__name__) from error
        if not isinstance(answer, dict):
            raise LandCheckUnreachable("the answer is no object")
        return answer

    async def findings(self, filing_ids: Sequence[str], candidate: Mapping[str, Any], present: PolicyRef) -> list[Compared]:
        """Of the filings it knows. Raises LandCheckUnreachable, also while it decides by another set than ``present``."""
        response = await self._ask(FINDINGS, {"filing_ids": list(filing_ids), **candidate}, within=FINDINGS_SECONDS)
        try:
            answer = _Answer.model_validate_json(response.content)
            compared = [_compared(item) for item in answer.items]
        except (ValidationError, KeyError) as error:
            raise LandCheckUnreachable(type(error).__name__) from error
        if answer.policy != present:
            raise LandCheckUnreachable("it has not heard of the set in force yet")
        return compared

    async def _ask(self, path: str, body: Mapping[str, Any], within: Any = httpx.USE_CLIENT_DEFAULT) -> httpx.Response:
        if self.peers is None:
            raise LandCheckUnreachable("no way to other services is set up")
        passed_on = {CORRELATION_HEADER: self.correlation_id, "Authorization": self.headers.get("authorization", "")}
        try:
            response = await self.peers.post(path, json=dict(body), headers=passed_on, timeout=within)
            return response.raise_for_status()
        except httpx.HTTPError as error:
            raise LandCheckUnreachable(type(error).__name__) from error


def _compared(item: Mapping[str, Any]) -> Compared:
    now = LandFindings.model_validate(item["now"])
    then = now if item["then"] is None else LandFindings.model_validate(item["then"])
    return Compared(str(item["filing_id"]), int(item["revision"]), now, then)
