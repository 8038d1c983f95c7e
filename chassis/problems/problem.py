"""The problem itself: status, stable code, two languages, and the fields at fault."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import orjson
from starlette.responses import Response

MEDIA_TYPE = "application/problem+json"
MOST_ERRORS = 100
"""Fields named in one answer: a body of a thousand mistakes is not answered with a thousand texts."""

TITLES: Mapping[int, str] = {
    400: "请求无法读取 / The request cannot be read",
    401: "需要登录 / Sign in first",
    403: "无权办理 / Not permitted",
    404: "没有找到 / Not found",
    405: "不支持此方法 / Method not allowed",
    409: "与现状冲突 / Conflict with the present state",
    412: "版本已变 / The record has changed",
    413: "内容过大 / The body is too large",
    415: "内容类型不支持 / Unsupported media type",
    422: "输入有误 / The input is not valid",
    428: "需要版本号 / A version is required",
    429: "请求过于频繁 / Too many requests",
    500: "系统内部错误 / Internal error",
    501: "尚未提供 / Not provided yet",
    503: "暂时无法办理 / Temporarily unavailable",
}


class FieldError(NamedTuple):
    """One field at fault: a JSON pointer into the body (``/premises/parcel_code``), a stable code, and what to do (zh / en).

    Parameters outside the body are ``/query/<name>``, ``/path/<name>``, ``/header/<name>``.
    """

    pointer: str
    code: str
    message: str


class Problem(Exception):  # noqa: N818 - the word of RFC 9457
    """Input refused. ``code`` is a stable kebab-case slug; ``extra`` members are added to the answer's body.

    Raised by an endpoint or a handler, or returned by a handler as the answer to one item of a batch.
    """

    def __init__(
        self,
        status: int,
        code: str,
        detail_zh: str,
        detail_en: str,
        errors: Sequence[FieldError] = (),
        *,
        headers: Mapping[str, str] | None = None,
        **extra: Any,
    ) -> None:
        super().__init__(f"{status} {code}: {detail_en}")
        self.status = status
        self.code = code
        self.detail = f"{detail_zh} / {detail_en}"
        self.errors = tuple(errors)
        self.headers = dict(headers or {})
        self.extra = extra

    def body(self) -> dict[str, Any]:
        """The JSON object of the answer."""
        body: dict[str, Any] = {
            "type": f"/problems/{self.code}",
            "title": TITLES.get(self.status, "未能办理 / Not done"),
            "status": self.status,
            "detail": self.detail,
            "code": self.code,
        }
        if self.errors:
            body["errors"] = [error._asdict() for error in self.errors]
        return body | self.extra

    def response(self) -> Response:
        return Response(orjson.dumps(self.body()), self.status, self.headers, MEDIA_TYPE)


def internal_error() -> Problem:
    """500 without internals: they are in the log, under the correlation id."""
    return Problem(500, "internal-error", "系统内部错误，请凭关联编号联系运维", "internal error: tell the operators the correlation id")
