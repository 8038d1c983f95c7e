"""The parcel register over HTTP."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from chassis.clock import FixedClock
from chassis.service import Service
from chassis.testing import client
from tests.land_check.calling import PARCELS, mapper, outline, put
from tests.land_check.vocabulary import (
    FACTORY,
    HOMESTEAD,
    INDUSTRIAL,
    SQUARE,
    ZHOUXIANG,
    factory_sent,
    parcel_sent,
)


def collection(*parcels: dict[str, Any]) -> dict[str, Any]:
    features = [
        {"type": "Feature", "geometry": body["geometry"], "properties": {name: value for name, value in body.items() if name != "geometry"}}
        for body in parcels
    ]
    return {"type": "FeatureCollection", "features": features}


async def test_parcel_is_new_then_the_same_then_changed(service: Service) -> None:
    sent = parcel_sent(geometry=SQUARE, addresses=["新浦镇某村1号"])
    new, same, changed = await put(service, sent), await put(service, sent), await put(service, sent | {"in_village": False})
    assert [(answer.status_code, answer.headers["ETag"]) for answer in (new, same, changed)] == [(201, '"1"'), (200, '"1"'), (200, '"2"')]
    read = await mapper(service).get(f"{PARCELS}/{HOMESTEAD}")
    assert read.headers["ETag"] == '"2"'
    assert {name: read.json()[name] for name in sent} == sent | {"in_village": False}


async def test_parcel_history_keeps_every_version(service: Service) -> None:
    await put(service, parcel_sent())
    await put(service, parcel_sent(registered_use=[INDUSTRIAL], as_of="2026-06-01"))
    items = (await mapper(service).get(f"{PARCELS}/{HOMESTEAD}/history")).json()["items"]
    assert [(item["version"], item["valid_from"], item["registered_use"][0]["code"]) for item in items] == [
        (1, "2026-01-01", "0702"),
        (2, "2026-06-01", "0601"),
    ]
    assert {item["recorded_by"] for item in items} == {"map-1"}


async def test_a_parcel_can_be_read_as_the_register_held_it_then(service: Service) -> None:
    clock = service.clock
    assert isinstance(clock, FixedClock)
    await put(service, parcel_sent(geometry=SQUARE))
    clock.advance(timedelta(days=1))
    await put(service, parcel_sent(registered_use=[INDUSTRIAL], as_of="2026-06-01"))
    ask = mapper(service).get
    first, second = (await ask(f"{PARCELS}/{HOMESTEAD}/history")).json()["items"]
    now = (await ask(f"{PARCELS}/{HOMESTEAD}")).json()
    then = (await ask(f"{PARCELS}/{HOMESTEAD}?as_of={second['recorded_at']}")).json()
    assert then == now | {"as_of": second["recorded_at"]}
    before = await ask(f"{PARCELS}/{HOMESTEAD}?as_of=2020-01-01")
    assert (before.status_code, before.json()["code"]) == (404, "not-known-then")
    earlier = (await ask(f"{PARCELS}/{HOMESTEAD}?as_of={first['recorded_at']}")).json()
    assert (earlier["version"], earlier["registered_use"][0]["code"], earlier["geometry"]) == (1, "0702", None)
    assert (await ask(f"{PARCELS}/{HOMESTEAD}?as_of=2199-01-01")).json()["code"] == "as-of-to-come"
    assert (await ask(f"{PARCELS}/{FACTORY}?as_of=2026-01-01")).json()["code"] == "not-found"


async def test_stale_if_match_is_refused(service: Service) -> None:
    await put(service, parcel_sent())
    stale = await mapper(service).put(f"{PARCELS}/{HOMESTEAD}", json=parcel_sent(), headers={"If-Match": '"7"'})
    assert (stale.status_code, stale.json()["code"]) == (412, "stale-version")
    new = await mapper(service).put(f"{PARCELS}/{FACTORY}", json=factory_sent(), headers={"If-Match": '"1"'})
    assert new.status_code == 412
    held = await mapper(service).put(f"{PARCELS}/{HOMESTEAD}", json=parcel_sent(in_village=None), headers={"If-Match": '"1"'})
    assert held.status_code == 200


@pytest.mark.parametrize(
    ("changes", "pointer", "code"),
    [
        ({"registered_use": [{"code": "0601"}]}, "/registered_use/0/scheme", "required"),
        ({"registered_use": [{"scheme": "GB/T21010-2017", "code": "9999"}]}, "/registered_use/0/code", "unknown-land-code"),
        ({"township_code": "330281001"}, "/township_code", "unknown-township"),
        ({"as_of": "2026-02-30"}, "/as_of", "not-a-date"),
        ({"colour": "red"}, "/colour", "unknown-field"),
        ({"planned_use": "later"}, "/planned_use", "not-in-list"),
        ({"in_village": "yes"}, "/in_village", "not-boolean"),
        ({"geometry": {"type": "Point", "coordinates": [121.2, 30.1]}}, "/geometry", "bad-geometry"),
        ({"geometry": outline([30.1, 121.2], [30.2, 121.2], [30.2, 121.3], [30.1, 121.2])}, "/geometry", "coordinates-out-of-range"),
        ({"geometry": outline([121.2, 30.1], [121.3, 30.1], [121.3, 30.2], [121.2, 30.2])}, "/geometry", "ring-not-closed"),
        ({"geometry": outline([121, 30], [122, 31], [122, 30], [121, 31], [121, 30])}, "/geometry", "bad-geometry"),
        ({"geometry": outline([100, 30], [122, 30], [122, 31], [100, 30])}, "/geometry", "geometry-too-large"),
        ({"geometry": {"type": "Polygon", "coordinates": [[1]]}}, "/geometry", "bad-geometry"),
        ({"parcel_code": FACTORY}, "/parcel_code", "parcel-code-differs"),
    ],
)
async def test_bad_parcel_is_refused_with_its_field(service: Service, changes: dict[str, Any], pointer: str, code: str) -> None:
    answer = await mapper(service).put(f"{PARCELS}/{HOMESTEAD}", json=parcel_sent(**changes))
    assert answer.status_code == 422
    assert (pointer, code) in [(error["pointer"], error["code"]) for error in answer.json()["errors"]]
    assert (await mapper(service).get(f"{PARCELS}/{HOMESTEAD}")).status_code == 404


async def test_outline_without_coordinates_is_none(service: Service) -> None:
    answer = await put(service, parcel_sent(geometry={"type": "Polygon", "coordinates": []}))
    assert (answer.status_code, answer.json()["geometry"]) == (201, None)


async def test_only_the_map_office_writes_parcels(service: Service) -> None:
    assert (await client(service, ["clerk"]).put(f"{PARCELS}/{HOMESTEAD}", json=parcel_sent())).status_code == 403
    assert (await client(service).put(f"{PARCELS}/{HOMESTEAD}", json=parcel_sent())).status_code == 401
    assert (await mapper(service).put(f"{PARCELS}/nonsense", json=parcel_sent())).json()["code"] == "bad-parcel-code"


@pytest.mark.parametrize(
    ("params", "found"),
    [
        ({"bbox": "121.1,30.0,121.3,30.2"}, [HOMESTEAD]),
        ({"bbox": "120.1,30.0,120.3,30.2"}, []),
        ({"township_code": ZHOUXIANG}, [FACTORY]),
        ({"q": "某村"}, [HOMESTEAD]),
        ({"q": "100%"}, []),
        ({"q": FACTORY}, [FACTORY]),
        ({"q": FACTORY + "F00010001"}, [FACTORY]),
        ({"q": "3幢101"}, [FACTORY]),
        ({}, [HOMESTEAD, FACTORY]),
    ],
)
async def test_parcels_are_found_by_place_township_and_text(service: Service, params: dict[str, str], found: list[str]) -> None:
    await put(service, parcel_sent(geometry=SQUARE, addresses=["新浦镇某村1号"]))
    await put(service, factory_sent(township_code=ZHOUXIANG, units=[{"unit_number": "3幢101", "registered_use": None}]))
    items = (await mapper(service).get(PARCELS, params=params)).json()["items"]
    assert [item["parcel_code"] for item in items] == found


async def test_parcels_come_in_pages(service: Service) -> None:
    for number in range(3):
        await put(service, factory_sent(f"330282121001GB0000{number + 1}"))
    first = (await mapper(service).get(PARCELS, params={"limit": 2})).json()
    second = (await mapper(service).get(PARCELS, params={"limit": 2, "cursor": first["next_cursor"]})).json()
    assert (len(first["items"]), len(second["items"]), second["next_cursor"]) == (2, 1, None)
    assert (await mapper(service).get(PARCELS, params={"bbox": "1,2"})).json()["code"] == "bad-bbox"


async def test_import_stores_all_or_nothing(service: Service) -> None:
    good, bad = parcel_sent(geometry=SQUARE), factory_sent(registered_use=[{"scheme": "YDYH-2023", "code": "99"}])
    refused = await mapper(service).post(f"{PARCELS}:import", json=collection(good, bad))
    assert (refused.status_code, refused.json()["stored"]) == (422, 0)
    assert refused.json()["refused"][0]["index"] == 1
    assert refused.json()["refused"][0]["parcel_code"] == FACTORY
    assert refused.json()["refused"][0]["errors"][0]["pointer"] == "/properties/registered_use/0/code"
    assert (await mapper(service).get(f"{PARCELS}/{HOMESTEAD}")).status_code == 404
    stored = await mapper(service).post(f"{PARCELS}:import", json=collection(good, factory_sent()))
    assert (stored.status_code, stored.json()) == (200, {"stored": 2, "refused": []})
    twice = await mapper(service).post(f"{PARCELS}:import", json=collection(good, good))
    assert twice.json()["refused"][0]["errors"][0]["code"] == "duplicate-parcel"


@pytest.mark.parametrize(
    "body",
    [
        [],
        {"type": "FeatureCollection"},
        {"type": "FeatureCollection", "features": {}},
        {"type": "Feature"},
        {"type": "FeatureCollection", "features": [1, {"type": "Feature"}]},
        {"type": "FeatureCollection", "features": [], "crs": {"type": "name", "properties": {"name": "EPSG:3857"}}},
    ],
)
async def test_what_is_no_feature_collection_is_refused(service: Service, body: Any) -> None:
    assert (await mapper(service).post(f"{PARCELS}:import", json=body)).status_code == 422
