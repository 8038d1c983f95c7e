"""What falls due on the power side: blocks to be acknowledged by two owners, watch periods that end."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest
from sqlalchemy import text

from chassis.clock import CITY, FixedClock
from chassis.service import Service
from contracts.vocabulary import LandVerdict
from services.power_grid.rules import seen_by
from tests.power_grid.events import HOUSE, SHOP, XINPU, Filed, parcel
from tests.power_grid.test_api import hear
from tests.power_grid.vocabulary import caller, running

DEADLINES = "/power-grid/v1/deadlines"


@pytest.fixture
async def power(tmp_path: Path) -> AsyncIterator[Service]:
    async with running(tmp_path) as service:
        at_time(service, "2026-11-23T09:00:00")
        yield service


def at_time(service: Service, text: str) -> None:
    """The time in the city; 2026-11-23 is a Monday."""
    clock = service.clock
    assert isinstance(clock, FixedClock)
    clock.set(now(text))


def now(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=CITY)


async def listed(service: Service, query: str = "", role: str = "auditor", **claims: Any) -> list[dict[str, Any]]:
    async with caller(service, role, **claims) as who:
        answer = await who.get(f"{DEADLINES}{query}")
    assert answer.status_code == 200, answer.text
    return list(answer.json()["items"])


async def due(
    service: Service, query: str = "", role: str = "auditor", **claims: Any
) -> list[tuple[str, str | None, str, str, str | None]]:
    items = await listed(service, query, role, **claims)
    return [(item["kind"], item["due"], item["owner"], item["state"], item["escalation"]) for item in items]


async def blocked(service: Service, code: str = HOUSE, name: str = "fil-1") -> str:
    """A factory filed in a house: its block."""
    filing = Filed(name, code)
    await hear(service, parcel(code), filing.submitted(), filing.judged(LandVerdict.NON_INDUSTRIAL), filing.held())
    async with caller(service, "grid") as grid:
        return str((await grid.get(f"/power-grid/v1/sites/{code}")).json()["block_id"])


@pytest.mark.parametrize(
    ("imposed", "due_on"),
    [
        (date(2026, 11, 23), date(2026, 11, 26)),
        (date(2026, 9, 30), date(2026, 10, 10)),  # over National Day; 10 October is a working Saturday
        (date(2026, 2, 13), date(2026, 2, 25)),  # 14 February is a working Saturday, then the Spring Festival
        (date(2024, 2, 27), date(2024, 3, 1)),  # over 29 February
        (date(2025, 12, 30), date(2026, 1, 5)),  # over New Year; 4 January is a working Sunday
        (date(2026, 12, 30), None),  # 2027 is not published
        (date(2028, 2, 28), None),
    ],
)
def test_a_block_is_to_be_seen_within_three_working_days_of_the_statutory_calendar(imposed: date, due_on: date | None) -> None:
    assert seen_by(imposed) == due_on


async def test_each_owner_acknowledges_in_time_or_the_leader_and_then_the_group_look_at_it(power: Service) -> None:
    block = await blocked(power)
    for time, state, escalation in (
        ("2026-11-24T23:59:59.999999", "running", None),
        ("2026-11-25T00:00:00", "running", "owner"),
        ("2026-11-26T23:59:59.999999", "running", "owner"),
        ("2026-11-27T00:00:00", "overdue", "township"),
        ("2026-12-01T00:00:00", "overdue", "supervision_group"),
    ):
        at_time(power, time)
        assert await due(power) == [("acknowledgement", "2026-11-26", unit, state, escalation) for unit in ("AMR", "PSC")], time
    async with caller(power, "grid") as grid:
        await grid.post(f"/power-grid/v1/blocks/{block}:acknowledge")
    assert [item["owner"] for item in await listed(power)] == ["AMR"]
    async with caller(power, "admin", unit="AMR") as registrar:
        await registrar.post(f"/power-grid/v1/blocks/{block}:acknowledge")
    assert await due(power) == []


async def test_a_block_that_was_lifted_is_for_nobody_to_acknowledge(power: Service) -> None:
    await blocked(power)
    await hear(power, parcel(verdict=LandVerdict.INDUSTRIAL, version=2, at=now("2026-11-23T10:00:00")))
    assert await due(power) == []


async def test_where_no_calendar_reaches_no_day_is_guessed(power: Service) -> None:
    at_time(power, "2026-12-30T09:00:00")
    await blocked(power)
    assert await due(power, "?state=unknown&owner=PSC") == [("acknowledgement", None, "PSC", "unknown", None)]
    at_time(power, "2028-03-01T00:00:00")
    assert await due(power, "?state=overdue") == []


async def test_a_watch_period_ends_by_itself_and_nobody_is_pressed(power: Service) -> None:
    filing = Filed("fil-1", HOUSE)
    await hear(power, parcel(), filing.submitted(), filing.judged(LandVerdict.NON_INDUSTRIAL))
    await hear(power, filing.withdrawn(now("2026-11-23T09:00:00")))
    (item,) = await listed(power)
    assert (item["kind"], item["due"], item["owner"], item["block_id"]) == ("watch_period", "2027-05-22", "MGO", None)
    assert (item["parcel_code"], item["township_code"], item["state"], item["escalation"]) == (HOUSE, XINPU, "running", None)
    at_time(power, "2027-05-22T23:59:59")
    assert len(await due(power)) == 1
    at_time(power, "2027-05-23T00:00:00")
    assert await due(power) == []


async def test_each_sees_what_is_theirs(power: Service) -> None:
    await blocked(power)
    for role in ("grid", "clerk", "reviewer", "map_officer", "auditor", "admin"):
        assert len(await due(power, "", role)) == 2, role
    assert len(await due(power, "", "township_officer", townships=[XINPU])) == 2
    assert await due(power, "", "township_officer", townships=["330282121"]) == []
    assert await due(power, f"?township_code={XINPU}", "township_officer", townships=["330282121"]) == []
    assert [len(await due(power, "", "supervisor", unit=group)) for group in ("SG1", "SG2", "SG3")] == [2, 0, 0]
    async with caller(power, "integrator") as stranger:
        assert (await stranger.get(DEADLINES)).status_code == 403


async def test_the_list_is_filtered_sorted_and_paged(power: Service) -> None:
    await blocked(power)
    at_time(power, "2026-11-24T09:00:00")
    await blocked(power, SHOP, "fil-2")
    seen, cursor = [], ""
    async with caller(power, "auditor") as auditor:
        for _ in range(4):
            page = (await auditor.get(f"{DEADLINES}?limit=1{cursor}")).json()
            seen += [(item["due"], item["owner"]) for item in page["items"]]
            cursor = f"&cursor={page['next_cursor']}"
        for query in ("state=late", "before=tomorrow", "township_code=1", "cursor=!!", "limit=0", "owner=XXX"):
            assert (await auditor.get(f"{DEADLINES}?{query}")).status_code == 422, query
    assert (seen, page["next_cursor"]) == ([(f"2026-11-{day}", unit) for day in (26, 27) for unit in ("AMR", "PSC")], None)
    assert [item[1] for item in await due(power, "?before=2026-11-27&owner=AMR")] == ["2026-11-26"]


async def said(service: Service, kind: str) -> list[dict[str, Any]]:
    """The events of one type, as they are published."""
    query = text("SELECT body FROM outbox WHERE type = :type ORDER BY id")
    return [orjson.loads(bytes(row.body)) for row in await service.read(lambda tx: tx.rows(query, {"type": kind}))]


async def test_what_is_imposed_says_by_when_it_is_to_be_acknowledged(power: Service) -> None:
    block = await blocked(power)
    assert [(event["block_id"], event["acknowledge_by"]) for event in await said(power, "power_grid.block_imposed.v1")] == [
        (block, "2026-11-26")
    ]
    await hear(power, parcel(verdict=LandVerdict.INDUSTRIAL, version=2, at=now("2026-11-23T10:00:00")))
    assert [event["acknowledge_by"] for event in await said(power, "power_grid.block_lifted.v1")] == [None]


async def test_each_acknowledgement_is_said_once_and_tells_nobody(power: Service) -> None:
    block = await blocked(power)
    for _ in range(2):
        async with caller(power, "grid") as grid:
            await grid.post(f"/power-grid/v1/blocks/{block}:acknowledge")
    async with caller(power, "admin", unit="AMR") as registrar:
        await registrar.post(f"/power-grid/v1/blocks/{block}:acknowledge")
    events = await said(power, "power_grid.block_acknowledged.v1")
    assert [(event["block_id"], event["unit"], event["township_code"], event["notify"]) for event in events] == [
        (block, "PSC", XINPU, []),
        (block, "AMR", XINPU, []),
    ]
