"""The policy as a table: every switch, the facts it matters for, and what is decided under each of its values."""
# ruff: noqa: E501 - a row stays on one line, so that the table can be read down its columns

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any, NamedTuple

import pytest

from chassis.testing import NOON, command
from contracts.policy import CURRENT, Policy, Switches
from contracts.vocabulary import FilingStatus, Flag, Grade, InstallKind, LandVerdict
from services.land_check.domain import IssuerType, PlannedUse, Use
from services.land_check.handlers.statements import Withdraw, statements_revoked
from services.land_check.rules.statements import is_in_village, last_day
from services.power_grid.rules import may_sign
from tests.land_check import vocabulary as land_check
from tests.land_check.papers import record
from tests.land_check.vocabulary import FACTORY, HIGH_TECH, HOMESTEAD, LONGSHAN, parcel
from tests.policy.vocabulary import (
    NAME,
    NEIGHBOUR,
    RECLASSIFIED,
    Ask,
    all_switches,
    asks,
    filing,
    flagged,
    flagged_there,
    graded,
    holds,
    land_is,
    paper,
    question,
    registered,
    supplied,
    tagged,
    told,
    value_of,
    with_value,
)
from tests.registration.vocabulary import BAISHALU, facts, land

GB, SANDIAO = "GB/T21010-2017", "SANDIAO"
L, S = LandVerdict, FilingStatus
SHOP, PLATING, MINE, YARN, TRADER, MAKER = "5211", "3360", "1019", "1711", "5212", "3851"
AREA = {"type": "Polygon", "coordinates": [[[121.1, 30.0], [121.4, 30.0], [121.4, 30.3], [121.1, 30.3], [121.1, 30.0]]]}
ELSEWHERE = {"type": "Polygon", "coordinates": [[[120.1, 30.0], [120.4, 30.0], [120.4, 30.3], [120.1, 30.3], [120.1, 30.0]]]}

factory, mine, plating = facts(), facts(industry_code=MINE), facts(industry_code=PLATING)
moving_in = facts(action="amend_premises", uscc="91330282MA2AAAAA1C")
NO_PAPER, GOOD_PAPER = (land("non_industrial", f"required_{state}", in_village=True) for state in ("missing", "valid"))
INDUSTRIAL, CITY = land("industrial", "not_required"), land("industrial", "not_required", township_code=BAISHALU)


def bad_paper(finding: str) -> Any:
    return land("non_industrial", "required_invalid", finding, in_village=True)


def wants(area: float, stand_alone: bool = True, grade: str | None = None) -> tuple[Any, Any]:
    return facts(new_land={"area_mu": area, "stand_alone": stand_alone}), land("industrial", "not_required", grade=grade)


def after_registration(policy: Policy) -> str:
    """A statement is revoked after the filing that relied on it was accepted: how the filing stands, and what is opened."""
    with land_check.office() as office:
        office.put(land_check.parcel_sent())
        office.submit()
        brought = record(office, filing_id="F1")
        office.accept(flags=(Flag.STATEMENT_RELIED_ON,))
        office.run(statements_revoked, command(Withdraw(brought.statement_id, "有误"), land_check.officer))
        opened = " ".join(entry.cause for entry in office.entries())
        return f"{opened} {value_of(policy, 'on_statement_revoked.after_registration')}"


class Turn(NamedTuple):
    """A switch, the facts in words, the question, and (value, what is decided) for its values."""

    switch: str
    facts: str
    ask: Ask
    decided: tuple[tuple[Any, str], ...]


def turn(switch: str, facts: str, ask: Ask, *decided: tuple[Any, str]) -> Turn:
    return Turn(switch, facts, ask, decided)


TABLE = (
    turn("three_phase_ban_scope", "a house with a good paper asks for a transformer", question(L.NON_INDUSTRIAL, has_statement=True), ("all_non_industrial", "block non_industrial_site"), ("without_statement", "allow")),
    turn("three_phase_ban_scope", "a house without one", question(L.NON_INDUSTRIAL), ("all_non_industrial", "block non_industrial_site"), ("without_statement", "block non_industrial_site")),
    turn("three_phase_object", "a house asks for low-voltage three-phase supply", question(L.NON_INDUSTRIAL, kind=InstallKind.LOW_VOLTAGE_THREE_PHASE), ("transformer", "hold low_voltage_review"), ("any_three_phase", "block non_industrial_site")),
    turn("capacity_increase_counts", "a house asks for more kVA", question(L.NON_INDUSTRIAL, kind=InstallKind.INCREASE_THREE_PHASE), (True, "block non_industrial_site"), (False, "allow")),
    turn("block_key", "a shop asks where another enterprise manufactures", asks(told(L.NON_INDUSTRIAL, filing(S.REFUSED, L.NON_INDUSTRIAL)), TRADER), ("site", "block non_industrial_site"), ("enterprise", "allow")),
    turn("block_key", "that enterprise asks, as a shop", asks(told(L.NON_INDUSTRIAL, filing(S.REFUSED, L.NON_INDUSTRIAL)), TRADER, NAME), ("site", "block non_industrial_site"), ("enterprise", "block non_industrial_site")),
    turn("block_key", "a landlord asks and says no use", asks(told(L.NON_INDUSTRIAL, filing(S.REFUSED, L.NON_INDUSTRIAL)), None), ("site", "block non_industrial_site"), ("enterprise", "hold use_not_declared")),
    turn("withdrawn_watch_days", "a shop asks ten days after a factory withdrew", asks(told(L.NON_INDUSTRIAL, filing(S.WITHDRAWN, L.NON_INDUSTRIAL, withdrawn_on=date(2026, 11, 12))), TRADER), (180, "hold watch_period"), (0, "allow"), (9, "allow")),
    turn("unknown_parcel_power", "a factory on unknown land asks", question(L.UNKNOWN), ("hold", "hold land_unknown"), ("block", "block land_unknown")),
    turn("power_override_roles", "market supervision signs an override", lambda policy: str(may_sign(policy, "AMR")), (["MGO", "PSC"], "False"), (["AMR", "PSC"], "True")),
    turn("land_basis_priority", "a parcel registered as industrial", land_is(parcel(FACTORY, (GB, "0601"))), (["registered_use", "land_grant_contract"], "industrial"), (["land_grant_contract", "registered_use"], "industrial"), (["land_grant_contract"], "unknown")),
    turn("industrial_codes", "a parcel registered 0601", land_is(parcel(FACTORY, (GB, "0601"))), (CURRENT.switches.model_dump(mode="json")["industrial_codes"], "industrial"), ({"YDYH-2023": ["1001"]}, "non_industrial")),
    turn("warehouse_counts_as_industrial", "a parcel registered 0604", land_is(parcel(FACTORY, (GB, "0604"))), (False, "non_industrial"), (True, "industrial")),
    turn("extra_industrial_codes", "research land 0804", land_is(parcel(FACTORY, (GB, "0804"))), ([], "non_industrial"), ([{"scheme": GB, "code": "0804"}], "industrial")),
    turn("manufacturing_sections", "a mine on non-industrial land", registered(mine, land("non_industrial")), (["C"], "accept"), (["B", "C", "D"], "hold statement_missing 2026-12-04")),
    turn("industrial_sections", "a mine in a village", flagged(mine, land("non_industrial", in_village=True)), (["B", "C", "D"], "village_strict"), (["C"], "nothing")),
    turn("subject_types", "an individual business makes things in a house", registered(facts(subject_type="individual_business"), NO_PAPER), (["company", "individual_business"], "hold statement_missing 2026-12-04"), (["company"], "accept")),
    turn("office_only_exempt", "a manufacturer registers an office in a house, and no workshop", registered(facts(premises__used_for_production=False), NO_PAPER), (True, "hold production_site_missing"), (False, "hold statement_missing 2026-12-04")),
    turn("trigger_actions", "a factory moves into a house", registered(moving_in, NO_PAPER), (["establish", "branch", "amend_premises", "amend_scope"], "hold statement_missing 2026-12-04"), (["establish"], "accept")),
    turn("statement_issuers.zone_committee", "the committee of the high-tech zone issues", holds(paper(issuer_type=IssuerType.ZONE_COMMITTEE, issuer_township=HIGH_TECH), township_code=HIGH_TECH), ([LONGSHAN, HIGH_TECH], "nothing"), ([LONGSHAN], "not_a_township")),
    turn("statement_valid_days", "a paper of 1 November that names no last day", lambda policy: str(last_day(date(2026, 11, 1), None, policy)), (180, "2027-04-30"), (30, "2026-12-01")),
    turn("statement_binding", "the paper of a neighbour for the same house", holds(paper(enterprise_name=NEIGHBOUR)), ("enterprise_and_premises", "other_enterprise"), ("premises", "nothing")),
    turn("missing_statement_grace_days", "a house without a paper", registered(factory, NO_PAPER), (10, "hold statement_missing 2026-12-04"), (5, "hold statement_missing 2026-11-27"), (0, "refuse statement_missing 2026-11-22")),
    turn("negative_statement_refuses", "the township does not support it", registered(factory, bad_paper("does_not_support")), (True, "refuse statement_negative 2026-12-04"), (False, "hold statement_negative 2026-12-04")),
    turn("on_statement_revoked.before_decision", "the township takes its paper back", registered(factory, bad_paper("revoked")), ("refuse", "refuse statement_revoked 2026-12-04"), ("hold", "hold statement_revoked 2026-12-04")),
    turn("on_statement_revoked.after_registration", "it does so once the filing is accepted", after_registration, ("review_case", "statement_revoked review_case")),
    turn("village_strict_mode", "a village house with a good paper", registered(factory, GOOD_PAPER), ("soft", "accept_flagged"), ("refuse", "refuse statement_invalid")),
    turn("village_strict_mode", "a village house without one", registered(factory, NO_PAPER), ("soft", "hold statement_missing 2026-12-04"), ("refuse", "refuse statement_missing")),
    turn("village_strict_mode", "a mine in a village", registered(mine, land("non_industrial", in_village=True)), ("soft", "accept_flagged"), ("refuse", "refuse statement_missing")),
    turn("village_strict_mode", "a change of name in a village", registered(facts(action="amend_other", uscc="91330282MA2AAAAA1C"), NO_PAPER), ("soft", "accept"), ("refuse", "accept")),
    turn("village_test", "the register does not know, the township says it is no village", lambda _: str(is_in_village(parcel(HOMESTEAD, in_village=None), paper(in_village=False))), ("survey_attribute_else_township", "False")),
    turn("transition_is_industrial", "industrial land planned otherwise", land_is(parcel(FACTORY, (GB, "0601"), planned_use=PlannedUse.NON_INDUSTRIAL)), (True, "transition"), (False, "non_industrial")),
    turn("transition_is_industrial", "a mixed parcel planned otherwise", land_is(parcel(FACTORY, (GB, "0601"), (GB, "0501"), planned_use=PlannedUse.NON_INDUSTRIAL)), (True, "mixed"), (False, "non_industrial")),
    turn("transition_min_grade", "grade B in the zone asks", graded(Grade.B), ("A", "block transition_grade"), ("B", "hold transition_confirmation"), ("C", "hold transition_confirmation"), ("D", "hold transition_confirmation")),
    turn("transition_min_grade", "grade C", graded(Grade.C), ("A", "block transition_grade"), ("B", "block transition_grade"), ("C", "hold transition_confirmation"), ("D", "hold transition_confirmation")),
    turn("transition_min_grade", "grade D", graded(Grade.D), ("A", "block transition_grade"), ("B", "block transition_grade"), ("C", "block transition_grade"), ("D", "hold transition_confirmation")),
    turn("transition_cd", "grade C in the zone asks", graded(Grade.C), ("block", "block transition_grade"), ("hold", "hold transition_grade")),
    turn("transition_ungraded", "a new enterprise in the zone asks", graded(None), ("hold", "hold transition_ungraded"), ("block", "block transition_ungraded")),
    turn("transition_five_year_anchor", "the plan was changed in 2020 and comes in 2028", graded(Grade.A, planned_implementation=date(2028, 1, 1), plan_changed_on=date(2020, 1, 1)), ("request_date", "hold transition_due"), ("plan_change_date", "hold transition_confirmation")),
    turn("transition_five_year_anchor", "nobody knows when it was changed; it comes in 2040", graded(Grade.A), ("request_date", "hold transition_confirmation"), ("plan_change_date", "hold transition_due")),
    turn("transition_auto_allow", "grade A in the zone asks", graded(Grade.A), (False, "hold transition_confirmation"), (True, "allow")),
    turn("central_city_mode", "a factory on industrial land of the central city", registered(factory, CITY), ("flag", "accept_flagged"), ("hold", "hold land_unknown"), ("refuse", "refuse land_unknown")),
    turn("central_city_mode", "a factory in the Qianwan zone", registered(factory, land("industrial", "not_required", in_qianwan=True)), ("flag", "accept_flagged"), ("hold", "hold land_unknown"), ("refuse", "refuse land_unknown")),
    turn("small_land_logic", "8 mu in a block are asked for", flagged(*wants(8, stand_alone=False)), ("and", "nothing"), ("or", "land_not_supplied")),
    turn("small_land_logic", "8 mu in a park are asked for as a site of its own", flagged(wants(8)[0], land("industrial", park_id="P1", park_admission="approved")), ("and", "nothing"), ("or", "land_not_supplied")),
    turn("small_land_inclusive", "exactly 10 mu on a site of its own", flagged(*wants(10)), (True, "land_not_supplied"), (False, "nothing")),
    turn("cd_land.C", "grade C asks for 30 mu", supplied(*wants(30, grade="C")), ("restrict", "accept C档：限制新增用地 AMR PSC NRP EIT"), ("bar", "accept C档：禁止新增用地 AMR PSC NRP EIT"), ("allow", "accept AMR PSC")),
    turn("cd_land.D", "grade D asks for 30 mu", supplied(*wants(30, grade="D")), ("restrict", "accept D档：限制新增用地 AMR PSC NRP EIT"), ("bar", "accept D档：禁止新增用地 AMR PSC NRP EIT"), ("allow", "accept AMR PSC")),
    turn("two_high_codes", "a spinning mill", tagged(facts(industry_code=YARN), INDUSTRIAL), ([], "block_industry"), (["17", "28"], "two_high block_industry")),
    turn("high_pollution_on_non_industrial", "plating in a house with a good paper", registered(plating, GOOD_PAPER), ("hold", "hold high_pollution_review"), ("flag", "accept_flagged"), ("refuse", "refuse high_pollution_review")),
    turn("park_admission_timing", "a park has not admitted it yet", registered(factory, land("industrial", park_id="P1")), ("before_acceptance", "hold park_admission_missing"), ("parallel", "accept")),
    turn("open_list_effect", "the place is on an open list", registered(factory, land("industrial", open_lists=("inefficient",))), ("hold", "hold open_list_review"), ("flag", "accept")),
    turn("on_reclassification", "a registered factory asks, its land is no longer industrial", asks(told(L.NON_INDUSTRIAL, filing(S.ACCEPTED, L.INDUSTRIAL), since=RECLASSIFIED), MAKER, NAME), ("rejudge_additions_only", "block non_industrial_site"), ("grandfather", "allow")),
    turn("on_reclassification", "a new factory asks there", asks(told(L.NON_INDUSTRIAL, filing(S.ACCEPTED, L.INDUSTRIAL), since=RECLASSIFIED), MAKER, NEIGHBOUR), ("rejudge_additions_only", "block non_industrial_site"), ("grandfather", "block non_industrial_site")),
    turn("on_reclassification", "a landlord asks there and says no use", asks(told(L.NON_INDUSTRIAL, filing(S.ACCEPTED, L.INDUSTRIAL), since=RECLASSIFIED), None), ("rejudge_additions_only", "block non_industrial_site"), ("grandfather", "hold use_not_declared")),
    turn("on_reclassification", "a registered factory asks, its land has become industrial", asks(told(L.INDUSTRIAL, filing(S.ACCEPTED, L.NON_INDUSTRIAL), since=RECLASSIFIED), MAKER, NAME), ("rejudge_additions_only", "allow"), ("grandfather", "allow")),
    turn("out_of_area_units", "industrial land in 庵东镇", land_is(parcel(FACTORY, (GB, "0601"), township=land_check.ANDONG)), (["330282118", "330282404", "330282405", "330282406"], "out_of_area"), ([], "industrial")),
    turn("transition_conditions", "grade A in the zone, its plan far off", graded(Grade.A), ("as_r07", "hold transition_confirmation")),
    turn("qianwan_polygon", "a parcel whose record does not say", flagged_there(), (None, "nothing"), (AREA, "qianwan"), (ELSEWHERE, "nothing")),
    turn("qianwan_polygon", "a parcel whose record says no", flagged_there(in_qianwan=False), (None, "nothing"), (AREA, "nothing")),
    turn("control_line_mode", "industrial land outside the line", land_is(parcel(FACTORY, (GB, "0601"), inside_control_line=False)), ("flag", "industrial"), ("decide", "non_industrial")),
    turn("control_line_mode", "a shop inside the line", land_is(parcel(FACTORY, (GB, "0501"), inside_control_line=True)), ("flag", "non_industrial"), ("decide", "non_industrial")),
    turn("historic_land", "surveyed as industry, nothing registered", land_is(parcel(FACTORY, survey=Use(SANDIAO, "0601"))), ("unknown", "unknown"), ("industrial", "industrial")),
    turn("historic_land", "surveyed as paddy, nothing registered", land_is(parcel(FACTORY, survey=Use(SANDIAO, "0101"))), ("unknown", "unknown"), ("industrial", "unknown")),
    turn("block_industries", "a maker of appliances", tagged(factory, INDUSTRIAL), (["家电", "轻纺", "轴承", "服装", "拖鞋", "减压阀", "再生塑料"], "block_industry"), (["轴承"], "nothing")),
)  # fmt: skip


ROWS = [
    pytest.param(row, value, decided, id=f"{row.switch}={json.dumps(value, ensure_ascii=False)}: {row.facts}")
    for row in TABLE
    for value, decided in row.decided
]


@pytest.mark.parametrize(("row", "value", "decided"), ROWS)
def test_the_table(row: Turn, value: Any, decided: str) -> None:
    assert row.ask(with_value(row.switch, value)) == decided


SWITCHES = dict(all_switches())


@pytest.mark.parametrize("switch", SWITCHES)
def test_every_switch_has_a_row_for_each_of_its_values(switch: str) -> None:
    tried = [value for row in TABLE if row.switch == switch for value, _ in row.decided]
    assert value_of(CURRENT, switch) in tried
    for value in SWITCHES[switch] or []:
        assert value in tried
    if SWITCHES[switch] is None:
        assert any(value != value_of(CURRENT, switch) for value in tried)


@pytest.mark.parametrize("switch", SWITCHES)
def test_every_other_value_changes_an_answer_of_the_shipped_policy(switch: str) -> None:
    shipped = value_of(CURRENT, switch)
    rows = [dict_of(row) for row in TABLE if row.switch == switch]
    for other in {key for row in rows for key in row} - {key_of(shipped)}:
        same_order_matters_not = switch == "land_basis_priority" and sorted(json.loads(other)) == sorted(shipped)
        nowhere_near = switch == "qianwan_polygon" and json.loads(other) == ELSEWHERE
        if not (same_order_matters_not or nowhere_near):
            assert any(row[other] != row[key_of(shipped)] for row in rows if other in row), other


def dict_of(row: Turn) -> dict[str, str]:
    return {key_of(value): decided for value, decided in row.decided}


def key_of(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


def test_the_table_names_no_switch_that_is_not_there() -> None:
    assert {row.switch for row in TABLE} == set(SWITCHES)
    assert len(Switches.model_fields) == 45


def test_a_verdict_newer_than_the_parcel_speaks_under_both_readings_of_a_reclassification() -> None:
    ask = asks(told(L.NON_INDUSTRIAL, filing(S.ACCEPTED, L.INDUSTRIAL), since=NOON - timedelta(days=20)), MAKER, NAME)
    assert [ask(with_value("on_reclassification", value)) for value in ("rejudge_additions_only", "grandfather")] == ["allow", "allow"]
