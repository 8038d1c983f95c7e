"""Pydantic's errors in the words of the public surface: JSON pointer, stable code, what to do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, get_args

from pydantic import ValidationError
from pydantic_core import ErrorDetails, core_schema

from chassis.problems.problem import MOST_ERRORS, FieldError, Problem

INVALID_INPUT = "invalid-input"

PYDANTIC_TYPES: frozenset[str] = frozenset(get_args(core_schema.ErrorType))

# code, what to do in Chinese, what to do in English; {…} is filled from the error's context
WORDS: Mapping[str, tuple[str, str, str]] = {
    "missing": ("required", "请填写此项", "fill in this field"),
    "extra_forbidden": ("unknown-field", "没有此字段，请删除或改正名称", "there is no such field: remove it or correct its name"),
    "json_invalid": ("invalid-json", "不是有效的 JSON：{error}", "not valid JSON: {error}"),
    "string_type": ("not-text", "应为文本", "must be text"),
    "string_too_short": ("too-short", "至少 {min_length} 个字符", "at least {min_length} characters"),
    "string_too_long": ("too-long", "至多 {max_length} 个字符", "at most {max_length} characters"),
    "string_pattern_mismatch": ("wrong-form", "格式应为 {pattern}", "must match {pattern}"),
    "too_short": ("too-few", "至少 {min_length} 项", "at least {min_length} items"),
    "too_long": ("too-many", "至多 {max_length} 项", "at most {max_length} items"),
    "enum": ("not-in-list", "应为下列之一：{expected}", "must be one of {expected}"),
    "literal_error": ("not-in-list", "应为下列之一：{expected}", "must be one of {expected}"),
    "union_tag_invalid": ("not-in-list", "应为下列之一：{expected_tags}", "must be one of {expected_tags}"),
    "union_tag_not_found": ("required", "请填写 {discriminator}", "fill in {discriminator}"),
    "bool_type": ("not-boolean", "应为 true 或 false", "must be true or false"),
    "bool_parsing": ("not-boolean", "应为 true 或 false", "must be true or false"),
    "int_type": ("not-whole-number", "应为整数", "must be a whole number"),
    "int_parsing": ("not-whole-number", "应为整数", "must be a whole number"),
    "int_from_float": ("not-whole-number", "应为整数", "must be a whole number"),
    "int_parsing_size": ("out-of-range", "数值过大", "the number is too large"),
    "float_type": ("not-number", "应为数字", "must be a number"),
    "float_parsing": ("not-number", "应为数字", "must be a number"),
    "finite_number": ("not-number", "应为有限的数字", "must be a finite number"),
    "greater_than": ("out-of-range", "应大于 {gt}", "must be greater than {gt}"),
    "greater_than_equal": ("out-of-range", "应不小于 {ge}", "must be {ge} or more"),
    "less_than": ("out-of-range", "应小于 {lt}", "must be less than {lt}"),
    "less_than_equal": ("out-of-range", "应不大于 {le}", "must be {le} or less"),
    "date_type": ("not-a-date", "应为日期，如 2026-11-01", "must be a date such as 2026-11-01"),
    "date_parsing": ("not-a-date", "应为真实存在的日期，如 2026-11-01", "must be a date that exists, such as 2026-11-01"),
    "date_from_datetime_parsing": ("not-a-date", "应为真实存在的日期，如 2026-11-01", "must be a date that exists, such as 2026-11-01"),
    "date_from_datetime_inexact": ("not-a-date", "应为日期，不带时刻", "must be a date without a time of day"),
    "datetime_type": ("not-a-time", "应为带时区的时间，如 2026-11-01T09:00:00+08:00", "a time like 2026-11-01T09:00:00+08:00 is needed"),
    "datetime_parsing": ("not-a-time", "应为带时区的时间，如 2026-11-01T09:00:00+08:00", "a time like 2026-11-01T09:00:00+08:00 is needed"),
    "timezone_aware": ("not-a-time", "时间须带时区", "the time needs an offset"),
    "list_type": ("not-a-list", "应为列表", "must be a list"),
    "tuple_type": ("not-a-list", "应为列表", "must be a list"),
    "dict_type": ("not-an-object", "应为 JSON 对象", "must be a JSON object"),
    "model_type": ("not-an-object", "应为 JSON 对象", "must be a JSON object"),
    "model_attributes_type": ("not-an-object", "应为 JSON 对象", "must be a JSON object"),
    "url_parsing": ("not-a-url", "应为完整的网址", "must be a complete URL"),
    "url_scheme": ("not-a-url", "网址应以 {expected_schemes} 开头", "the URL must start with {expected_schemes}"),
    "url_type": ("not-a-url", "应为完整的网址", "must be a complete URL"),
    "uuid_parsing": ("not-a-uuid", "应为 UUID", "must be a UUID"),
}  # fmt: skip

PARAMETERS = frozenset({"query", "path", "header", "cookie"})
OBJECT_WANTED = frozenset({"dict_type", "model_type", "model_attributes_type"})


def invalid_input(error: ValidationError, body: Any = None) -> Problem:
    """The 422 of a Pydantic model that refused ``body`` (a line of a batch, an imported row)."""
    return problem_of(error.errors(include_url=False, include_input=False), body)


def problem_of(errors: Sequence[ErrorDetails | Mapping[str, Any]], body: Any = None) -> Problem:
    """422 with the fields at fault, at most ``MOST_ERRORS``.

    A code of our own (``PydanticCustomError``) standing first becomes the problem's code.
    """
    fields = [field_error(error, body) for error in errors[:MOST_ERRORS]]
    if errors and errors[0]["type"] not in PYDANTIC_TYPES:
        zh, _, en = fields[0].message.partition(" / ")
        return Problem(422, fields[0].code, zh, en or zh, fields)
    count = len(errors)
    return Problem(422, INVALID_INPUT, f"有 {count} 处需要改正，见 errors", f"{count} field(s) to correct, see errors", fields)


def field_error(error: ErrorDetails | Mapping[str, Any], body: Any = None) -> FieldError:
    kind = error["type"]
    pointer = pointer_of(error["loc"], body) + str((error.get("ctx") or {}).get("pointer", ""))
    if pointer == "" and kind in OBJECT_WANTED:
        zh, en = "请求体应为 JSON 对象，Content-Type 应为 application/json", "the body must be a JSON object sent as application/json"
        return FieldError(pointer, "not-an-object", f"{zh} / {en}")
    if kind not in PYDANTIC_TYPES:
        return FieldError(pointer, kind, error["msg"])
    if kind in ("value_error", "assertion_error"):
        return FieldError(pointer, "invalid-value", str(error.get("ctx", {}).get("error", error["msg"])))
    code, zh, en = WORDS.get(kind, ("invalid-value", f"不合规定（{error['msg']}）", error["msg"]))
    context = {name: str(value) for name, value in (error.get("ctx") or {}).items()}
    return FieldError(pointer, code, f"{_filled(zh, context)} / {_filled(en, context)}")


def _filled(words: str, context: Mapping[str, str]) -> str:
    for name, value in context.items():
        words = words.replace("{" + name + "}", value)
    return words


def pointer_of(location: Sequence[str | int], body: Any = None) -> str:
    """JSON pointer of a Pydantic location. Names of union members, which are no part of the body, are left out."""
    parts = list(location)
    if parts and parts[0] == "body":
        parts = parts[1:]
    elif parts and parts[0] in PARAMETERS:
        body = None
    if body is not None:
        parts = _present(parts, body)
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts)


def _present(parts: Sequence[str | int], body: Any) -> list[str | int]:
    kept: list[str | int] = []
    here = body
    for place, part in enumerate(parts):
        inside = (isinstance(here, Mapping) and part in here) or (isinstance(here, list) and isinstance(part, int) and part < len(here))
        if inside:
            here = here[part]
        if inside or (place == len(parts) - 1 and isinstance(here, Mapping)):
            kept.append(part)
    return kept
