"""Identifiers: canonical values in, stable codes with words in both languages out."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, TypeAdapter, ValidationError

from contracts import identifiers, reference
from contracts.identifiers import (
    Address,
    IndustryCode,
    LandUse,
    LongText,
    Name,
    ParcelCode,
    Sha256,
    TownshipCode,
    UnitNumber,
    Uscc,
    unit_is_on_parcel,
    uscc_check_character,
)

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
PARCEL = "330282112001JC00001"

usccs = st.builds(
    lambda authority, kind, division, entity: authority + kind + division + entity,
    st.sampled_from("0123456789ANY"),
    st.sampled_from(ALPHABET),
    st.text("0123456789", min_size=6, max_size=6),
    st.text(ALPHABET, min_size=9, max_size=9),
).map(lambda first_17: first_17 + uscc_check_character(first_17))


def read(kind: Any, value: Any) -> Any:
    return TypeAdapter(kind).validate_python(value)


def code_of(kind: Any, value: Any) -> str | None:
    """The error code, or None when the value is taken."""
    try:
        read(kind, value)
    except ValidationError as refused:
        return refused.errors()[0]["type"]
    return None


def refusal(kind: Any, value: Any) -> str:
    with pytest.raises(ValidationError) as refused:
        read(kind, value)
    (error,) = refused.value.errors()
    assert re.search(r"[\u4e00-\u9fff].* / .*[a-z]{3}", error["msg"]), error["msg"]
    return error["type"]


@pytest.mark.parametrize("code", ["12330282688011591A", "91330282MA2AGTQY0X", "N2330282MF0123456"])
def test_a_code_with_its_own_check_character_is_taken(code: str) -> None:
    whole = code[:17] + uscc_check_character(code[:17])
    assert read(Uscc, whole) == whole


def test_the_index_number_of_the_paper_itself_is_valid() -> None:
    assert read(Uscc, "12330282688011591A") == "12330282688011591A"


@given(usccs)
def test_lower_case_and_blanks_around_a_uscc_do_not_matter(code: str) -> None:
    assert read(Uscc, f" {code.lower()} ") == code


@given(usccs, st.integers(0, 17), st.sampled_from(ALPHABET))
def test_one_wrong_character_in_a_uscc_is_always_found(code: str, place: int, character: str) -> None:
    if code[place] != character:
        assert refusal(Uscc, code[:place] + character + code[place + 1 :]) == "bad-uscc"


@given(usccs, st.integers(0, 16))
def test_two_neighbours_changed_over_in_a_uscc_are_always_found(code: str, place: int) -> None:
    if code[place] != code[place + 1]:
        assert refusal(Uscc, code[:place] + code[place + 1] + code[place] + code[place + 2 :]) == "bad-uscc"


@pytest.mark.parametrize("code", ["", "9133028", "91330282MA2AGTQYOI", "9133028２MA2AGTQY0X", "I1330282688011591A"])
def test_what_has_not_the_form_of_a_uscc_is_refused(code: str) -> None:
    assert refusal(Uscc, code) == "bad-uscc"


@given(st.text(max_size=30))
def test_no_text_makes_a_uscc_fail_otherwise(text: str) -> None:
    if (code := code_of(Uscc, text)) is None:
        assert read(Uscc, text) == text.strip().upper()
    else:
        assert code == "bad-uscc"


@pytest.mark.parametrize("code", [PARCEL, "330282 112001 JC 00001", "330282112001jc00001", " 330282112001JC00001　"])
def test_a_parcel_code_loses_its_blanks(code: str) -> None:
    assert read(ParcelCode, code) == PARCEL


@pytest.mark.parametrize("code", ["", "330282112001JC0001", "330282112001AC00001", "330282112001JI00001", "33028211200１JC00001"])
def test_a_malformed_parcel_code_is_refused(code: str) -> None:
    assert refusal(ParcelCode, code) == "bad-parcel-code"


def test_a_unit_number_is_the_official_form_or_any_house_number() -> None:
    assert read(UnitNumber, "330282 112001 JC00001 F00010001") == PARCEL + "F00010001"
    assert read(UnitNumber, "3号楼 201") == "3号楼201"
    assert refusal(UnitNumber, " ") == "bad-unit-number"
    assert refusal(UnitNumber, "x" * 41) == "bad-unit-number"
    assert refusal(UnitNumber, "3\u202e1") == "bad-unit-number"
    assert refusal(UnitNumber, "3\ufe0f") == "bad-unit-number"
    assert read(UnitNumber, "３ 号楼") == "3号楼"


def test_an_official_unit_number_must_begin_with_its_parcel_code() -> None:
    assert unit_is_on_parcel(PARCEL, PARCEL + "F00010001")
    assert unit_is_on_parcel(PARCEL, PARCEL + "W00000000")
    assert unit_is_on_parcel(PARCEL, "3号楼201")
    assert unit_is_on_parcel(None, PARCEL + "F00010001")
    assert not unit_is_on_parcel("330282112001JC00002", PARCEL + "F00010001")
    identifiers.check_unit_on_parcel(PARCEL, None)
    with pytest.raises(Exception, match=r"不动产单元号前19位.* / the first 19 places") as refused:
        identifiers.check_unit_on_parcel("330282112001JC00002", PARCEL + "F00010001")
    assert getattr(refused.value, "type", None) == "unit-not-on-parcel"


@given(st.integers(0, 9999))
def test_an_industry_code_is_taken_exactly_when_its_class_may_exist(number: int) -> None:
    code = f"{number:04}"
    section = reference.section_of(code)
    if section is None or (section == "C" and reference.industry_class(code) is None):
        assert refusal(IndustryCode, code) == "unknown-industry-code"
    else:
        assert read(IndustryCode, code) == read(IndustryCode, f"{section}{code}") == read(IndustryCode, f"{section.lower()}{code}") == code


@pytest.mark.parametrize("code", ["A3851", "385", "38510", "C38", "3858", "9800", "0010", "三八五一", "３８５１"])
def test_a_wrong_industry_code_is_refused(code: str) -> None:
    assert refusal(IndustryCode, code) == "unknown-industry-code"


def test_a_township_is_stored_under_one_code() -> None:
    assert read(TownshipCode, "330282402") == "330282123"
    assert read(TownshipCode, "330282118") == "330282118"
    assert refusal(TownshipCode, "330282999") == "unknown-township"


def test_a_bare_land_code_lacks_its_scheme() -> None:
    with pytest.raises(ValidationError) as refused:
        read(LandUse, {"code": "0601"})
    assert [(error["type"], error["loc"]) for error in refused.value.errors()] == [("missing", ("scheme",))]


@pytest.mark.parametrize(
    ("use", "field"),
    [
        ({"scheme": "GB/T21010-2017", "code": "9999"}, "code"),
        ({"scheme": "GB/T21010-2017", "code": "100101"}, "code"),
        ({"scheme": "GB/T21010", "code": "0601"}, "scheme"),
    ],
)
def test_a_land_class_in_no_list_is_refused_at_its_field(use: dict[str, str], field: str) -> None:
    with pytest.raises(ValidationError) as refused:
        read(LandUse, use)
    assert [(error["type"], error["loc"]) for error in refused.value.errors()] == [("unknown-land-code", (field,))]


@given(st.sampled_from(reference.land_classes()))
def test_every_listed_land_class_is_taken(land: reference.LandClass) -> None:
    assert read(LandUse, {"scheme": land.scheme, "code": land.code}).code == land.code


def test_a_digest_is_64_hexadecimal_digits() -> None:
    assert read(Sha256, "AB" * 32) == "ab" * 32
    assert refusal(Sha256, "ab" * 31) == "bad-sha256"
    assert refusal(Sha256, "xy" * 32) == "bad-sha256"


@given(st.text(max_size=250))
def test_a_name_is_stripped_and_holds_nothing_invisible(text: str) -> None:
    if (code := code_of(Name, text)) is None:
        name = read(Name, text)
        assert name == text.strip()
        assert 1 <= len(name) <= 200
        assert not re.search(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e]", name)
    else:
        assert code in {"text-blank", "text-too-long", "text-invisible-characters"}


def test_what_a_name_may_not_be() -> None:
    assert refusal(Name, " \u3000") == "text-blank"
    assert refusal(Name, "厂" * 201) == "text-too-long"
    assert refusal(Name, "电\x00器") == "text-invisible-characters"
    assert refusal(Name, "电\ud800器") == "text-invisible-characters"
    assert refusal(Address, "一\n二") == "text-invisible-characters"


@pytest.mark.parametrize("unseen", "\u00ad\u034f\u180e\u200b\u200d\u2060\u3164\ufe0f\ufeff\uffff\U000e0041")
def test_two_names_never_differ_by_something_unseen(unseen: str) -> None:
    assert refusal(Name, f"电{unseen}器") == "text-invisible-characters"
    assert read(LongText, f"电{unseen}器\n二") == f"电{unseen}器\n二"


def test_a_long_text_keeps_its_lines() -> None:
    assert read(LongText, "一\r\n二\r三\t四\n") == "一\n二\n三 四"


def test_the_json_schema_of_an_identifier_shows_its_form() -> None:
    class Form(BaseModel):
        uscc: Uscc | None
        name: Name

    properties = Form.model_json_schema()["properties"]
    assert properties["uscc"]["anyOf"][0]["pattern"].startswith("^[0-9ANY]")
    assert properties["name"]["maxLength"] == 200
