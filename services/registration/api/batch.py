"""Bulk submission: NDJSON in and out, cut into transactions, each line answered, the answers streamed as they are committed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import datetime
from hashlib import blake2b
from typing import Any

import orjson
from fastapi import APIRouter, Request
from pydantic import TypeAdapter, ValidationError
from starlette.responses import Response, StreamingResponse

from chassis.errors import TemporaryError
from chassis.http import check_json
from chassis.idempotency import HEADER, claim_of
from chassis.problems import FieldError, Problem, invalid_input
from chassis.service import Service, service_of
from contracts.identifiers import ShortText
from contracts.values import dataclass
from services.registration.api.callers import Submitter
from services.registration.api.requests import FilingSent
from services.registration.domain import Filing, Submission
from services.registration.errors import too_many_lines
from services.registration.handlers import submit
from services.registration.settings import RegistrationSettings

MOST_LINES = 10_000
MOST_BREAKS = 10 * MOST_LINES
"""Blank lines are skipped, but a body of nothing else is not cut into sixty million of them."""
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
NDJSON = "application/x-ndjson"

CLIENT_REF: TypeAdapter[str | None] = TypeAdapter(ShortText | None)

router = APIRouter(tags=["申请 / Filings"])


@dataclass(frozen=True, slots=True)
class Line:
    """A line as read: a submission, or why it is none. ``number`` counts from 1."""

    number: int
    client_ref: Any
    read: Submission | Problem

    def answered(self, answer: Filing | Problem) -> bytes:
        body: dict[str, Any] = {"line": self.number, "client_ref": self.client_ref}
        if isinstance(answer, Filing):
            body |= {"status": 201, "filing_id": answer.filing_id}
        else:
            body |= {"status": answer.status, "code": answer.code, "errors": [error._asdict() for error in answer.errors]}
        return orjson.dumps(body, option=orjson.OPT_APPEND_NEWLINE)


@router.post(
    "/filings:batch",
    response_class=StreamingResponse,
    openapi_extra={"requestBody": {"required": True, "content": {NDJSON: {"schema": {"type": "string"}}}}},
)
async def submit_batch(request: Request, principal: Submitter) -> Response:
    """批量提交：每行一件申请，可带 client_ref；逐行答复 / Bulk: a filing a line, with an optional client_ref; each line is answered."""
    service, body = service_of(request), (await request.body()).removeprefix(BYTE_ORDER_MARK)
    if body.count(b"\n") > MOST_BREAKS:
        raise too_many_lines(MOST_LINES)
    numbered = [(number, line) for number, line in enumerate(body.split(b"\n"), 1) if line.strip()]
    if len(numbered) > MOST_LINES:
        raise too_many_lines(MOST_LINES)
    key = request.headers.get(HEADER)
    claim_of(key, principal.sub, request.url.path, b"")  # raises 422 for a key that is none
    reader = Reader(service.clock.now(), key)

    async def answers() -> AsyncIterator[bytes]:
        for lines in _chunks(numbered, _chunk_size(service)):
            read = await asyncio.to_thread(reader.read, lines)
            wanted = [line.read for line in read if isinstance(line.read, Submission)]
            try:
                given = iter(await service.batch(principal, request.state.correlation_id, submit, wanted))
            except TemporaryError:
                given = iter([_unavailable()] * len(wanted))
            yield b"".join(line.answered(line.read if isinstance(line.read, Problem) else next(given)) for line in read)

    return StreamingResponse(answers(), media_type=NDJSON)


class Reader:
    """Reads lines that came in ``at``. ``key``: the call's Idempotency-Key, which stands for a client_ref on lines without one."""

    def __init__(self, at: datetime, key: str | None) -> None:
        self._at = at
        self._key = key

    def read(self, lines: Sequence[tuple[int, bytes]]) -> list[Line]:
        """Never raises for what a line holds; called away from the event loop."""
        return [self._line(number, text) for number, text in lines]

    def _line(self, number: int, text: bytes) -> Line:
        client_ref: Any = None
        try:
            body = _object(text)
            given = body.pop("client_ref", None)
            client_ref = _client_ref(given)
            reference = client_ref if self._key is None or client_ref is not None else f"\n{self._key}\n{number}"
            return Line(number, client_ref, self._submission(body, reference))
        except ValidationError as error:
            return Line(number, client_ref, invalid_input(error, body))
        except Problem as problem:
            return Line(number, client_ref, problem)

    def _submission(self, body: dict[str, Any], reference: str | None) -> Submission:
        fingerprint = ""
        if reference is not None:
            fingerprint = blake2b(orjson.dumps(body, option=orjson.OPT_SORT_KEYS), digest_size=16).hexdigest()
        return FilingSent.model_validate(body).submitted(self._at, client_ref=reference, fingerprint=fingerprint)


def _object(text: bytes) -> dict[str, Any]:
    """A line that cannot be read is a bad line of a good body: 422, not the 400 of a body that cannot be read."""
    try:
        body = check_json(text)
    except Problem as problem:
        problem.status = 422
        raise
    if not isinstance(body, dict):
        zh, en = "每行应为一个 JSON 对象", "each line is one JSON object"
        raise Problem(422, "not-an-object", zh, en, [FieldError("", "not-an-object", f"{zh} / {en}")])
    return body


def _client_ref(given: Any) -> str | None:
    try:
        return CLIENT_REF.validate_python(given)
    except ValidationError as error:
        zh, en = "client_ref 应为1至100个可显示字符", "client_ref has 1 to 100 printable characters"
        raise Problem(422, "bad-client-ref", zh, en, [FieldError("/client_ref", "bad-client-ref", f"{zh} / {en}")]) from error


def _unavailable() -> Problem:
    return Problem(
        503, "temporarily-unavailable", "存储暂不可用，请带同一 client_ref 重试", "storage unavailable: repeat with the same client_ref"
    )


def _chunk_size(service: Service) -> int:
    settings = service.settings
    return settings.registration_batch_chunk if isinstance(settings, RegistrationSettings) else 500


def _chunks(lines: Sequence[tuple[int, bytes]], size: int) -> Iterator[Sequence[tuple[int, bytes]]]:
    return (lines[start : start + size] for start in range(0, len(lines), size))
