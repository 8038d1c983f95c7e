"""The statement to print, with its clause, its check code and the QR code of its check; and who may print it."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from chassis.clock import FixedClock
from chassis.notices import Sheet, in_language, svg_of
from chassis.notices.pdf import pdf_of
from chassis.service import Service
from chassis.testing import NOON, client
from contracts.policy import CURRENT, Policy
from services.land_check.api.paper_words import STATES
from services.land_check.api.statement_sheet import Print, sheet_of
from services.land_check.domain import CheckState, IssuerType, Statement, StatementResult
from services.land_check.settings import LandCheckSettings
from tests.land_check.calling import REQUESTS, STATEMENTS, pending, put, township
from tests.land_check.vocabulary import (
    HOMESTEAD,
    NAME,
    SHA,
    XINPU,
    ZHOUXIANG,
    day,
    filed,
    issue_sent,
    land_check,
    noon,
    paper_sent,
    parcel_sent,
)

PUBLIC = "https://land.example.org"
CLAUSE = "对于利用非工业土地上的房产作为制造业经营场所的企业,镇(街道)出具产权说明需严格把关"


def statement(**changes: Any) -> Statement:
    """A statement of 新浦镇 on request, as the rules have judged it."""
    paper = Statement(
        statement_id="st-1",
        check_code="ABCDEFGHJKMN",
        filing_id="F1",
        township_code=XINPU,
        issuer_type=IssuerType.TOWNSHIP,
        issuer_township=XINPU,
        issuer_name="新浦镇人民政府",
        result=StatementResult.SUPPORTS,
        enterprise_name=NAME,
        uscc=None,
        parcel_code=HOMESTEAD,
        unit_number=None,
        owner="李四",
        basis="农村宅基地使用权",
        second_officer="陈七",
        issued_on=day("2026-11-01"),
        valid_to=day("2027-05-01"),
        document_sha256=SHA,
        in_village=None,
        recorded_by="officer-1",
        recorded_at="2026-11-01T04:00:00.000000Z",
        statement_request_id="sr-1",
    )
    return replace(paper, **changes)


def printed(paper: Statement, policy: Policy = CURRENT, at: Any = NOON) -> list[Sheet]:
    of = Print(paper, policy, f"{PUBLIC}/land-check/v1/statement-checks/{paper.check_code}", at)
    return [sheet_of(of, "zh"), sheet_of(of, "en")]


async def issued(service: Service) -> dict[str, Any]:
    await put(service, parcel_sent())
    await filed(service)
    request = (await pending(service))["statement_request_id"]
    made: dict[str, Any] = (await township(service).post(f"{REQUESTS}/{request}:issue", json=issue_sent())).json()
    return made


def test_the_sheet_says_who_where_until_when_and_on_what_clause() -> None:
    for sheet in printed(statement()):
        said = {text for _, text in sheet.particulars}
        assert {"st-1", "新浦镇人民政府", NAME, HOMESTEAD, "李四", "农村宅基地使用权", "2026-11-01", "F1", SHA} <= said
        assert any("2027-05-01" in text for text in said)
        assert [item.quote for item in sheet.reasons] == [CLAUSE]
        assert sheet.reasons[0].lines[0][1] == "慈政办发〔2021〕31号 二(三)"
        assert sheet.code is not None
        assert sheet.code.text == f"{PUBLIC}/land-check/v1/statement-checks/ABCDEFGHJKMN"
        assert "ABCD EFGH JKMN" in sheet.code.lines[0]
        assert sheet.sections[0].rows == (("新浦镇人民政府", "officer-1", "陈七"),)
    assert [sheet.title for sheet in printed(statement())] == ["产权说明", "Property-right statement"]


@pytest.mark.parametrize(
    ("changes", "at", "state"),
    [
        ({"revoked": True, "findings": ("revoked",)}, NOON, CheckState.REVOKED),
        ({"forged": True, "findings": ("forged",)}, NOON, CheckState.FORGED),
        ({"result": StatementResult.DOES_NOT_SUPPORT, "findings": ("does_not_support",)}, NOON, CheckState.INVALID),
        ({}, noon("2027-05-02"), CheckState.EXPIRED),
        ({"revoked": True, "findings": ("revoked",)}, noon("2027-05-02"), CheckState.REVOKED),
    ],
)
def test_a_statement_that_does_not_hold_says_so_in_its_title_and_why(changes: dict[str, Any], at: Any, state: CheckState) -> None:
    for sheet in printed(statement(**changes), at=at):
        word = in_language(STATES[state].word, sheet.language)
        assert sheet.title.endswith(word)
        assert word in {text for _, text in sheet.particulars}
        for finding in changes.get("findings", ()):
            assert in_language(CURRENT.finding(finding), sheet.language) in {text for _, text in sheet.particulars}


def test_a_paper_that_was_brought_is_no_sheet_to_seal() -> None:
    for sheet in printed(statement(statement_request_id=None)):
        assert sheet.sections == ()
        assert {"officer-1", "陈七"} <= {text for _, text in sheet.particulars}
        assert ("纸质件" in sheet.title) or ("paper" in sheet.title)


def test_a_set_without_the_rule_quotes_nothing_rather_than_something() -> None:
    without = Policy(CURRENT.set.model_copy(update={"rules": tuple(rule for rule in CURRENT.set.rules if rule.id != "R02")}))
    for sheet in printed(statement(), without):
        assert sheet.reasons == ()
        assert sheet.nothing


def test_the_usual_sheet_is_one_page_a_language() -> None:
    assert len(re.findall(rb"/Type /Page\b", pdf_of(printed(statement()), "t"))) == 2


async def test_it_is_printed_as_page_and_as_pdf_in_the_language_asked_for(service: Service) -> None:
    made = await issued(service)
    url = f"{STATEMENTS}/{made['statement_id']}/sheet"
    page = await township(service).get(url)
    assert (page.status_code, page.headers["Content-Type"], page.headers["Cache-Control"]) == (200, "text/html; charset=utf-8", "no-store")
    assert page.text.index("<h1>产权说明</h1>") < page.text.index("<h1>Property-right statement</h1>")
    assert page.text.count(svg_of(f"http://sluicegate/land-check/v1/statement-checks/{made['check_code']}")) == 2
    assert CLAUSE in page.text
    english = (await township(service).get(url, params={"lang": "en"})).text
    assert english.index("<h1>Property-right statement</h1>") < english.index("<h1>产权说明</h1>")
    pdf = await township(service).get(url, params={"format": "pdf"})
    assert (pdf.headers["Content-Type"], pdf.content[:5]) == ("application/pdf", b"%PDF-")
    assert f'filename="{made["statement_id"]}-v1.pdf"' in pdf.headers["Content-Disposition"]
    assert (await township(service).get(url, params={"format": "doc"})).status_code == 422
    assert (await township(service).get(url, params={"lang": "fr"})).status_code == 422


async def test_the_code_alone_is_an_image(service: Service) -> None:
    made = await issued(service)
    image = await township(service).get(f"{STATEMENTS}/{made['statement_id']}/qr")
    assert (image.status_code, image.headers["Content-Type"]) == (200, "image/svg+xml")
    assert image.text == svg_of(f"http://sluicegate/land-check/v1/statement-checks/{made['check_code']}")
    assert image.headers["Content-Security-Policy"] == "default-src 'none'"


async def test_what_the_code_leads_to_is_the_public_check(service: Service) -> None:
    made = await issued(service)
    address = f"http://sluicegate/land-check/v1/statement-checks/{made['check_code']}"
    image = await township(service).get(f"{STATEMENTS}/{made['statement_id']}/qr")
    assert image.text == svg_of(address)
    assert (await client(service).get(address)).json()["state"] == "valid"


async def test_the_public_address_is_a_setting(tmp_path: Path) -> None:
    async with land_check(tmp_path, land_check_public_url=f"{PUBLIC}/gate/") as service:
        made = await issued(service)
        image = await township(service).get(f"{STATEMENTS}/{made['statement_id']}/qr", headers={"Host": "elsewhere.example"})
        assert image.text == svg_of(f"{PUBLIC}/gate/land-check/v1/statement-checks/{made['check_code']}")


@pytest.mark.parametrize(
    "address", ["land.example.org", "ftp://land.example.org", f"{PUBLIC}/?a=b", f"{PUBLIC}/#x", f"{PUBLIC}/" + "a" * 300, "https://"]
)
def test_an_address_that_no_phone_opens_is_refused_at_the_start(address: str) -> None:
    with pytest.raises(ValidationError, match="no address that a phone can open"):
        LandCheckSettings(land_check_public_url=address)


@pytest.mark.parametrize("host", ["a b", "x" * 300, "a/b", "<script>", "a?b", "u@h", "[::1"])
async def test_a_host_that_is_none_makes_no_code(service: Service, host: str) -> None:
    made = await issued(service)
    for what in ("qr", "sheet"):
        answer = await township(service).get(f"{STATEMENTS}/{made['statement_id']}/{what}", headers={"Host": host})
        assert (answer.status_code, answer.json()["code"]) == (400, "bad-host")


@pytest.mark.parametrize("what", ["sheet", "qr"])
async def test_it_is_for_those_who_see_the_statement(service: Service, what: str) -> None:
    made = await issued(service)
    url = f"{STATEMENTS}/{made['statement_id']}/{what}"
    assert (await client(service, ["clerk"]).get(url)).status_code == 200
    assert (await township(service, ZHOUXIANG).get(url)).status_code == 404
    assert (await client(service, ["grid"]).get(url)).status_code == 404
    assert (await client(service).get(url)).status_code == 401
    assert (await township(service).get(f"{STATEMENTS}/st-nothing/{what}")).status_code == 404


async def test_what_people_wrote_is_text_on_the_sheet(service: Service) -> None:
    await put(service, parcel_sent())
    made = (await township(service).post(STATEMENTS, json=paper_sent(owner="<img src=x>", basis="a\n& b"))).json()
    page = (await township(service).get(f"{STATEMENTS}/{made['statement_id']}/sheet")).text
    assert "&lt;img src=x&gt;" in page
    assert "<img" not in page


async def test_a_sheet_printed_after_the_last_day_says_so(tmp_path: Path) -> None:
    async with land_check(tmp_path) as service:
        made = await issued(service)
        assert isinstance(service.clock, FixedClock)
        service.clock.set(noon("2027-05-22"))
        page = (await township(service).get(f"{STATEMENTS}/{made['statement_id']}/sheet")).text
        assert "<h1>产权说明：已过有效期</h1>" in page
        assert "2027-05-22 12:00" in page
