"""The rules of power_grid as tables: one question, one answer."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from contracts.policy import CURRENT, Policy
from contracts.vocabulary import Grade, InstallKind, LandVerdict, PowerDecision, Unit
from services.power_grid.domain import ParcelFacts, Question, SiteKey, Strand, Use
from services.power_grid.rules import OBSTACLES, OPENINGS, decide, question_of_request
from services.power_grid.rules.calendar import due_from, is_due
from tests.power_grid.events import FAR, HOUSE, NEAR
from tests.power_grid.vocabulary import asked

TODAY = date(2026, 11, 22)
MADE, SHOP, SILENT = Use.MANUFACTURING, Use.OTHER, Use.UNDECLARED
ALLOW, HOLD, BLOCK, REFER = PowerDecision.ALLOW, PowerDecision.HOLD, PowerDecision.BLOCK, PowerDecision.REFER
NEW, LOW, SINGLE = InstallKind.NEW_THREE_PHASE_TRANSFORMER, InstallKind.LOW_VOLTAGE_THREE_PHASE, InstallKind.SINGLE_PHASE
L = LandVerdict


def question(land: LandVerdict, use: Use, *, kind: InstallKind = NEW, policy: Policy = CURRENT, **more: Any) -> Question:
    strand = {key: more.pop(key) for key in ("grade", "planned_implementation", "has_statement") if key in more}
    return Question(
        **{
            "policy": policy,
            "kind": kind,
            "adds": kind is not SINGLE,
            "asked_on": TODAY,
            "today": TODAY,
            "land": land,
            "strands": (Strand(land, use, **strand),),
            **more,
        }
    )


def told(asked_question: Question) -> tuple[str, list[str]]:
    answer = decide(asked_question)
    return answer.decision, [str(reason.code) for reason in answer.reasons]


@pytest.mark.parametrize(
    ("land", "use", "decision", "codes"),
    [
        (L.INDUSTRIAL, MADE, ALLOW, []),
        (L.INDUSTRIAL, SILENT, ALLOW, []),
        (L.NON_INDUSTRIAL, MADE, BLOCK, ["non_industrial_site"]),
        (L.NON_INDUSTRIAL, SHOP, ALLOW, []),
        (L.NON_INDUSTRIAL, SILENT, HOLD, ["use_not_declared"]),
        (L.UNKNOWN, MADE, HOLD, ["land_unknown"]),
        (L.UNKNOWN, SHOP, HOLD, ["land_unknown"]),
        (L.PENDING, SHOP, HOLD, ["land_verdict_pending"]),
        (L.MIXED, MADE, HOLD, ["land_mixed"]),
        (L.MIXED, SILENT, HOLD, ["land_mixed"]),
        (L.MIXED, SHOP, ALLOW, []),
        (L.TRANSITION, SHOP, ALLOW, []),
        (L.OUT_OF_AREA, MADE, REFER, ["out_of_area"]),
    ],
)
def test_land_and_use_give_the_answer(land: LandVerdict, use: Use, decision: str, codes: list[str]) -> None:
    assert told(question(land, use)) == (decision, codes)


@pytest.mark.parametrize("land", [land for land in LandVerdict if land is not L.OUT_OF_AREA])
@pytest.mark.parametrize("use", list(Use))
def test_single_phase_is_never_restricted(land: LandVerdict, use: Use) -> None:
    assert told(question(land, use, kind=SINGLE)) == (PowerDecision.NOT_RESTRICTED, [])


@pytest.mark.parametrize("land", [L.UNKNOWN, L.PENDING, L.MIXED, L.NON_INDUSTRIAL, L.TRANSITION])
def test_nothing_unsaid_is_ever_a_permission(land: LandVerdict) -> None:
    assert decide(question(land, SILENT)).decision in (HOLD, BLOCK)


def test_low_voltage_waits_for_a_person_where_a_transformer_is_blocked() -> None:
    assert told(question(L.NON_INDUSTRIAL, MADE, kind=LOW)) == (HOLD, ["low_voltage_review"])
    assert told(question(L.INDUSTRIAL, MADE, kind=LOW)) == (ALLOW, [])
    any_phase = CURRENT.with_switches({"three_phase_object": "any_three_phase"})
    assert told(question(L.NON_INDUSTRIAL, MADE, kind=LOW, policy=any_phase)) == (BLOCK, ["non_industrial_site"])


def test_under_the_narrow_reading_a_valid_statement_opens_the_gate() -> None:
    narrow = CURRENT.with_switches({"three_phase_ban_scope": "without_statement"})
    assert told(question(L.NON_INDUSTRIAL, MADE, has_statement=True)) == (BLOCK, ["non_industrial_site"])
    assert told(question(L.NON_INDUSTRIAL, MADE, has_statement=True, policy=narrow)) == (ALLOW, [])
    assert told(question(L.NON_INDUSTRIAL, MADE, policy=narrow)) == (BLOCK, ["non_industrial_site"])


@pytest.mark.parametrize(
    ("switch", "land", "strand", "decision"),
    [
        ({"unknown_parcel_power": "block"}, L.UNKNOWN, {}, BLOCK),
        ({"transition_cd": "hold"}, L.TRANSITION, {"grade": Grade.C, "planned_implementation": FAR}, HOLD),
        ({"transition_ungraded": "block"}, L.TRANSITION, {"planned_implementation": FAR}, BLOCK),
        ({"transition_auto_allow": True}, L.TRANSITION, {"grade": Grade.B, "planned_implementation": FAR}, ALLOW),
        ({"transition_min_grade": "A"}, L.TRANSITION, {"grade": Grade.B, "planned_implementation": FAR}, BLOCK),
        (
            {"transition_five_year_anchor": "plan_change_date", "transition_auto_allow": True},
            L.TRANSITION,
            {"grade": Grade.A, "planned_implementation": FAR},
            HOLD,
        ),
    ],
)
def test_a_switch_turns_the_answer(switch: dict[str, Any], land: LandVerdict, strand: dict[str, Any], decision: str) -> None:
    assert decide(question(land, MADE, policy=CURRENT.with_switches(switch), **strand)).decision == decision


def test_an_increase_counts_unless_the_switch_says_no() -> None:
    increase = replace(question(L.NON_INDUSTRIAL, MADE), kind=InstallKind.INCREASE_THREE_PHASE)
    assert decide(increase).decision is BLOCK
    tolerant = CURRENT.with_switches({"capacity_increase_counts": False})
    assert decide(replace(increase, policy=tolerant)).decision is ALLOW


@pytest.mark.parametrize(
    ("land", "use", "decision", "codes"),
    [
        (L.NON_INDUSTRIAL, SHOP, HOLD, ["watch_period"]),
        (L.NON_INDUSTRIAL, SILENT, HOLD, ["use_not_declared", "watch_period"]),
        (L.NON_INDUSTRIAL, MADE, BLOCK, ["non_industrial_site"]),
        (L.INDUSTRIAL, MADE, ALLOW, []),
    ],
)
def test_a_watch_turns_an_allow_into_a_hold_and_never_a_block(land: LandVerdict, use: Use, decision: str, codes: list[str]) -> None:
    assert told(question(land, use, watch_until=TODAY)) == (decision, codes)


def test_the_strictest_strand_counts() -> None:
    strands = (Strand(L.INDUSTRIAL, MADE), Strand(L.MIXED, MADE), Strand(L.NON_INDUSTRIAL, MADE))
    assert told(question(L.MIXED, MADE, strands=strands)) == (BLOCK, ["non_industrial_site"])
    assert told(question(L.MIXED, MADE, strands=strands[:2])) == (HOLD, ["land_mixed"])


def test_a_confirmation_proposes_and_the_bureaus_word_decides() -> None:
    open_case = question(L.TRANSITION, MADE, grade=Grade.A, planned_implementation=FAR)
    assert decide(open_case).proposed is ALLOW
    assert told(replace(open_case, cleared=frozenset({"transition_confirmation"}))) == (ALLOW, [])
    assert told(replace(open_case, refused=frozenset({"transition_confirmation"}))) == (BLOCK, ["transition_confirmation"])
    due = question(L.TRANSITION, MADE, grade=Grade.A, planned_implementation=NEAR, cleared=frozenset({"transition_due"}))
    assert told(due) == (ALLOW, [])
    bad = question(L.TRANSITION, MADE, grade=Grade.D, planned_implementation=NEAR, cleared=frozenset({"transition_due"}))
    assert told(bad) == (BLOCK, ["transition_grade"])


def test_a_word_on_another_matter_opens_nothing() -> None:
    assert told(question(L.NON_INDUSTRIAL, MADE, cleared=frozenset({"non_industrial_site"}))) == (BLOCK, ["non_industrial_site"])


def test_an_override_lifts_a_block_and_no_hold() -> None:
    strands = (Strand(L.MIXED, MADE), Strand(L.NON_INDUSTRIAL, MADE))
    assert told(question(L.NON_INDUSTRIAL, MADE, overridden=True)) == (ALLOW, ["non_industrial_site"])
    assert told(question(L.MIXED, MADE, strands=strands, overridden=True)) == (HOLD, ["land_mixed"])


@pytest.mark.parametrize(
    ("land", "use", "more", "units"),
    [
        (L.INDUSTRIAL, MADE, {}, "AMR PSC"),
        (L.NON_INDUSTRIAL, MADE, {}, "AMR PSC TWN EEB EMB"),
        (L.TRANSITION, MADE, {}, "AMR PSC TWN NRP EIT"),
        (L.UNKNOWN, MADE, {}, "AMR PSC TWN NRP"),
        (L.MIXED, MADE, {}, "AMR PSC TWN NRP"),
        (L.PENDING, SILENT, {}, "AMR PSC TWN NRP"),
        (L.OUT_OF_AREA, MADE, {}, "PSC QW"),
        (L.NON_INDUSTRIAL, SHOP, {}, "PSC"),
        (L.NON_INDUSTRIAL, SHOP, {"registered": True}, "AMR PSC"),
        (L.UNKNOWN, SHOP, {}, "PSC NRP"),
        (L.NON_INDUSTRIAL, SHOP, {"watch_until": TODAY}, "PSC MGO"),
        (L.NON_INDUSTRIAL, MADE, {"kind": LOW}, "AMR PSC TWN EEB EMB MGO"),
        (L.NON_INDUSTRIAL, MADE, {"forged_statement": True}, "AMR PSC TWN EEB EMB CLE MGO"),
    ],
)
def test_the_units_told_follow_from_land_and_use(land: LandVerdict, use: Use, more: dict[str, Any], units: str) -> None:
    assert decide(question(land, use, **more)).notify == tuple(Unit(unit) for unit in units.split())


@pytest.mark.parametrize(
    ("planned", "asked_on", "due"),
    [
        (date(2031, 11, 22), TODAY, True),
        (date(2031, 11, 23), TODAY, False),
        (date(2032, 2, 29), date(2027, 2, 28), False),
        (date(2032, 2, 29), date(2027, 3, 1), True),
        (None, TODAY, True),
    ],
)
def test_five_years_are_counted_in_the_calendar(planned: date | None, asked_on: date, due: bool) -> None:
    assert is_due(planned, asked_on) is due
    if planned is not None:
        assert is_due(planned, due_from(planned)) is True


def test_a_parcel_nobody_told_of_is_unknown_land() -> None:
    place = SiteKey(HOUSE, None)
    asked_question = question_of_request(CURRENT, ParcelFacts(HOUSE), place, asked(HOUSE, industry="5212"), None, TODAY, TODAY)
    assert told(asked_question) == (HOLD, ["land_unknown"])


def test_every_rule_names_its_ground() -> None:
    for rule in (*OPENINGS, *OBSTACLES):
        assert rule.__doc__ is not None
        assert "(R" in rule.__doc__
