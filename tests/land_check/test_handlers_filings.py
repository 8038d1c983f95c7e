"""Filings placed, judged, and judged again when the world changes."""

from __future__ import annotations

import pytest

from chassis.testing import command
from services.land_check.domain import Part
from services.land_check.handlers.rulings import ResolveUnit, units_resolved
from tests.land_check.papers import answer, record
from tests.land_check.vocabulary import (
    ANDONG,
    FACTORY,
    HOMESTEAD,
    INDUSTRIAL,
    NAME,
    SHOP,
    SQUARE,
    USCC_A,
    VILLAGE_LAND,
    XINPU,
    ZHOUXIANG,
    factory_sent,
    facts,
    map_officer,
    office,
    parcel_sent,
    place,
)

pytestmark = pytest.mark.usefixtures("backend")


def test_filing_on_industrial_land_needs_no_statement() -> None:
    with office() as at:
        at.put(factory_sent())
        found = at.submit("F1", facts(FACTORY, premises=place(FACTORY, township_code=ZHOUXIANG)))
        assert (found.land_verdict, found.statement.outcome, found.matched_by) == ("industrial", "not_required", "parcel_code")
        assert at.requests() == []


def test_filing_on_a_homestead_opens_one_request_in_its_township() -> None:
    with office() as at:
        at.put(parcel_sent())
        found = at.submit()
        assert (found.land_verdict, found.statement.outcome, found.in_village) == ("non_industrial", "required_missing", True)
        [asked] = at.requests("pending")
        assert (asked.township_code, asked.enterprise_name, asked.due, asked.flags) == (XINPU, NAME, "2026-12-04", '["village_strict"]')
        [said] = at.told("StatementRequested")
        assert said.notify == ("TWN",)


def test_filing_off_the_register_is_unknown_and_asks_nobody() -> None:
    with office() as at:
        found = at.submit()
        assert (found.land_verdict, found.statement.outcome, found.matched_by) == ("unknown", "undetermined", None)
        assert found.parcel_code == HOMESTEAD
        assert at.requests() == []


def test_filing_without_a_production_place_shows_the_land_of_its_premises_and_asks_for_no_statement() -> None:
    with office() as at:
        at.put(parcel_sent())
        found = at.submit("F1", facts(premises=place(used_for_production=False)))
        assert (found.land_verdict, found.statement.outcome) == ("non_industrial", "not_required")


def test_trade_that_is_no_manufacturing_needs_no_statement() -> None:
    with office() as at:
        at.put(parcel_sent(VILLAGE_LAND, registered_use=[SHOP]))
        assert at.submit("F1", facts(VILLAGE_LAND, industry_code="5211")).statement.outcome == "not_required"


def test_parcel_outside_the_area_is_referred_whatever_township_was_filed() -> None:
    with office() as at:
        at.put(factory_sent(township_code=ANDONG))
        assert at.submit("F1", facts(FACTORY)).land_verdict == "out_of_area"


def test_register_decides_the_township_and_says_so() -> None:
    with office() as at:
        at.put(parcel_sent(township_code=ZHOUXIANG))
        found = at.submit()
        assert found.township_code == ZHOUXIANG
        assert any(fact.name == "township" for fact in found.facts)


def test_filing_off_the_register_is_judged_again_when_its_parcel_appears() -> None:
    with office() as at:
        at.submit("F1", facts(premises=place(None, address="别处", point=(121.2005, 30.1005))))
        at.submit("F2", facts())
        at.put(parcel_sent(geometry=SQUARE))
        assert (at.findings("F1").matched_by, at.findings("F1").land_verdict) == ("point", "non_industrial")
        assert at.findings("F2").land_verdict == "non_industrial"


def test_equal_parcel_changes_and_publishes_nothing() -> None:
    with office() as at:
        assert at.put(parcel_sent(geometry=SQUARE)).created
        again = at.put(parcel_sent(geometry=SQUARE))
        assert (again.changed, again.version, len(at.told("ParcelChanged"))) == (False, 1, 1)


def test_parcel_that_a_survey_alone_shows_as_industry_is_told_as_such() -> None:
    with office() as at:
        at.put(parcel_sent(VILLAGE_LAND, registered_use=[], survey_use={"scheme": "SANDIAO", "code": "0601"}))
        at.put(parcel_sent(VILLAGE_LAND, registered_use=[INDUSTRIAL], survey_use={"scheme": "SANDIAO", "code": "0601"}))
        assert [(event.land_verdict, event.survey_only) for event in at.told("ParcelChanged")] == [("unknown", True), ("industrial", False)]


def test_reclassified_parcel_is_judged_again_and_its_request_taken_back() -> None:
    with office() as at:
        at.put(parcel_sent(VILLAGE_LAND))
        at.submit("F1", facts(VILLAGE_LAND))
        at.put(parcel_sent(VILLAGE_LAND, registered_use=[INDUSTRIAL]))
        assert (at.findings().land_verdict, at.findings().statement.outcome) == ("industrial", "not_required")
        assert [row.status for row in at.requests()] == ["cancelled"]


def test_decided_filing_is_not_judged_again() -> None:
    with office() as at:
        at.put(parcel_sent(VILLAGE_LAND))
        at.submit("F1", facts(VILLAGE_LAND))
        at.refuse()
        at.said.clear()
        at.put(parcel_sent(VILLAGE_LAND, registered_use=[INDUSTRIAL]))
        assert at.told("LandVerdictIssued") == []
        assert [row.status for row in at.requests()] == ["cancelled"]


def test_refused_filing_reopened_on_appeal_is_asked_for_again() -> None:
    with office() as at:
        at.put(parcel_sent())
        at.submit()
        answer(at, "decline")
        assert at.findings().statement.declined
        at.refuse()
        at.hold()
        assert not at.findings().statement.declined
        assert [row.status for row in at.requests()] == ["declined", "pending"]


def test_what_the_map_office_said_while_a_filing_was_refused_is_told_when_it_is_reopened() -> None:
    with office() as at:
        at.put(parcel_sent(VILLAGE_LAND, registered_use=[INDUSTRIAL, SHOP]))
        at.submit("F1", facts(VILLAGE_LAND))
        at.run(units_resolved, command(ResolveUnit("F1", Part.INDUSTRIAL, "在厂房部分"), map_officer))
        at.refuse()
        at.run(units_resolved, command(ResolveUnit("F1", Part.NON_INDUSTRIAL, "复核：在商铺部分"), map_officer))
        at.said.clear()
        at.hold()
        assert (at.findings().land_verdict, at.findings().statement.outcome) == ("non_industrial", "required_missing")
        assert [row.status for row in at.requests()] == ["pending"]


def test_the_findings_of_an_acceptance_set_aside_are_told_anew_though_they_are_the_same() -> None:
    with office() as at:
        at.put(parcel_sent())
        at.submit()
        record(at, filing_id="F1")
        at.accept()
        before = at.told("LandVerdictIssued")
        at.set_aside()
        told = at.told("LandVerdictIssued")
        assert len(told) == len(before) + 1
        assert (told[-1].land, told[-1].revision) == (before[-1].land, before[-1].revision)
        at.set_aside()
        assert len(at.told("LandVerdictIssued")) == len(told), "a second hold is no news"


def test_amended_filing_is_judged_anew_and_asked_for_at_the_new_place() -> None:
    with office() as at:
        at.put(parcel_sent())
        at.put(parcel_sent(VILLAGE_LAND))
        at.submit()
        record(at, filing_id="F1", second_officer=None)
        found = at.amend("F1", facts(VILLAGE_LAND))
        assert (found.parcel_code, found.statement.findings) == (VILLAGE_LAND, ("other_premises", "second_officer_missing"))
        assert [(row.parcel_code, row.status) for row in at.requests()] == [(HOMESTEAD, "cancelled"), (VILLAGE_LAND, "pending")]
        assert at.told("LandVerdictIssued")[-1].revision == 2


def test_amended_filing_gets_a_verdict_even_if_nothing_changed() -> None:
    with office() as at:
        at.put(factory_sent())
        at.submit("F1", facts(FACTORY))
        at.amend("F1", facts(FACTORY))
        assert [event.revision for event in at.told("LandVerdictIssued")] == [1, 2]


def test_recorded_uscc_is_kept_and_says_nothing() -> None:
    with office() as at:
        at.put(factory_sent())
        at.submit("F1", facts(FACTORY))
        at.accept()
        at.amend("F1", facts(FACTORY, uscc=USCC_A), revision=1)
        assert len(at.told("LandVerdictIssued")) == 1


def test_withdrawn_filing_takes_its_request_back() -> None:
    with office() as at:
        at.put(parcel_sent())
        at.submit()
        at.withdraw()
        assert [row.status for row in at.requests()] == ["cancelled"]


def test_mixed_parcel_waits_for_the_map_office_whose_last_word_counts() -> None:
    with office() as at:
        at.put(factory_sent(registered_use=[INDUSTRIAL, SHOP]))
        assert at.submit("F1", facts(FACTORY)).land_verdict == "mixed"
        at.run(units_resolved, command(ResolveUnit("F1", Part.NON_INDUSTRIAL, "在店面部分"), map_officer))
        assert (at.findings().land_verdict, len(at.requests("pending"))) == ("non_industrial", 1)
        at.run(units_resolved, command(ResolveUnit("F1", Part.INDUSTRIAL, "更正"), map_officer))
        assert (at.findings().land_verdict, len(at.requests("pending"))) == ("industrial", 0)
        at.accept()
        at.run(units_resolved, command(ResolveUnit("F1", Part.NON_INDUSTRIAL, "再更正"), map_officer))
        assert at.findings().land_verdict == "non_industrial"
        assert at.requests("pending") == []


def test_land_that_is_not_mixed_cannot_be_resolved() -> None:
    with office() as at:
        at.put(factory_sent())
        at.submit("F1", facts(FACTORY))
        assert at.run(units_resolved, command(ResolveUnit("F1", Part.INDUSTRIAL, "x"), map_officer)).answers[0].code == "not-mixed"
        assert at.run(units_resolved, command(ResolveUnit("F9", Part.INDUSTRIAL, "x"), map_officer)).answers[0].status == 404
