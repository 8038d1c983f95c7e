"""The embedded bus passes the suite of every bus, and what is its own: retention, full disk, many publishers in one commit."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from chassis.bus import Features
from chassis.bus.sqlite import SqliteBus
from chassis.clock import FixedClock, SystemClock
from chassis.errors import StorageUnavailableError
from chassis.testing import NOON
from tests.chassis.bus_suite import BusSuite, Reader, letter, read


class TestSqliteBus(BusSuite):
    features = Features(
        dense_offsets=True, competing_consumers=False, survives_restart=True, publishes_once=True, partitions=12, any_loop=True
    )

    @pytest.fixture(autouse=True)
    def _folder(self, tmp_path: Path) -> None:
        self.url = f"sqlite:///{tmp_path}/bus.db"

    async def open(self) -> SqliteBus:
        return SqliteBus(self.url, SystemClock())


async def test_retention_never_deletes_what_a_registered_group_has_not_passed(tmp_path: Path) -> None:
    clock = FixedClock(NOON)
    bus = SqliteBus(f"sqlite:///{tmp_path}/bus.db", clock)
    await bus.publish([letter("news", "one", str(n).encode()) for n in range(10)])
    subscription = await bus.subscribe("readers", ["news"], Reader())
    records = await read(subscription, 10)
    place = next(iter(records))
    clock.advance(timedelta(days=15))

    assert await bus.retain(NOON + timedelta(days=1)) == 0

    await subscription.progressed({(place.topic, place.partition): place.offset + 4})  # type: ignore[dict-item]
    assert await bus.retain(NOON) == 0, "not old enough"
    assert await bus.retain(NOON + timedelta(days=1)) == 4

    late = Reader()
    other = await bus.subscribe("late", ["news"], late)
    assert [int(one.value) for one in await read(other, 6)] == [4, 5, 6, 7, 8, 9]
    assert late.bounds[place.topic, place.partition] == (4, 10)  # type: ignore[index]
    await bus.publish([letter("news", "one", b"10")])
    assert [(one.offset, one.value) for one in await read(other, 1)] == [(10, b"10")]
    await bus.close(5)


async def test_publishes_of_several_services_share_commits(tmp_path: Path) -> None:
    bus = SqliteBus(f"sqlite:///{tmp_path}/bus.db", SystemClock())
    await bus.create_topics(["news"])
    before = bus.database.changed.count
    await asyncio.gather(*(bus.publish([letter("news", f"k{n}")]) for n in range(200)))
    assert bus.database.changed.count - before < 50
    await bus.close(5)


async def test_a_full_disk_refuses_clearly_and_works_again_after_repair(tmp_path: Path) -> None:
    bus = SqliteBus(f"sqlite:///{tmp_path}/bus.db", SystemClock())
    await bus.create_topics(["news"])
    await bus.database.write(lambda tx: tx.sql(f"PRAGMA max_page_count = {tx.sql('PRAGMA page_count')[0][0] + 20}"))
    record = letter("news", "one", b"x" * 30_000)
    await bus.publish([record])
    with pytest.raises(StorageUnavailableError, match="disk is full"):
        await bus.publish([letter("news", "two", b"x" * 200_000), record])
    await bus.publish([letter("news", "three", b"x" * 200_000)])  # the connection is new: the limit is gone
    subscription = await bus.subscribe("readers", ["news"], Reader())
    assert sorted(one.key for one in await read(subscription, 2)) == ["one", "three"]
    await bus.close(5)
