"""The verbs on filings over HTTP: which version, who, and what comes of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.registration.vocabulary import FACTORY, SHA, USCC_A, Door, door, land, sent

NO_PAPER = land("non_industrial", "required_missing", in_village=True)


@pytest.fixture
async def at(tmp_path: Path) -> AsyncIterator[Door]:
    async with door(tmp_path) as each:
        yield each


async def filed(at: Door, **changes: Any) -> dict[str, Any]:
    answer = await at.caller("clerk")("POST", "/filings", sent(**changes))
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def problem(answer: httpx.Response) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/problem+json"
    return answer.status_code, answer.json()["code"]


async def test_a_version_is_needed_and_must_be_the_one_seen(at: Door) -> None:
    clerk, filing = at.caller("clerk"), await filed(at)
    path = f"/filings/{filing['filing_id']}:withdraw"
    assert problem(await clerk("POST", path)) == (428, "precondition-required")
    assert problem(await clerk("POST", path, version=7)) == (412, "stale-version")
    withdrawn = await clerk("POST", path, {"reason": None}, version=1)
    assert (withdrawn.status_code, withdrawn.headers["etag"], withdrawn.json()["decision"]["outcome"]) == (200, '"2"', "closed")
    assert problem(await clerk("POST", path, version=2)) == (409, "wrong-state")


async def test_amended_in_part_the_rest_stays(at: Door) -> None:
    clerk, filing = at.caller("clerk"), await filed(at)
    path = f"/filings/{filing['filing_id']}:amend"
    amended = await clerk("POST", path, {"industry_code": "C2110", "processes": ["spraying"]}, version=1)
    body = amended.json()
    assert (body["industry_code"], body["processes"], body["business_scope"], body["version"]) == ("2110", ["spraying"], "小家电制造", 2)
    assert problem(await clerk("POST", path, {"uscc": USCC_A}, version=2)) == (422, "not-amendable")
    assert problem(await clerk("POST", path, {}, version=2)) == (422, "nothing-to-amend")
    wrong = await clerk("POST", path, {"colour": "red"}, version=2)
    assert (wrong.status_code, wrong.json()["errors"][0]["pointer"]) == (422, "/colour")
    assert problem(await clerk("POST", "/filings/F0:amend", {"park_id": None}, version=1)) == (404, "not-found")


async def test_a_place_of_production_named_later_is_taken_as_if_it_had_been_named_at_once(at: Door) -> None:
    filing, workshop = await filed(at), sent(premises__parcel_code=FACTORY)["premises"]
    path = f"/filings/{filing['filing_id']}:amend"
    both = await at.caller("clerk")("POST", path, {"premises": sent()["premises"], "production_premises": workshop}, version=1)
    assert problem(both) == (422, "two-production-places")
    amended = await at.caller("clerk")("POST", path, {"production_premises": workshop}, version=1)
    office = {name: value for name, value in sent()["premises"].items() if name != "used_for_production"}
    fresh = await filed(at, enterprise_name="另一家", premises=office, production_premises=workshop)
    assert amended.status_code == 200, amended.text
    for name in ("premises", "production_premises"):
        assert amended.json()[name] == fresh[name]


async def test_an_amendment_keeps_the_name_of_its_enterprise(at: Door) -> None:
    filing = await filed(at, action="amend_premises", uscc=USCC_A)
    answer = await at.caller("clerk")("POST", f"/filings/{filing['filing_id']}:amend", {"enterprise_name": "新名"}, version=1)
    assert problem(answer) == (422, "not-amendable")


async def test_refused_appealed_and_reversed(at: Door) -> None:
    clerk, mgo, filing = at.caller("clerk"), at.caller("reviewer", unit="MGO"), await filed(at)
    path = f"/filings/{filing['filing_id']}"
    await at.hear(filing, NO_PAPER)
    assert (await clerk("POST", f"{path}:declare-no-statement", version=2)).json()["status"] == "refused"
    opened = (await clerk("POST", f"{path}:appeal", {"text": "有异议", "documents": []}, version=3)).json()
    assert (opened["status"], opened["appeal"]["state"]) == ("refused", "open")
    decision = {"result": "reversed", "reason": "程序有误", "document_sha256": SHA}
    assert (await clerk("POST", f"{path}:decide-appeal", decision, version=4)).status_code == 403
    again = (await mgo("POST", f"{path}:decide-appeal", decision, version=4)).json()
    assert (again["status"], again["version"]) == ("held", 5)
    assert set(again["appeal"]) == {"state", "filed_at", "decided_at", "reason"}


async def test_reviewed_answered_and_recorded(at: Door) -> None:
    clerk, nrp, filing = at.caller("clerk"), at.caller("map_officer", unit="NRP"), await filed(at)
    path = f"/filings/{filing['filing_id']}"
    await at.hear(filing, land("unknown"))
    reply = {"code": "land_unknown", "text": "附证书", "documents": [{"name": "证书", "sha256": SHA}]}
    assert (await clerk("POST", f"{path}:answer", reply, version=2)).json()["version"] == 3
    word = {"code": "land_unknown", "result": "clear", "reason": "已核实", "document_sha256": None}
    assert (await nrp("POST", f"{path}:review", word, version=3)).json()["status"] == "accepted"
    assert problem(await nrp("POST", f"{path}:record-uscc", {"uscc": USCC_A}, version=4)) == (403, "forbidden")
    recorded = await clerk("POST", f"{path}:record-uscc", {"uscc": USCC_A}, version=4)
    assert (recorded.json()["uscc"], recorded.headers["etag"]) == (USCC_A, '"5"')
