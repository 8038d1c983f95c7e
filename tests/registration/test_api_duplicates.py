"""A filing that came while the first of its kind had no verdict yet: it shares the verdict when that comes, and tells nobody twice."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from time import monotonic
from typing import Any

import orjson
import pytest
from sqlalchemy import text

from contracts.registration import FilingClosed
from tests.registration.vocabulary import FACTORY, Door, door, land, sent

INDUSTRIAL, NO_PAPER = land("industrial", "not_required"), land("non_industrial", "required_missing", in_village=True)


@pytest.fixture
async def at(tmp_path: Path) -> AsyncIterator[Door]:
    async with door(tmp_path) as each:
        yield each


async def filed(at: Door, **changes: Any) -> dict[str, Any]:
    return dict((await at.caller("clerk")("POST", "/filings", sent(**changes))).json())


async def read(at: Door, filing: dict[str, Any], query: str = "") -> dict[str, Any]:
    return dict((await at.caller("clerk")("GET", f"/filings/{filing['filing_id']}{query}")).json())


def told(at: Door, filing: dict[str, Any]) -> list[list[str]]:
    """Whom each ``filing_closed`` of the filing names."""
    said = at.service.database.read_sync(lambda tx: tx.rows(text("SELECT type, body FROM outbox ORDER BY rowid")))
    events = [orjson.loads(row.body) for row in said if row.type == FilingClosed.type]
    return [event["notify"] for event in events if event["filing_id"] == filing["filing_id"]]


@pytest.mark.parametrize(
    ("found", "verdict", "statement"), [(INDUSTRIAL, "industrial", "not_required"), (NO_PAPER, "non_industrial", "required_missing")]
)
async def test_who_waits_for_a_duplicate_reads_the_verdict_of_the_first(at: Door, found: Any, verdict: str, statement: str) -> None:
    first, second = await filed(at), await filed(at)
    assert (second["status"], second["decision"]["land_verdict"]) == ("closed_duplicate", "pending")
    waiting = asyncio.create_task(read(at, second, "?wait=30"))
    await asyncio.sleep(0.05)
    assert not waiting.done()
    await at.hear(first, found)
    closed = await waiting
    decision = closed["decision"]
    assert (closed["status"], closed["version"], closed["duplicate_of"]) == ("closed_duplicate", 2, first["filing_id"])
    assert (decision["outcome"], decision["land_verdict"], decision["statement"]) == ("closed", verdict, statement)
    assert decision["notify"] == second["decision"]["notify"] == ["AMR", "PSC"]
    assert told(at, second) == [["AMR", "PSC"], []]


async def test_one_that_became_a_duplicate_by_an_amendment_waits_as_well(at: Door) -> None:
    first, other = await filed(at), await filed(at, premises__parcel_code=FACTORY)
    amended = await at.caller("clerk")("POST", f"/filings/{other['filing_id']}:amend", {"premises": sent()["premises"]}, version=1)
    assert amended.json()["status"] == "closed_duplicate"
    waiting = asyncio.create_task(read(at, other, "?wait=30"))
    await at.hear(first, INDUSTRIAL)
    closed = await waiting
    assert (closed["version"], closed["decision"]["land_verdict"], closed["decision"]["statement"]) == (3, "industrial", "not_required")
    assert told(at, other) == [["AMR", "PSC"], []]


async def test_its_history_and_what_stood_before_are_kept(at: Door) -> None:
    first, second = await filed(at), await filed(at)
    await at.hear(first, INDUSTRIAL)
    lines = (await at.caller("clerk")("GET", f"/filings/{second['filing_id']}/history")).json()["items"]
    seen = [(line["version"], line["by"], line["event"], line["decision"]["outcome"], line["decision"]["land_verdict"]) for line in lines]
    assert seen == [(1, "clerk", "filing_closed", "closed", "pending"), (2, "land_check", "land_verdict_issued", "closed", "industrial")]


async def test_nobody_waits_for_a_verdict_that_will_not_come(at: Door) -> None:
    first, second = await filed(at), await filed(at)
    assert (await read(at, second, "?wait=0.1"))["decision"]["land_verdict"] == "pending"
    await at.caller("clerk")("POST", f"/filings/{first['filing_id']}:withdraw", version=1)
    begun = monotonic()
    assert (await read(at, second, "?wait=20"))["decision"]["land_verdict"] == "pending"
    assert monotonic() - begun < 10


async def test_a_duplicate_of_what_is_decided_is_not_waited_for(at: Door) -> None:
    first = await filed(at)
    await at.hear(first, NO_PAPER)
    second = await filed(at)
    await at.hear(first, INDUSTRIAL)
    assert (await read(at, second, "?wait=20"))["decision"]["land_verdict"] == "non_industrial"
    assert len(told(at, second)) == 1
