"""Setting aside and correcting over HTTP: what is asked of the caller, what the filing, its history, its notice and its days show."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from chassis.clock import CITY
from services.registration import tables
from services.registration.domain import Said
from tests.registration.vocabulary import SHA, Door, door, land, sent

INDUSTRIAL = land("industrial")
NO_PAPER = land("non_industrial", "required_missing", in_village=True)
WHY = {"reason": "准予登记所依据的事实有误", "document_sha256": SHA}


@pytest.fixture
async def at(tmp_path: Path) -> AsyncIterator[Door]:
    async with door(tmp_path) as each:
        at_time(each, "2026-11-23T09:00:00")
        yield each


def at_time(at: Door, moment: str) -> None:
    """The time in the city; 2026-11-23 is a Monday."""
    at.clock.set(datetime.fromisoformat(moment).replace(tzinfo=CITY))


async def accepted(at: Door) -> dict[str, Any]:
    filing = dict((await at.caller("clerk")("POST", "/filings", sent())).json())
    await at.hear(filing, INDUSTRIAL)
    return await read(at, filing)


async def read(at: Door, filing: dict[str, Any], query: str = "") -> dict[str, Any]:
    return dict((await at.caller("clerk")("GET", f"/filings/{filing['filing_id']}{query}")).json())


async def set_aside(at: Door, filing: dict[str, Any], body: Any = WHY, **claims: Any) -> httpx.Response:
    reviewer = at.caller("reviewer", **{"unit": "MGO", **claims})
    return await reviewer("POST", f"/filings/{filing['filing_id']}:set-aside", body, version=filing["version"])


def problem(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


async def test_it_is_asked_for_by_the_version_seen_with_a_reason(at: Door) -> None:
    filing = await accepted(at)
    reviewer = at.caller("reviewer", unit="MGO")
    path = f"/filings/{filing['filing_id']}:set-aside"
    assert problem(await reviewer("POST", path, WHY)) == (428, "precondition-required")
    assert problem(await reviewer("POST", path, WHY, version=1)) == (412, "stale-version")
    for body in ({}, {"reason": " "}, {"reason": None}, {"reason": "误", "document_sha256": "x"}, {"reason": "误", "by": "x"}):
        assert (await set_aside(at, filing, body)).status_code == 422, body
    assert problem(await set_aside(at, filing, unit="AMR")) == (403, "forbidden")
    answer = await set_aside(at, filing, {"reason": "误"})
    assert (answer.status_code, answer.headers["etag"], answer.json()["set_aside"][0]["document_sha256"]) == (200, '"3"', None)
    assert problem(await set_aside(at, answer.json())) == (409, "wrong-state")


async def test_the_old_decision_stays_on_the_filing_in_its_history_and_as_of_then(at: Door) -> None:
    before = await accepted(at)
    at_time(at, "2026-11-24T09:00:00")
    held = (await set_aside(at, before, sub="mgo-1")).json()
    (line,) = held["set_aside"]
    assert (line["by"], line["unit"], line["reason"], line["document_sha256"]) == ("mgo-1", "MGO", WHY["reason"], SHA)
    assert line["decision"] == before["decision"]
    assert [reason["owner"] for reason in held["decision"]["reasons"]] == ["MGO"]
    lines = (await at.caller("clerk")("GET", f"/filings/{before['filing_id']}/history")).json()["items"]
    assert [(each["version"], each["event"], each["decision"]["outcome"]) for each in lines[1:]] == [
        (2, "filing_accepted", "accept"),
        (3, "filing_set_aside", "hold"),
    ]
    then = await read(at, before, "?as_of=2026-11-23")
    assert (then["status"], then["decision"], then["set_aside"]) == ("accepted", before["decision"], [])
    now = await read(at, before)
    assert (now["status"], now["set_aside"]) == ("held", held["set_aside"])


async def test_its_notice_says_so_in_both_languages_with_day_reason_and_what_can_be_done(at: Door) -> None:
    before = await accepted(at)
    at_time(at, "2026-11-24T09:30:00")
    filing = (await set_aside(at, before)).json()
    clerk, path = at.caller("clerk"), f"/filings/{filing['filing_id']}/notice"
    page = (await clerk("GET", path)).text
    for words in (
        "决定撤销、重新审查通知",
        "Notice that a decision was set aside and is taken again",
        "已撤销的决定",
        "Decisions that were set aside",
        "准予登记通知",
        "2026-11-23 09:00",
        "2026-11-24 09:30",
        "市制造业治理办公室",
        "行政复议",
        "administrative review can be sought as the law provides",
    ):
        assert words in page
    assert page.count(WHY["reason"]) == 2, "once in each language"
    pdf = await clerk("GET", f"{path}?format=pdf")
    assert (pdf.status_code, pdf.content[:5]) == (200, b"%PDF-")
    await at.hear(filing, INDUSTRIAL)
    word = {"code": "set_aside_review", "result": "clear", "reason": "已核实"}
    cleared = await at.caller("reviewer", sub="mgo-2", unit="MGO")("POST", f"/filings/{filing['filing_id']}:review", word, version=4)
    assert cleared.json()["status"] == "accepted"
    again = (await clerk("GET", path)).text
    assert "决定撤销、重新审查通知" not in again
    assert again.count(WHY["reason"]) == 2, "the new acceptance still tells of the old one"


async def test_the_registrars_days_stood_still_while_it_was_accepted(at: Door) -> None:
    filing = dict((await at.caller("clerk")("POST", "/filings", sent())).json())
    at_time(at, "2026-11-24T09:00:00")  # a day on which it stood still for any part of it does not count
    await at.hear(filing, INDUSTRIAL)
    at_time(at, "2026-12-08T09:00:00")
    held = (await set_aside(at, await read(at, filing))).json()
    assert held["deadlines"] == [{"kind": "registration", "due": "2026-12-11", "paused_since": None, "owner": "AMR"}]
    await at.hear(filing, NO_PAPER)
    assert (await read(at, filing))["deadlines"] == [
        {"kind": "registration", "due": None, "paused_since": "2026-12-08", "owner": "AMR"},
        {"kind": "correction", "due": "2026-12-22", "paused_since": None, "owner": "AMR"},
    ]


async def test_a_filing_stored_before_anything_could_be_set_aside_is_read_as_ever(at: Door) -> None:
    filing = await accepted(at)
    old = tables.said_in('{"reviews":[],"cannot_provide":false,"clock":null,"overruled":[],"answers":[],"appeal":null,"told":[]}')
    assert old == Said()
    stored = await at.service.database.read(lambda tx: tx.rows(text("SELECT said FROM filing")))
    assert stored[0].said is None
    assert (await read(at, filing))["set_aside"] == []


async def test_a_slip_is_put_right_and_what_stood_before_can_still_be_read(at: Door) -> None:
    filing = await accepted(at)
    at_time(at, "2026-11-24T09:00:00")
    clerk, path = at.caller("clerk"), f"/filings/{filing['filing_id']}:correct"
    right = {"applicant": {"name": "张三", "phone": "0574-11111111"}, "reason": "电话录入有误"}
    assert problem(await clerk("POST", path, right)) == (428, "precondition-required")
    corrected = await clerk("POST", path, right, version=2)
    body = corrected.json()
    assert (corrected.status_code, body["version"], body["applicant"]["phone"]) == (200, 3, "0574-11111111")
    assert (body["decision"], body["corrections"][0]["fields"]) == (filing["decision"], ["applicant"])
    then = await read(at, filing, "?as_of=2026-11-23")
    assert (then["applicant"], then["corrections"]) == (filing["applicant"], [])
    for wrong in (
        {"reason": "误"},
        {"business_scope": "x"},
        {"enterprise_name": "新名", "reason": "误"},
        {"applicant": {}, "reason": "误"},
    ):
        assert (await clerk("POST", path, wrong, version=3)).status_code == 422, wrong
    assert problem(await at.caller("reviewer", unit="MGO")("POST", path, right, version=3)) == (403, "forbidden")
