"""Outgoing calls to the land side, for pre-checks and what-ifs only. A filing itself never waits for another service."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import httpx
from pydantic import ValidationError

from chassis.http import CORRELATION_HEADER
from chassis.what_if import Question, Sets
from contracts.registration import FilingFacts
from contracts.what_if import LandTrial

CHECKS = "/land-check/v1/checks"
FINDINGS = "/land-check/v1/findings:what-if"
FINDINGS_SECONDS = 60.0
ASKED = {"action", "subject_type", "uscc", "industry_code", "processes", "controller", "park_id"}
"""What a check is told besides the place: enough to find admissions, lists and papers."""


class LandCheckUnreachable(Exception):  # noqa: N818 - says what it is
    """No answer, or none that can be used: nothing may be allowed on it."""


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

    async def findings(self, filing_ids: Sequence[str], question: Question, sets: Sets) -> LandTrial:
        """Of the filings it knows. Raises LandCheckUnreachable, also while it decides by another set than the one in force here."""
        body = {"filing_ids": list(filing_ids), "switches": dict(question.switches), "policy_set": question.policy_set}
        response = await self._ask(FINDINGS, body, within=FINDINGS_SECONDS)
        try:
            answer = LandTrial.model_validate_json(response.content)
        except ValidationError as error:
            raise LandCheckUnreachable(type(error).__name__) from error
        if not answer.is_by(sets.present.ref, sets.alone):
            raise LandCheckUnreachable("it has not heard of the set in force yet")
        return answer

    async def _ask(self, path: str, body: Mapping[str, Any], within: Any = httpx.USE_CLIENT_DEFAULT) -> httpx.Response:
        if self.peers is None:
            raise LandCheckUnreachable("no way to other services is set up")
        passed_on = {CORRELATION_HEADER: self.correlation_id, "Authorization": self.headers.get("authorization", "")}
        try:
            response = await self.peers.post(path, json=dict(body), headers=passed_on, timeout=within)
            return response.raise_for_status()
        except httpx.HTTPError as error:
            raise LandCheckUnreachable(type(error).__name__) from error
