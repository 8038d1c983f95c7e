"""Outgoing calls: the land side's check, for pre-checks only. A filing itself never waits for another service."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx

from chassis.http import CORRELATION_HEADER
from contracts.registration import FilingFacts

CHECKS = "/land-check/v1/checks"
ASKED = {"action", "subject_type", "uscc", "industry_code", "processes", "controller", "park_id"}
"""What a check is told besides the place: enough to find admissions, lists and papers."""


class LandCheckUnreachable(Exception):  # noqa: N818 - says what it is
    """No answer, or none that can be used: nothing may be allowed on it."""


async def check_land(
    peers: httpx.AsyncClient | None, headers: Mapping[str, str], correlation_id: str, facts: FilingFacts
) -> Mapping[str, Any]:
    """Ask land_check what the place of ``facts`` is, in the caller's name. Raises LandCheckUnreachable."""
    if peers is None:
        raise LandCheckUnreachable("no way to other services is set up")
    body = facts.model_dump(mode="json", include=ASKED) | {
        "premises": facts.place.model_dump(mode="json"),
        "enterprise_name": facts.enterprise_name or None,
    }
    passed_on = {CORRELATION_HEADER: correlation_id, "Authorization": headers.get("authorization", "")}
    try:
        response = await peers.post(CHECKS, json=body, headers=passed_on)
        answer = response.raise_for_status().json()
    except (httpx.HTTPError, ValueError) as error:
        raise LandCheckUnreachable(type(error).__name__) from error
    if not isinstance(answer, dict):
        raise LandCheckUnreachable("the answer is no object")
    return answer
