"""A place checked without filing: what the land is, what would be asked for, what the power side would say."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Request
from pydantic import Field, field_validator
from pydantic_core import PydanticCustomError
from starlette.responses import Response

from chassis.policies import in_force
from chassis.service import service_of
from contracts.identifiers import IndustryCode, Name, ShortText, Uscc
from contracts.registration import FilingFacts
from contracts.vocabulary import Action, LandVerdict, PowerDecision, Process, SubjectType
from services.land_check.api.bodies import ControllerSent, PremisesSent, Sent, answered
from services.land_check.api.callers import Anyone
from services.land_check.clients import PowerGrid
from services.land_check.handlers.checking import Checked, check

router = APIRouter(tags=["预查 / Checks"])


class CheckSent(Sent):
    """预查 / A place and a trade; what else a filing would say may be added."""

    premises: PremisesSent
    industry_code: IndustryCode
    action: Action = Action.ESTABLISH
    subject_type: SubjectType = SubjectType.COMPANY
    processes: Annotated[tuple[Process, ...], Field(max_length=len(Process))] = ()
    enterprise_name: Name | None = None
    uscc: Uscc | None = None
    park_id: ShortText | None = None
    controller: ControllerSent | None = None

    @field_validator("processes")
    @classmethod
    def _each_process_once(cls, processes: tuple[Process, ...]) -> tuple[Process, ...]:
        if len(set(processes)) < len(processes):
            raise PydanticCustomError("not-unique", "每项工艺只填一次 / name each process once")
        return processes

    def facts(self, now: datetime) -> FilingFacts:
        given = dict(self) | {"enterprise_name": self.enterprise_name or ""}
        return FilingFacts(**given, submitted_at=now)


@router.post("/checks")
async def check_place(request: Request, principal: Anyone, body: CheckSent) -> Response:
    """预查地点，不保存 / What a filing there would be told; nothing is stored. Without the power side three_phase is hold."""
    service = service_of(request)
    now = service.clock.now()
    checked = await service.read(lambda tx: check(tx, body.facts(now), in_force(tx), now))
    three_phase = await _three_phase(request, checked, body.industry_code)
    return answered(
        {
            "land_verdict": checked.verdict,
            "statement": checked.statement,
            "flags": checked.flags,
            "three_phase": three_phase,
            "reasons": checked.reasons,
            "findings": checked.findings.model_dump(mode="json"),
        }
    )


async def _three_phase(request: Request, checked: Checked, industry_code: str) -> PowerDecision:
    """The power side decides; it is not asked about a place that is in no register."""
    if checked.verdict is LandVerdict.OUT_OF_AREA:
        return PowerDecision.REFER
    if checked.site.parcel is None:
        return PowerDecision.HOLD
    question: dict[str, Any] = {
        "parcel_code": checked.site.parcel_code,
        "unit_number": checked.site.unit_number,
        "declared_industry_code": industry_code,
    }
    power_grid: PowerGrid = request.app.state.power_grid
    return await power_grid.three_phase(question, request.headers.get("authorization", ""), request.state.correlation_id)
