"""What falls due: the registration period, its pause and its one extension, the correction period, and the list of all of them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
from sqlalchemy import text

from chassis.clock import CITY, FixedClock
from tests.registration.vocabulary import XINPU, ZHOUXIANG, Door, door, land, sent

NO_PAPER = land("non_industrial", "required_missing", in_village=True)
UNKNOWN = land("unknown", "undetermined")
VALID = land("non_industrial", "required_valid", in_village=True)


@pytest.fixture
async def at(tmp_path: Path) -> AsyncIterator[Door]:
    async with door(tmp_path) as each:
        at_time(each, "2026-11-23T09:00:00")
        yield each


def at_time(at: Door, text: str) -> None:
    """The time in the city; 2026-11-23 is a Monday."""
    clock = at.service.clock
    assert isinstance(clock, FixedClock)
    clock.set(datetime.fromisoformat(text).replace(tzinfo=CITY))


async def filed(at: Door, **changes: Any) -> dict[str, Any]:
    answer = await at.caller("clerk")("POST", "/filings", sent(**changes))
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def read(at: Door, filing: dict[str, Any]) -> dict[str, Any]:
    return dict((await at.caller("clerk")("GET", f"/filings/{filing['filing_id']}")).json())


async def due(at: Door, query: str = "", *roles: str, **claims: Any) -> list[tuple[str, str | None, str, str | None]]:
    answer = await at.caller(*(roles or ("clerk",)), **claims)("GET", f"/deadlines{query}")
    assert answer.status_code == 200, answer.text
    return [(item["kind"], item["due"], item["state"], item["escalation"]) for item in answer.json()["items"]]


def problem(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


async def extend(at: Door, filing: dict[str, Any], version: int, **claims: Any) -> httpx.Response:
    reviewer = at.caller("reviewer", **{"unit": "AMR", **claims})
    return await reviewer("POST", f"/filings/{filing['filing_id']}:extend", {"reason": "情形复杂"}, version=version)


async def test_a_filing_is_to_be_decided_in_three_working_days_to_the_last_second(at: Door) -> None:
    filing = await filed(at)
    assert filing["deadlines"] == [{"kind": "registration", "due": "2026-11-26", "paused_since": None, "owner": "AMR"}]
    for time, state, escalation in (
        ("2026-11-24T23:59:59.999999", "running", None),
        ("2026-11-25T00:00:00", "running", "owner"),
        ("2026-11-26T23:59:59.999999", "running", "owner"),
        ("2026-11-27T00:00:00", "overdue", "township"),
        ("2026-11-30T23:59:59.999999", "overdue", "township"),
        ("2026-12-01T00:00:00", "overdue", "supervision_group"),
    ):
        at_time(at, time)
        assert await due(at) == [("registration", "2026-11-26", state, escalation)], time
    assert (await read(at, filing))["status"] == "under_review", "a day that passes decides nothing"


async def test_the_period_stands_still_while_papers_are_wanted_and_goes_on_with_the_days_that_were_left(at: Door) -> None:
    filing = await filed(at)
    at_time(at, "2026-11-25T10:00:00")  # one day is used: the 24th
    await at.hear(filing, NO_PAPER)
    held = await read(at, filing)
    assert held["deadlines"] == [
        {"kind": "registration", "due": None, "paused_since": "2026-11-25", "owner": "AMR"},
        {"kind": "correction", "due": "2026-12-09", "paused_since": None, "owner": "AMR"},
    ]
    assert await due(at) == [("correction", "2026-12-09", "running", None), ("registration", None, "paused", None)]
    at_time(at, "2026-12-01T10:00:00")
    await at.hear(filing, UNKNOWN)  # now the natural resources bureau has the word
    assert (await read(at, filing))["deadlines"] == [{"kind": "registration", "due": "2026-12-03", "paused_since": None, "owner": "AMR"}]
    await at.hear(filing, VALID)
    decided = await read(at, filing)
    assert (decided["status"], decided["deadlines"], await due(at)) == ("accepted", [], [])


async def test_an_amendment_lets_the_period_run_again(at: Door) -> None:
    filing = await filed(at)
    at_time(at, "2026-11-24T10:00:00")
    await at.hear(filing, NO_PAPER)
    at_time(at, "2026-11-26T10:00:00")
    clerk = at.caller("clerk")
    amended = await clerk("POST", f"/filings/{filing['filing_id']}:amend", {"business_scope": "家电"}, version=2)
    assert amended.json()["deadlines"] == [{"kind": "registration", "due": "2026-12-01", "paused_since": None, "owner": "AMR"}]


async def test_the_registrar_extends_it_once_by_three_working_days(at: Door) -> None:
    filing = await filed(at)
    assert problem(await extend(at, filing, 9)) == (412, "stale-version")
    assert problem(await extend(at, filing, 1, unit="MGO")) == (403, "forbidden")
    assert (await at.caller("clerk")("POST", f"/filings/{filing['filing_id']}:extend", {"reason": "x"}, version=1)).status_code == 403
    assert (await at.caller("grid")("POST", f"/filings/{filing['filing_id']}:extend", {"reason": "x"}, version=1)).status_code == 404
    reviewer = at.caller("reviewer", unit="AMR")
    assert (await reviewer("POST", f"/filings/{filing['filing_id']}:extend", {"reason": "x"})).status_code == 428
    assert (await reviewer("POST", f"/filings/{filing['filing_id']}:extend", {}, version=1)).status_code == 422
    extended = await extend(at, filing, 1)
    assert (extended.status_code, extended.headers["etag"]) == (200, '"2"')
    assert [each["due"] for each in extended.json()["deadlines"]] == ["2026-12-01"]
    assert problem(await extend(at, filing, 2)) == (409, "already-extended")
    history = (await at.caller("clerk")("GET", f"/filings/{filing['filing_id']}/history")).json()["items"]
    assert [line["event"] for line in history] == ["filing_submitted", "filing_extended"]
    await at.hear(filing, VALID)
    assert problem(await extend(at, filing, 3)) == (409, "wrong-state")


async def test_a_disputed_township_stops_the_correction_period_and_the_registrars_too(at: Door) -> None:
    filing = await filed(at)
    await at.hear(filing, NO_PAPER)
    at_time(at, "2026-11-25T10:00:00")
    await at.hear(filing, NO_PAPER.model_copy(update={"township_disputed": True}))
    assert [(each["kind"], each["due"], each["paused_since"]) for each in (await read(at, filing))["deadlines"]] == [
        ("registration", None, "2026-11-23"),
        ("correction", None, "2026-11-25"),
    ]
    assert {(kind, state) for kind, _, state, _ in await due(at)} == {("registration", "paused"), ("correction", "paused")}
    at_time(at, "2026-12-14T10:00:00")
    await at.hear(filing, NO_PAPER)
    assert await due(at, "?state=running") == [("correction", "2026-12-24", "running", None)]
    assert (await read(at, filing))["status"] == "held"


async def test_where_no_calendar_reaches_no_day_is_guessed(at: Door) -> None:
    at_time(at, "2026-12-30T09:00:00")
    filing = await filed(at)
    assert await due(at) == [("registration", None, "unknown", None)]
    await at.hear(filing, NO_PAPER)
    assert await due(at, "?state=unknown") == [("correction", None, "unknown", None)]
    at_time(at, "2028-01-01T00:00:00")
    assert await due(at, "?state=overdue") == []


async def test_each_sees_what_is_theirs(at: Door) -> None:
    await filed(at)
    await filed(at, enterprise_name="周巷某厂", premises__township_code=ZHOUXIANG, premises__parcel_code=None)
    for roles, claims, count in (
        (("clerk",), {}, 2),
        (("reviewer",), {"unit": "EEB"}, 2),
        (("auditor",), {}, 2),
        (("township_officer",), {"townships": [XINPU]}, 1),
        (("township_officer",), {}, 0),
        (("supervisor",), {"unit": "SG9"}, 0),
        (("supervisor",), {}, 0),
    ):
        assert len(await due(at, "", *roles, **claims)) == count, (roles, claims)
    groups = [len(await due(at, "", "supervisor", unit=unit)) for unit in ("SG1", "SG2", "SG3")]
    assert sum(groups) == 2
    assert await due(at, f"?township_code={ZHOUXIANG}", "township_officer", townships=[XINPU]) == []
    for role in ("integrator", "map_officer", "grid", "admin"):
        assert problem(await at.caller(role)("GET", "/deadlines")) == (403, "forbidden")


async def test_the_list_is_filtered_sorted_and_paged(at: Door) -> None:
    for number, day in enumerate(("2026-11-25", "2026-11-23", "2026-11-24")):
        at_time(at, f"{day}T09:00:00")
        await filed(at, enterprise_name=f"厂{number}")
    clerk, seen, cursor = at.caller("clerk"), [], ""
    for _ in range(3):
        page = (await clerk("GET", f"/deadlines?limit=1{cursor}")).json()
        seen += [item["due"] for item in page["items"]]
        cursor = f"&cursor={page['next_cursor']}"
    assert (seen, page["next_cursor"]) == (["2026-11-26", "2026-11-27", "2026-11-30"], None)
    assert [item[1] for item in await due(at, "?before=2026-11-27")] == ["2026-11-26"]
    at_time(at, "2026-11-28T09:00:00")
    assert [item[1] for item in await due(at, "?state=running")] == ["2026-11-30"]
    assert len(await due(at, f"?township_code={XINPU}")) == 3
    assert (len(await due(at, "?owner=AMR")), await due(at, "?owner=NRP")) == (3, [])
    for query in ("owner=XXX", "state=late", "before=tomorrow", "before=5", "township_code=1", "cursor=!!", "limit=0"):
        assert (await clerk("GET", f"/deadlines?{query}")).status_code == 422, query


async def test_the_pages_of_every_size_and_filter_put_together_are_the_whole_list(at: Door) -> None:
    found = (None, NO_PAPER, UNKNOWN, NO_PAPER.model_copy(update={"township_disputed": True}), VALID)
    for number in range(15):
        at_time(at, f"2026-11-{23 + number // 5}T09:00:00")
        filing = await filed(at, enterprise_name=f"厂{number}", premises__township_code=(XINPU, ZHOUXIANG)[number % 2])
        if (land_is := found[number % 5]) is not None:
            await at.hear(filing, land_is.model_copy(update={"township_code": filing["premises"]["township_code"]}))
    at_time(at, "2026-12-30T09:00:00")
    await filed(at, enterprise_name="年末厂")
    at_time(at, "2026-11-27T09:00:00")

    async def pages(query: str, limit: int) -> list[Any]:
        items, cursor = [], ""
        while True:
            page = (await at.caller("clerk")("GET", f"/deadlines?limit={limit}{query}{cursor}")).json()
            items += page["items"]
            if page["next_cursor"] is None:
                return items
            cursor = f"&cursor={page['next_cursor']}"

    whole = await pages("", 500)
    assert len(whole) == 3 * (1 + 2 + 1 + 2) + 1
    assert [item["due"] for item in whole if item["due"]] == sorted(item["due"] for item in whole if item["due"])
    states = ("overdue", "running", "paused", "unknown")
    assert [item["state"] for item in whole] == sorted((item["state"] for item in whole), key=states.index)
    assert [item for state in states for item in await pages(f"&state={state}", 2)] == whole
    for limit in (1, 2, 3, 7):
        assert await pages("", limit) == whole
    filters: tuple[tuple[str, Callable[[dict[str, Any]], bool]], ...] = (
        ("&before=2026-11-28", lambda item: item["due"] is not None and item["due"] < "2026-11-28"),
        ("&state=running&before=2026-12-05", lambda item: item["state"] == "running" and item["due"] < "2026-12-05"),
        ("&state=paused&before=2026-12-05", lambda item: False),
        (f"&township_code={ZHOUXIANG}", lambda item: item["township_code"] == ZHOUXIANG),
        ("&owner=NRP", lambda item: False),
    )
    for query, is_wanted in filters:
        assert await pages(query, 2) == [item for item in whole if is_wanted(item)], query


async def test_a_filing_held_before_pauses_were_kept_stands_still_since_then(at: Door) -> None:
    filing = await filed(at)
    await at.hear(filing, NO_PAPER)
    old = "UPDATE filing SET said = json_remove(said, '$.pauses', '$.extension')"
    await at.service.database.write(lambda tx: tx.execute(text(old)))
    assert (await read(at, filing))["deadlines"][0] == {
        "kind": "registration", "due": None, "paused_since": "2026-11-23", "owner": "AMR",
    }  # fmt: skip


async def said_last(at: Door, filing: dict[str, Any]) -> dict[str, Any]:
    """The last event about the filing, as it is published."""
    query = text("SELECT type, body FROM outbox WHERE key = :key ORDER BY id DESC LIMIT 1")
    rows = await at.service.read(lambda tx: tx.rows(query, {"key": filing["filing_id"]}))
    return {"type": rows[0].type, **orjson.loads(bytes(rows[0].body))}


async def test_every_event_names_the_deadlines_that_the_filing_has_from_then_on(at: Door) -> None:
    filing = await filed(at)
    for finding in (NO_PAPER, NO_PAPER.model_copy(update={"township_disputed": True}), UNKNOWN):
        await at.hear(filing, finding)
        event = await said_last(at, filing)
        assert (event["type"], event["deadlines"]) == ("registration.filing_held.v1", (await read(at, filing))["deadlines"])
        assert event["deadlines"]
    await at.hear(filing, VALID)
    event = await said_last(at, filing)
    assert (event["type"], event["deadlines"]) == ("registration.filing_accepted.v1", [])


async def test_an_extension_of_a_held_filing_is_said_with_its_new_day_and_tells_nobody(at: Door) -> None:
    filing = await filed(at)
    await at.hear(filing, UNKNOWN)
    before = await said_last(at, filing)
    assert (await extend(at, filing, before["version"])).status_code == 200
    event = await said_last(at, filing)
    assert (event["type"], event["notify"], event["decision"]) == ("registration.filing_held.v1", [], before["decision"])
    assert [each["due"] for each in (*before["deadlines"], *event["deadlines"])] == ["2026-11-26", "2026-12-01"]
