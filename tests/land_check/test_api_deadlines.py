"""What falls due in land_check: statements the townships are asked for, entries that are to be put right."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from chassis.clock import CITY, FixedClock
from chassis.service import Service
from chassis.testing import client
from tests.land_check.calling import BASE, ENTRIES, mapper, put, township
from tests.land_check.vocabulary import HOMESTEAD, ZHOUXIANG, filed, parcel_sent

DEADLINES = f"{BASE}/deadlines"


def at_time(service: Service, text: str) -> None:
    """The time in the city."""
    assert isinstance(service.clock, FixedClock)
    service.clock.set(datetime.fromisoformat(text).replace(tzinfo=CITY))


async def entered(service: Service, due: str | None) -> str:
    sent = {"list": "inefficient", "enterprise_name": "旧厂", "parcel_code": HOMESTEAD, "found_on": "2026-10-01", "due": due}
    opened = await township(service).post(ENTRIES, json=sent)
    assert opened.status_code == 201, opened.text
    return str(opened.json()["entry_id"])


async def due(service: Service, **query: Any) -> list[tuple[str, str | None, str, str | None]]:
    answer = await client(service, ["clerk"]).get(DEADLINES, params=query)
    assert answer.status_code == 200, answer.text
    return [(item["kind"], item["due"], item["state"], item["escalation"]) for item in answer.json()["items"]]


async def test_requests_and_entries_are_listed_by_day_to_its_last_second(service: Service) -> None:
    await put(service, parcel_sent())
    await filed(service)
    entry = await entered(service, "2026-11-30")
    await entered(service, None)
    assert await due(service) == [
        ("list_entry", "2026-11-30", "running", None),
        ("statement_request", "2026-12-04", "running", None),
    ]
    at_time(service, "2026-11-30T23:59:59.999999")
    assert await due(service, before="2026-12-01") == [("list_entry", "2026-11-30", "running", "owner")]
    at_time(service, "2026-12-01T00:00:00")
    assert await due(service, state="overdue") == [("list_entry", "2026-11-30", "overdue", "township")]
    at_time(service, "2026-12-03T00:00:00")
    assert await due(service, state="overdue") == [("list_entry", "2026-11-30", "overdue", "supervision_group")]
    assert await due(service, state="running") == [("statement_request", "2026-12-04", "running", "owner")]
    await township(service).post(f"{ENTRIES}/{entry}:close", json={"result": "delisted", "reason": "已整改"})
    assert [kind for kind, *_ in await due(service)] == ["statement_request"]
    items = (await client(service, ["clerk"]).get(DEADLINES)).json()["items"]
    assert (items[0]["filing_id"], items[0]["owner"]) == ("F1", "TWN")


async def test_where_no_calendar_reaches_no_day_is_guessed(service: Service) -> None:
    at_time(service, "2026-12-28T09:00:00")
    await put(service, parcel_sent())
    await filed(service)
    await entered(service, "2026-12-31")
    assert await due(service, state="unknown") == [("statement_request", None, "unknown", None)]
    assert await due(service, state="paused") == []
    assert [day for _, day, *_ in await due(service)] == ["2026-12-31", None]
    at_time(service, "2028-01-01T00:00:00")
    assert [day for _, day, *_ in await due(service, state="overdue")] == ["2026-12-31"]


async def test_the_list_is_paged_through(service: Service) -> None:
    at_time(service, "2026-12-28T09:00:00")
    await put(service, parcel_sent())
    await filed(service)
    for day in ("2026-12-03", "2026-12-01", "2026-12-03"):
        await entered(service, day)
    seen: list[str | None] = []
    cursor: dict[str, str] = {}
    for _ in range(4):
        page = (await mapper(service).get(DEADLINES, params={"limit": 1, **cursor})).json()
        seen += [item["due"] for item in page["items"]]
        cursor = {"cursor": page["next_cursor"]}
    assert (seen, page["next_cursor"]) == (["2026-12-01", "2026-12-03", "2026-12-03", None], None)


async def test_each_sees_what_is_theirs(service: Service) -> None:
    await put(service, parcel_sent())
    await filed(service)
    assert len((await township(service).get(DEADLINES)).json()["items"]) == 1
    assert (await township(service, ZHOUXIANG).get(DEADLINES)).json()["items"] == []
    assert await due(service, township_code=ZHOUXIANG) == []
    assert (len(await due(service, owner="TWN")), await due(service, owner="AMR")) == (1, [])
    counts = [len((await client(service, ["supervisor"], unit=f"SG{n}").get(DEADLINES)).json()["items"]) for n in (1, 2, 3)]
    assert sorted(counts) == [0, 0, 1]
    for role in ("integrator", "grid", "admin"):
        assert (await client(service, [role]).get(DEADLINES)).status_code == 403


@pytest.mark.parametrize("query", ["owner=XXX", "state=late", "before=tomorrow", "before=5", "township_code=1", "cursor=!!", "limit=0"])
async def test_bad_filters_are_refused(service: Service, query: str) -> None:
    assert (await client(service, ["clerk"]).get(f"{DEADLINES}?{query}")).status_code == 422
