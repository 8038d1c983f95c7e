"""Who waits is woken by what another replica says: at once, for its own key only, and never when there is no other replica."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from chassis.database import Database, Transaction
from chassis.elsewhere import MANY, Elsewhere
from tests.chassis.counting import Counted, say

pytestmark = [pytest.mark.usefixtures("backend"), pytest.mark.parametrize("backend", ["postgresql"], indirect=True)]


@asynccontextmanager
async def looking(db: Database, in_company: Callable[[], bool] = lambda: True) -> AsyncIterator[None]:
    task = asyncio.create_task(Elsewhere(db, in_company).run())
    yield
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def said_by(replica: Database, *names: str) -> None:
    await replica.write(lambda tx: say(tx, *(Counted(name=name, n=1) for name in names)))


async def test_what_another_replica_says_wakes_who_waits_for_it_and_nobody_else(db: Database, replica: Database) -> None:
    await said_by(replica, "before")
    async with looking(db):
        with db.told.hear("a") as a, db.told.hear("b") as b, db.told.hear("before") as before:
            await asyncio.wait_for(before.wait(), 5)  # its first look finds what was said before
            await said_by(replica, "a")

            await asyncio.wait_for(a.wait(), 5)
            assert not b.is_set()


async def test_after_a_flood_everyone_looks(db: Database, replica: Database) -> None:
    await said_by(replica, *(f"n{number}" for number in range(MANY)))
    async with looking(db):
        with db.told.hear("none of these") as news:
            await asyncio.wait_for(news.wait(), 5)


async def test_where_there_is_no_other_replica_nothing_is_looked_for(db: Database, replica: Database) -> None:
    async with looking(db, in_company=lambda: False):
        with db.told.hear("a") as news:
            await said_by(replica, "a")
            await asyncio.sleep(0.1)
            assert not news.is_set()


async def test_while_nobody_waits_nothing_is_looked_for(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    looks = 0

    async def counted(work: Callable[[Transaction], Any]) -> Any:
        nonlocal looks
        looks += 1
        return await Database.look(db, work)

    monkeypatch.setattr(db, "look", counted)
    async with looking(db):
        await asyncio.sleep(0.1)
        assert looks == 0
        with db.told.hear("a"):
            await asyncio.sleep(0.1)
        assert looks > 0
