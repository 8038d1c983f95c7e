"""Digests over HTTP, and the clocks of the service as it really runs: hears, reminds, issues, sends, and begins again."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import orjson
import pytest

from chassis.clock import FixedClock
from chassis.service import Service
from chassis.testing import client, eventually
from services.notifier import handlers
from services.notifier.app import create
from services.notifier.settings import NotifierSettings
from tests.notifier.falling_due import at, imposed, requested
from tests.notifier.receivers import receiver
from tests.notifier.vocabulary import XINPU

DIGESTS = "/notifier/v1/digests"
OURS, THEIRS = "dig-20261130-SG1", "dig-20261130-SG3"


@asynccontextmanager
async def notifier(folder: Path, clock: FixedClock) -> AsyncIterator[Service]:
    service = create(NotifierSettings(data=folder, notifier_allow_private_addresses=True), clock=clock)
    await service.start()
    try:
        yield service
    finally:
        await service.stop()


async def heard(service: Service, *events: Any) -> None:
    await service.database.write(lambda tx: handlers.hear(events, tx))


@asynccontextmanager
async def with_digests(folder: Path) -> AsyncIterator[Service]:
    """A service that was started on the first working day of a week after one in which it had told somebody something."""
    clock = FixedClock(at("2026-11-24"))
    async with notifier(folder, clock) as before:
        await heard(before, imposed("2026-11-24"))
    clock.set(at("2026-11-30"))
    async with notifier(folder, clock) as service:
        await eventually(lambda: shown(service, "auditor"), 10)
        yield service


async def shown(service: Service, *roles: str, query: str = "", **claims: Any) -> list[str]:
    async with client(service, list(roles), **claims) as caller:
        answer = await caller.get(f"{DIGESTS}{query}")
        assert answer.status_code == 200, answer.text
        return [item["digest_id"] for item in answer.json()["items"]]


@pytest.mark.parametrize(
    ("role", "unit", "seen"),
    [
        ("auditor", None, 4),
        ("admin", "AMR", 4),
        ("reviewer", "MGO", 4),
        ("supervisor", "SG1", 1),
        ("supervisor", "SG2", 1),
        ("supervisor", None, 0),
    ],
)
async def test_a_group_sees_its_own_digests_and_who_watches_over_the_city_all(tmp_path: Path, role: str, unit: str, seen: int) -> None:
    async with with_digests(tmp_path) as service:
        assert len(await shown(service, role, unit=unit)) == seen


@pytest.mark.parametrize(
    ("role", "unit", "status"),
    [
        ("supervisor", "SG1", 200),
        ("supervisor", "SG3", 404),
        ("reviewer", "MGO", 200),
        ("reviewer", "EEB", 404),
        ("clerk", None, 404),
        ("township_officer", None, 404),
        ("grid", "PSC", 404),
    ],
)
async def test_a_digest_is_there_for_its_group_and_for_nobody_who_may_not_see_it(tmp_path: Path, role: str, unit: str, status: int) -> None:
    async with with_digests(tmp_path) as service, client(service, [role], unit=unit) as caller:
        answer = await caller.get(f"{DIGESTS}/{OURS}")
        assert (answer.status_code, answer.headers.get("etag")) == (status, '"1"' if status == 200 else None)


@pytest.mark.parametrize(("role", "unit"), [("reviewer", "EEB"), ("clerk", None), ("township_officer", None), ("grid", "PSC")])
async def test_who_sees_no_digest_may_not_list_them(tmp_path: Path, role: str, unit: str) -> None:
    async with notifier(tmp_path, FixedClock(at("2026-11-24"))) as service, client(service, [role], unit=unit) as caller:
        assert (await caller.get(DIGESTS)).status_code == 403


async def test_a_digest_shows_its_townships_and_the_blocks_that_wait(tmp_path: Path) -> None:
    async with with_digests(tmp_path) as service, client(service, ["supervisor"], unit="SG1") as caller:
        body = (await caller.get(f"{DIGESTS}/{OURS}")).json()
        assert (body["recipient"], body["group"], body["event_id"], body["calendar_missing"]) == ("SG", "SG1", OURS, False)
        assert (body["period_from"], body["period_to"], body["issued_at"]) == ("2026-11-23", "2026-11-29", "2026-11-30T04:00:00.000000Z")
        assert body["townships"][0]["township_code"] == XINPU
        waiting = body["unacknowledged"][0]
        assert (waiting["block_id"], waiting["since"], waiting["due"], waiting["units"]) == (
            "blk-1",
            "2026-11-24",
            "2026-11-27",
            ["AMR", "PSC"],
        )
        listed = (await caller.get(DIGESTS)).json()["items"][0]
        assert listed == {name: value for name, value in body.items() if name not in ("townships", "unacknowledged")}


async def test_digests_come_newest_first_page_by_page(tmp_path: Path) -> None:
    async with with_digests(tmp_path) as service, client(service, ["auditor"]) as caller:
        first = (await caller.get(f"{DIGESTS}?limit=3")).json()
        second = (await caller.get(f"{DIGESTS}?limit=3&cursor={first['next_cursor']}")).json()
        pages = [item["digest_id"] for page in (first, second) for item in page["items"]]
        assert pages == ["dig-20261130-SG3", "dig-20261130-SG2", OURS, "dig-20261130-MGO"]
        assert second["next_cursor"] is None


async def test_a_digest_that_nobody_issued_is_not_there(tmp_path: Path) -> None:
    async with with_digests(tmp_path) as service, client(service, ["auditor"]) as caller:
        answer = await caller.get(f"{DIGESTS}/dig-20261207-SG1")
        assert (answer.status_code, answer.json()["code"]) == (404, "digest-not-found")


async def test_a_restart_says_nothing_twice(tmp_path: Path) -> None:
    clock = FixedClock(at("2026-11-24"))
    async with receiver() as there, notifier(tmp_path, clock) as service, client(service, ["admin"]) as admin:
        events = ["notifier.reminder_issued.v1", "notifier.digest_issued.v1"]
        for unit in ("TWN", "SG", "MGO"):
            wanted = {"recipient": unit, "channel": {"type": "webhook", "url": there.url}, "events": events, "townships": [XINPU]}
            assert (await admin.post("/notifier/v1/endpoints", json=wanted)).status_code == 201
        await heard(service, requested("2026-12-01"))
        clock.set(at("2026-11-30"))
        for _ in range(3):
            await service.stop()
            await service.start()
            await eventually(lambda: len(there.calls) >= 3, 10)
            again = await service.database.write(lambda tx: [*handlers.remind(tx).messages, *handlers.issue_digests(tx).messages])
            assert again == []
        told = {call.headers["webhook-id"]: orjson.loads(call.body)["type"] for call in there.calls}  # a call may come again under its id
        assert sorted(told.values()) == [events[1], events[1], events[0]]
