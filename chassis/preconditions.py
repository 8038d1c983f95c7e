"""Versions of records: ``ETag`` out, ``If-Match`` in."""

from __future__ import annotations

import re

from fastapi import Request

from chassis.problems import FieldError, Problem

_ETAG = re.compile(r'(?:W/)?"?([0-9]{1,18})"?')


def etag(version: int) -> dict[str, str]:
    """The header of an answer that shows ``version``."""
    return {"ETag": f'"{version}"'}


def if_match(request: Request) -> int:
    """The version the caller has seen. Raises 428 ``precondition-required`` without the header, 412 for one that is no version."""
    version = optional_if_match(request)
    if version is None:
        zh, en = "请在 If-Match 头中给出所见的版本号", 'send the version you have seen: If-Match: "<version>"'
        raise Problem(428, "precondition-required", zh, en, [FieldError("/header/If-Match", "required", f"{zh} / {en}")])
    return version


def optional_if_match(request: Request) -> int | None:
    """As ``if_match``, where the header may be left out."""
    value = request.headers.get("if-match")
    if value is None:
        return None
    match = _ETAG.fullmatch(value.strip())
    if match is None:
        raise stale_version()
    return int(match[1])


def stale_version(current: int | None = None) -> Problem:
    """412: the record has moved on since the caller read it."""
    zh, en = "记录已被更新，请重新读取后再办理", "the record has changed: read it again, then repeat"
    problem = Problem(412, "stale-version", zh, en)
    if current is not None:
        problem.extra["version"] = current
    return problem
