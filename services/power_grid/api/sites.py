"""Sites as they are now, and checks before filing."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from chassis.answer import Answer
from chassis.service import service_of
from contracts.identifiers import ParcelCode, UnitNumber
from services.power_grid.api.callers import Anybody, SiteReader
from services.power_grid.api.requests import CheckSent
from services.power_grid.api.shape import answered, phases_json, site_json
from services.power_grid.domain import SiteKey
from services.power_grid.handlers import check_place, look_at_site

router = APIRouter(tags=["场地 / Sites"])


@router.get("/sites/{parcel_code}")
async def read_site(request: Request, principal: SiteReader, parcel_code: ParcelCode, unit_number: UnitNumber | None = None) -> Response:
    """场地现状：土地、制造业使用、现在能否加装三相变压器；宗地不在册也有答复（unknown）
    / A site now: land, manufacturing use, what a new three-phase transformer would get. A parcel in no register is unknown, never 404.
    """
    view = await service_of(request).read(lambda tx: look_at_site(tx, SiteKey(parcel_code, unit_number)))
    return answered(Answer(200, site_json(view)))


@router.post("/checks")
async def check(request: Request, principal: Anybody, body: CheckSent) -> Response:
    """预查询某处能否加装三相变压器，不留记录 / What a new three-phase transformer would get at a place; nothing is kept."""
    answer = await service_of(request).read(lambda tx: check_place(tx, body.place()))
    return answered(Answer(200, phases_json(answer)))
