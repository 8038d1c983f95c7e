"""Validated field types for whatever comes from outside: codes, numbers and texts, each with a stable error code and a bilingual message.

The error ``type`` is the code (``bad-uscc``), the message reads "中文 / English". Values come out in their one canonical form.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from contracts import reference, vocabulary
from contracts.values import dataclass

_USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_USCC_PLACE = {character: place for place, character in enumerate(_USCC_ALPHABET)}
_USCC_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
_USCC_FORM = re.compile(r"[0-9ANY][0-9A-HJ-NP-RTUWXY][0-9]{6}[0-9A-HJ-NP-RTUWXY]{10}")
_PARCEL_FORM = re.compile(r"[0-9]{12}[GJZ][A-HSWXY][0-9]{5}")
_UNIT_FORM = re.compile(r"[0-9]{12}[GJZ][A-HSWXY][0-9]{5}(?:[FLQ][0-9]{8}|W0{8})")
_INDUSTRY_FORM = re.compile(r"([A-T])?([0-9]{4})")
_DAY_FORM = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_SHA256_FORM = re.compile(r"[0-9a-f]{64}")
_UNIT_LENGTH = 40
_UNSEEN = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]")
"""Printable by the word of Unicode, yet not seen: fillers and selectors of variants. Two names must not differ by them alone."""


def uscc_check_character(first_17: str) -> str:
    """The 18th place of a USCC by GB 32100-2015. Raises KeyError for a character outside its alphabet."""
    total = sum(_USCC_PLACE[character] * weight for character, weight in zip(first_17, _USCC_WEIGHTS, strict=True))
    return _USCC_ALPHABET[-total % 31]


def _uscc(text: str) -> str:
    code = text.strip().upper()
    if not _USCC_FORM.fullmatch(code):
        raise PydanticCustomError(
            "bad-uscc",
            "统一社会信用代码应为18位，不含 I、O、S、V、Z，第3至8位为数字 / "
            "a unified social credit code has 18 places, no I, O, S, V, Z, and digits in places 3 to 8",
        )
    if uscc_check_character(code[:17]) != code[17]:
        raise PydanticCustomError(
            "bad-uscc",
            "统一社会信用代码校验位不符，请核对 / the check character of the code does not match: compare it with the licence",
        )
    return code


def _without_blanks(text: str) -> str:
    return "".join(text.split())


def _parcel_code(text: str) -> str:
    code = _without_blanks(text).upper()
    if not _PARCEL_FORM.fullmatch(code):
        raise PydanticCustomError(
            "bad-parcel-code",
            "宗地代码应为19位：12位数字、2位特征码、5位顺序号，例如330282112001JC00001 / "
            "a parcel code has 19 places: 12 digits, a 2-letter feature code, 5 digits, for example 330282112001JC00001",
        )
    return code


def _unit_number(text: str) -> str:
    number = _without_blanks(unicodedata.normalize("NFKC", text))
    if not 1 <= len(number) <= _UNIT_LENGTH or not number.isprintable() or _UNSEEN.search(number):
        raise PydanticCustomError(
            "bad-unit-number", "不动产单元号应为1至40个可显示字符 / a unit number has 1 to 40 printable characters, blanks not counted"
        )
    return number.upper() if _UNIT_FORM.fullmatch(number.upper()) else number


def unit_is_on_parcel(parcel_code: str | None, unit_number: str | None) -> bool:
    """Whether a unit number may belong to a parcel: the first 19 of its official 28 places are the parcel code. Canonical values only."""
    if parcel_code is None or unit_number is None or not _UNIT_FORM.fullmatch(unit_number):
        return True
    return unit_number.startswith(parcel_code)


def check_unit_on_parcel(parcel_code: str | None, unit_number: str | None, pointer: str = "/unit_number") -> None:
    """For a validator of a model that has both. Raises the error ``unit-not-on-parcel``, at ``pointer`` within the model."""
    if not unit_is_on_parcel(parcel_code, unit_number):
        raise PydanticCustomError(
            "unit-not-on-parcel",
            "不动产单元号前19位与宗地代码不一致 / the first 19 places of the unit number are not the parcel code",
            {"pointer": pointer},
        )


def _industry_code(text: str) -> str:
    form = _INDUSTRY_FORM.fullmatch(_without_blanks(text).upper())
    if form is None:
        raise PydanticCustomError(
            "unknown-industry-code",
            "行业代码应为 GB/T 4754-2017 四位小类代码，可带门类字母，例如3851或C3851 / "
            "an industry code is a 4-digit GB/T 4754-2017 class, the section letter is optional, for example 3851 or C3851",
        )
    letter, code = form.groups()
    section = reference.section_of(code)
    if section is None or (section == "C" and reference.industry_class(code) is None):
        raise PydanticCustomError("unknown-industry-code", "GB/T 4754-2017 中没有该行业代码 / GB/T 4754-2017 has no such class")
    if letter is not None and letter != section:
        raise PydanticCustomError(
            "unknown-industry-code",
            "门类字母与行业代码不符，该代码属于{section}门类 / the section letter does not fit the code, which is of section {section}",
            {"section": section},
        )
    return code


def _township_code(text: str) -> str:
    code = reference.canonical_code(text.strip())
    if code is None:
        raise PydanticCustomError(
            "unknown-township",
            "镇（街道）代码不存在，请使用9位统计用区划代码 / no such township: use the 9-digit statistical division code",
        )
    return code


def _day(value: Any) -> Any:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    if not isinstance(value, str) or not _DAY_FORM.fullmatch(value):
        raise PydanticCustomError("not-a-date", "应为日期，如 2026-11-01 / must be a date such as 2026-11-01")
    return value


def _sha256(text: str) -> str:
    digest = text.strip().lower()
    if not _SHA256_FORM.fullmatch(digest):
        raise PydanticCustomError("bad-sha256", "SHA-256 摘要应为64位十六进制字符 / a SHA-256 digest has 64 hexadecimal digits")
    return digest


Uscc = Annotated[
    str,
    AfterValidator(_uscc),
    WithJsonSchema({"type": "string", "pattern": "^[0-9ANY][0-9A-HJ-NP-RTUWXY][0-9]{6}[0-9A-HJ-NP-RTUWXY]{10}$"}),
]
"""Unified social credit code (GB 32100-2015), upper case, check character proven; rural collectives (N…) and others (A…, Y…) included."""

ParcelCode = Annotated[
    str, AfterValidator(_parcel_code), WithJsonSchema({"type": "string", "pattern": "^[0-9]{12}[GJZ][A-HSWXY][0-9]{5}$"})
]
"""Parcel code 宗地代码 (GB/T 37346-2019), 19 places, blanks taken out."""

UnitNumber = Annotated[str, AfterValidator(_unit_number), WithJsonSchema({"type": "string", "minLength": 1, "maxLength": _UNIT_LENGTH})]
"""Real property unit number 不动产单元号, or a house number where there is none; blanks taken out, full width made half."""

IndustryCode = Annotated[str, AfterValidator(_industry_code), WithJsonSchema({"type": "string", "pattern": "^[A-T]?[0-9]{4}$"})]
"""GB/T 4754-2017 class, 4 digits without the section letter. Outside section C only the division is proven."""

TownshipCode = Annotated[str, AfterValidator(_township_code), WithJsonSchema({"type": "string", "pattern": "^[0-9]{9}$"})]
"""Code of a town, subdistrict or zone of the city in its canonical form; one outside the 19 units passes."""

Day = Annotated[date, BeforeValidator(_day)]
"""A day as ISO 8601 writes it. Numbers and times of day, which Pydantic would take for dates, are refused."""

Sha256 = Annotated[str, AfterValidator(_sha256), WithJsonSchema({"type": "string", "pattern": "^[0-9a-f]{64}$"})]
"""SHA-256 of a document, lower-case hexadecimal."""


class LandUse(vocabulary.LandUse):
    """A land-use class that exists in its scheme. A bare code lacks the field ``scheme``; ``unknown-land-code`` is any pair in no list."""

    model_config = ConfigDict(extra="forbid")

    @field_validator("scheme")
    @classmethod
    def _known_scheme(cls, scheme: str) -> str:
        if scheme not in reference.SCHEMES:
            raise PydanticCustomError(
                "unknown-land-code",
                "用地分类标准不存在，可用：{schemes} / no such classification, known are: {schemes}",
                {"schemes": ", ".join(reference.SCHEMES)},
            )
        return scheme

    @field_validator("code")
    @classmethod
    def _known_code(cls, code: str, info: ValidationInfo) -> str:
        scheme = info.data.get("scheme")
        if scheme is not None and reference.land_class(scheme, code) is None:
            raise PydanticCustomError(
                "unknown-land-code", "{scheme} 中没有该地类代码 / {scheme} has no such land-use class", {"scheme": scheme}
            )
        return code


@dataclass(frozen=True, slots=True)
class Written:
    """Annotation of a ``str`` written by a person: stripped, 1 to ``longest`` characters, nothing invisible.

    Refused are control characters, lone surrogates and the marks that turn the direction of writing; in one line, whose text is
    compared with others, whatever else nobody sees, such as zero-width blanks. ``lines``: line breaks stay, a tab becomes a blank.
    """

    longest: int
    lines: bool = False

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self.clean, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"type": "string", "minLength": 1, "maxLength": self.longest}

    def clean(self, text: str) -> str:
        text = text.strip()
        if self.lines:
            text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
        if not text:
            raise PydanticCustomError("text-blank", "不能为空 / must not be blank")
        if len(text) > self.longest:
            raise PydanticCustomError("text-too-long", "最多{longest}个字符 / at most {longest} characters", {"longest": self.longest})
        if (not text.isprintable() and any(map(self._refused, text))) or (not self.lines and _UNSEEN.search(text)):
            raise PydanticCustomError(
                "text-invisible-characters",
                "含有控制字符或者其他不可见字符 / holds control characters or other invisible characters",
            )
        return text

    def _refused(self, character: str) -> bool:
        if character == "\n":
            return not self.lines
        kind = unicodedata.category(character)
        if not self.lines and (kind == "Cf" or ord(character) & 0xFFFE == 0xFFFE):
            return True
        return kind in {"Cc", "Cs"} or character in _DIRECTION_MARKS


_DIRECTION_MARKS = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u2028\u2029")

Name = Annotated[str, Written(200)]
"""Name of an enterprise, person, unit or document."""

Address = Annotated[str, Written(300)]
"""One-line address."""

ShortText = Annotated[str, Written(100)]
"""A reference, staff number or label."""

LongText = Annotated[str, Written(4000, lines=True)]
"""A reason, note or business scope of up to 4,000 characters; line breaks stay."""
