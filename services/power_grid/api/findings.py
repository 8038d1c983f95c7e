"""What was seen in the field."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from chassis.clock import today
from chassis.service import service_of
from services.power_grid.api.callers import Observer
from services.power_grid.api.requests import CloseSent, FindingSent
from services.power_grid.api.shape import finding_answer
from services.power_grid.handlers import CloseFinding, close_findings, record_findings

router = APIRouter(tags=["巡查 / Findings"])


@router.post("/findings", status_code=201)
async def record_finding(request: Request, principal: Observer, body: FindingSent) -> Response:
    """记录巡查发现：制造业使用使该场地成为制造业场地；未经许可接电的变压器即为违规
    / Record what was seen: manufacturing makes the site a manufacturing site, an uncleared transformer is a breach.
    """
    service = service_of(request)
    seen = body.seen(today(service.clock.now()))
    return await service.command(request, record_findings, seen, shape=lambda finding: finding_answer(finding, 201))


@router.post("/findings/{finding_id}:close")
async def close_finding(request: Request, principal: Observer, finding_id: str, body: CloseSent | None = None) -> Response:
    """关闭巡查发现，其影响随之结束 / Close a finding; what it made of the site ends with it."""
    close = CloseFinding(finding_id, None if body is None else body.reason)
    return await service_of(request).command(request, close_findings, close, shape=finding_answer)
