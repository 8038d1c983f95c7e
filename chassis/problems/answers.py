"""The one place that turns exceptions into HTTP answers."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import OperationalError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from chassis.errors import MessageTooLargeError, TemporaryError
from chassis.problems.fields import problem_of
from chassis.problems.problem import FieldError, Problem

log = structlog.get_logger("http")

HTTP_WORDS: Mapping[int, tuple[str, str, str]] = {
    400: ("bad-request", "请求无法读取", "the request cannot be read"),
    401: ("unauthenticated", "请提供令牌", "a token is needed"),
    403: ("forbidden", "无权办理", "not permitted"),
    404: ("not-found", "没有找到", "there is nothing here"),
    405: ("method-not-allowed", "此地址不支持该方法", "this address does not take that method"),
    413: ("body-too-large", "请求体过大", "the body is too large"),
    415: ("unsupported-media-type", "不支持该内容类型", "this media type is not supported"),
}


def temporarily_unavailable(delay: float = 1.0) -> Problem:
    """503 with ``Retry-After``: nothing was kept, the same call may be repeated."""
    zh = "系统暂时繁忙或存储不可用，请稍后重试；重试请带同一 Idempotency-Key"
    en = "busy or storage unavailable: repeat later with the same Idempotency-Key"
    return Problem(503, "temporarily-unavailable", zh, en, headers={"Retry-After": str(max(1, math.ceil(delay)))})


async def _problem(_request: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)  # noqa: S101 - Starlette types every handler for Exception
    return error.response()


async def _invalid(_request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101
    errors: Sequence[Any] = error.errors()
    if any(item["type"] == "json_invalid" for item in errors):
        return Problem(400, "invalid-json", "请求体不是有效的 JSON", "the body is not valid JSON").response()
    return problem_of(errors, error.body).response()


async def _http(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101
    code, zh, en = HTTP_WORDS.get(error.status_code, (f"http-{error.status_code}", "未能办理", "not done"))
    return Problem(error.status_code, code, zh, en, headers=error.headers).response()


async def _temporary(request: Request, error: Exception) -> Response:
    log.warning("temporarily unavailable", reason=str(error), correlation_id=getattr(request.state, "correlation_id", None))
    return temporarily_unavailable(error.delay if isinstance(error, TemporaryError) else 1.0).response()


async def _too_large(_request: Request, error: Exception) -> Response:
    zh, en = "内容过大，无法传递", "too large to be passed on"
    return Problem(413, "body-too-large", zh, en, [FieldError("", "body-too-large", f"{zh} / {en}")]).response()


def answer_every_failure(app: FastAPI) -> None:
    """Problem, invalid input, 404 and 405, and trouble with the storage; what remains is a 500 made by the edge."""
    app.add_exception_handler(Problem, _problem)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(TemporaryError, _temporary)
    app.add_exception_handler(OperationalError, _temporary)
    app.add_exception_handler(MessageTooLargeError, _too_large)
