"""land_check over HTTP: who may do what, what is answered, what is refused."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from starlette.types import Receive, Scope, Send

from chassis.service import Service
from chassis.testing import client
from contracts.vocabulary import Action
from tests.land_check.vocabulary import (
    FACTORY,
    HOMESTEAD,
    HOUSE,
    INDUSTRIAL,
    NAME,
    SHOP,
    USCC_A,
    VILLAGE_LAND,
    XINPU,
    ZHOUXIANG,
    factory_sent,
    facts,
    filed,
    issue_sent,
    land_check,
    paper_sent,
    parcel_sent,
)

BASE = "/land-check/v1"
PARCELS, REQUESTS, STATEMENTS, ENTRIES = f"{BASE}/parcels", f"{BASE}/statement-requests", f"{BASE}/statements", f"{BASE}/list-entries"
SQUARE = {"type": "Polygon", "coordinates": [[[121.2, 30.1], [121.201, 30.1], [121.201, 30.101], [121.2, 30.101], [121.2, 30.1]]]}


@pytest_asyncio.fixture
async def service(tmp_path: Path) -> AsyncIterator[Service]:
    async with land_check(tmp_path) as running:
        yield running


def mapper(service: Service) -> httpx.AsyncClient:
    return client(service, ["map_officer"], sub="map-1", unit="NRP")


def township(service: Service, code: str = XINPU) -> httpx.AsyncClient:
    return client(service, ["township_officer"], sub=f"officer-{code}", name="王五", townships=[code])


async def put(service: Service, body: dict[str, Any]) -> httpx.Response:
    return await mapper(service).put(f"{PARCELS}/{body['parcel_code']}", json=body)


def outline(*ring: list[float]) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": [list(ring)]}


async def pending(service: Service) -> dict[str, Any]:
    items: list[dict[str, Any]] = (await township(service).get(REQUESTS, params={"status": "pending"})).json()["items"]
    assert len(items) == 1
    return items[0]


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


def collection(*parcels: dict[str, Any]) -> dict[str, Any]:
    features = [
        {"type": "Feature", "geometry": body["geometry"], "properties": {name: value for name, value in body.items() if name != "geometry"}}
        for body in parcels
    ]
    return {"type": "FeatureCollection", "features": features}


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


async def test_statement_goes_from_request_to_check_code(service: Service) -> None:
    await put(service, parcel_sent())
    await filed(service)
    asked = await pending(service)
    assert (asked["enterprise_name"], asked["flags"], asked["due"]) == (NAME, ["village_strict"], "2026-12-04")
    url = f"{REQUESTS}/{asked['statement_request_id']}:issue"
    assert (await township(service, ZHOUXIANG).post(url, json=issue_sent())).status_code == 404
    assert (await mapper(service).post(url, json=issue_sent())).status_code == 403
    assert (await client(service, ["grid"]).post(url, json=issue_sent())).status_code == 404
    assert (await township(service).post(url, json=issue_sent(second_officer=None))).json()["code"] == "second-officer-required"
    issued = await township(service).post(url, json=issue_sent())
    assert (issued.status_code, issued.json()["state"], issued.json()["filing_id"]) == (201, "valid", "F1")
    assert (await township(service).post(url, json=issue_sent())).json()["code"] == "not-pending"
    seen = (await client(service).get(f"{BASE}/statement-checks/{issued.json()['check_code'].lower()}")).json()
    assert seen == {
        "issuer": {"type": "township", "township_code": XINPU, "name": "新浦镇人民政府"},
        "issued_on": "2026-11-22",
        "valid_to": "2027-05-21",
        "state": "valid",
    }


async def test_requests_are_seen_by_their_township_and_by_those_who_see_all(service: Service) -> None:
    await put(service, parcel_sent())
    await filed(service)
    assert len((await client(service, ["clerk"]).get(REQUESTS, params={"filing_id": "F1"})).json()["items"]) == 1
    assert (await township(service, ZHOUXIANG).get(REQUESTS)).json()["items"] == []
    assert (await client(service, ["integrator"]).get(REQUESTS)).status_code == 403


async def test_paper_is_recorded_read_listed_revoked(service: Service) -> None:
    await put(service, parcel_sent())
    created = await township(service).post(STATEMENTS, json=paper_sent())
    assert (created.status_code, created.json()["state"], created.json()["findings"]) == (201, "valid", [])
    one = await township(service).get(created.headers["Location"])
    assert one.json() == created.json()
    assert (await township(service, ZHOUXIANG).get(created.headers["Location"])).status_code == 404
    listed = await client(service, ["clerk"]).get(STATEMENTS, params={"enterprise": "慈溪某某电器 有限公司", "parcel_code": HOMESTEAD})
    assert [item["statement_id"] for item in listed.json()["items"]] == [created.json()["statement_id"]]
    revoke = f"{STATEMENTS}/{created.json()['statement_id']}:revoke"
    assert (await client(service, ["clerk"]).post(revoke, json={"reason": "x"})).status_code == 403
    revoked = await township(service).post(revoke, json={"reason": "权属有变"})
    assert (revoked.status_code, revoked.json()["state"], revoked.headers["ETag"]) == (200, "revoked", '"2"')


@pytest.mark.parametrize(
    ("changes", "pointer", "code"),
    [
        ({"issued_on": "2026-11-23"}, "/issued_on", "issued-on-future"),
        ({"valid_to": "2026-10-01"}, "", "valid-to-before-issue"),
        ({"parcel_code": None}, "", "parcel-or-filing-required"),
        ({"document_sha256": "abc"}, "/document_sha256", "bad-sha256"),
        ({"issuer": {"type": "township", "name": "某镇"}}, "/issuer", "issuer-township-required"),
        ({"owner": "李\u202e四"}, "/owner", "text-invisible-characters"),
        ({"uscc": "91330282MA2AAAAA1D"}, "/uscc", "bad-uscc"),
    ],
)
async def test_bad_paper_is_refused_with_its_field(service: Service, changes: dict[str, Any], pointer: str, code: str) -> None:
    answer = await township(service).post(STATEMENTS, json=paper_sent(**changes))
    assert answer.status_code == 422
    assert [(error["pointer"], error["code"]) for error in answer.json()["errors"]] == [(pointer, code)]


async def test_idempotency_key_gives_the_same_statement(service: Service) -> None:
    await put(service, parcel_sent())
    headers = {"Idempotency-Key": "paper-1"}
    first = await township(service).post(STATEMENTS, json=paper_sent(), headers=headers)
    again = await township(service).post(STATEMENTS, json=paper_sent(), headers=headers)
    assert (again.headers["Idempotency-Replayed"], again.json()) == ("true", first.json())


async def test_check_code_is_not_asked_too_often(tmp_path: Path) -> None:
    async with land_check(tmp_path, land_check_lookups_per_minute=3) as service:
        answers = [await client(service).get(f"{BASE}/statement-checks/NOTHINGHERE") for _ in range(4)]
        assert [answer.status_code for answer in answers] == [404, 404, 404, 429]
        assert int(answers[-1].headers["Retry-After"]) >= 1


async def test_map_office_resolves_a_mixed_parcel_and_names_a_township(service: Service) -> None:
    await put(service, factory_sent(registered_use=[INDUSTRIAL, SHOP], township_code=ZHOUXIANG))
    await filed(service, "F1", facts(FACTORY))
    resolved = await mapper(service).post(f"{BASE}/filings/F1:resolve-unit", json={"part": "industrial_part", "reason": "厂房在北侧"})
    assert (resolved.status_code, resolved.json()["land_verdict"]) == (200, "industrial")
    moved = await mapper(service).post(f"{BASE}/filings/F1:set-township", json={"township_code": "330282402", "reason": "按界线"})
    assert moved.json()["township_code"] == "330282123"
    assert (await client(service, ["clerk"]).post(f"{BASE}/filings/F1:resolve-unit", json={})).status_code == 403


async def test_grades_parks_and_admissions_are_recorded(service: Service) -> None:
    graded = await mapper(service).put(f"{BASE}/grades", json={"year": 2025, "items": [{"uscc": USCC_A, "grade": "A"}]})
    assert (graded.status_code, graded.json()) == (200, {"stored": 1})
    assert (await mapper(service).get(f"{BASE}/grades", params={"uscc": USCC_A})).json()["items"][0]["grade"] == "A"
    assert (await mapper(service).put(f"{BASE}/grades", json={"year": 2027, "items": []})).json()["code"] == "year-in-the-future"
    park = {"name": "小微园", "kind": "small_enterprise", "township_code": ZHOUXIANG}
    assert (await mapper(service).put(f"{BASE}/parks/P1", json=park)).status_code == 201
    assert (await mapper(service).put(f"{BASE}/parks/P1", json=park)).headers["ETag"] == '"1"'
    admission = {"enterprise_name": NAME, "uscc": None, "unit_number": None, "status": "approved", "decided_on": "2026-11-01"}
    admitted = await mapper(service).post(f"{BASE}/parks/P1/admissions", json=admission)
    assert (admitted.status_code, admitted.json()["status"]) == (201, "approved")
    assert (await mapper(service).post(f"{BASE}/parks/P9/admissions", json=admission)).status_code == 404


async def test_list_entries_are_opened_advanced_closed(service: Service) -> None:
    await put(service, parcel_sent())
    sent = {
        "list": "inefficient",
        "enterprise_name": "旧厂",
        "controller": {"name": "周八"},
        "parcel_code": HOMESTEAD,
        "found_on": "2026-10-01",
    }
    opened = await township(service).post(ENTRIES, json=sent)
    assert (opened.status_code, opened.json()["status"], opened.json()["cause"]) == (201, "found", None)
    entry = f"{ENTRIES}/{opened.json()['entry_id']}"
    wrong = await mapper(service).post(f"{entry}:advance", json={"to": "checked", "reason": "x"})
    assert (wrong.status_code, wrong.json()["code"]) == (409, "wrong-step")
    assert (await mapper(service).post(f"{entry}:advance", json={"to": "confirmed", "reason": "属实"})).json()["status"] == "confirmed"
    assert (await township(service, ZHOUXIANG).post(f"{entry}:close", json={"result": "delisted", "reason": "x"})).status_code == 404
    closed = await township(service).post(f"{entry}:close", json={"result": "delisted", "reason": "已整改"})
    assert (closed.status_code, closed.json()["status"]) == (200, "delisted")
    group = client(service, ["supervisor"], unit="SG1")
    assert len((await group.get(ENTRIES, params={"list": "inefficient", "parcel_code": HOMESTEAD})).json()["items"]) == 1
    assert (await client(service, ["supervisor"], unit="SG3").get(ENTRIES)).json()["items"] == []


def place_sent(parcel_code: str | None = HOMESTEAD, **changes: Any) -> dict[str, Any]:
    return {
        "premises": {"township_code": XINPU, "address": "新浦镇某村1号", "parcel_code": parcel_code},
        "industry_code": "C3851",
        **changes,
    }


async def test_check_tells_what_a_filing_would_be_told_and_keeps_nothing(service: Service) -> None:
    await put(service, parcel_sent())
    answer = (await client(service, ["supervisor"]).post(f"{BASE}/checks", json=place_sent(processes=["spraying"]))).json()
    assert (answer["land_verdict"], answer["statement"], answer["three_phase"]) == ("non_industrial", "required_missing", "hold")
    assert answer["flags"] == ["village_strict", "high_pollution"]
    assert [reason["code"] for reason in answer["reasons"]] == ["statement_missing", "high_pollution_review"]
    assert answer["findings"]["matched_by"] == "parcel_code"
    assert (await client(service, ["clerk"]).get(REQUESTS)).json()["items"] == []
    unknown = (await client(service, ["clerk"]).post(f"{BASE}/checks", json=place_sent(FACTORY))).json()
    assert (unknown["land_verdict"], [reason["code"] for reason in unknown["reasons"]]) == ("unknown", ["land_unknown"])


async def test_check_counts_a_paper_that_waits_for_the_filing(service: Service) -> None:
    await put(service, parcel_sent())
    await township(service).post(STATEMENTS, json=paper_sent())
    answer = (await client(service, ["clerk"]).post(f"{BASE}/checks", json=place_sent(enterprise_name=NAME))).json()
    assert (answer["statement"], answer["reasons"]) == ("required_valid", [])
    other = (
        await client(service, ["clerk"]).post(f"{BASE}/checks", json=place_sent(enterprise_name=NAME, action=Action.AMEND_OTHER))
    ).json()
    assert other["statement"] == "not_required"
    assert (await township(service).get(STATEMENTS)).json()["items"][0]["filing_id"] is None


async def test_power_side_is_asked_in_the_callers_name(tmp_path: Path) -> None:
    seen: list[dict[str, Any]] = []

    async def power(scope: Scope, receive: Receive, send: Send) -> None:
        body = (await receive())["body"]
        seen.append({"headers": dict(scope["headers"]), "path": scope["path"], "body": body})
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]})
        await send({"type": "http.response.body", "body": b'{"three_phase": "block", "single_phase": "not_restricted"}'})

    peers = httpx.AsyncClient(transport=httpx.ASGITransport(power), base_url="http://peers")
    async with land_check(tmp_path, peers=peers) as service:
        await put(service, parcel_sent(VILLAGE_LAND, registered_use=[HOUSE]))
        caller = client(service, ["clerk"])
        answer = await caller.post(f"{BASE}/checks", json=place_sent(VILLAGE_LAND))
        assert answer.json()["three_phase"] == "block"
        assert seen[0]["path"] == "/power-grid/v1/checks"
        assert seen[0]["headers"][b"authorization"].decode() == caller.headers["Authorization"]


async def test_openapi_describes_every_call_in_two_languages(service: Service) -> None:
    paths = service.app.openapi()["paths"]
    for path, calls in paths.items():
        if path.startswith(BASE):
            assert all(" / " in call["description"] for call in calls.values()), path
