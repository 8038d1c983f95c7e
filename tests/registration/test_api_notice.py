"""The notice: everything once, in both languages, as page and as PDF; a refusal that stands up before an appeal."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.notices import Sheet
from chassis.notices.answer import page_of
from chassis.notices.grounds import OF_A_REASON
from chassis.notices.pdf import pdf_of, printable
from contracts.land_check import LandFindings
from contracts.policy import CURRENT, Policy
from contracts.registration import FilingFacts
from contracts.vocabulary import Fact, Outcome
from services.registration.api.notice import sheets_of
from services.registration.api.notice_sheet import LAND_SWITCHES, deadline_of, sheet_of
from services.registration.api.notice_words import APPEAL_AFTER_REFUSAL, APPEALS, ENDED, ENDED_EARLY
from services.registration.domain import STATUS_OF, Appeal, Filing, Place, Said, entry_of
from services.registration.rules import decide
from tests.registration.test_rules_always import filings, findings, said
from tests.registration.vocabulary import HOMESTEAD, TODAY, XINPU, Door, door, land, sent, submission

AT = "2026-11-22T04:00:00.000000Z"
NO_PAPER = land("non_industrial", "required_missing", in_village=True)
STRICT: tuple[dict[str, str], ...] = (
    {},
    {"village_strict_mode": "refuse"},
    {"high_pollution_on_non_industrial": "refuse"},
    {"central_city_mode": "refuse"},
)
policies = st.sampled_from([CURRENT.with_switches(switches) for switches in STRICT])


def filing_of(found: LandFindings, words: Said | None = None, policy: Policy = CURRENT, filed: FilingFacts | None = None) -> Filing:
    """A filing decided at noon of the first day."""
    sub, words = submission(), words or Said()
    decision = decide(filed or sub.facts, found, words, policy, TODAY, AT)
    status = STATUS_OF[decision.outcome]
    return Filing("F1", 2, 1, status, "clerk-1", AT, None, sub.request, Place(XINPU, HOMESTEAD, None), decision, said=words)


def lines(sheet: Sheet, label: str) -> list[str]:
    named = getattr(OF_A_REASON[label], sheet.language)
    return [text for item in sheet.reasons for name, text in item.lines if name == named]


@given(filings, findings, said, policies)
def test_no_refusal_lacks_clause_missing_paper_deadline_or_the_way_to_appeal(
    filed: FilingFacts, found: LandFindings, words: Said, policy: Policy
) -> None:
    filing = filing_of(found, words, policy, filed)
    for language in ("zh", "en"):
        sheet = sheet_of(filing, None, policy, language)
        assert len(sheet.reasons) == len(filing.decision.reasons)
        for label in ("rule", "basis", "missing", "due", "remedy", "change"):
            assert [bool(text) for text in lines(sheet, label)] == [True] * len(sheet.reasons), label
        for item, reason in zip(sheet.reasons, filing.decision.reasons, strict=True):
            assert item.quote == entry_of(policy, reason).clause.quote
        assert sheet.appeal[0]
        if filing.decision.outcome is Outcome.REFUSE:
            assert sheet.reasons
            assert sheet.appeal[0] == getattr(APPEAL_AFTER_REFUSAL, language)


@given(filings, findings, said, policies)
def test_what_no_calendar_dates_is_never_given_a_date(filed: FilingFacts, found: LandFindings, words: Said, policy: Policy) -> None:
    for reason in filing_of(found, words, policy, filed).decision.reasons:
        said_of_it = deadline_of(reason, filing_of(found, words, policy, filed).decision, False)
        assert (reason.due is not None) or "{due}" not in said_of_it.zh


@pytest.mark.parametrize(
    ("due", "expected"), [(date(2026, 11, 21), ENDED), (date(2026, 11, 22), ENDED_EARLY), (date(2026, 12, 4), ENDED_EARLY)]
)
def test_a_refusal_says_whether_its_day_was_over(due: date, expected: Any) -> None:
    decision = filing_of(NO_PAPER, Said(cannot_provide=True)).decision
    assert deadline_of(replace(decision.reasons[0], due=due), decision, False) == expected


def test_an_appeal_that_is_open_or_decided_stands_on_the_notice() -> None:
    for state, words in APPEALS.items():
        told = Said(cannot_provide=True, appeal=Appeal(state, AT, None, None, "不服"))
        assert sheet_of(filing_of(NO_PAPER, told), None, CURRENT, "zh").appeal[1] == words.zh


def test_facts_switches_and_an_unconfirmed_policy_are_named() -> None:
    fact = Fact(name="registered_use", value="0702", source="不动产登记簿", as_of="2026-01-01")
    sheet = sheet_of(filing_of(NO_PAPER.model_copy(update={"facts": (fact,)})), None, CURRENT, "zh")
    facts, switches = sheet.sections
    assert ("登记用途", "0702", "不动产登记簿", "2026-01-01") in facts.rows
    assert ("missing_statement_grace_days", "缺产权说明时的补正期限（工作日）", "10") in switches.rows
    assert "cixi-source-control v1 · 现行效力尚无人确认" in sheet.footer[0]
    assert "尚未查实" in sheet.footer[1]


def test_a_notice_of_acceptance_names_the_switches_by_which_the_land_was_read() -> None:
    """Nothing is in the way, so no reason names their rules; what made the land industrial must stand there all the same."""
    accepted = filing_of(land("industrial", "not_required"))
    assert accepted.decision.reasons == ()
    switches = sheet_of(accepted, None, CURRENT, "zh").sections[-1]
    assert set(LAND_SWITCHES) <= {row[0] for row in switches.rows}
    assert ("warehouse_counts_as_industrial", "false") in {(row[0], row[-1]) for row in switches.rows}


def test_a_long_notice_wraps_and_the_same_notice_gives_the_same_bytes() -> None:
    facts = tuple(Fact(name=f"fact_{n}", value="慈溪市新浦镇某村一号" * 200, source="x" * 300, as_of=None) for n in range(9))
    filing = filing_of(NO_PAPER.model_copy(update={"facts": facts}))
    strange = replace(filing, request={**filing.request, "enterprise_name": "<b>&𠮷·é\u3000电器"})
    sheets = sheets_of(strange, "张三", "zh")
    pdf = pdf_of(sheets, "t")
    assert pdf.startswith(b"%PDF-")
    assert pdf.count(b"/Type /Page\n") > 4
    assert pdf == pdf_of(sheets, "t")
    assert "&lt;b&gt;&amp;𠮷" in page_of(sheets, "F1")


def test_a_character_that_the_font_does_not_have_is_named_never_another_one() -> None:
    assert printable("慈溪市浒山镕喆𠮷电器") == "慈溪市浒山镕喆[U+20BB7]电器"
    assert printable("慈溪市㵢𬭎") == "慈溪市㵢[U+2CB4E]"


@pytest.fixture
async def at(tmp_path: Path) -> AsyncIterator[Door]:
    async with door(tmp_path) as each:
        yield each


async def test_the_notice_comes_as_page_or_as_pdf(at: Door) -> None:
    clerk = at.caller("clerk")
    filing = (await clerk("POST", "/filings", sent())).json()
    await at.hear(filing, NO_PAPER)
    path = f"/filings/{filing['filing_id']}/notice"
    for query, accept, kind in (
        ("", "*/*", "text/html"),
        ("", "application/pdf", "application/pdf"),
        ("", "text/html,application/pdf", "text/html"),
        ("?format=pdf", "text/html", "application/pdf"),
        ("?format=html", "application/pdf", "text/html"),
    ):
        answer = await clerk("GET", path + query, Accept=accept)
        assert (answer.status_code, answer.headers["content-type"].split(";")[0]) == (200, kind), (query, accept)
        assert (answer.headers["etag"], answer.headers["x-content-type-options"]) == ('"2"', "nosniff")
    pdf = await clerk("GET", f"{path}?format=pdf&lang=en")
    assert pdf.content.startswith(b"%PDF-")
    assert pdf.headers["content-disposition"] == f'inline; filename="{filing["filing_id"]}-v2.pdf"'
    assert (await clerk("GET", f"{path}?format=doc")).status_code == 422
    assert (await at.caller("grid")("GET", f"{path}?format=pdf")).status_code == 404
