"""Requests, papers and check codes over HTTP."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from chassis.service import Service
from chassis.testing import client
from tests.land_check.calling import BASE, REQUESTS, STATEMENTS, mapper, pending, put, township
from tests.land_check.vocabulary import (
    HOMESTEAD,
    NAME,
    XINPU,
    ZHOUXIANG,
    filed,
    issue_sent,
    land_check,
    paper_sent,
    parcel_sent,
)


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


async def test_a_bound_paper_goes_with_its_filing_to_the_township_that_answers_for_it_now(service: Service) -> None:
    await put(service, parcel_sent())
    await filed(service)
    issuer = {"type": "township", "township_code": ZHOUXIANG, "name": "周巷镇人民政府"}
    recorded = await township(service).post(STATEMENTS, json=paper_sent(filing_id="F1", issuer=issuer))
    assert recorded.json()["findings"] == ["wrong_township"]
    await mapper(service).post(f"{BASE}/filings/F1:set-township", json={"township_code": ZHOUXIANG, "reason": "界线"})
    one = recorded.headers["Location"]
    assert (await township(service).get(one)).status_code == 404
    assert (await township(service).post(f"{one}:revoke", json={"reason": "x"})).status_code == 404
    assert (await township(service).get(STATEMENTS)).json()["items"] == []
    seen = (await township(service, ZHOUXIANG).get(one)).json()
    assert (seen["township_code"], seen["state"], seen["recorded_by"]) == (ZHOUXIANG, "valid", f"officer-{XINPU}")
    history = (await township(service, ZHOUXIANG).get(f"{one}/history")).json()
    assert [(item["event"], item["township_code"]) for item in history["items"]] == [
        ("recorded", XINPU),
        ("moved", ZHOUXIANG),
        ("judged_again", ZHOUXIANG),
    ]
    assert history["complete"]
    revoked = await township(service, ZHOUXIANG).post(f"{one}:revoke", json={"reason": "权属有变"})
    assert (revoked.status_code, revoked.json()["state"]) == (200, "revoked")


@pytest.mark.parametrize(
    ("changes", "pointer", "code"),
    [
        ({"issued_on": "2026-11-23"}, "/issued_on", "issued-on-future"),
        ({"parcel_code": None}, "/parcel_code", "parcel-or-filing-required"),
        ({"document_sha256": "abc"}, "/document_sha256", "bad-sha256"),
        ({"issuer": {"type": "township", "name": "某镇"}}, "/issuer/township_code", "issuer-township-required"),
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
