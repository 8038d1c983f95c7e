"""Decided filings that a later policy set would decide otherwise: a case each, read and closed over HTTP; the filing never changes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from chassis import policies
from chassis.testing import NOON, received
from contracts.land_check import LandFindings, LandVerdictIssued, Review
from contracts.policy import CURRENT
from services.registration import handlers
from tests.parts.activations import activated, ref, turned
from tests.registration.vocabulary import SHA, XINPU, ZHOUXIANG, Door, door, land, sent

LIST = "/review-cases"
NO_PAPER = land("non_industrial", "required_missing", in_village=True)
VALID = land("non_industrial", "required_valid", in_village=True)
INDUSTRIAL = land("industrial", "not_required")
STRICT: dict[str, Any] = {"village_strict_mode": "refuse"}
STANDS = {"result": "stands", "reason": "已按当时规定办理", "document_sha256": None}


@pytest.fixture
async def at(tmp_path: Path) -> AsyncIterator[Door]:
    async with door(tmp_path) as each:
        yield each


async def accepted(at: Door, name: str = "慈溪某某电器有限公司", found: LandFindings = VALID, **changes: Any) -> dict[str, Any]:
    filing = (await at.caller("clerk")("POST", "/filings", sent(enterprise_name=name, **changes))).json()
    await at.hear(filing, found)
    decided = dict((await at.caller("clerk")("GET", f"/filings/{filing['filing_id']}")).json())
    assert decided["status"] == "accepted"
    return decided


async def hear_set(at: Door, version: int = 2, **switches: Any) -> None:
    await at.service.database.write(lambda tx: policies.hear([received(activated(version, **switches))], tx))


async def look(
    at: Door, filing: dict[str, Any], findings: LandFindings = VALID, version: int = 2, review: Review | None = None, revision: int = 1
) -> None:
    """The land side says again what it finds of a filing, under a set."""
    event = LandVerdictIssued(
        filing_id=filing["filing_id"],
        enterprise_name=filing["enterprise_name"],
        township_code=findings.township_code,
        parcel_code=findings.parcel_code,
        unit_number=None,
        revision=revision,
        land=findings,
        policy=ref(version),
        judged_at=NOON,
        review=review or Review(policy=CURRENT.ref),
    )
    await at.service.database.write(lambda tx: handlers.hear_land_verdicts([received(event)], tx))


async def listed(at: Door, query: str = "", *roles: str, **claims: Any) -> list[dict[str, Any]]:
    answer = await at.caller(*(roles or ("clerk",)), **claims)("GET", LIST + query)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["items"])


async def the_case(at: Door, **switches: Any) -> dict[str, Any]:
    """An accepted filing in a village, and the case that is opened when no exception is made there any more."""
    filing = await accepted(at)
    await hear_set(at, **(switches or STRICT))
    await look(at, filing)
    (case,) = await listed(at)
    return case


async def close(at: Door, case: dict[str, Any], sent: Any = STANDS, version: int | None = None, **claims: Any) -> httpx.Response:
    reviewer = at.caller("reviewer", **{"unit": "MGO", "sub": "mgo-1", **claims})
    return await reviewer("POST", f"{LIST}/{case['review_case_id']}:close", sent, version=version)


def problem(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


async def stored(at: Door) -> list[Any]:
    return await at.service.read(lambda tx: [tx.sql(f"SELECT * FROM {name}") for name in ("filing", "filing_history", "outbox")])  # noqa: S608


async def test_a_case_tells_what_was_decided_what_would_be_and_by_which_clause(at: Door) -> None:
    filing = await accepted(at)
    await hear_set(at, **STRICT)
    before = await stored(at)
    await look(at, filing)
    (case,) = await listed(at)
    assert (case["filing_id"], case["township_code"], case["state"], case["version"]) == (filing["filing_id"], XINPU, "open", 1)
    assert (case["was"], case["would_be"], case["policy"], case["was_by"]) == (
        "accept_flagged",
        "refuse",
        {"id": CURRENT.ref.id, "version": 2},
        {"id": CURRENT.ref.id, "version": 1},
    )
    assert (case["reasons"]["was"], case["flags"]["was"]) == ([], ["village_strict", "statement_relied_on"])
    (reason,) = case["reasons"]["would_be"]
    entry = turned(**STRICT).reason("statement_invalid", "village_strict")
    assert (reason["code"], reason["rule"], reason["clause"]) == ("statement_invalid", "R01", entry.clause.model_dump())
    assert {name: case[name] for name in ("result", "reason", "document_sha256", "closed_by", "closed_at")} == dict.fromkeys(
        ("result", "reason", "document_sha256", "closed_by", "closed_at")
    )
    one = await at.caller("auditor")("GET", f"{LIST}/{case['review_case_id']}")
    assert (one.status_code, one.json(), one.headers["etag"]) == (200, case, '"1"')
    assert await stored(at) == before, "nothing of the filing changes, and nothing is said"


async def test_a_refused_filing_that_would_be_accepted_is_a_case_too(at: Door) -> None:
    filing = (await at.caller("clerk")("POST", "/filings", sent())).json()
    await at.hear(filing, NO_PAPER)
    refused = await at.caller("clerk")("POST", f"/filings/{filing['filing_id']}:declare-no-statement", version=2)
    assert refused.json()["status"] == "refused"
    await hear_set(at, warehouse_counts_as_industrial=True)
    await look(at, filing, INDUSTRIAL, review=Review(policy=CURRENT.ref, before=NO_PAPER))
    (case,) = await listed(at)
    assert (case["was"], case["would_be"], case["reasons"]["would_be"]) == ("refuse", "accept", [])
    assert [reason["code"] for reason in case["reasons"]["was"]] == ["statement_missing"]


async def test_what_the_new_set_would_decide_alike_is_no_case(at: Door) -> None:
    filing = await accepted(at)
    await hear_set(at, three_phase_ban_scope="without_statement")
    await look(at, filing)
    assert await listed(at) == []


async def test_what_only_the_register_changed_since_is_no_matter_of_the_set(at: Door) -> None:
    filing = await accepted(at)
    await hear_set(at, three_phase_ban_scope="without_statement")
    await look(at, filing, NO_PAPER)
    assert await listed(at) == []


async def test_what_the_land_side_says_under_the_set_that_decided_opens_nothing(at: Door) -> None:
    filing = await accepted(at)
    for findings in (NO_PAPER, INDUSTRIAL):
        await look(at, filing, findings, version=1, review=Review())
    assert await listed(at) == []


async def test_where_the_set_before_is_not_known_the_decision_itself_is_compared(at: Door) -> None:
    filing = await accepted(at)
    await hear_set(at, **STRICT)
    await look(at, filing, review=Review())
    assert [case["would_be"] for case in await listed(at)] == ["refuse"]


async def test_findings_of_an_earlier_revision_and_of_unknown_filings_open_nothing(at: Door) -> None:
    filing = await accepted(at)
    await hear_set(at, **STRICT)
    await look(at, filing, revision=7)
    await look(at, {**filing, "filing_id": "fil_unknown"})
    assert await listed(at) == []


async def test_an_open_filing_is_judged_by_findings_said_for_review_as_by_any(at: Door) -> None:
    filing = (await at.caller("clerk")("POST", "/filings", sent())).json()
    await at.hear(filing, NO_PAPER)
    await hear_set(at, **STRICT)
    await look(at, filing, VALID)
    now = (await at.caller("clerk")("GET", f"/filings/{filing['filing_id']}")).json()
    assert (now["status"], now["decision"]["policy"]["version"]) == ("refused", 2)
    assert await listed(at) == []


async def test_heard_again_it_is_the_same_case_and_a_later_finding_revises_it_while_it_is_open(at: Door) -> None:
    filing = await accepted(at)
    await hear_set(at, **STRICT)
    for _ in range(2):
        await look(at, filing)
    (first,) = await listed(at)
    await look(at, filing, NO_PAPER, review=Review())
    (revised,) = await listed(at)
    assert (first["version"], revised["version"], revised["review_case_id"]) == (1, 2, first["review_case_id"])
    assert [reason["code"] for reason in revised["reasons"]["would_be"]] == ["statement_missing"]
    assert (await close(at, revised)).status_code == 200
    await look(at, filing)
    (closed,) = await listed(at)
    assert (closed["state"], closed["version"], closed["reasons"]) == ("closed", 3, revised["reasons"])


async def test_each_set_has_a_case_of_its_own(at: Door) -> None:
    case = await the_case(at)
    filing = {"filing_id": case["filing_id"], "enterprise_name": "慈溪某某电器有限公司"}
    await hear_set(at, 3, village_strict_mode="refuse", statement_valid_days=90)
    await look(at, filing, version=3, review=Review())
    assert [case["policy"]["version"] for case in await listed(at)] == [3, 2]


async def test_the_governance_office_closes_a_case_and_the_filing_stays(at: Door) -> None:
    case = await the_case(at)
    filing = (await at.caller("clerk")("GET", f"/filings/{case['filing_id']}")).json()
    sought = {"result": "set_aside_sought", "reason": "应予撤销，另行提请", "document_sha256": SHA}
    closed = await close(at, case, sought, version=1)
    assert (closed.status_code, closed.headers["etag"]) == (200, '"2"')
    body = closed.json()
    assert {name: body[name] for name in ("state", "result", "reason", "document_sha256", "closed_by", "closed_at")} == {
        "state": "closed", **sought, "closed_by": "mgo-1", "closed_at": body["closed_at"],
    }  # fmt: skip
    assert (await at.caller("clerk")("GET", f"/filings/{case['filing_id']}")).json() == filing
    assert problem(await close(at, case)) == (409, "wrong-state")
    assert (await listed(at, "?state=open"), await listed(at, "?state=closed")) == ([], [body])


async def test_only_a_reviewer_of_that_office_closes_one_and_only_as_it_stands(at: Door) -> None:
    case = await the_case(at)
    assert problem(await close(at, case, version=9)) == (412, "stale-version")
    assert problem(await close(at, case, unit="AMR")) == (403, "forbidden")
    path = f"{LIST}/{case['review_case_id']}:close"
    for role, claims, status in (
        ("clerk", {}, 403),
        ("auditor", {}, 403),
        ("supervisor", {"unit": "SG1"}, 403),
        ("township_officer", {"townships": [XINPU]}, 403),
        ("township_officer", {"townships": [ZHOUXIANG]}, 404),
        ("supervisor", {"unit": "SG2"}, 404),
        ("integrator", {}, 404),
        ("grid", {"unit": "PSC"}, 404),
        ("admin", {"unit": "MGO"}, 404),
    ):
        assert (await at.caller(role, **claims)("POST", path, STANDS)).status_code == status, (role, claims)
        assert (await at.caller(role, **claims)("GET", path.removesuffix(":close"))).status_code == (404 if status == 404 else 200)
    for wrong in ({}, {"result": "maybe", "reason": "r"}, {"result": "stands"}, {"result": "stands", "reason": ""}, STANDS | {"x": 1}):
        assert (await close(at, case, wrong)).status_code == 422, wrong
    assert problem(await close(at, {"review_case_id": "rvc_unknown"})) == (404, "not-found")
    assert (await close(at, case)).status_code == 200


async def test_each_sees_the_cases_of_their_townships(at: Door) -> None:
    here = await accepted(at)
    there = await accepted(
        at, "周巷某厂", VALID.model_copy(update={"township_code": ZHOUXIANG, "parcel_code": None}), premises__township_code=ZHOUXIANG,
        premises__parcel_code=None,
    )  # fmt: skip
    await hear_set(at, **STRICT)
    await look(at, here)
    await look(at, there, VALID.model_copy(update={"township_code": ZHOUXIANG, "parcel_code": None}))
    for roles, claims, count in (
        (("clerk",), {}, 2),
        (("reviewer",), {"unit": "EEB"}, 2),
        (("auditor",), {}, 2),
        (("township_officer",), {"townships": [XINPU]}, 1),
        (("township_officer",), {}, 0),
        (("supervisor",), {"unit": "SG9"}, 0),
    ):
        assert len(await listed(at, "", *roles, **claims)) == count, (roles, claims)
    assert sum([len(await listed(at, "", "supervisor", unit=unit)) for unit in ("SG1", "SG2", "SG3")]) == 2
    assert await listed(at, f"?township_code={ZHOUXIANG}", "township_officer", townships=[XINPU]) == []
    for role in ("integrator", "map_officer", "grid", "admin"):
        assert problem(await at.caller(role)("GET", LIST)) == (403, "forbidden")
    assert (await at.stranger()("GET", LIST)).status_code == 401


async def test_the_list_is_filtered_and_paged_newest_first(at: Door) -> None:
    assert await listed(at) == []
    filings = [await accepted(at, f"厂{number}") for number in range(3)]
    await hear_set(at, **STRICT)
    for filing in filings:
        await look(at, filing)
    clerk, seen, cursor = at.caller("clerk"), [], ""
    for _ in range(3):
        page = (await clerk("GET", f"{LIST}?limit=1{cursor}")).json()
        seen += [item["filing_id"] for item in page["items"]]
        cursor = f"&cursor={page['next_cursor']}"
    assert (seen, page["next_cursor"]) == ([filing["filing_id"] for filing in reversed(filings)], None)
    assert [case["filing_id"] for case in await listed(at, f"?filing_id={filings[1]['filing_id']}")] == [filings[1]["filing_id"]]
    assert len(await listed(at, f"?township_code={XINPU}&state=open")) == 3
    assert await listed(at, f"?township_code={ZHOUXIANG}") == []
    for query in ("state=late", "township_code=1", "cursor=!!", "limit=0", f"filing_id={'x' * 101}", "limit=99999999999999999999"):
        assert (await clerk("GET", f"{LIST}?{query}")).status_code == 422, query


async def test_a_set_tells_how_many_cases_its_activation_opened(at: Door) -> None:
    whole = turned(**STRICT).set.model_dump(mode="json")
    assert (await at.caller("admin", unit="MGO")("POST", "/policies", whole)).status_code == 201
    path = f"/policies/{CURRENT.ref.id}/2"
    assert (await at.caller("auditor")("GET", path)).json()["review_cases"] == {"open": 0, "closed": 0}
    case = await the_case(at)
    assert (await at.caller("auditor")("GET", path)).json()["review_cases"] == {"open": 1, "closed": 0}
    await close(at, case)
    assert (await at.caller("auditor")("GET", path)).json()["review_cases"] == {"open": 0, "closed": 1}
    assert (await at.caller("auditor")("GET", f"/policies/{CURRENT.ref.id}/{10**20}")).status_code == 422
