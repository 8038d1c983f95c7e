"""Offset and effects in one transaction: owners fence each other, failures lose nothing, a strange log stops the partition aloud."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from chassis import failpoints, quarantine
from chassis.bus import Partition
from chassis.bus.sqlite import SqliteBus, partition_of
from chassis.clock import SystemClock
from chassis.database import Transaction
from chassis.delivery import On
from chassis.errors import TemporaryError
from chassis.letters import Status
from chassis.messages import Handler, Received, Result
from chassis.testing import eventually
from tests.chassis.counting import Counted, Echoed, Node, open_database, write_down, write_down_and_echo

pytestmark = pytest.mark.usefixtures("backend")


@contextmanager
def armed(text: str) -> Iterator[None]:
    failpoints.arm(text)
    try:
        yield
    finally:
        failpoints.arm("")


class World:
    """One bus and nodes on it, each with a database of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.bus = SqliteBus(f"sqlite:///{folder}/bus.db", SystemClock())
        self.nodes: list[Node] = []

    def node(self, name: str, handler: Handler = write_down, event: type[Counted] = Counted, group: str | None = None) -> Node:
        node = Node(open_database(self.folder, name), self.bus, group or name, [On(event, handler)])
        self.nodes.append(node)
        return node


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    world = World(tmp_path)
    yield world
    for node in world.nodes:
        node.database.close()
    await world.bus.close(5)


def count(names: Sequence[str], to: int) -> list[Counted]:
    return [Counted(name=name, n=n) for n in range(1, to + 1) for name in names]


async def offsets(node: Node) -> dict[int, tuple[int, int]]:
    rows = await node.database.read(lambda tx: tx.sql("SELECT part, next_offset, epoch FROM consumer_offset WHERE next_offset > 0"))
    return {part: (following, epoch) for part, following, epoch in rows}


async def test_events_go_round_two_services_and_start_again_where_they_stopped(world: World) -> None:
    source, sink = world.node("source", event=Echoed), world.node("sink", write_down_and_echo)
    async with source.running(), sink.running():
        await source.say(*count("abc", 20))
        await source.settled({name: list(range(1, 21)) for name in "abc"})
    async with source.running(), sink.running():
        await source.say(*count("d", 3))
        await source.settled({"a": list(range(1, 21)), "b": list(range(1, 21)), "c": list(range(1, 21)), "d": [1, 2, 3]})
    assert await sink.effects() == await source.effects()
    assert {epoch for _, epoch in (await offsets(sink)).values()} == {2}


async def test_a_late_owner_changes_nothing_and_says_so(world: World) -> None:
    source = world.node("source", event=Echoed)
    first = world.node("shared", group="sink")
    async with source.running(), first.running():
        await source.say(*count("ab", 5))
        await first.settled({"a": [1, 2, 3, 4, 5], "b": [1, 2, 3, 4, 5]})
        second = world.node("shared", group="sink")
        async with second.running():
            await eventually(lambda: second.consumer.applied == 0 and bool(second.consumer._leases))
            await source.say(*[Counted(name=name, n=6) for name in "ab"])
            await second.settled({"a": [1, 2, 3, 4, 5, 6], "b": [1, 2, 3, 4, 5, 6]})
            place = Partition(Counted.topic, partition_of("a", 12))
            await eventually(lambda: "another consumer" in first.consumer.halted.get(place, ""))
            assert place not in second.consumer.halted


@pytest.mark.parametrize("place", ["consumer.after_fetch", "consumer.after_cas", "consumer.before_commit", "consumer.after_commit"])
async def test_a_round_that_breaks_anywhere_is_done_again_once(world: World, place: str) -> None:
    source, sink = world.node("source", event=Echoed), world.node("sink")
    with armed(f"{place}=raise"):
        async with source.running(), sink.running():
            await source.say(*count("abcdef", 10))
            await sink.settled({name: list(range(1, 11)) for name in "abcdef"})
            await source.say(Counted(name="a", n=11))
            await eventually(lambda: sink.consumer.failing is None)
            await sink.settled({"a": list(range(1, 12)), **{name: list(range(1, 11)) for name in "bcdef"}})


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
async def test_a_locked_database_delays_and_loses_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chassis.dialects.sqlite.BUSY_SECONDS", 0.05)
    source, sink = world.node("source", event=Echoed), world.node("sink")
    other = open_database(world.folder, "sink")
    async with source.running(), sink.running():
        await source.say(*count("a", 3))
        await sink.settled({"a": [1, 2, 3]})
        release, locked = asyncio.Event(), asyncio.Event()
        loop = asyncio.get_running_loop()

        def hold(_: Transaction) -> None:
            loop.call_soon_threadsafe(locked.set)
            asyncio.run_coroutine_threadsafe(release.wait(), loop).result(10)

        holding = asyncio.create_task(other.write(hold))
        await locked.wait()
        await source.say(Counted(name="a", n=4))
        await eventually(lambda: "locked" in (sink.consumer.failing or ""))
        assert await sink.effects() == {"a": [1, 2, 3]}
        release.set()
        await holding
        await sink.settled({"a": [1, 2, 3, 4]})
        assert await sink.database.read(quarantine.waiting) == [], "an outage is nobody's fault"
    other.close()


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
async def test_a_full_disk_delays_and_loses_nothing(world: World) -> None:
    source, sink = world.node("source", event=Echoed), world.node("sink")
    await sink.database.write(lambda tx: tx.sql(f"PRAGMA max_page_count = {tx.sql('PRAGMA page_count')[0][0] + 3}"))
    async with source.running(), sink.running():
        await source.say(*[Counted(name=f"{'k' * 400}{n}", n=1) for n in range(300)])
        await eventually(lambda: sink.consumer.applied == 300)
        assert len(await sink.effects()) == 300
        assert await sink.database.read(quarantine.waiting) == []


async def test_a_temporary_failure_delays_its_key_only_and_is_tried_again_by_itself(world: World) -> None:
    down = {"register": True}

    def needs_the_register(batch: Sequence[Received[Any]], tx: Transaction) -> Result:
        if down["register"] and any(one.event.name == "a" for one in batch):
            raise TemporaryError("the register does not answer", delay=0.05)
        return write_down(batch, tx)

    source, sink = world.node("source", event=Echoed), world.node("sink", needs_the_register)
    async with source.running(), sink.running():
        await source.say(*count("ab", 3))
        await sink.settled({"b": [1, 2, 3]})
        waiting = await sink.database.read(quarantine.waiting)
        assert [(one.key, one.seq, one.status) for one in waiting] == [
            ("a", 1, Status.RETRYING),
            ("a", 2, Status.HELD),
            ("a", 3, Status.HELD),
        ]
        assert "register" in (waiting[0].error_text or "")
        down["register"] = False
        await sink.settled({"a": [1, 2, 3], "b": [1, 2, 3]})
        assert await sink.database.read(quarantine.waiting) == []


async def test_a_log_that_was_replaced_stops_the_partition_aloud(world: World, tmp_path: Path) -> None:
    source, sink = world.node("source", event=Echoed), world.node("sink")
    async with source.running(), sink.running():
        await source.say(*count("a", 3))
        await sink.settled({"a": [1, 2, 3]})
    other = SqliteBus(f"sqlite:///{tmp_path}/another.db", SystemClock())
    strange = Node(sink.database, other, "sink", [On(Counted, write_down)])
    async with strange.running():
        await eventually(lambda: bool(strange.consumer.halted))
        (reason,) = strange.consumer.halted.values()
        assert "not the log that was read before" in reason
    await other.close(5)


async def test_what_was_deleted_unread_stops_the_partition_aloud(world: World) -> None:
    source, sink = world.node("source", event=Echoed), world.node("sink")
    async with source.running(), sink.running():
        await source.say(*count("a", 3))
        await sink.settled({"a": [1, 2, 3]})
    async with source.running():
        await source.say(Counted(name="a", n=4), Counted(name="a", n=5))
        await eventually(lambda: source.relay.published == 5)
    await world.bus.database.write(lambda tx: tx.sql("DELETE FROM event_log WHERE off < 4"))
    later = Node(sink.database, world.bus, "sink", [On(Counted, write_down)])
    async with later.running():
        await eventually(lambda: bool(later.consumer.halted))
        assert "deleted before they were read" in next(iter(later.consumer.halted.values()))


async def test_the_bus_learns_how_far_a_group_came(world: World) -> None:
    source, sink = world.node("source", event=Echoed), world.node("sink")
    async with source.running(), sink.running():
        await source.say(*count("a", 3))
        await sink.settled({"a": [1, 2, 3]})

        async def told() -> bool:
            rows = await world.bus.database.read(lambda tx: tx.sql("SELECT position FROM bus_group WHERE grp = 'sink' AND position > 0"))
            return rows == [(3,)]

        await eventually(told)


async def test_events_that_nobody_waits_for_linger_until_one_comes_that_somebody_waits_for(world: World) -> None:
    batches: list[list[int]] = []

    def keep(batch: Sequence[Received[Any]], tx: Transaction) -> Result:
        batches.append([one.event.n for one in batch])
        return write_down(batch, tx)

    source = world.node("source")
    sink = Node(open_database(world.folder, "sink"), world.bus, "sink", [On(Counted, keep), On(Echoed, write_down, awaited=True)], 60.0)
    world.nodes.append(sink)
    async with sink.running(), source.running():
        await source.say(Counted(name="a", n=1))
        await sink.settled({"a": [1]})  # at once, after a quiet time
        for n in (2, 3):
            await source.say(Counted(name="a", n=n))
            await eventually(lambda n=n: _published(source, n))  # type: ignore[misc]
        assert await sink.effects() == {"a": [1]}, "a minute is not over"
        await source.say(Echoed(name="b", n=1))
        await sink.settled({"a": [1, 2, 3], "b": [1]})
    assert [n for batch in batches for n in batch] == [1, 2, 3]


async def test_who_asks_is_answered_after_what_lingers(world: World) -> None:
    source, sink = world.node("source"), Node(open_database(world.folder, "sink"), world.bus, "sink", [On(Counted, write_down)], 60.0)
    world.nodes.append(sink)
    async with sink.running(), source.running():
        await source.say(Counted(name="a", n=1))
        await sink.settled({"a": [1]})
        await sink.lingering.over()  # nothing waits
        await source.say(Counted(name="a", n=2))
        await eventually(lambda: _published(source, 2))
        assert await sink.effects() == {"a": [1]}, "a minute is not over"
        await eventually(lambda: _heard(sink, {"a": [1, 2]}))


async def _heard(node: Node, effects: dict[str, list[int]]) -> bool:
    await node.lingering.over()
    return await node.effects() == effects


async def _published(node: Node, number: int) -> bool:
    return node.relay.published == number
