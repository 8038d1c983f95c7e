"""The calls of registration over HTTP: who may what, what is answered, what is refused and how."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.registration.vocabulary import FACTORY, USCC_A, ZHOUXIANG, Door, door, land, sent

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


async def test_a_filing_is_answered_with_its_place_its_version_and_a_pending_decision(at: Door) -> None:
    answer = await at.caller("clerk")("POST", "/filings", sent())
    filing = answer.json()
    assert answer.headers["location"] == f"/registration/v1/filings/{filing['filing_id']}"
    assert answer.headers["etag"] == '"1"'
    assert {name: filing[name] for name in sent()} == sent()
    assert (filing["status"], filing["version"], filing["duplicate_of"], filing["appeal"]) == ("under_review", 1, None, None)
    decision = filing["decision"]
    assert (decision["outcome"], decision["land_verdict"], decision["statement"]) == ("hold", "pending", "undetermined")
    assert decision["notify"] == []


async def test_a_decision_carries_its_whole_evidence(at: Door) -> None:
    filing = await filed(at)
    await at.hear(filing, NO_PAPER)
    answer = await at.caller("clerk")("GET", f"/filings/{filing['filing_id']}")
    held, decision = answer.json(), answer.json()["decision"]
    assert (held["status"], answer.headers["etag"]) == ("held", '"2"')
    assert set(decision) == {
        "outcome", "flags", "tags", "land_verdict", "statement", "reasons", "policy", "policy_confirmed", "facts", "notify",
        "would_change_if", "decided_at",
    }  # fmt: skip
    (reason,) = decision["reasons"]
    assert (reason["code"], reason["rule"], reason["owner"], reason["due"]) == ("statement_missing", "R03", None, "2026-12-04")
    assert reason["clause"] == {
        "document": "慈政办发〔2021〕31号",
        "section": "二(三)",
        "quote": "市场监管部门对不能提供相关说明的此类企业不予登记",
    }
    assert set(reason["message"]) == set(reason["remedy"]) == {"zh", "en"}
    assert decision["policy"] == {"id": "cixi-source-control", "version": 1}
    assert set(decision["facts"][0]) == {"name", "value", "source", "as_of"}


# role: may read every filing, may withdraw it
RIGHTS = {
    "integrator": (404, 404),
    "auditor": (200, 403),
    "reviewer": (200, 403),
    "map_officer": (200, 403),
    "township_officer": (404, 404),
    "grid": (404, 404),
    "supervisor": (404, 404),
    "admin": (404, 404),
    "clerk": (200, 200),
}


async def test_who_may_see_and_who_may_act(at: Door) -> None:
    path = f"/filings/{(await filed(at))['filing_id']}"
    for role, (read, act) in RIGHTS.items():
        caller = at.caller(role)
        seen = [(await caller("GET", each)).status_code for each in (path, f"{path}/history", f"{path}/notice")]
        assert (role, *seen) == (role, read, read, read)
        assert (role, (await caller("POST", f"{path}:withdraw", version=1)).status_code) == (role, act)


async def test_only_applicants_submit(at: Door) -> None:
    for role in ("auditor", "grid", "township_officer", "reviewer"):
        for path in ("/filings", "/filings:batch", "/pre-checks"):
            assert problem(await at.caller(role)("POST", path, sent())) == (403, "forbidden")


async def test_without_a_token_nothing(at: Door) -> None:
    assert problem(await at.stranger()("POST", "/filings", sent())) == (401, "unauthenticated")
    assert problem(await at.stranger()("GET", "/filings/F1")) == (401, "unauthenticated")


async def test_an_integrator_sees_its_own_alone(at: Door) -> None:
    mine, other = at.caller("integrator", sub="agent-1"), at.caller("integrator", sub="agent-2")
    filing = (await mine("POST", "/filings", sent())).json()
    await filed(at, enterprise_name="另一家")
    assert [each["filing_id"] for each in (await mine("GET", "/filings")).json()["items"]] == [filing["filing_id"]]
    assert (await other("GET", "/filings")).json() == {"items": [], "next_cursor": None}
    assert problem(await other("POST", f"/filings/{filing['filing_id']}:withdraw", version=1)) == (404, "not-found")
    assert (await mine("GET", f"/filings/{filing['filing_id']}")).json()["applicant"]["phone"] == "13800000000"


async def test_the_applicants_person_is_for_few(at: Door) -> None:
    filing = await filed(at)
    for role, seen in (("clerk", True), ("auditor", True), ("reviewer", False), ("map_officer", False)):
        answer = await at.caller(role)("GET", f"/filings/{filing['filing_id']}")
        assert (answer.json()["applicant"] is not None) == seen
        assert ("张三" in (await at.caller(role)("GET", f"/filings/{filing['filing_id']}/notice")).text) == seen


async def test_a_repeated_key_gets_the_same_answer(at: Door) -> None:
    clerk = at.caller("clerk")
    first = await clerk("POST", "/filings", sent(), Idempotency_Key="k1")
    again = await clerk("POST", "/filings", sent(), Idempotency_Key="k1")
    assert (again.status_code, again.json(), again.headers["idempotency-replayed"]) == (201, first.json(), "true")
    other = await clerk("POST", "/filings", sent(enterprise_name="另一家"), Idempotency_Key="k1")
    assert problem(other) == (409, "idempotency-key-reused")


BAD_INPUT: list[tuple[dict[str, Any], str, str]] = [
    ({"action": "amend_scope"}, "/uscc", "uscc-required"),
    ({"uscc": "91330282MA2AAAAA10"}, "/uscc", "bad-uscc"),
    ({"industry_code": "9999"}, "/industry_code", "unknown-industry-code"),
    ({"industry_code": "A3851"}, "/industry_code", "unknown-industry-code"),
    ({"processes": ["spraying", "spraying"]}, "/processes", "not-unique"),
    ({"processes": ["baking"]}, "/processes/0", "not-in-list"),
    ({"premises__township_code": "330281001"}, "/premises/township_code", "unknown-township"),
    ({"premises__parcel_code": "0702"}, "/premises/parcel_code", "bad-parcel-code"),
    ({"premises__point": [200.0, 30.0]}, "/premises/point/0", "out-of-range"),
    ({"premises__unit_number": "330282112001JC00009F00010001"}, "/premises/unit_number", "unit-not-on-parcel"),
    ({"premises__used_for_production": "yes"}, "/premises/used_for_production", "not-boolean"),
    ({"premises__colour": "red"}, "/premises/colour", "unknown-field"),
    ({"enterprise_name": "  "}, "/enterprise_name", "text-blank"),
    ({"enterprise_name": "a\u202eb"}, "/enterprise_name", "text-invisible-characters"),
    ({"applicant": {"name": "张三"}}, "/applicant/phone", "required"),
    ({"new_land": {"area_mu": 0, "stand_alone": True}}, "/new_land/area_mu", "out-of-range"),
    ({"production_premises": sent()["premises"]}, "/production_premises", "two-production-places"),
    ({"client_ref": "r1"}, "/client_ref", "unknown-field"),
]


async def test_bad_input_is_named_by_field_and_code(at: Door) -> None:
    clerk = at.caller("clerk")
    for changes, pointer, code in BAD_INPUT:
        answer = await clerk("POST", "/filings", sent(**changes))
        assert answer.status_code == 422, changes
        assert (pointer, code) in [(error["pointer"], error["code"]) for error in answer.json()["errors"]], changes
    assert (await clerk("GET", "/filings")).json()["items"] == []


NO_JSON = [b"{", b"\xff", b'{"a": NaN}', b'{"enterprise_name": "\\ud800"}']


async def test_what_is_no_json_is_refused(at: Door) -> None:
    for body in NO_JSON:
        answer = await at.caller("clerk")("POST", "/filings", body, Content_Type="application/json")
        assert problem(answer) == (400, "invalid-json")


async def test_the_workshop_named_apart_is_the_place_that_counts(at: Door) -> None:
    workshop = sent(premises__township_code=ZHOUXIANG, premises__parcel_code=FACTORY)["premises"]
    office_elsewhere = sent(production_premises=workshop)
    del office_elsewhere["premises"]["used_for_production"]
    answer = await at.caller("clerk")("POST", "/filings", office_elsewhere)
    assert (answer.status_code, answer.json()["premises"]["used_for_production"]) == (201, False)
    found = (await at.caller("clerk")("GET", f"/filings?parcel_code={FACTORY}&township_code={ZHOUXIANG}")).json()["items"]
    assert [each["filing_id"] for each in found] == [answer.json()["filing_id"]]


async def test_the_other_code_of_the_zone_is_read_as_its_town(at: Door) -> None:
    assert (await filed(at, premises__township_code="330282402", premises__parcel_code=None))["premises"]["township_code"] == "330282123"


async def test_waiting_ends_when_the_filing_is_decided(at: Door) -> None:
    filing = await filed(at)
    path = f"/filings/{filing['filing_id']}"
    as_it_is = await at.caller("clerk")("GET", f"{path}?wait=0.05")
    assert (as_it_is.status_code, as_it_is.json()["status"]) == (200, "under_review")
    await at.hear(filing, NO_PAPER)
    assert (await at.caller("clerk")("GET", f"{path}?wait=5")).json()["status"] == "held"
    assert (await at.caller("clerk")("GET", f"{path}?wait=0.05&since_version=2")).json()["version"] == 2
    assert (await at.caller("clerk")("GET", f"{path}?wait=5&since_version=1")).json()["version"] == 2
    assert (await at.caller("clerk")("GET", f"{path}?wait=61")).status_code == 422


async def test_history_tells_every_version(at: Door) -> None:
    filing = await filed(at)
    await at.hear(filing, NO_PAPER)
    items = (await at.caller("auditor")("GET", f"/filings/{filing['filing_id']}/history")).json()["items"]
    assert [(item["version"], item["event"], item["by"]) for item in items] == [
        (1, "filing_submitted", "clerk"),
        (2, "filing_held", "land_check"),
    ]
    assert [item["decision"]["land_verdict"] for item in items] == ["pending", "non_industrial"]


async def test_lists_are_filtered_and_paged_without_loss(at: Door) -> None:
    names = [f"企业{number}" for number in range(5)]
    ids = [(await filed(at, enterprise_name=name))["filing_id"] for name in names]
    clerk, seen, cursor = at.caller("clerk"), [], ""
    while True:
        page = (await clerk("GET", f"/filings?limit=2{cursor}")).json()
        seen += [each["filing_id"] for each in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert seen == ids[::-1]
    await at.hear((await clerk("GET", f"/filings/{ids[0]}")).json(), NO_PAPER)
    for query, count in (
        ("status=held", 1),
        ("status=under_review", 4),
        ("enterprise=企业3", 1),
        (f"enterprise={USCC_A}", 0),
        ("township_code=330282112&parcel_code=330282112001JC00001", 5),
        ("from=2026-11-22&to=2026-11-22", 5),
        ("from=2026-11-23", 0),
        ("to=2026-11-21", 0),
        ("from=2026-11-22T03:59:00Z&to=2026-11-22T04:01:00Z", 5),
    ):
        assert len((await clerk("GET", f"/filings?{query}")).json()["items"]) == count, query


async def test_bad_filters_are_refused(at: Door) -> None:
    for query in ("status=lost", "township_code=1", "parcel_code=0702", "from=2026-02-30", "limit=501", "cursor=!!"):
        assert (await at.caller("clerk")("GET", f"/filings?{query}")).status_code == 422, query


async def test_the_notice_is_in_both_languages_and_escapes_what_was_written(at: Door) -> None:
    filing = await filed(at, enterprise_name="<script>alert(1)</script>", premises__address="<b>1号</b>")
    await at.hear(filing, NO_PAPER)
    for lang, first in (("zh", "一次性补正告知"), ("en", "Notice of what is missing")):
        page = await at.caller("clerk")("GET", f"/filings/{filing['filing_id']}/notice?lang={lang}")
        assert page.headers["content-type"].startswith("text/html")
        assert f"<title>{first}" in page.text
        assert "<script>" not in page.text
        assert "<b>" not in page.text
        for word in ("市场监管部门对不能提供相关说明的此类企业不予登记", "2026-12-04", "How to appeal", "救济途径"):
            assert word in page.text
    assert (await at.caller("clerk")("GET", f"/filings/{filing['filing_id']}/notice?lang=fr")).status_code == 422


async def test_a_filing_can_be_read_as_it_stood_at_any_moment(at: Door) -> None:
    call, path = at.caller("clerk"), "/filings"
    seen = [await filed(at)]
    path = f"/filings/{seen[0]['filing_id']}"
    for verb, body in (("amend", {"business_scope": "灯具制造"}), ("withdraw", {"reason": "不办了"})):
        at.clock.advance(timedelta(hours=1))
        answer = await call("POST", f"{path}:{verb}", body, version=seen[-1]["version"])
        assert answer.status_code == 200, answer.text
        seen.append(answer.json())
    lines = (await call("GET", f"{path}/history")).json()["items"]
    for line, then in zip(lines, seen, strict=True):
        answer = await call("GET", f"{path}?as_of={line['at']}")
        assert (answer.status_code, "etag" in answer.headers) == (200, False)
        assert answer.json() == {**then, "as_of": line["at"]}
    assert [one["business_scope"] for one in seen] == ["小家电制造", "灯具制造", "灯具制造"]
    assert problem(await call("GET", f"{path}?as_of=2020-01-01")) == (404, "not-known-then")
    assert problem(await call("GET", f"{path}?as_of=2199-01-01")) == (422, "as-of-to-come")
    assert problem(await call("GET", f"{path}?as_of=2026-01-01T09:00:00")) == (422, "not-a-time")
    assert problem(await call("GET", f"{path}?as_of=2026-01-01&wait=1")) == (422, "as-of-with-wait")
    assert problem(await at.caller("grid")("GET", f"{path}?as_of=2026-01-01")) == (404, "not-found")
