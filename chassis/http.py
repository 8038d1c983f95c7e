"""The edge of a service: correlation id, body limit, JSON that cannot hurt, access log, and an answer to every failure."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from typing import Any

import orjson
import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chassis.identifiers import new_id
from chassis.problems import MOST_ERRORS, FieldError, Problem, internal_error
from contracts.values import dataclass

log = structlog.get_logger("http")

CORRELATION_HEADER = "X-Correlation-Id"
BODY_METHODS = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_SANE_ID = re.compile(r"[A-Za-z0-9._:-]{1,128}")
_SUSPECT_NUMBER = re.compile(rb"[0-9]{19}")
_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
LARGEST_INTEGER = 2**63 - 1
DEEPEST = 200
"""Levels of a body: a map needs eight."""

Observe = Callable[[str, str, int, float], None]
"""``observe(method, route, status, seconds)``: where the latency metric is kept."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Largest bodies in bytes: of a usual call, and of the ``bulk`` calls (method and path).

    The body of those is read and checked by the endpoint, when it is known who calls.
    """

    body: int
    bulk_body: int
    bulk: frozenset[tuple[str, str]] = frozenset()


class Edge:
    """Pure ASGI middleware around the routes. Puts ``correlation_id`` into ``request.state``."""

    def __init__(self, app: ASGIApp, *, service: str, limits: Limits, observe: Observe) -> None:
        self._app = app
        self._service = service
        self._limits = limits
        self._observe = observe

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        correlation_id = correlation_id_of(scope)
        scope.setdefault("state", {})["correlation_id"] = correlation_id
        answer = _Answer(send, correlation_id)
        try:
            check_address(scope)
            if scope["method"] in BODY_METHODS:
                receive = await self._checked_body(scope, receive)
            await self._app(scope, receive, answer)
        except Problem as problem:
            await self._refuse(problem, scope, receive, answer)
        except Exception:
            log.exception("request failed", service=self._service, route=route_of(scope), correlation_id=correlation_id)
            await self._refuse(internal_error(), scope, receive, answer)
        finally:
            self._record(scope, answer.status, time.perf_counter() - started, correlation_id)

    async def _checked_body(self, scope: Scope, receive: Receive) -> Receive:
        headers = Headers(scope=scope)
        if (scope["method"], scope["path"]) in self._limits.bulk:
            return _limited(receive, headers, self._limits.bulk_body)
        body = await _read(_limited(receive, headers, self._limits.body))
        content_type = headers.get("content-type", "application/json").lower()
        if body and "json" in content_type and "ndjson" not in content_type:
            check_json(body)
        return _replay(body, receive)

    async def _refuse(self, problem: Problem, scope: Scope, receive: Receive, answer: _Answer) -> None:
        if answer.status:
            raise problem  # half an answer is out: break the connection, so that nobody takes it for whole
        await problem.response()(scope, receive, answer)

    def _record(self, scope: Scope, status: int, seconds: float, correlation_id: str) -> None:
        route = route_of(scope)
        self._observe(scope["method"], route, status, seconds)
        log.info(
            "request",
            service=self._service,
            method=scope["method"],
            route=route,
            status=status,
            ms=round(seconds * 1000, 2),
            correlation_id=correlation_id,
        )


class _Answer:
    """Passes the answer on with the correlation id, and remembers its status (0: none yet)."""

    __slots__ = ("_correlation_id", "_send", "status")

    def __init__(self, send: Send, correlation_id: str) -> None:
        self._send = send
        self._correlation_id = correlation_id
        self.status = 0

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            MutableHeaders(scope=message)[CORRELATION_HEADER] = self._correlation_id
        await self._send(message)


def correlation_id_of(scope: Scope) -> str:
    """The caller's ``X-Correlation-Id`` if it is a sane one, else a new id."""
    given = Headers(scope=scope).get(CORRELATION_HEADER)
    return given if given is not None and _SANE_ID.fullmatch(given) else new_id()


def route_of(scope: Scope) -> str:
    """The template of the route (``/registration/v1/filings/{filing_id}``), never the path, which may name someone."""
    path = getattr(scope.get("route"), "path", None)
    return path if isinstance(path, str) else "(none)"


def _limited(receive: Receive, headers: Headers, limit: int) -> Receive:
    """``receive`` that raises the problem of a body that is too large (if declared: before reading it) or ends early."""
    declared = headers.get("content-length", "0")
    if declared.isdecimal() and int(declared) > limit:
        raise too_large(limit)
    size, more = 0, True

    async def limited() -> Message:
        nonlocal size, more
        message = await receive()
        if message["type"] == "http.request":
            size += len(message.get("body", b""))
            more = message.get("more_body", False)
            if size > limit:
                raise too_large(limit)
        elif more:
            raise Problem(400, "incomplete-body", "请求体未传完", "the body ended early")
        return message

    return limited


async def _read(receive: Receive) -> bytes:
    chunks: list[bytes] = []
    more = True
    while more:
        message = await receive()
        chunks.append(message.get("body", b""))
        more = message.get("more_body", False)
    return b"".join(chunks)


def _replay(body: bytes, receive: Receive) -> Receive:
    given = False

    async def replayed() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replayed


def check_address(scope: Scope) -> None:
    """Refuses U+0000 in path and query with 422, as ``check_json`` does in bodies: no database takes it in a text."""
    wrong = [place for place, there in (("/path", "\0" in scope["path"]), ("/query", b"%00" in scope["query_string"])) if there]
    if wrong:
        zh, en = "地址中不可有 U+0000 字符，请删除", "an address must not contain the character U+0000: remove it"
        errors = [FieldError(place, "text-invisible-characters", f"{zh} / {en}") for place in wrong]
        raise Problem(422, "text-invisible-characters", zh, en, errors)


def check_json(body: bytes) -> Any:
    """The document. Refuses (400) what the standard library would let through and something later would choke on.

    Invalid UTF-8, half surrogates, NaN and infinities, integers beyond 64 bits, nesting too deep to read. With 422: U+0000.
    """
    try:
        document = orjson.loads(body)
        if _SUSPECT_NUMBER.search(body):
            json.loads(body, parse_int=_bounded)
        if body.count(b"{") + body.count(b"[") > DEEPEST:
            _check_depth(document)
    except (ValueError, RecursionError) as error:
        zh, en = f"请求体不是有效的 JSON：{error}", f"the body is not valid JSON: {error}"
        raise Problem(400, "invalid-json", zh, en, [FieldError("", "invalid-json", f"{zh} / {en}")]) from error
    if b"\\u0000" in body and _NUL.search(body):
        zh, en = "文本中不可有 U+0000 字符，请删除", "texts must not contain the character U+0000: remove it"
        errors = [FieldError(pointer, "text-invisible-characters", f"{zh} / {en}") for pointer in _places_of_nul(document)]
        raise Problem(422, "text-invisible-characters", zh, en, errors)
    return document


def _places_of_nul(document: Any) -> list[str]:
    """JSON pointers of texts, and of members whose name, holds U+0000. Not recursive: the nesting is the caller's."""
    found: list[str] = []
    waiting: list[tuple[str, Any]] = [("", document)]
    while waiting:
        pointer, value = waiting.pop()
        if isinstance(value, dict):
            inside = [(f"{pointer}/{name.replace('~', '~0').replace('/', '~1')}", name, part) for name, part in value.items()]
            found += [place for place, name, _ in inside if "\0" in name]
            waiting += [(place, part) for place, _, part in inside]
        elif isinstance(value, list):
            waiting += [(f"{pointer}/{index}", part) for index, part in enumerate(value)]
        elif isinstance(value, str) and "\0" in value:
            found.append(pointer)
    return sorted(found)[:MOST_ERRORS]


def _check_depth(document: Any) -> None:
    """Later readers recurse, each version of Python to a depth of its own. Raises ValueError beyond ``DEEPEST``."""
    level, depth = [document], 0
    while level:
        if depth > DEEPEST:
            raise ValueError(f"nested deeper than {DEEPEST}")
        level = [
            part for value in level if isinstance(value, dict | list) for part in (value.values() if isinstance(value, dict) else value)
        ]
        depth += 1


def _bounded(digits: str) -> Any:
    if len(digits) > 20 or abs(int(digits)) > LARGEST_INTEGER:
        raise ValueError("a whole number is beyond 64 bits")
    return int(digits)


def too_large(limit: int) -> Problem:
    return Problem(413, "body-too-large", f"请求体不得超过 {limit} 字节", f"the body may have at most {limit} bytes", limit=limit)
