"""Outgoing calls to the land side, for pre-checks and what-ifs only. A filing itself never waits for another service."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from chassis.peers import Peers, PeerUnreachable
from chassis.what_if import Question, Sets
from contracts.registration import FilingFacts
from contracts.what_if import LandTrial

CHECKS = "/land-check/v1/checks"
FINDINGS = "/land-check/v1/findings:what-if"
FINDINGS_SECONDS = 60.0
ASKED = {"action", "subject_type", "uscc", "industry_code", "processes", "controller", "park_id"}
"""What a check is told besides the place: enough to find admissions, lists and papers."""


async def check(peers: Peers, facts: FilingFacts) -> Mapping[str, Any]:
    """What the land side says the place of ``facts`` is. Raises PeerUnreachable."""
    body = facts.model_dump(mode="json", include=ASKED) | {
        "premises": facts.place.model_dump(mode="json"),
        "enterprise_name": facts.enterprise_name or None,
    }
    try:
        answer = (await peers.ask(CHECKS, body)).json()
    except ValueError as error:
        raise PeerUnreachable(type(error).__name__) from error
    if not isinstance(answer, dict):
        raise PeerUnreachable("the answer is no object")
    return answer


async def findings(peers: Peers, filing_ids: Sequence[str], question: Question, sets: Sets) -> LandTrial:
    """What the land side finds under each set, of the filings it knows.

    Raises PeerUnreachable, also while it decides by another set than the one in force here.
    """
    body = {"filing_ids": list(filing_ids), "switches": dict(question.switches), "policy_set": question.policy_set}
    answer = await peers.ask_for(LandTrial, FINDINGS, body, FINDINGS_SECONDS)
    if not answer.is_by(sets.present.ref, sets.alone):
        raise PeerUnreachable("it has not heard of the set in force yet")
    return answer
