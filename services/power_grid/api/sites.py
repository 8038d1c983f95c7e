"""Sites as they are now or were, and checks before filing."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from chassis.answer import Answer
from chassis.moments import AsOf, not_to_come
from chassis.preconditions import etag
from chassis.service import service_of
from contracts.identifiers import ParcelCode, UnitNumber
from services.power_grid.api.callers import Anybody, SiteReader
from services.power_grid.api.requests import CheckSent
from services.power_grid.api.shape import answered, phases_json, site_json, site_then_json
from services.power_grid.domain import SiteKey
from services.power_grid.handlers import check_place, look_at_site, look_back_at_site

router = APIRouter(tags=["场地 / Sites"])


@router.get("/sites/{parcel_code}")
async def read_site(
    request: Request,
    principal: SiteReader,
    parcel_code: ParcelCode,
    unit_number: UnitNumber | None = None,
    as_of: Annotated[AsOf | None, Query(description="当时所知和所定；日期指当日终了 / as it stood then; a date: at its end")] = None,
) -> Response:
    """场地现状：土地、制造业使用、现在能否加装三相变压器；宗地不在册也有答复（unknown）；也可以读取某时的情况
    / A site now: land, manufacturing use, what a new three-phase transformer would get. A parcel in no register is unknown, never 404.
    Or as it was known at a moment: before anything was known it is unknown too, and says so.
    """
    service, key = service_of(request), SiteKey(parcel_code, unit_number)
    if as_of is None:
        view = await service.read(lambda tx: look_at_site(tx, key))
        return answered(Answer(200, site_json(view), etag(view.epoch)))
    then = not_to_come(as_of, service.clock.now())
    found = await service.read(lambda tx: look_back_at_site(tx, key, then))
    return answered(Answer(200, site_then_json(found)))


@router.post("/checks")
async def check(request: Request, principal: Anybody, body: CheckSent) -> Response:
    """预查询某处能否加装三相变压器，不留记录 / What a new three-phase transformer would get at a place; nothing is kept."""
    answer = await service_of(request).read(lambda tx: check_place(tx, body.place()))
    return answered(Answer(200, phases_json(answer)))
