"""Reference data: complete, consistent, and read by the one right key."""

from collections import Counter

import pytest

from contracts import reference
from contracts.vocabulary import Process, Unit


def test_there_are_19_units_in_three_groups() -> None:
    groups = Counter(unit.group for unit in reference.townships() if unit.in_area)
    assert groups == {"SG1": 6, "SG2": 6, "SG3": 7}
    assert [unit.name_zh for unit in reference.townships() if not unit.in_area] == [
        "庵东镇",
        "环杭州湾创新中心",
        "现代农业开发区",
        "长三角商贸园区",
    ]


def test_the_zone_and_the_town_of_longshan_are_one_unit() -> None:
    assert reference.township("330282402") is reference.township("330282123")
    assert reference.canonical_code("330282402") == "330282123"
    assert reference.in_area("330282402")
    assert reference.group_of("330282402") == "SG1"
    for name in ("滨海区", "龙山镇", "慈溪滨海经济开发区（龙山镇）"):
        assert reference.township_named(name) is reference.township("330282123")


def test_an_unknown_code_is_nothing() -> None:
    assert reference.township("330281001") is None
    assert reference.canonical_code("") is None
    assert not reference.in_area("330281001")
    assert reference.group_of("330281001") is None


def test_the_central_city_is_three_subdistricts() -> None:
    assert {unit.name_zh for unit in reference.townships() if unit.central_city} == {"白沙路街道", "古塘街道", "浒山街道"}


def test_a_zone_committee_may_issue_in_two_units() -> None:
    assert [unit.code for unit in reference.townships() if reference.zone_committee_allowed(unit.code)] == ["330282123", "330282403"]


def test_every_unit_of_the_vocabulary_is_a_department_with_both_names() -> None:
    for unit in Unit:
        department = reference.department(unit)
        assert department is not None
        assert department.name_zh
        assert department.name_en


def test_section_c_is_whole() -> None:
    levels = Counter(found.level for number in range(13, 4400) if (found := reference.industry_class(str(number))))
    assert levels == {"division": 31, "group": 179, "class": 609}


def test_every_class_of_section_c_has_its_group_and_division() -> None:
    for number in range(1300, 4400):
        if reference.industry_class(str(number)):
            group, division = reference.industry_class(str(number)[:3]), reference.industry_class(str(number)[:2])
            assert group is not None
            assert division is not None
            assert reference.section_of(str(number)) == "C"
            assert division.name_en


@pytest.mark.parametrize(
    ("division", "section"),
    [
        ("01", "A"),
        ("06", "B"),
        ("12", "B"),
        ("13", "C"),
        ("43", "C"),
        ("44", "D"),
        ("51", "F"),
        ("65", "I"),
        ("70", "K"),
        ("96", "S"),
        ("97", "T"),
    ],
)
def test_a_division_belongs_to_the_section_of_the_standard(division: str, section: str) -> None:
    assert reference.section_of(f"{division}10") == section


def test_there_are_97_divisions() -> None:
    assert sum(reference.section_of(f"{number:02}") is not None for number in range(100)) == 97
    assert reference.section_of("00") is None
    assert reference.section_of("98") is None


def test_gb_t_21010_is_whole() -> None:
    levels = Counter(land.level for land in reference.land_classes() if land.scheme == "GB/T21010-2017")
    assert levels == {1: 12, 2: 73}


def test_the_same_digits_mean_different_land_in_different_schemes() -> None:
    names = {scheme: land.name_zh for scheme in reference.SCHEMES if (land := reference.land_class(scheme, "0601"))}
    assert names == {"GB/T21010-2017": "工业用地", "YDYH-2023": "农村道路", "SANDIAO": "工业用地"}


def test_every_class_has_a_scheme_that_is_known() -> None:
    assert {land.scheme for land in reference.land_classes()} == set(reference.SCHEMES)


def test_polluting_trades_and_block_industries_name_real_classes() -> None:
    for trade in reference.polluting_trades():
        assert reference.industry_class(trade.code)
        assert trade.process in {str(process) for process in Process}
    for codes in reference.block_industries().values():
        assert all(reference.industry_class(code) for code in codes)


def test_the_block_industries_are_the_seven_of_the_paper() -> None:
    assert list(reference.block_industries()) == ["家电", "轻纺", "轴承", "服装", "拖鞋", "减压阀", "再生塑料"]
