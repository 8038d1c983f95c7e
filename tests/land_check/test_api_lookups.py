"""The public check of a statement: four facts for anyone, as JSON or as a page for a phone, and nothing to learn beyond them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.requests import Request

from chassis.clock import FixedClock
from chassis.service import Service
from chassis.testing import client
from services.land_check.api.lookups import Lookups, caller_of, code_as_written
from services.land_check.api.paper_words import FAILURES, STATES
from services.land_check.domain import CheckState
from services.land_check.handlers.statements import CHECK_ALPHABET, CHECK_PLACES, new_check_code
from tests.land_check.calling import BASE, STATEMENTS, put, township
from tests.land_check.vocabulary import HOMESTEAD, NAME, XINPU, land_check, noon, paper_sent, parcel_sent

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
FACTS = {"issuer", "issued_on", "valid_to", "state"}
UNKNOWN = "22222222222T"


async def check(service: Service, code: str, accept: str | None = None) -> httpx.Response:
    return await client(service).get(f"{BASE}/statement-checks/{code}", headers={} if accept is None else {"Accept": accept})


async def paper(service: Service, **changes: Any) -> dict[str, Any]:
    await put(service, parcel_sent())
    recorded: dict[str, Any] = (await township(service).post(STATEMENTS, json=paper_sent(**changes))).json()
    return recorded


async def denounced(service: Service, verb: str) -> dict[str, Any]:
    recorded = await paper(service)
    done = await township(service).post(f"{STATEMENTS}/{recorded['statement_id']}:{verb}", json={"reason": "查明"})
    assert done.status_code == 200
    return recorded


@pytest.mark.parametrize("accept", [None, "*/*", "application/json", "application/json, text/html;q=0.5", "text/plain", ""])
async def test_everybody_but_a_browser_gets_json(service: Service, accept: str | None) -> None:
    answer = await check(service, (await paper(service))["check_code"], accept)
    assert (answer.status_code, answer.headers["Content-Type"], set(answer.json())) == (200, "application/json", FACTS)
    assert (answer.headers["Cache-Control"], answer.headers["Vary"]) == ("no-store", "Accept")


async def test_a_browser_gets_a_page_with_the_same_four_facts_and_nothing_else(service: Service) -> None:
    recorded = await paper(service)
    told = (await check(service, recorded["check_code"])).json()
    page = await check(service, recorded["check_code"], BROWSER)
    assert (page.status_code, page.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    facts = re.findall(r"<dt>(.+?) <span.*?</dt><dd>(.*?)</dd>", page.text)
    assert facts == [("出具单位", told["issuer"]["name"]), ("出具日期", told["issued_on"]), ("有效期至", told["valid_to"])]
    assert re.search(r'<strong>有效 <span lang="en">Valid</span></strong>', page.text)
    for hidden in (
        NAME,
        HOMESTEAD,
        "李四",
        "陈七",
        "宅基地",
        recorded["check_code"],
        recorded["statement_id"],
        recorded["document_sha256"],
    ):
        assert hidden not in page.text


@pytest.mark.parametrize("code", ["", UNKNOWN, "x" * 300], ids=["known", "unknown", "malformed"])
async def test_no_page_is_kept_framed_scripted_or_fetches_anything(service: Service, code: str) -> None:
    page = await check(service, code or (await paper(service))["check_code"], BROWSER)
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Vary"] == "Accept"
    assert page.headers["X-Content-Type-Options"] == "nosniff"
    assert page.headers["Referrer-Policy"] == "no-referrer"
    policy = page.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'; img-src data:;")
    assert "frame-ancestors 'none'" in policy
    assert not re.search(r"<script|<form|<iframe|https?://|url\(|@import", page.text)
    assert "Set-Cookie" not in page.headers


@pytest.mark.parametrize(("verb", "state"), [("revoke", "revoked"), ("report-forged", "forged")])
async def test_a_statement_that_was_taken_back_says_so_plainly(service: Service, verb: str, state: str) -> None:
    recorded = await denounced(service, verb)
    assert (await check(service, recorded["check_code"])).json()["state"] == state
    page = await check(service, recorded["check_code"], BROWSER)
    assert f"<strong>{STATES[state].word.zh} <span" in page.text
    assert "查明</" not in page.text, "why it was taken back is not told"


async def test_a_statement_is_good_on_its_last_day_and_expired_after_it(tmp_path: Path) -> None:
    async with land_check(tmp_path) as service:
        recorded = await paper(service, valid_to="2026-11-22")
        assert (await check(service, recorded["check_code"])).json()["state"] == "valid"
        assert isinstance(service.clock, FixedClock)
        service.clock.set(noon("2026-11-23"))
        assert (await check(service, recorded["check_code"])).json()["state"] == "expired"
        page = (await check(service, recorded["check_code"], BROWSER)).text
        assert "<strong>已过有效期 <span" in page
        assert "<dd>2026-11-22 （已届满 over）</dd>" in page


async def test_a_paper_that_was_brought_too_late_is_invalid_and_its_last_day_is_called_over(service: Service) -> None:
    recorded = await paper(service, valid_to="2026-11-21")
    assert (await check(service, recorded["check_code"])).json()["state"] == "invalid"
    page = (await check(service, recorded["check_code"], BROWSER)).text
    assert "<strong>不符合要求 <span" in page
    assert "<dd>2026-11-21 （已届满 over）</dd>" in page


async def test_an_issuer_that_is_no_organisation_is_not_named(service: Service) -> None:
    recorded = await paper(service, issuer={"type": "other", "township_code": XINPU, "name": "张三丰"})
    assert (await check(service, recorded["check_code"])).json()["issuer"]["name"] is None
    page = (await check(service, recorded["check_code"], BROWSER)).text
    assert "张三丰" not in page
    assert "新浦镇" in page


async def test_what_an_issuer_is_called_is_text_and_no_markup(service: Service) -> None:
    recorded = await paper(service, issuer={"type": "township", "township_code": XINPU, "name": "<b>镇</b>&"})
    page = (await check(service, recorded["check_code"], BROWSER)).text
    assert "&lt;b&gt;镇&lt;/b&gt;&amp;" in page


async def test_unknown_codes_cannot_be_told_apart(service: Service) -> None:
    known = (await paper(service))["check_code"]
    near = known[:-1] + next(letter for letter in CHECK_ALPHABET if letter != known[-1])
    codes = [UNKNOWN, near, known[:-1], known + "2", "0", "<b>", "ﷺ", "-", "' OR 1=1 --", "核验码"]
    for accept, kind in ((None, "application/problem+json"), (BROWSER, "text/html; charset=utf-8")):
        answers = [await check(service, httpx.URL(path=f"/{code}").raw_path.decode()[1:], accept) for code in codes]
        assert {(answer.status_code, answer.headers["Content-Type"]) for answer in answers} == {(404, kind)}
        assert len({answer.content for answer in answers}) == 1
        told = [{name: value for name, value in answer.headers.items() if name != "x-correlation-id"} for answer in answers]
        assert all(each == told[0] for each in told)
        assert told[0]["cache-control"] == "no-store"


@pytest.mark.parametrize("code", ["x" * 201, "%20", "AB%E2%80%AECD", "AB%0ACD"], ids=["too long", "blank", "turned", "two lines"])
async def test_what_can_be_no_code_is_refused_in_the_form_that_was_asked_for(service: Service, code: str) -> None:
    answer = await check(service, code)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/path/check_code")
    page = await check(service, code, BROWSER)
    assert (page.status_code, page.headers["Content-Type"]) == (422, "text/html; charset=utf-8")
    assert FAILURES[422].word.zh in page.text


async def test_whoever_asks_too_often_is_told_when_to_come_back(tmp_path: Path) -> None:
    async with land_check(tmp_path, land_check_lookups_per_minute=2) as service:
        known = (await paper(service))["check_code"]
        pages = [await check(service, code, BROWSER) for code in (UNKNOWN, "x" * 300, known)]
        assert [page.status_code for page in pages] == [404, 422, 429]
        assert int(pages[-1].headers["Retry-After"]) >= 1
        assert FAILURES[429].word.zh in pages[-1].text
        assert "新浦镇" not in pages[-1].text
        assert (await check(service, known)).json()["code"] == "too-many-requests"


async def test_while_the_service_is_away_a_browser_gets_a_page_too(tmp_path: Path) -> None:
    async with land_check(tmp_path) as service:
        known = (await paper(service))["check_code"]
        await service.stop()
        page, answer = await check(service, known, BROWSER), await check(service, known)
        assert (page.status_code, answer.status_code) == (503, 503)
        assert FAILURES[503].word.zh in page.text


@pytest.mark.parametrize(
    "copied",
    [
        str.lower,
        lambda code: f"{code[:4]}-{code[4:8]}-{code[8:]}",
        lambda code: f" {code[:4]} {code[4:]}",
        lambda code: "".join(chr(ord(each) + 0xFEE0) for each in code),
    ],
    ids=["small", "in parts", "with blanks", "wide"],
)
async def test_a_code_is_found_however_it_was_copied(service: Service, copied: Any) -> None:
    known = (await paper(service))["check_code"]
    assert (await check(service, copied(known))).status_code == 200
    assert code_as_written(copied(known)) == known


def test_every_state_and_failure_has_its_words() -> None:
    assert set(STATES) == set(CheckState)
    for found in (*STATES.values(), *FAILURES.values()):
        assert all((found.word.zh, found.word.en, found.meaning.zh, found.meaning.en))
        assert found.tone in ("good", "bad", "over")


def test_a_code_has_59_random_bits_and_no_letter_that_is_taken_for_another() -> None:
    assert len(set(CHECK_ALPHABET)) ** CHECK_PLACES > 2**59
    assert set("01ILO").isdisjoint(CHECK_ALPHABET)
    codes = {new_check_code() for _ in range(1000)}
    assert len(codes) == 1000
    assert all(len(code) == CHECK_PLACES and set(code) <= set(CHECK_ALPHABET) for code in codes)
    assert len({code[place] for code in codes for place in [0]}) > 20


def asked_by(host: str | None) -> str:
    scope: dict[str, Any] = {"type": "http", "headers": [], "client": None if host is None else (host, 1)}
    return caller_of(Request(scope))


def test_a_caller_is_an_address_or_the_network_of_one_that_has_many() -> None:
    assert asked_by("192.0.2.7") != asked_by("192.0.2.8")
    assert asked_by("2001:db8:1:2::7") == asked_by("2001:db8:1:2:ffff::8")
    assert asked_by("2001:db8:1:2::7") != asked_by("2001:db8:1:3::7")
    assert asked_by("::ffff:192.0.2.7") == asked_by("192.0.2.7")
    assert asked_by(None) == asked_by("unknown")


def test_callers_do_not_use_up_each_others_look_ups() -> None:
    lookups = Lookups(per_minute=1)
    lookups.take("a")
    lookups.take("b")
    with pytest.raises(Exception, match="too-many-requests"):
        lookups.take("a")
