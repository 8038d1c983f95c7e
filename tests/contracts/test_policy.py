"""What the policy object answers, under the default switches and turned ones."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from contracts import reference
from contracts.policy import CURRENT
from contracts.vocabulary import Action, Grade, Process, SubjectType

CLASSES_OF_C = [code for code in (f"{number:04}" for number in range(1300, 4400)) if reference.industry_class(code)]
OTHER_CLASSES = [f"{division:02}{tail}" for division in range(1, 98) if not 13 <= division <= 43 for tail in ("10", "99")]


@given(st.sampled_from(CLASSES_OF_C))
def test_every_class_of_section_c_is_manufacturing_with_and_without_its_letter(code: str) -> None:
    assert CURRENT.is_manufacturing(code)
    assert CURRENT.is_manufacturing(f"C{code}")
    assert CURRENT.is_industrial_section(code)


@given(st.sampled_from(OTHER_CLASSES))
def test_no_other_class_is_manufacturing_unless_the_switch_says_so(code: str) -> None:
    assert not CURRENT.is_manufacturing(code)
    wide = CURRENT.with_switches({"manufacturing_sections": ["B", "C", "D"]})
    assert wide.is_manufacturing(code) == (reference.section_of(code) in {"B", "D"}) == CURRENT.is_industrial_section(code)


@given(st.sampled_from(CLASSES_OF_C), st.sets(st.sampled_from(Process)))
def test_any_declared_process_of_the_list_makes_a_trade_high_pollution(code: str, processes: set[Process]) -> None:
    assert CURRENT.is_high_pollution(code, processes) == (bool(processes) or code in {"4220", "3391", "3392", "3360"})


def test_furniture_and_plastic_parts_count_only_with_the_process() -> None:
    assert not CURRENT.is_high_pollution("2110")
    assert CURRENT.is_high_pollution("2110", ["spraying"])
    assert not CURRENT.is_high_pollution("C2929")
    assert CURRENT.is_high_pollution("C2929", ["waste_plastic"])


def test_forging_is_not_casting() -> None:
    assert not CURRENT.is_high_pollution("3393")


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("3851", "家电"),
        ("1711", "轻纺"),
        ("1811", "服装"),
        ("C3451", "轴承"),
        ("1951", "拖鞋"),
        ("3443", "减压阀"),
        ("4220", "再生塑料"),
        ("1311", None),
    ],
)
def test_block_industries_are_found_by_class_group_or_division(code: str, name: str | None) -> None:
    assert CURRENT.block_industry(code) == name


def test_a_block_industry_taken_off_the_list_is_none() -> None:
    assert CURRENT.with_switches({"block_industries": ["轴承"]}).block_industry("3851") is None


@pytest.mark.parametrize(
    ("scheme", "code", "industrial"),
    [
        ("GB/T21010-2017", "0601", True),
        ("YDYH-2023", "0601", False),
        ("GB/T21010-2017", "1001", False),
        ("YDYH-2023", "1001", True),
        ("YDYH-2023", "100102", True),
        ("GB50137-2011", "M2", True),
        ("GB50137-2011", "R", False),
        ("GB/T21010-2017", "06", None),
        ("GB/T21010-2017", "10", False),
        ("YDYH-2023", "06", False),
        ("YDYH-2023", "10", None),
        ("GB/T21010-2017", "0702", False),
        ("GB/T21010-2017", "0604", False),
        ("SANDIAO", "0601", None),
        ("SANDIAO", "06", None),
        ("SANDIAO", "0702", False),
        ("SANDIAO", "0508", False),
        ("SANDIAO", "0101", False),
        ("GB/T21010-2017", "9999", None),
    ],
)
def test_land_is_read_by_scheme_and_code_never_by_code_alone(scheme: str, code: str, industrial: bool | None) -> None:
    assert CURRENT.land_is_industrial(scheme, code) is industrial


def test_storage_land_counts_only_under_its_switch() -> None:
    turned = CURRENT.with_switches({"warehouse_counts_as_industrial": True})
    for scheme, code in (("GB/T21010-2017", "0604"), ("YDYH-2023", "110102"), ("GB50137-2011", "W1")):
        assert CURRENT.land_is_industrial(scheme, code) is False
        assert turned.land_is_industrial(scheme, code) is True
    assert turned.land_is_industrial("SANDIAO", "0508") is None
    assert turned.land_is_industrial("GB/T21010-2017", "0702") is False


def test_research_land_counts_when_it_is_listed() -> None:
    turned = CURRENT.with_switches({"extra_industrial_codes": [{"scheme": "GB/T21010-2017", "code": "0804"}]})
    assert turned.land_is_industrial("GB/T21010-2017", "0804") is True
    assert turned.land_is_industrial("YDYH-2023", "0804") is False


@given(st.sampled_from(reference.land_classes()))
def test_a_class_is_read_by_its_default(land: reference.LandClass) -> None:
    readings = {"yes": True, "no": False, "ambiguous": None, "evidence_only": None}
    assert CURRENT.land_is_industrial(land.scheme, land.code) is readings[land.industrial_default]


@given(st.sampled_from([land for land in reference.land_classes() if land.scheme == "SANDIAO"]), st.booleans())
def test_no_survey_class_ever_makes_land_industrial(land: reference.LandClass, warehouses: bool) -> None:
    listed = {"extra_industrial_codes": [{"scheme": land.scheme, "code": land.code}], "warehouse_counts_as_industrial": warehouses}
    assert not CURRENT.land_is_industrial(land.scheme, land.code)
    assert CURRENT.with_switches(listed).land_is_industrial(land.scheme, land.code) is None


@given(st.sampled_from(Action), st.sampled_from(SubjectType), st.sampled_from(["3851", "5211"]))
def test_the_land_is_checked_for_every_action_that_makes_a_place_a_manufacturing_site(
    action: Action, subject: SubjectType, code: str
) -> None:
    assert CURRENT.triggers_check(action, subject, code) == (action is not Action.AMEND_OTHER and code == "3851")


def test_fewer_actions_and_subjects_trigger_under_their_switches() -> None:
    narrow = CURRENT.with_switches({"trigger_actions": ["establish"], "subject_types": ["company"]})
    assert narrow.triggers_check(Action.ESTABLISH, SubjectType.COMPANY, "3851")
    assert not narrow.triggers_check(Action.AMEND_PREMISES, SubjectType.COMPANY, "3851")
    assert not narrow.triggers_check(Action.ESTABLISH, SubjectType.INDIVIDUAL_BUSINESS, "3851")


def test_places_outside_the_19_units_are_out_of_area() -> None:
    assert CURRENT.in_area("330282112")
    assert CURRENT.in_area("330282402")
    assert not CURRENT.in_area("330282118")
    assert not CURRENT.in_area("330281001")
    assert CURRENT.with_switches({"out_of_area_units": []}).in_area("330282118")


def test_zone_committees_may_issue_in_two_places_only() -> None:
    allowed = {unit.code for unit in reference.townships() if CURRENT.zone_committee_allowed(unit.code)}
    assert allowed == {"330282123", "330282403"} == {unit.code for unit in reference.townships() if unit.zone_committee_allowed}


def test_grade_b_reaches_and_c_does_not() -> None:
    assert [grade for grade in Grade if CURRENT.grade_reaches(grade)] == [Grade.A, Grade.B]


def test_ten_mu_on_a_site_of_its_own_is_not_supplied() -> None:
    assert CURRENT.land_not_supplied(10, stand_alone=True)
    assert not CURRENT.land_not_supplied(10.1, stand_alone=True)
    assert not CURRENT.land_not_supplied(8, stand_alone=False)
    either = CURRENT.with_switches({"small_land_logic": "or", "small_land_inclusive": False})
    assert either.land_not_supplied(8, stand_alone=False)
    assert not either.land_not_supplied(10, stand_alone=False)


def test_two_high_trades_are_those_of_the_switch() -> None:
    assert not CURRENT.is_two_high("1711")
    turned = CURRENT.with_switches({"two_high_codes": ["17", "28"]})
    assert turned.is_two_high("C1711")
    assert not turned.is_two_high("3851")


def test_under_the_narrow_reading_the_block_speaks_of_the_statement() -> None:
    narrow = CURRENT.with_switches({"three_phase_ban_scope": "without_statement"})
    assert "没有有效的产权说明" in narrow.reason("non_industrial_site").message.zh
    assert "不解除" in CURRENT.reason("non_industrial_site").message.zh


@pytest.mark.parametrize(
    "changes",
    [
        {"three_phase_ban_scope": "nobody"},
        {"trigger_actions": ["ESTABLISH"]},
        {"trigger_actions": []},
        {"warehouse_counts_as_industrial": "yes"},
        {"missing_statement_grace_days": -1},
        {"missing_statement_grace_days": 10.5},
        {"power_override_roles": ["MGO", "MGO"]},
        {"land_basis_priority": ["survey_use"]},
        {"industrial_codes": {"YDYH-2023": ["0699"]}},
        {"extra_industrial_codes": [{"code": "0804"}]},
        {"two_high_codes": ["99"]},
        {"block_industries": ["眼镜"]},
        {"out_of_area_units": ["庵东镇"]},
        {"no_such_switch": True},
    ],
    ids=str,
)
def test_a_bad_switch_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        CURRENT.with_switches(changes)


def test_every_bad_switch_is_named_at_once() -> None:
    with pytest.raises(ValidationError) as refused:
        CURRENT.with_switches({"three_phase_ban_scope": "x", "village_strict_mode": "x", "new": 1})
    assert {error["loc"][0] for error in refused.value.errors()} == {"three_phase_ban_scope", "village_strict_mode", "new"}


def test_a_revoked_statement_switch_may_be_said_in_one_word() -> None:
    assert CURRENT.with_switches({"on_statement_revoked": "hold"}).switches.on_statement_revoked.before_decision == "hold"


def test_turning_a_switch_leaves_the_shipped_set_alone() -> None:
    CURRENT.with_switches({"warehouse_counts_as_industrial": True})
    assert CURRENT.switches.warehouse_counts_as_industrial is False
