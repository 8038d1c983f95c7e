"""A what-if answered: chunk by chunk until the page is full, or as NDJSON, a line a chunk, for whoever wants to see how far it is."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import orjson
from fastapi import Request
from starlette.responses import Response, StreamingResponse

from chassis.paging import Page
from chassis.problems import Problem
from chassis.what_if import Chunk, Tally
from contracts.policy import Policy

NDJSON = "application/x-ndjson"
TRIED: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "哪些决定会改变，及其汇总；Accept 为 application/x-ndjson 时逐批一行，末行为汇总"
        " / the decisions that would change, and their counts; as NDJSON a line a chunk, the last one sums up",
        "content": {"application/json": {"schema": {"type": "object"}}, NDJSON: {"schema": {"type": "string"}}},
    }
}

Next = Callable[[str], Awaitable[Chunk | None]]
"""The chunk from behind an id; None: there is nothing more."""


async def tried(request: Request, page: Page, present: Policy, name: str, total: int, chunk: Next) -> Response:
    """The answer. Raises what the first chunk raises; as NDJSON, a problem that comes later is the last line."""
    after = "" if page.after is None else str(page.after[0])
    accepted = request.headers.get("accept", "")
    if NDJSON in accepted and "application/json" not in accepted:
        tally = Tally(name, 0, total, counts=True)
        return StreamingResponse(_lines(tally, present, await chunk(after), chunk), media_type=NDJSON, headers={"X-Accel-Buffering": "no"})
    tally = Tally(name, page.limit, total, counts=page.after is None)
    while not tally.done and (brought := await chunk(after)):
        tally.add(brought)
        after = brought.last
    return Response(orjson.dumps(tally.shown(present)), media_type="application/json")


async def _lines(tally: Tally, present: Policy, brought: Chunk | None, chunk: Next) -> AsyncIterator[bytes]:
    """Without the last line, which holds the summary, an answer is not whole. Every flip is in the line of its chunk."""
    try:
        while brought is not None:
            tally.add(brought)
            yield _line({**tally.progress(), "items": [flip.shown(tally.name) for flip in brought.flips]})
            brought = await chunk(brought.last)
    except Problem as problem:
        yield _line(problem.body())
        return
    yield _line(tally.shown(present))


def _line(body: dict[str, Any]) -> bytes:
    return orjson.dumps(body, option=orjson.OPT_APPEND_NEWLINE)
