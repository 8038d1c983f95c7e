"""What the map office settles about a filing: the part of a mixed parcel, the township."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from chassis.service import service_of
from contracts.identifiers import LongText, TownshipCode
from services.land_check.api.bodies import Id, Sent
from services.land_check.api.callers import MapActor
from services.land_check.api.shapes import filing_answer
from services.land_check.domain import Part
from services.land_check.handlers.rulings import ResolveUnit, SetTownship, townships_set, units_resolved
from services.land_check.tables.search import is_known

HEARING_SECONDS = 3.0
"""How long a call waits for a filing that registration took a moment ago."""

router = APIRouter(tags=["申请的土地认定 / Rulings on filings"])


class PartSent(Sent):
    """所在部分 / In which part of its mixed parcel the filing lies."""

    part: Part
    reason: LongText


class TownshipSent(Sent):
    """所属镇（街道） / Which township answers for the place."""

    township_code: TownshipCode
    reason: LongText


@router.post("/filings/{filing_id}:resolve-unit")
async def resolve_unit(request: Request, principal: MapActor, filing_id: Id, body: PartSent) -> Response:
    """认定混合宗地中所在部分；可再次认定，以最后一次为准 / Name the part of a mixed parcel; the last word counts."""
    await heard_of(request, filing_id)
    command = ResolveUnit(filing_id, body.part, body.reason)
    return await service_of(request).command(request, units_resolved, command, shape=filing_answer)


@router.post("/filings/{filing_id}:set-township")
async def set_township(request: Request, principal: MapActor, filing_id: Id, body: TownshipSent) -> Response:
    """指定所属镇（街道），由其出具产权说明 / Set the township that answers for the place; the request is opened there."""
    await heard_of(request, filing_id)
    command = SetTownship(filing_id, body.township_code, body.reason)
    return await service_of(request).command(request, townships_set, command, shape=filing_answer)


async def heard_of(request: Request, filing_id: str) -> None:
    """Wait for a filing that was taken but has not arrived here yet; the handler then says 404 if it does not exist."""
    await service_of(request).wait_for(lambda tx: is_known(tx, filing_id), bool, HEARING_SECONDS, filing_id)
