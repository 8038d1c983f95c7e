"""Whole files of parcels: every feature is checked first, then all are stored in one transaction, or none."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import orjson
from fastapi import APIRouter, Request
from pydantic import ValidationError
from starlette.responses import Response

from chassis.answer import Answer
from chassis.http import check_json
from chassis.problems import FieldError, Problem, invalid_input
from chassis.service import service_of
from services.land_check.api.callers import MapOfficer
from services.land_check.api.parcel_bodies import ParcelSent
from services.land_check.domain import ParcelRecord
from services.land_check.errors import bad_field
from services.land_check.handlers.parcels import import_parcels

COLLECTION_MEMBERS = frozenset({"type", "features", "name", "crs", "bbox"})
FEATURE_MEMBERS = frozenset({"type", "properties", "geometry", "id", "bbox"})
KNOWN_SYSTEMS = ("4490", "CRS84", "4326")
"""CGCS2000, and the two that differ from it by centimetres and are what GeoJSON writers say by default."""

SCHEMA = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": {"type": "object", "required": ["type", "features"]}}},
    }
}

router = APIRouter(tags=["宗地 / Parcels"])


@router.post("/parcels:import", openapi_extra=SCHEMA, responses={422: {"description": "有不合格的，全部不存 / one refused, none stored"}})
async def import_features(request: Request, principal: MapOfficer) -> Response:
    """导入 GeoJSON：属性即宗地字段；有一条不合格则全部不存 / GeoJSON whose properties are a parcel's fields; all or nothing."""
    records = await asyncio.to_thread(read_features, await request.body())
    return await service_of(request).command(request, import_parcels, records, shape=_imported)


def read_features(body: bytes) -> list[ParcelRecord]:
    """The parcels of a FeatureCollection. Raises the problem that lists every feature at fault."""
    records: list[ParcelRecord] = []
    refused: list[dict[str, Any]] = []
    seen: set[str] = set()
    for index, feature in enumerate(_features(body)):
        try:
            record = _parcel(feature)
            if record.code in seen:
                zh, en = "同一宗地在文件中出现两次", "this parcel is in the file twice"
                raise bad_field("/properties/parcel_code", "duplicate-parcel", zh, en)
        except Problem as problem:
            refused.append(_refusal(index, feature, problem))
            continue
        seen.add(record.code)
        records.append(record)
    if refused:
        zh, en = f"{len(refused)} 条不合格，未存任何宗地", f"{len(refused)} feature(s) refused, nothing was stored"
        raise Problem(422, "parcels-refused", zh, en, stored=0, refused=refused)
    return records


def _features(body: bytes) -> Iterator[Any]:
    collection = check_json(body)
    if not isinstance(collection, dict) or collection.get("type") != "FeatureCollection":
        zh, en = "应为 GeoJSON FeatureCollection", "a GeoJSON FeatureCollection is expected"
        raise bad_field("/type", "not-a-feature-collection", zh, en)
    if unknown := sorted(collection.keys() - COLLECTION_MEMBERS):
        raise bad_field(f"/{unknown[0]}", "unknown-field", f"没有字段 {unknown[0]}", f"there is no field {unknown[0]}")
    system = orjson.dumps(collection["crs"]).decode() if collection.get("crs") is not None else None
    if system is not None and not any(known in system for known in KNOWN_SYSTEMS):
        raise bad_field("/crs", "wrong-coordinate-system", "坐标系应为 CGCS2000 (EPSG:4490)", "coordinates must be CGCS2000 (EPSG:4490)")
    features = collection.get("features")
    if not isinstance(features, list):
        raise bad_field("/features", "not-a-list", "features 应为列表", "features must be a list")
    for place, feature in enumerate(features):
        features[place] = None  # a large file is not kept twice
        yield feature


def _parcel(feature: Any) -> ParcelRecord:
    if not isinstance(feature, dict) or feature.get("type") != "Feature" or not isinstance(feature.get("properties"), dict):
        raise bad_field("", "not-a-feature", "应为带 properties 的 GeoJSON Feature", "a GeoJSON Feature with properties is expected")
    if unknown := sorted(feature.keys() - FEATURE_MEMBERS):
        raise bad_field(f"/{unknown[0]}", "unknown-field", f"没有字段 {unknown[0]}", f"there is no field {unknown[0]}")
    if "geometry" in feature["properties"]:
        zh, en = "geometry 应在 Feature 上，不在 properties 中", "geometry belongs to the feature, not to its properties"
        raise bad_field("/properties/geometry", "unknown-field", zh, en)
    given = feature["properties"] | {"geometry": feature.get("geometry")}
    try:
        return ParcelSent.model_validate(given).record()
    except ValidationError as error:
        problem = invalid_input(error, given)
        problem.errors = tuple(_placed(field) for field in problem.errors)
        raise problem from error


def _placed(field: FieldError) -> FieldError:
    """The pointer into the feature: all but the outline stand under ``properties``."""
    inside = field.pointer if field.pointer.startswith("/geometry") else f"/properties{field.pointer}"
    return field._replace(pointer=inside)


def _refusal(index: int, feature: Any, problem: Problem) -> dict[str, Any]:
    properties = feature.get("properties") if isinstance(feature, dict) else None
    code = properties.get("parcel_code") if isinstance(properties, dict) else None
    return {
        "index": index,
        "parcel_code": code if isinstance(code, str) else None,
        "errors": [error._asdict() for error in problem.errors],
    }


def _imported(count: int) -> Answer:
    return Answer(200, {"stored": count, "refused": []})
