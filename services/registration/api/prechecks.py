"""A filing tried without being filed: the land side is asked, the rules decide, nothing is stored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import structlog
from fastapi import APIRouter, Request
from pydantic import ValidationError

from chassis.clock import rfc3339, today
from chassis.peers import Peers, PeerUnreachable
from chassis.policies import in_force
from chassis.service import service_of
from contracts.land_check import LandFindings, StatementView
from contracts.registration import FilingFacts
from contracts.vocabulary import Flag, LandVerdict, PowerDecision, StatementOutcome
from services.registration.api.answers import TRIED
from services.registration.api.callers import Submitter
from services.registration.api.requests import PreCheckSent
from services.registration.api.shape import decision_json
from services.registration.clients import check
from services.registration.domain import Decision, Said, checked_premises, pending
from services.registration.rules import decide

log = structlog.get_logger("pre_checks")

router = APIRouter(tags=["预检 / Pre-checks"])


@router.post("/pre-checks", response_model=None, responses=TRIED)
async def pre_check(request: Request, principal: Submitter, body: PreCheckSent) -> dict[str, Any]:
    """试算决定，不保存；土地认定服务不可用时为 pending / The decision a filing would get; without the land side: pending."""
    service = service_of(request)
    now = service.clock.now()
    facts = body.submission(now, name=body.enterprise_name or "").facts
    policy = await service.read(in_force)
    decision, three_phase = pending(policy.ref), PowerDecision.HOLD
    try:
        found = await check(Peers.of(request), facts)
        told, findings = PowerDecision(found["three_phase"]), findings_of(found, facts)
        decision, three_phase = decide(facts, findings, Said(), policy, today(now)), told
    except (PeerUnreachable, ValidationError, KeyError, ValueError) as error:
        log.warning("pre-check without the land side", reason=type(error).__name__, correlation_id=request.state.correlation_id)
    return shown(replace(decision, decided_at=rfc3339(now)), three_phase)


def shown(decision: Decision, three_phase: PowerDecision) -> dict[str, Any]:
    return {**decision_json(decision), "three_phase": three_phase}


def findings_of(answer: Mapping[str, Any], facts: FilingFacts) -> LandFindings:
    """The findings in a land check's answer: whole where it gives them, else as far as verdict, statement and flags tell."""
    if answer.get("findings") is not None:
        return LandFindings.model_validate(answer["findings"])
    flags = answer["flags"]
    place = checked_premises(facts)
    return LandFindings(
        land_verdict=LandVerdict(answer["land_verdict"]),
        township_code=place.township_code,
        parcel_code=place.parcel_code,
        unit_number=place.unit_number,
        in_village=True if Flag.VILLAGE_STRICT in flags else None,
        in_qianwan=True if Flag.QIANWAN in flags else None,
        statement=StatementView(outcome=StatementOutcome(answer["statement"])),
    )
