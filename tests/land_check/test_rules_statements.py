"""Papers held against their place, enterprise and day: what must always be true of them."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.policy import CURRENT
from contracts.vocabulary import LandVerdict, StatementOutcome
from services.land_check.domain import IssuerType, Statement, StatementContext, StatementResult
from services.land_check.domain.identity import is_same_enterprise, parcel_code_of_unit, same_text_key
from services.land_check.rules.statements import (
    PAPER_RULES,
    findings_on,
    is_in_village,
    is_village_strict,
    judged,
    paper_that_counts,
    standing,
    statement_is_asked_for,
)
from tests.land_check.vocabulary import HIGH_TECH, HOMESTEAD, LONGSHAN, NAME, SHA, USCC_A, USCC_B, XINPU, day, facts, parcel, place

verdicts = st.sampled_from([verdict for verdict in LandVerdict if verdict is not LandVerdict.PENDING])


def paper(**changes: Any) -> Statement:
    given: dict[str, Any] = {
        "statement_id": "S1",
        "check_code": "C1",
        "filing_id": "F1",
        "township_code": XINPU,
        "issuer_type": IssuerType.TOWNSHIP,
        "issuer_township": XINPU,
        "issuer_name": "新浦镇人民政府",
        "result": StatementResult.SUPPORTS,
        "enterprise_name": NAME,
        "uscc": None,
        "parcel_code": HOMESTEAD,
        "unit_number": None,
        "owner": "李四",
        "basis": "宅基地",
        "second_officer": "陈七",
        "issued_on": day("2026-11-01"),
        "valid_to": day("2027-05-01"),
        "document_sha256": SHA,
        "in_village": None,
        "recorded_by": "officer-1",
        "recorded_at": "2026-11-22T04:00:00.000000Z",
    }
    return Statement(**{**given, **changes})


def at(**changes: Any) -> StatementContext:
    given: dict[str, Any] = {
        "township_code": XINPU,
        "parcel_code": HOMESTEAD,
        "unit_number": None,
        "enterprise_name": NAME,
        "uscc": None,
        "filed_on": day("2026-11-22"),
        "village_strict": True,
    }
    return StatementContext(**{**given, **changes})


papers = st.builds(
    paper,
    issuer_type=st.sampled_from(IssuerType),
    issuer_township=st.sampled_from([XINPU, LONGSHAN, HIGH_TECH, None]),
    result=st.sampled_from(StatementResult),
    enterprise_name=st.sampled_from([NAME, "另一家公司"]),
    parcel_code=st.sampled_from([HOMESTEAD, "330282112001JC00009", None]),
    second_officer=st.sampled_from([None, "陈七"]),
    issued_on=st.dates(date(2026, 1, 1), date(2026, 11, 22)),
    valid_to=st.dates(date(2026, 1, 1), date(2027, 12, 31)),
    revoked=st.booleans(),
    forged=st.booleans(),
    statement_id=st.uuids().map(str),
)


@pytest.mark.parametrize("rule", PAPER_RULES)
def test_every_rule_names_its_reason_and_finds_nothing_on_a_good_paper(rule: Any) -> None:
    assert rule.__doc__
    assert rule(paper(), at(), CURRENT) is None


@pytest.mark.parametrize(("township", "holds"), [(LONGSHAN, True), (HIGH_TECH, True), (XINPU, False)])
def test_a_zone_committee_may_issue_in_the_two_zones_only(township: str, holds: bool) -> None:
    given = paper(issuer_type=IssuerType.ZONE_COMMITTEE, issuer_township=township)
    assert (findings_on(given, at(township_code=township), CURRENT) == ()) is holds


def test_the_last_day_is_still_good() -> None:
    assert findings_on(paper(valid_to=day("2026-11-22")), at(), CURRENT) == ()
    assert findings_on(paper(valid_to=day("2026-11-21")), at(), CURRENT) == ("expired",)


def test_everything_wrong_is_said_at_once() -> None:
    bad = paper(forged=True, result=StatementResult.DOES_NOT_SUPPORT, enterprise_name="另一家公司", second_officer=None)
    assert findings_on(bad, at(), CURRENT) == ("forged", "does_not_support", "other_enterprise", "second_officer_missing")


def test_premises_binding_lets_another_enterprise_use_the_paper() -> None:
    changed = CURRENT.with_switches({"statement_binding": "premises"})
    assert findings_on(paper(enterprise_name="另一家公司"), at(), changed) == ()


def test_enterprises_are_the_same_by_uscc_else_by_name() -> None:
    assert is_same_enterprise("甲", USCC_A, "乙", USCC_A)
    assert not is_same_enterprise("甲", USCC_A, "甲", USCC_B)
    assert is_same_enterprise("甲（慈溪）公司", None, "甲(慈溪) 公司", USCC_B)
    assert not is_same_enterprise("甲", None, "乙", USCC_B)


def test_texts_are_compared_without_blanks_width_and_case() -> None:
    assert same_text_key("新浦镇 Ａ区１号") == same_text_key("新浦镇a区1号")


def test_an_official_unit_number_names_its_parcel() -> None:
    assert parcel_code_of_unit(HOMESTEAD + "F00010001") == HOMESTEAD
    assert parcel_code_of_unit("3幢101") is None


@given(several=st.lists(papers, max_size=5), seed=st.randoms())
def test_the_order_in_which_papers_come_does_not_matter(several: list[Statement], seed: Any) -> None:
    held = [judged(each, at(), CURRENT) for each in several]
    shuffled = list(held)
    seed.shuffle(shuffled)
    assert paper_that_counts(held) == paper_that_counts(shuffled)


@given(several=st.lists(papers, max_size=5), verdict=verdicts, declined=st.booleans())
def test_a_filing_stands_valid_only_on_a_paper_that_holds(several: list[Statement], verdict: LandVerdict, declined: bool) -> None:
    held = [judged(each, at(), CURRENT) for each in several]
    stands = standing(verdict, True, held, declined)
    if stands.outcome is StatementOutcome.REQUIRED_VALID:
        assert stands.paper is not None
        assert not stands.paper.findings
    elif any(not each.findings for each in held):
        assert verdict not in (LandVerdict.NON_INDUSTRIAL, LandVerdict.UNKNOWN, LandVerdict.MIXED)


@given(several=st.lists(papers, max_size=4), more=papers)
def test_another_paper_never_makes_a_valid_standing_worse(several: list[Statement], more: Statement) -> None:
    held = [judged(each, at(), CURRENT) for each in several]
    before = standing(LandVerdict.NON_INDUSTRIAL, True, held, declined=False)
    after = standing(LandVerdict.NON_INDUSTRIAL, True, [*held, judged(more, at(), CURRENT)], declined=False)
    if before.outcome is StatementOutcome.REQUIRED_VALID:
        assert after.outcome is StatementOutcome.REQUIRED_VALID


@given(given_paper=papers)
def test_a_revoked_or_forged_paper_never_holds(given_paper: Statement) -> None:
    if given_paper.revoked or given_paper.forged:
        assert judged(given_paper, at(), CURRENT).findings


@pytest.mark.parametrize(
    ("verdict", "outcome"),
    [
        ("industrial", "not_required"),
        ("transition", "not_required"),
        ("non_industrial", "required_missing"),
        ("unknown", "undetermined"),
        ("mixed", "undetermined"),
        ("out_of_area", "undetermined"),
    ],
)
def test_without_a_paper_the_land_says_how_a_filing_stands(verdict: str, outcome: str) -> None:
    assert standing(LandVerdict(verdict), True, [], declined=False).outcome == outcome
    assert standing(LandVerdict(verdict), False, [], declined=False).outcome == "not_required"


def test_a_statement_is_asked_of_manufacturing_with_a_production_place() -> None:
    assert statement_is_asked_for(facts(), CURRENT)
    assert not statement_is_asked_for(facts(industry_code="5211"), CURRENT)
    assert not statement_is_asked_for(facts(action="amend_other"), CURRENT)
    assert not statement_is_asked_for(facts(premises=place(used_for_production=False)), CURRENT)


@pytest.mark.parametrize(
    ("register", "said", "village", "strict"),
    [
        (True, False, True, True),
        (False, True, False, False),
        (None, None, True, True),
        (None, True, True, True),
        (None, False, False, False),
    ],
)
def test_the_register_decides_whether_it_is_a_village_else_the_paper(
    register: bool | None, said: bool | None, village: bool, strict: bool
) -> None:
    on = parcel(HOMESTEAD, in_village=register)
    assert is_in_village(on, paper(in_village=said)) is village
    assert is_village_strict(on, said, LandVerdict.NON_INDUSTRIAL) is strict
    assert is_in_village(on, None) is register
