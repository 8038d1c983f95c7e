"""Rulings, registers, lists and checks over HTTP."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
from starlette.types import Receive, Scope, Send

from chassis.service import Service
from chassis.testing import client
from contracts.vocabulary import Action
from tests.land_check.calling import BASE, ENTRIES, REQUESTS, STATEMENTS, mapper, put, township
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
    land_check,
    paper_sent,
    parcel_sent,
)


def place_sent(parcel_code: str | None = HOMESTEAD, **changes: Any) -> dict[str, Any]:
    return {
        "premises": {"township_code": XINPU, "address": "新浦镇某村1号", "parcel_code": parcel_code},
        "industry_code": "C3851",
        **changes,
    }


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
    park = {"name": "小微园", "kind": "small_enterprise", "township_code": ZHOUXIANG}
    assert (await mapper(service).put(f"{BASE}/parks/P1", json=park)).status_code == 201
    assert (await mapper(service).put(f"{BASE}/parks/P1", json=park)).headers["ETag"] == '"1"'
    admission = {"enterprise_name": NAME, "uscc": None, "unit_number": None, "status": "approved", "decided_on": "2026-11-01"}
    admitted = await mapper(service).post(f"{BASE}/parks/P1/admissions", json=admission)
    assert (admitted.status_code, admitted.json()["status"]) == (201, "approved")
    assert (await mapper(service).post(f"{BASE}/parks/P9/admissions", json=admission)).status_code == 404


async def test_grades_of_a_year_to_come_are_stored_and_a_year_that_is_none_is_refused(service: Service) -> None:
    def grades(year: int) -> dict[str, Any]:
        return {"year": year, "items": [{"uscc": USCC_A, "grade": "A"}]}

    kept = await mapper(service).put(f"{BASE}/grades", json=grades(2027))
    assert (kept.status_code, kept.json()) == (200, {"stored": 1})
    assert [item["year"] for item in (await mapper(service).get(f"{BASE}/grades", params={"uscc": USCC_A})).json()["items"]] == [2027]
    for no_year in (1999, 2101, 202):
        refused = await mapper(service).put(f"{BASE}/grades", json=grades(no_year))
        assert (refused.status_code, [(e["pointer"], e["code"]) for e in refused.json()["errors"]]) == (422, [("/year", "out-of-range")])


async def test_an_enterprise_named_twice_with_one_grade_is_stored_once_and_with_two_refused(service: Service) -> None:
    def graded(*grades: str) -> dict[str, Any]:
        return {"year": 2025, "items": [{"uscc": USCC_A, "grade": grade} for grade in grades]}

    kept = await mapper(service).put(f"{BASE}/grades", json=graded("B", "B"))
    assert (kept.status_code, kept.json()) == (200, {"stored": 1})
    refused = await mapper(service).put(f"{BASE}/grades", json=graded("A", "B"))
    assert (refused.status_code, [(e["pointer"], e["code"]) for e in refused.json()["errors"]]) == (422, [("/items", "not-unique")])


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


async def test_check_of_a_change_that_needs_no_statement_tells_of_the_trade_and_the_lists(service: Service) -> None:
    await put(service, parcel_sent())
    entry = {"list": "inefficient", "enterprise_name": "旧厂", "controller": None, "parcel_code": HOMESTEAD, "found_on": "2026-10-01"}
    assert (await mapper(service).post(ENTRIES, json=entry | {"due": None})).status_code == 201
    place = place_sent(action=Action.AMEND_OTHER, processes=["spraying"])
    answer = (await client(service, ["clerk"]).post(f"{BASE}/checks", json=place)).json()
    assert (answer["statement"], answer["flags"]) == ("not_required", ["high_pollution"])
    assert [reason["code"] for reason in answer["reasons"]] == ["high_pollution_review", "open_list_review"]


async def test_check_of_a_manufacturer_with_an_office_alone_says_that_its_place_is_unknown(service: Service) -> None:
    await put(service, parcel_sent(VILLAGE_LAND, registered_use=[INDUSTRIAL]))
    office_alone = place_sent(VILLAGE_LAND)
    office_alone["premises"]["used_for_production"] = False
    answer = (await client(service, ["clerk"]).post(f"{BASE}/checks", json=office_alone)).json()
    assert (answer["land_verdict"], answer["statement"], answer["flags"]) == ("unknown", "undetermined", [])
    assert [reason["code"] for reason in answer["reasons"]] == ["production_site_missing"]


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
