"""Two replicas of a group in processes of their own on Kafka: one is killed, one is stopped longer than the group waits, and goes on."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable, Iterator
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from uuid import uuid4

import pytest

from chassis.bus.kafka import KafkaBus
from chassis.delivery import On
from chassis.testing import eventually
from tests.chassis import replica_world
from tests.chassis.counting import Counted, Node, effects, open_database, write_down
from tests.chassis.processes import processes
from tests.parts.kafka import Broker

KEYS = 12


class Replicas:
    """Starts them, and kills what is left."""

    def __init__(self, folder: Path, address: str) -> None:
        self._folder = folder
        self._arguments = (folder, address, f"sink.{uuid4().hex}")
        self._all: list[ForkServerProcess] = []

    def start(self) -> ForkServerProcess:
        process = processes.Process(target=replica_world.live, args=self._arguments)
        process.start()
        self._all.append(process)
        return process

    def applied(self, process: ForkServerProcess) -> int:
        told = self._folder / f"applied_{process.pid}"
        return int(told.read_text()) if told.exists() else 0

    def end(self) -> None:
        for process in self._all:
            process.kill()
            process.join(10)


@pytest.fixture
def replicas(tmp_path: Path, kafka: Broker) -> Iterator[Replicas]:
    found = Replicas(tmp_path, kafka.address)
    yield found
    found.end()


class World:
    """A source that counts on every key, and the books of the sink, which its replicas share."""

    def __init__(self, folder: Path, bus: KafkaBus) -> None:
        self.source = Node(open_database(folder, "source"), bus, "source", [])
        self.books = open_database(folder, "sink")
        self.run = uuid4().hex  # a broker may remember other runs
        self.said = 0

    async def count(self, rounds: int) -> None:
        for _ in range(rounds):
            self.said += 1
            await self.source.say(*(Counted(name=f"{self.run}.{key}", n=self.said) for key in range(KEYS)))
            await asyncio.sleep(0.02)

    async def count_until(self, question: Callable[[], bool]) -> None:
        async with asyncio.timeout(60):
            while not question():
                await self.count(1)

    async def done(self) -> dict[str, list[int]]:
        return {name: numbers for name, numbers in (await self.books.read(effects)).items() if name.startswith(self.run)}

    def expected(self) -> dict[str, list[int]]:
        return {f"{self.run}.{key}": list(range(1, self.said + 1)) for key in range(KEYS)}

    async def settle(self) -> None:
        async def settled() -> bool:
            found = await self.done()
            return all(found.get(name, [])[-1:] == [self.said] for name in self.expected())

        await eventually(settled, 60)
        assert await self.done() == self.expected()


@pytest.fixture
async def world(tmp_path: Path, kafka: Broker) -> AsyncIterator[World]:
    bus = KafkaBus(replica_world.settings(kafka.address))
    await bus.create_topics([Counted.topic])
    made = World(tmp_path, bus)
    async with made.source.running():
        yield made
    made.books.close()
    made.source.database.close()
    await bus.close(5)


async def test_killed_or_stopped_and_resumed_each_event_takes_effect_once_and_in_order(world: World, replicas: Replicas) -> None:
    first, second = replicas.start(), replicas.start()
    await world.count_until(lambda: replicas.applied(first) > 0 and replicas.applied(second) > 0)

    first.kill()
    await world.count(50)
    third = replicas.start()
    await world.count_until(lambda: replicas.applied(third) > 0)
    await world.settle()

    assert second.pid is not None
    os.kill(second.pid, signal.SIGSTOP)
    await world.count(250)  # five seconds: the group gives it up and its partitions get another owner
    os.kill(second.pid, signal.SIGCONT)
    await world.count(50)
    await world.settle()

    third.kill()  # now the one that was stopped must do everything
    before = replicas.applied(second)
    await world.count(50)
    await world.settle()
    await eventually(lambda: replicas.applied(second) > before)


async def test_a_replica_that_wakes_up_late_and_claims_does_not_stop_the_owner(world: World, tmp_path: Path, kafka: Broker) -> None:
    bus = KafkaBus(replica_world.settings(kafka.address))
    owner = Node(open_database(tmp_path, "sink"), bus, f"sink.{uuid4().hex}", [On(Counted, write_down)])
    async with owner.running():
        await world.count(3)
        await world.settle()

        await world.books.write(lambda tx: tx.sql("UPDATE consumer_offset SET epoch = epoch + 1"))  # what a claim does
        await world.count(3)

        await world.settle()
        assert owner.consumer.halted == {}
    owner.database.close()
    await bus.close(5)


async def test_a_replica_knows_whether_it_has_company(world: World, tmp_path: Path, kafka: Broker) -> None:
    group = f"sink.{uuid4().hex}"
    buses = [KafkaBus(replica_world.settings(kafka.address)) for _ in range(2)]
    one, other = (Node(open_database(tmp_path, "sink"), bus, group, [On(Counted, write_down)]) for bus in buses)
    assert one.consumer.in_company(), "nobody has told it yet that it is alone"
    async with one.running():
        await world.count(1)
        await world.settle()
        assert not one.consumer.in_company()
        async with other.running():
            await eventually(lambda: one.consumer.in_company() and other.consumer.in_company(), 30)
        await eventually(lambda: not one.consumer.in_company(), 30)
    for node, bus in zip((one, other), buses, strict=True):
        node.database.close()
        await bus.close(5)
