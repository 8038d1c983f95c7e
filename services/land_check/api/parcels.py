"""The parcel register: put, read, search, history."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Depends, Query, Request
from sqlalchemy import Row
from starlette.responses import Response

from chassis.answer import Answer
from chassis.database import Transaction
from chassis.moments import AsOf, not_to_come
from chassis.paging import Page, page_of
from chassis.policies import in_force, in_force_at
from chassis.preconditions import etag, optional_if_match
from chassis.service import service_of
from contracts.identifiers import Address, ParcelCode, TownshipCode
from contracts.policy import Policy
from services.land_check.api.bodies import answered
from services.land_check.api.callers import Anyone, MapOfficer
from services.land_check.api.parcel_bodies import ParcelSent
from services.land_check.domain import Box
from services.land_check.errors import bad_field, not_found, not_registered_yet
from services.land_check.handlers.parcels import PutParcel, Stored, put_parcels
from services.land_check.rules.land import parcel_verdict
from services.land_check.tables.parcels import load_geometries, parcel_of
from services.land_check.tables.rows import PARCEL
from services.land_check.tables.search import find_parcels, one, parcel_at, parcel_history


class HistoryPage(Page):
    """A parcel's history is in the order of its versions."""

    KEY = (int,)


router = APIRouter(tags=["宗地 / Parcels"])


@router.put("/parcels/{parcel_code}", responses={201: {"description": "新建 / new"}, 412: {"description": "版本已变 / stale version"}})
async def put_parcel(request: Request, principal: MapOfficer, parcel_code: ParcelCode, body: ParcelSent) -> Response:
    """登记或整体替换一宗地；内容相同则不变、不发布 / Record a parcel or replace it whole; an equal body changes and publishes nothing."""
    if body.parcel_code != parcel_code:
        zh, en = "与地址中的宗地代码不一致", "is not the parcel code of the path"
        raise bad_field("/parcel_code", "parcel-code-differs", zh, en)
    command = PutParcel(body.record(), optional_if_match(request))
    return await service_of(request).command(request, put_parcels, command, shape=_stored)


@router.get("/parcels/{parcel_code}")
async def get_parcel(
    request: Request,
    principal: Anyone,
    parcel_code: ParcelCode,
    as_of: Annotated[AsOf | None, Query(description="当时登记所载；日期指当日终了 / what was recorded then; a date: at its end")] = None,
) -> Response:
    """读取宗地及其土地认定 / A parcel, with what its land is."""
    if as_of is not None:
        return await _parcel_as_of(request, parcel_code, as_of)

    def query(tx: Transaction) -> tuple[Row[Any] | None, dict[str, Any], Policy]:
        return one(tx, PARCEL, parcel_code), load_geometries(tx, [parcel_code]), in_force(tx)

    row, outlines, policy = await service_of(request).read(query)
    if row is None:
        raise not_found("该宗地", "parcel in the register")
    return answered(_shown(row, outlines, policy), etag(row.version))


async def _parcel_as_of(request: Request, parcel_code: str, as_of: str) -> Response:
    """What was recorded by then, read under the set that decided then. Outlines are kept of the present version alone."""
    service = service_of(request)
    then = not_to_come(as_of, service.clock.now())

    def query(tx: Transaction) -> tuple[Row[Any] | None, Row[Any] | None, dict[str, Any], Policy]:
        policy = in_force_at(tx, datetime.fromisoformat(then))
        return one(tx, PARCEL, parcel_code), parcel_at(tx, parcel_code, then), load_geometries(tx, [parcel_code]), policy

    now, row, outlines, policy = await service.read(query)
    if row is None:
        raise not_found("该宗地", "parcel in the register") if now is None else not_registered_yet()
    same = now is not None and now.version == row.version
    return answered(_shown(row, outlines if same else {}, policy) | {"as_of": then})


@router.get("/parcels")
async def list_parcels(
    request: Request,
    principal: Anyone,
    page: Annotated[Page, Depends()],
    bbox: Annotated[str | None, Query(max_length=200, description="西,南,东,北 / west,south,east,north")] = None,
    township_code: TownshipCode | None = None,
    q: Annotated[Address | None, Query(description="单元号、宗地代码或地址片段 / unit number, code, or part of an address")] = None,
) -> Response:
    """查询宗地 / Parcels by place, township or text."""
    box = None if bbox is None else _box(bbox)

    def query(tx: Transaction) -> tuple[Any, dict[str, Any], Policy]:
        rows = find_parcels(tx, page.after, page.limit, box=box, township_code=township_code, text=q)
        return rows, load_geometries(tx, [row.parcel_code for row in rows]), in_force(tx)

    rows, outlines, policy = await service_of(request).read(query)
    return answered(page_of(rows, page.limit, lambda row: [row.parcel_code], lambda row: _shown(row, outlines, policy)))


@router.get("/parcels/{parcel_code}/history")
async def get_history(request: Request, principal: Anyone, parcel_code: ParcelCode, page: Annotated[HistoryPage, Depends()]) -> Response:
    """宗地的每个版本：何时为真、何时由谁登记 / Every version: of when it is true, when and by whom it was recorded."""
    rows = await service_of(request).read(lambda tx: parcel_history(tx, parcel_code, page.after, page.limit))
    if not rows and page.after is None:
        raise not_found("该宗地", "parcel in the register")
    return answered(page_of(rows, page.limit, lambda row: [row.version], _version))


def _stored(stored: Stored) -> Answer:
    body = _whole(stored.record.body) | {
        "geometry": stored.record.geometry,
        "version": stored.version,
        "land_verdict": stored.verdict,
    }
    return Answer(201 if stored.created else 200, body, etag(stored.version))


def _shown(row: Row[Any], outlines: dict[str, Any], policy: Policy) -> dict[str, Any]:
    body: dict[str, Any] = _whole(orjson.loads(row.body))
    return body | {
        "geometry": outlines.get(row.parcel_code),
        "version": row.version,
        "land_verdict": parcel_verdict(parcel_of(body, row.version), policy),
        "recorded_at": row.recorded_at,
        "recorded_by": row.recorded_by,
    }


def _version(row: Row[Any]) -> dict[str, Any]:
    return {
        "version": row.version,
        "valid_from": row.valid_from,
        "recorded_at": row.recorded_at,
        "recorded_by": row.recorded_by,
        **_whole(orjson.loads(row.body)),
    }


def _whole(body: dict[str, Any]) -> dict[str, Any]:
    """With what is stored only where it says something."""
    return {"superseded_by": [], **body}


def _box(text: str) -> Box:
    try:
        box = Box(*(float(part) for part in text.split(",")))
    except (ValueError, TypeError):
        box = None
    if box is None or not (-180 <= box.west <= box.east <= 180 and -90 <= box.south <= box.north <= 90):
        zh, en = "bbox 应为 西,南,东,北（度）", "bbox must be west,south,east,north in degrees"
        raise bad_field("/query/bbox", "bad-bbox", zh, en)
    return box
