"""The notices of the power side: a refused transformer is told the clause, what is missing, the time, and how to appeal."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.notices import Language, Sheet
from chassis.notices.answer import page_of
from chassis.notices.grounds import OF_A_REASON
from chassis.notices.pdf import pdf_of
from chassis.service import Service
from chassis.testing import NOON
from contracts.policy import CURRENT, Policy
from contracts.vocabulary import Grade, InstallKind, LandVerdict, PowerDecision
from services.power_grid.api.notice_sheet import sheet_of_block, sheet_of_clearance
from services.power_grid.domain import Block, Clearance, Question, SiteKey, Standing, Strand, Use
from services.power_grid.rules import decide
from tests.power_grid.events import FACTORY, FAR, HOUSE, MAKER, NEAR, XINPU, Filed, parcel
from tests.power_grid.test_api import body, hear
from tests.power_grid.test_rules import TODAY
from tests.power_grid.vocabulary import asked, caller, running

LANGUAGES: tuple[Language, ...] = ("zh", "en")
SETS: tuple[dict[str, Any], ...] = (
    {},
    {"three_phase_ban_scope": "without_statement"},
    {"unknown_parcel_power": "block", "transition_ungraded": "block", "transition_cd": "hold"},
    {"three_phase_object": "any_three_phase", "transition_auto_allow": True},
)
policies = st.sampled_from([CURRENT.with_switches(switches) for switches in SETS])
strands = st.builds(
    Strand,
    st.sampled_from(LandVerdict),
    st.sampled_from(Use),
    grade=st.none() | st.sampled_from(Grade),
    planned_implementation=st.sampled_from((None, NEAR, FAR)),
    has_statement=st.booleans(),
    survey_only=st.booleans(),
)
questions = st.builds(
    Question,
    policies,
    st.sampled_from(InstallKind),
    st.booleans(),
    st.just(TODAY),
    st.just(TODAY),
    st.sampled_from(LandVerdict),
    st.lists(strands, min_size=1, max_size=3).map(tuple),
    watch_until=st.sampled_from((None, TODAY, FAR)),
)


def lines(sheet: Sheet, label: str) -> list[str]:
    named = getattr(OF_A_REASON[label], sheet.language)
    return [text for item in sheet.reasons for name, text in item.lines if name == named]


def is_complete(sheet: Sheet, policy: Policy, reasons: Any) -> None:
    """Each reason has its clause to the letter, the paper, the time and the remedy; the sheet has a way to appeal and its policy."""
    assert len(sheet.reasons) == len(reasons)
    for label in ("rule", "basis", "missing", "due", "remedy", "change"):
        assert [bool(text) for text in lines(sheet, label)] == [True] * len(reasons), label
    for item, reason in zip(sheet.reasons, reasons, strict=True):
        assert item.quote == policy.reason(reason.code, reason.variant).clause.quote
    assert all("{" not in text for text in (*sheet.appeal, *lines(sheet, "due")))
    assert ("市制造业治理办公室" if sheet.language == "zh" else "governance office") in sheet.appeal[0]
    assert f"{policy.ref.id} v{policy.ref.version}" in sheet.footer[0]
    assert [section.title for section in sheet.sections][-1] in ("所用规则的开关", "Switches of these rules")


@given(questions, st.booleans())
def test_no_answer_lacks_clause_missing_paper_deadline_or_the_way_to_appeal(question: Question, connected: bool) -> None:
    policy, answer = question.policy, decide(question)
    request = asked(kind=question.kind, existing_capacity_kva=100.0, filing="fil-1", industry=MAKER)
    at = NOON if connected else None
    clearance = Clearance("clr_1", 1, request, SiteKey(HOUSE, None), XINPU, answer, 1, NOON, NOON, committed_at=at)
    for language in LANGUAGES:
        sheet = sheet_of_clearance(clearance, policy, None, language)
        is_complete(sheet, policy, answer.reasons)
        if answer.decision is PowerDecision.BLOCK:
            assert sheet.reasons
            assert ("签署" if language == "zh" else "override") in sheet.appeal[0]
        assert request.applicant_name not in page_of([sheet], "clr_1")


@given(questions)
def test_no_block_that_stands_lacks_them_either(question: Question) -> None:
    answer = decide(question)
    if answer.decision not in (PowerDecision.BLOCK, PowerDecision.HOLD):
        return
    block = Block("blk_1", SiteKey(HOUSE, None), Standing(answer.decision), answer.reasons, 1, NOON)
    for language in LANGUAGES:
        is_complete(sheet_of_block(block, question.policy, None, language), question.policy, answer.reasons)


def test_under_the_narrow_reading_the_statement_is_what_is_missing() -> None:
    policy = CURRENT.with_switches({"three_phase_ban_scope": "without_statement"})
    answer = decide(
        Question(
            policy,
            InstallKind.NEW_THREE_PHASE_TRANSFORMER,
            True,
            TODAY,
            TODAY,
            LandVerdict.NON_INDUSTRIAL,
            (Strand(LandVerdict.NON_INDUSTRIAL, Use.MANUFACTURING),),
        )
    )
    block = Block("blk_1", SiteKey(HOUSE, None), Standing.BLOCK, answer.reasons, 1, NOON)
    assert lines(sheet_of_block(block, policy, None, "zh"), "missing") == ["场所所在镇（街道）出具的有效产权说明"]


def test_the_same_notice_gives_the_same_bytes() -> None:
    block = Block("blk_1", SiteKey(FACTORY, None), Standing.BLOCK, (), 1, NOON)
    sheets = [sheet_of_block(block, CURRENT, None, language) for language in LANGUAGES]
    assert pdf_of(sheets, "t").startswith(b"%PDF-")
    assert pdf_of(sheets, "t") == pdf_of(sheets, "t")


@pytest.fixture
async def power(tmp_path: Path) -> AsyncIterator[Service]:
    async with running(tmp_path) as service:
        yield service


async def test_the_answer_and_the_block_come_as_page_or_as_pdf_to_those_who_may_see_them(power: Service) -> None:
    filing = Filed()
    await hear(power, parcel(), filing.submitted(), filing.judged(LandVerdict.NON_INDUSTRIAL), filing.held())
    async with caller(power, "grid") as grid, caller(power, "clerk") as clerk, caller(power, "integrator") as stranger:
        wanted = body(parcel_code=HOUSE, industry=MAKER, filing_id=filing.filing_id)
        clearance = (await grid.post("/power-grid/v1/install-requests", json=wanted)).json()
        block = (await grid.get("/power-grid/v1/blocks")).json()["items"][-1]["block_id"]
        for path, title in (
            (f"/power-grid/v1/clearances/{clearance['clearance_id']}/notice", "不予办理三相用电通知"),
            (f"/power-grid/v1/blocks/{block}/notice", "场地不得加装三相变压器通知"),
        ):
            page = await grid.get(path)
            assert page.headers["content-type"].startswith("text/html")
            for words in (title, "供电部门一律不得对此类企业加装三相变压器", "非工业用地", "three_phase_ban_scope", "市供电公司"):
                assert words in page.text, (path, words)
            pdf = await clerk.get(path, params={"format": "pdf", "lang": "en"})
            assert (pdf.headers["content-type"], pdf.content[:5]) == ("application/pdf", b"%PDF-")
            assert (await clerk.get(path, params={"lang": "fr"})).status_code == 422
            assert (await stranger.get(path)).status_code == 404
        for path in ("/power-grid/v1/clearances/nope/notice", "/power-grid/v1/blocks/nope/notice"):
            assert (await grid.get(path)).status_code == 404


async def test_a_lifted_block_says_so_and_tells_no_fact_of_today(power: Service) -> None:
    filing = Filed()
    await hear(power, parcel(), filing.submitted(), filing.judged(LandVerdict.NON_INDUSTRIAL), filing.held())
    async with caller(power, "grid") as grid:
        block = (await grid.get("/power-grid/v1/blocks")).json()["items"][-1]["block_id"]
        await hear(power, parcel(verdict=LandVerdict.INDUSTRIAL, version=2, at=NOON.replace(hour=9)))
        page = (await grid.get(f"/power-grid/v1/blocks/{block}/notice")).text
    assert "已解除" in page
    assert "认定的事实" not in page
