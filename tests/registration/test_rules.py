"""The rules of registration as tables: what is filed, what the land side found, what is decided."""
# ruff: noqa: E501 - a case stays on one line, so that the table can be read down its columns

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from contracts.land_check import LandFindings
from contracts.policy import CURRENT
from contracts.registration import FilingFacts
from contracts.vocabulary import FilingReason, Flag, Outcome, Unit
from services.registration import rules
from services.registration.domain import Clock, Review, Said, entry_of, pending
from tests.registration.vocabulary import ANDONG, BAISHALU, TODAY, ZHOUXIANG, codes, decided, facts, land

APPLIANCES, SHOP, PLATING, MINE = "3851", "5211", "3360", "1019"
PAPER_OF_VILLAGE = "AMR PSC TWN EEB EMB"
ASK_THE_MAP = "AMR PSC TWN NRP"

factory = facts()
shop = facts(industry_code=SHOP)
renamed = facts(action="amend_other", uscc="91330282MA2AAAAA1C")
renamed_plater = facts(industry_code=PLATING, action="amend_other", uscc="91330282MA2AAAAA1C")

HOUSE_NO_PAPER = land("non_industrial", "required_missing", in_village=True)
HOUSE_GOOD_PAPER = land("non_industrial", "required_valid", in_village=True)
INDUSTRIAL = land("industrial", "not_required")


def house_bad_paper(*findings: str) -> LandFindings:
    return land("non_industrial", "required_invalid", *findings, in_village=True)


CASES: list[tuple[str, FilingFacts, LandFindings, str, str, str, str, str]] = [
    # what it shows; filed; found; outcome; statement; reasons; flags; who is told
    ("industrial land needs no paper", factory, INDUSTRIAL, "accept", "not_required", "", "", "AMR PSC"),
    ("a village house without a paper waits", factory, HOUSE_NO_PAPER, "hold", "required_missing", "statement_missing", "village_strict", PAPER_OF_VILLAGE),
    ("a village house with a good paper is let in with flags", factory, HOUSE_GOOD_PAPER, "accept_flagged", "required_valid", "", "village_strict statement_relied_on", PAPER_OF_VILLAGE),
    ("warehouse land is no industrial land", factory, land("non_industrial", "required_missing"), "hold", "required_missing", "statement_missing", "", PAPER_OF_VILLAGE),
    ("a paper of the wrong township waits for a better one", factory, house_bad_paper("wrong_township"), "hold", "required_invalid", "statement_invalid", "village_strict", PAPER_OF_VILLAGE),
    ("a paper for other premises waits", factory, house_bad_paper("other_premises", "expired"), "hold", "required_invalid", "statement_invalid", "village_strict", PAPER_OF_VILLAGE),
    ("a paper that does not support the use refuses", factory, house_bad_paper("does_not_support"), "refuse", "required_invalid", "statement_negative", "village_strict", PAPER_OF_VILLAGE),
    ("a revoked paper refuses", factory, house_bad_paper("revoked"), "refuse", "required_invalid", "statement_revoked", "village_strict", PAPER_OF_VILLAGE),
    ("a forged paper refuses and is told to the enforcers", factory, house_bad_paper("forged"), "refuse", "required_invalid", "statement_forged", "village_strict", f"{PAPER_OF_VILLAGE} CLE MGO"),
    ("a township that cannot vouch refuses", factory, land("non_industrial", "required_missing", declined=True), "refuse", "required_missing", "statement_missing", "", PAPER_OF_VILLAGE),
    ("unknown land waits", factory, land("unknown"), "hold", "undetermined", "land_unknown", "", ASK_THE_MAP),
    ("mixed land waits", factory, land("mixed"), "hold", "undetermined", "land_mixed", "", ASK_THE_MAP),
    ("a paper counts on unknown land too", factory, land("unknown", "required_valid"), "accept_flagged", "required_valid", "", "statement_relied_on", ASK_THE_MAP),
    ("a bad paper on mixed land gives both reasons", factory, land("mixed", "required_invalid", "expired"), "hold", "required_invalid", "statement_invalid land_mixed", "", ASK_THE_MAP),
    ("a transition zone is let in with its flag", factory, land("transition", "not_required"), "accept_flagged", "not_required", "", "transition", "AMR PSC TWN NRP EIT"),
    ("no verdict yet is no permission", factory, land("pending"), "hold", "undetermined", "land_verdict_pending", "", ""),
    ("out of the area is referred", factory, land("out_of_area", township_code=ANDONG), "refer", "undetermined", "out_of_area", "", "AMR QW"),
    ("a shop out of the area is referred too", shop, land("out_of_area", township_code=ANDONG), "refer", "not_required", "out_of_area", "", "AMR QW"),
    ("a shop is nobody's concern", shop, land("non_industrial", "not_required", in_village=True), "accept", "not_required", "", "", "AMR"),
    ("a shop on unknown land is too", shop, land("unknown"), "accept", "not_required", "", "", "AMR"),
    ("a mine in a village is flagged", facts(industry_code=MINE), land("non_industrial", in_village=True), "accept_flagged", "not_required", "", "village_strict", "AMR TWN EEB EMB"),
    ("a mine that only changes its name is not new", facts(industry_code=MINE, action="amend_other", uscc="91330282MA2AAAAA1C"), land("non_industrial", in_village=True), "accept", "not_required", "", "", "AMR"),
    ("an office is no place of production", facts(premises__used_for_production=False), land("unknown"), "hold", "undetermined", "production_site_missing", "", "AMR PSC"),
    ("a change that makes no factory is let in", facts(action="amend_other", uscc="91330282MA2AAAAA1C"), HOUSE_NO_PAPER, "accept", "not_required", "", "", PAPER_OF_VILLAGE),
    ("nor is it asked what its land is", renamed, land("unknown"), "accept", "not_required", "", "", ASK_THE_MAP),
    ("nor in which part it lies", renamed, land("mixed"), "accept", "not_required", "", "", ASK_THE_MAP),
    ("nor who would have to be asked", renamed, land("non_industrial", "required_missing", township_disputed=True), "accept", "not_required", "", "", PAPER_OF_VILLAGE),
    ("an open list holds it as any other", renamed, land("industrial", open_lists=("inefficient",)), "hold", "not_required", "open_list_review", "", "AMR PSC MGO"),
    ("a park must have admitted it too", renamed, land("industrial", park_id="P1"), "hold", "not_required", "park_admission_missing", "", "AMR PSC EIT PARK"),
    ("in a transition zone it carries the flag", renamed, land("transition", "not_required"), "accept_flagged", "not_required", "", "transition", "AMR PSC TWN NRP EIT"),
    ("and in the central city", renamed, land("industrial", township_code=BAISHALU), "accept_flagged", "not_required", "", "central_city", "AMR PSC NRP EIT"),
    ("ecology is told of a plater's change", renamed_plater, INDUSTRIAL, "accept_flagged", "not_required", "", "high_pollution", "AMR PSC EEB"),
    ("and says its word where it is in a house", renamed_plater, HOUSE_NO_PAPER, "hold", "not_required", "high_pollution_review", "high_pollution", PAPER_OF_VILLAGE),
    ("or on land nobody knows", renamed_plater, land("unknown"), "hold", "not_required", "high_pollution_review", "high_pollution", "AMR PSC TWN NRP EEB"),
    ("or on mixed land", renamed_plater, land("mixed"), "hold", "not_required", "high_pollution_review", "high_pollution", "AMR PSC TWN NRP EEB"),
    ("moving in is checked", facts(action="amend_premises", uscc="91330282MA2AAAAA1C"), HOUSE_NO_PAPER, "hold", "required_missing", "statement_missing", "village_strict", PAPER_OF_VILLAGE),
    ("plating in a house waits for ecology, paper or not", facts(industry_code=PLATING), HOUSE_GOOD_PAPER, "hold", "required_valid", "high_pollution_review", "village_strict statement_relied_on high_pollution", PAPER_OF_VILLAGE),
    ("plating on industrial land is flagged", facts(industry_code=PLATING), INDUSTRIAL, "accept_flagged", "not_required", "", "high_pollution", "AMR PSC EEB"),
    ("a spraying furniture maker is polluting", facts(industry_code="2110", processes=["spraying"]), INDUSTRIAL, "accept_flagged", "not_required", "", "high_pollution", "AMR PSC EEB"),
    ("a park must admit first", factory, land("industrial", park_id="P1"), "hold", "not_required", "park_admission_missing", "", "AMR PSC EIT PARK"),
    ("the park that is filed counts", facts(park_id="P2"), land("industrial", park_admission="refused"), "hold", "not_required", "park_admission_missing", "", "AMR PSC EIT PARK"),
    ("an admitted tenant is let in", factory, land("industrial", park_id="P1", park_admission="approved"), "accept", "not_required", "", "", "AMR PSC"),
    ("an open list holds", factory, land("industrial", open_lists=("scattered_messy_dirty",)), "hold", "not_required", "open_list_review", "", "AMR PSC MGO"),
    ("a disputed township holds", factory, land("non_industrial", "required_missing", township_disputed=True), "hold", "required_missing", "statement_missing township_disputed", "", "AMR PSC TWN NRP EEB EMB"),
    ("but not where no statement is wanted", factory, land("industrial", "not_required", township_disputed=True), "accept", "not_required", "", "", "AMR PSC"),
    ("nor in a transition zone", factory, land("transition", "not_required", township_disputed=True), "accept_flagged", "not_required", "", "transition", "AMR PSC TWN NRP EIT"),
    ("the central city is flagged", facts(premises__township_code=BAISHALU), land("industrial", township_code=BAISHALU), "accept_flagged", "not_required", "", "central_city", "AMR PSC NRP EIT"),
    ("the Qianwan zone is flagged", factory, land("industrial", in_qianwan=True), "accept_flagged", "not_required", "", "qianwan", "AMR PSC NRP EIT"),
    ("small new land of its own is flagged", facts(new_land={"area_mu": 10.0, "stand_alone": True}), INDUSTRIAL, "accept_flagged", "not_required", "", "land_not_supplied", "AMR PSC NRP EIT"),
    ("small new land in a block is not", facts(new_land={"area_mu": 8.0, "stand_alone": False}), INDUSTRIAL, "accept", "not_required", "", "", "AMR PSC"),
    ("small new land in a park is no site of its own", facts(new_land={"area_mu": 8.0, "stand_alone": True}), land("industrial", park_id="P1", park_admission="approved"), "accept", "not_required", "", "", "AMR PSC"),
    ("a low grade that asks for land is told to those who supply it", facts(new_land={"area_mu": 30.0, "stand_alone": True}), land("industrial", grade="D"), "accept", "not_required", "", "", "AMR PSC NRP EIT"),
    ("everything missing is said at once", facts(industry_code=PLATING, park_id="P1"), land("non_industrial", "required_missing", in_village=True, open_lists=("low_scattered",)), "hold", "required_missing", "statement_missing high_pollution_review park_admission_missing open_list_review", "village_strict high_pollution", "AMR PSC TWN EIT EEB EMB PARK MGO"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("filed", "found", "outcome", "statement", "reasons", "flags", "told"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_the_table(filed: FilingFacts, found: LandFindings, outcome: str, statement: str, reasons: str, flags: str, told: str) -> None:
    decision = decided(filed, found)
    assert (decision.outcome, decision.statement) == (outcome, statement)
    assert codes(decision) == reasons.split()
    assert list(decision.flags) == flags.split()
    assert list(decision.notify) == told.split()


@pytest.mark.parametrize(
    ("found", "tags"),
    [
        (land("industrial", inside_control_line=False), ["outside_control_line", "block_industry"]),
        (land("industrial", inside_control_line=None), ["block_industry"]),
        (land("transition", grade="C"), ["block_industry", "grade_c"]),
        (land("transition", grade="D"), ["block_industry", "grade_d"]),
        (house_bad_paper("forged"), ["block_industry", "forged_statement"]),
    ],
)
def test_tags_mark_without_flagging(found: LandFindings, tags: list[str]) -> None:
    assert list(decided(factory, found).tags) == tags


def test_the_notice_is_due_after_ten_working_days_and_refused_when_that_day_is_over() -> None:
    first = decided(factory, HOUSE_NO_PAPER)
    due = date(2026, 12, 4)
    assert first.reasons[0].due == due == first.refuse_after
    said = Said(clock=first.clock)
    assert decided(factory, HOUSE_NO_PAPER, said, due).outcome is Outcome.HOLD
    late = decided(factory, HOUSE_NO_PAPER, said, due + timedelta(days=1))
    assert (late.outcome, late.reasons[0].due) == (Outcome.REFUSE, due)


def test_a_new_paper_does_not_move_the_day() -> None:
    said = Said(clock=decided(factory, HOUSE_NO_PAPER).clock)
    again = decided(factory, house_bad_paper("expired"), said, TODAY + timedelta(days=9))
    assert (codes(again), again.reasons[0].due) == (["statement_invalid"], date(2026, 12, 4))


def test_a_day_that_was_promised_stands_under_a_set_without_days_of_grace() -> None:
    due, said = date(2026, 12, 4), Said(clock=decided(factory, HOUSE_NO_PAPER).clock)
    outcomes = [
        decided(factory, HOUSE_NO_PAPER, said, day, missing_statement_grace_days=0).outcome for day in (due, due + timedelta(days=1))
    ]
    assert outcomes == [Outcome.HOLD, Outcome.REFUSE]


def test_a_dispute_that_ends_under_such_a_set_gives_back_the_days_that_were_left() -> None:
    clock = decided(factory, HOUSE_NO_PAPER).clock
    disputed = decided(factory, HOUSE_NO_PAPER.model_copy(update={"township_disputed": True}), Said(clock=clock), date(2026, 11, 25))
    settled = decided(factory, HOUSE_NO_PAPER, Said(clock=disputed.clock), date(2026, 12, 14), missing_statement_grace_days=0)
    assert (settled.outcome, settled.reasons[0].due) == (Outcome.HOLD, date(2026, 12, 23))


def test_without_a_calendar_no_day_is_set_and_nothing_is_refused_by_time() -> None:
    beyond = date(2031, 3, 3)
    decision = decided(factory, HOUSE_NO_PAPER, today=beyond)
    reason = decision.reasons[0]
    assert (decision.outcome, reason.due, reason.variant, decision.refuse_after) == (Outcome.HOLD, None, "calendar_missing", None)
    assert "日历" in entry_of(CURRENT, reason).remedy.zh
    much_later = decided(factory, HOUSE_NO_PAPER, Said(clock=decision.clock), beyond + timedelta(days=400))
    assert much_later.outcome is Outcome.HOLD


def test_a_day_that_could_not_be_counted_is_counted_once_the_calendar_is_there() -> None:
    assert decided(factory, HOUSE_NO_PAPER, Said(clock=Clock(date(2026, 11, 20), None))).reasons[0].due == date(2026, 12, 4)


def test_what_cannot_be_provided_is_refused_at_once() -> None:
    assert decided(factory, HOUSE_NO_PAPER, Said(cannot_provide=True)).outcome is Outcome.REFUSE
    assert decided(factory, house_bad_paper("wrong_township"), Said(cannot_provide=True)).outcome is Outcome.REFUSE


def test_nobody_is_refused_by_time_while_the_township_is_disputed() -> None:
    found = land("non_industrial", "required_missing", township_disputed=True)
    said = Said(clock=decided(factory, found).clock)
    late = decided(factory, found, said, date(2027, 1, 1))
    assert (late.outcome, late.refuse_after, late.reasons[0].due) == (Outcome.HOLD, None, date(2026, 12, 4))


def reviewed(code: str, result: str) -> Said:
    return Said(reviews=(Review(FilingReason(code), result, Unit.EEB, "officer", "2026-11-22T04:00:00Z", "看过", None),))


@pytest.mark.parametrize(
    ("found", "code", "cleared"),
    [
        (land("unknown"), "land_unknown", "accept"),
        (land("mixed"), "land_mixed", "accept"),
        (land("industrial", park_id="P1"), "park_admission_missing", "accept"),
        (land("industrial", open_lists=("inefficient",)), "open_list_review", "accept"),
        (land("non_industrial", "required_missing", township_disputed=True), "township_disputed", "hold"),
    ],
)
def test_the_owner_of_a_hold_ends_it_or_refuses_on_it(found: LandFindings, code: str, cleared: str) -> None:
    assert decided(factory, found, reviewed(code, "clear")).outcome == cleared
    refused = decided(factory, found, reviewed(code, "refuse"))
    assert (refused.outcome, codes(refused)[0]) == ("refuse", code)


def test_a_word_on_one_hold_does_not_end_another() -> None:
    found = land("unknown", open_lists=("inefficient",))
    assert codes(decided(factory, found, reviewed("land_unknown", "clear"))) == ["open_list_review"]


@pytest.mark.parametrize(
    ("switches", "filed", "found", "outcome"),
    [
        ({"missing_statement_grace_days": 0}, factory, HOUSE_NO_PAPER, "refuse"),
        ({"trigger_actions": ["establish"]}, facts(action="amend_premises", uscc="91330282MA2AAAAA1C"), HOUSE_NO_PAPER, "accept"),
        ({"subject_types": ["company"]}, facts(subject_type="individual_business"), HOUSE_NO_PAPER, "accept"),
        ({"negative_statement_refuses": False}, factory, house_bad_paper("does_not_support"), "hold"),
        ({"on_statement_revoked": "hold"}, factory, house_bad_paper("revoked"), "hold"),
        ({"high_pollution_on_non_industrial": "flag"}, facts(industry_code=PLATING), HOUSE_GOOD_PAPER, "accept_flagged"),
        ({"high_pollution_on_non_industrial": "refuse"}, facts(industry_code=PLATING), HOUSE_GOOD_PAPER, "refuse"),
        ({"open_list_effect": "flag"}, factory, land("industrial", open_lists=("inefficient",)), "accept"),
        ({"park_admission_timing": "parallel"}, factory, land("industrial", park_id="P1"), "accept"),
        ({"manufacturing_sections": ["B", "C", "D"]}, facts(industry_code=MINE), HOUSE_NO_PAPER, "hold"),
    ],
)
def test_a_switch_turns_the_answer(switches: dict[str, Any], filed: FilingFacts, found: LandFindings, outcome: str) -> None:
    assert decided(filed, found).outcome != outcome
    assert decided(filed, found, **switches).outcome == outcome


@pytest.mark.parametrize("mode", ["hold", "refuse"])
def test_a_central_city_that_takes_no_new_factory_lets_one_that_is_there_change_its_name(mode: str) -> None:
    assert decided(factory, land("industrial", township_code=BAISHALU), central_city_mode=mode).outcome == mode
    assert decided(renamed, land("industrial", township_code=BAISHALU), central_city_mode=mode).outcome == "accept_flagged"


def test_a_subject_left_out_is_asked_for_no_paper_but_not_let_past_an_open_list() -> None:
    workshop, listed = facts(subject_type="individual_business"), land("non_industrial", "required_missing", open_lists=("inefficient",))
    assert codes(decided(workshop, listed, subject_types=["company"])) == ["open_list_review"]


def test_survey_use_alone_is_said_to_be_no_right() -> None:
    decision = decided(factory, land("unknown", survey_only=True, township_code=ZHOUXIANG))
    assert entry_of(CURRENT, decision.reasons[0]).rule == "R20"


@pytest.mark.parametrize("finding", ["forged", "revoked", "does_not_support"])
def test_after_an_appeal_the_same_paper_holds_and_never_accepts(finding: str) -> None:
    found = house_bad_paper(finding)
    decision = rules.held_again(factory, found, Said(overruled=("S1",)), CURRENT, TODAY)
    assert (decision.outcome, decision.refuse_after) == (Outcome.HOLD, date(2026, 12, 4))
    other = land("non_industrial", "required_invalid", finding, statement_id="S2")
    assert decided(factory, other, Said(overruled=("S1",))).outcome is Outcome.REFUSE


def test_an_appeal_never_accepts_by_itself() -> None:
    assert rules.held_again(factory, INDUSTRIAL, Said(), CURRENT, TODAY).outcome is Outcome.HOLD


def test_a_duplicate_says_what_the_first_says() -> None:
    first = decided(factory, HOUSE_NO_PAPER)
    copy = rules.duplicate_of(first, True, CURRENT)
    assert (copy.outcome, copy.land_verdict, copy.statement, copy.notify) == ("closed", "non_industrial", "required_missing", first.notify)
    assert codes(copy) == ["duplicate"]
    assert rules.duplicate_of(pending(CURRENT.ref), True, CURRENT).notify == ("AMR", "PSC")


def test_every_rule_says_its_clause() -> None:
    for rule in (*rules.GATES, *rules.RULES, *rules.FLAGS, *rules.TAGS):
        assert rule.__doc__, rule.__name__


def test_no_village_flag_where_nobody_knows() -> None:
    assert Flag.VILLAGE_STRICT not in decided(factory, land("non_industrial", "required_missing", in_village=None)).flags
