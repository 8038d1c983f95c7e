"""What ends a hold or a refusal that only a switch gives: a unit's word, an appeal, and never a dead end."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from contracts.land_check import LandFindings
from contracts.policy import Policy
from contracts.vocabulary import FilingReason, Grade, InstallKind, LandVerdict, PowerDecision, Unit
from services.power_grid.domain import Question, Strand, Use
from services.power_grid.handlers.deciding import REVIEWABLE
from services.power_grid.rules import decide as answer
from services.registration import rules
from services.registration.domain import Review, Said, entry_of
from tests.policy.vocabulary import with_value
from tests.registration.vocabulary import BAISHALU, TODAY, codes, facts, land

GOOD_PAPER = land("non_industrial", "required_valid", in_village=True)
NO_PAPER = land("non_industrial", "required_missing", in_village=True)
CITY = land("industrial", "not_required", township_code=BAISHALU)
SHUT, HELD, FULL = (
    with_value("village_strict_mode", "refuse"),
    with_value("central_city_mode", "hold"),
    with_value("central_city_mode", "refuse"),
)


@pytest.mark.parametrize(
    ("policy", "found", "rule"),
    [(SHUT, GOOD_PAPER, "R01"), (SHUT, NO_PAPER, "R01"), (HELD, CITY, "R08"), (FULL, CITY, "R08")],
)
def test_the_reason_names_the_rule_of_the_switch_and_its_clause(policy: Policy, found: LandFindings, rule: str) -> None:
    decision = rules.decide(facts(), found, Said(), policy, TODAY)
    entry = entry_of(policy, decision.reasons[0])
    assert entry.rule == rule
    assert entry.clause in policy.rule(rule).clauses


def test_in_a_closed_village_no_day_is_set_by_which_a_paper_must_come() -> None:
    decision = rules.decide(facts(), NO_PAPER, Said(), SHUT, TODAY)
    assert (decision.outcome, decision.reasons[0].due, decision.refuse_after) == ("refuse", None, None)


def test_a_good_paper_in_a_closed_village_carries_no_flag_of_reliance() -> None:
    decision = rules.decide(facts(), GOOD_PAPER, Said(), SHUT, TODAY)
    assert (decision.statement, decision.flags) == ("required_invalid", ("village_strict",))


def test_a_forged_paper_in_a_closed_village_is_still_told_to_the_enforcers() -> None:
    forged = land("non_industrial", "required_invalid", "forged", in_village=True)
    decision = rules.decide(facts(), forged, Said(), SHUT, TODAY)
    assert codes(decision) == ["statement_forged"]
    assert {Unit.CLE, Unit.MGO} <= set(decision.notify)


@pytest.mark.parametrize("found", [GOOD_PAPER, NO_PAPER])
def test_an_appeal_makes_the_exception_in_a_closed_village(found: LandFindings) -> None:
    refusal = rules.decide(facts(), found, Said(), SHUT, TODAY)
    overruled = Said(overruled=tuple(str(reason.code) for reason in refusal.reasons if reason.refuses))
    again = rules.held_again(facts(), found, overruled, SHUT, TODAY)
    as_usual = rules.held_again(facts(), found, Said(), with_value("village_strict_mode", "soft"), TODAY)
    assert (again.outcome, again.statement, codes(again)) == ("hold", as_usual.statement, codes(as_usual))


def test_the_natural_resources_bureau_ends_a_hold_in_the_central_city() -> None:
    held = rules.decide(facts(), CITY, Said(), HELD, TODAY)
    assert entry_of(HELD, held.reasons[0]).owner is Unit.NRP
    word = Review(FilingReason.LAND_UNKNOWN, "clear", Unit.NRP, "officer", "2026-11-22T04:00:00Z", "原有厂房", None)
    assert rules.decide(facts(), CITY, Said(reviews=(word,)), HELD, TODAY).outcome == "accept_flagged"
    refused = rules.decide(facts(), CITY, Said(reviews=(replace(word, result="refuse"),)), HELD, TODAY)
    assert refused.outcome == "refuse"


def test_an_appeal_against_a_full_central_city_leaves_it_to_the_bureau() -> None:
    again = rules.held_again(facts(), CITY, Said(overruled=("land_unknown",)), FULL, TODAY)
    assert (again.outcome, codes(again), entry_of(FULL, again.reasons[0]).owner) == ("hold", ["land_unknown"], Unit.NRP)


def test_a_low_grade_that_is_only_held_is_the_natural_resources_bureaus_to_end() -> None:
    policy = with_value("transition_cd", "hold")
    strand = Strand(LandVerdict.TRANSITION, Use.MANUFACTURING, Grade.D, date(2040, 1, 1))
    asked = Question(policy, InstallKind.NEW_THREE_PHASE_TRANSFORMER, True, TODAY, TODAY, LandVerdict.TRANSITION, (strand,))
    (reason,) = answer(asked).reasons
    assert reason.code in REVIEWABLE
    assert policy.reason(reason.code, reason.variant).owner is Unit.NRP
    assert answer(replace(asked, cleared=frozenset({"transition_grade"}))).decision is PowerDecision.ALLOW
    assert answer(replace(asked, refused=frozenset({"transition_grade"}))).decision is PowerDecision.BLOCK
