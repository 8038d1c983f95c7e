"""A server killed under load, connections ended or cut at their COMMIT: nothing lost, nothing twice, and it goes on by itself."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from chassis.bus.sqlite import SqliteBus
from chassis.clock import SystemClock
from chassis.database import Database, Transaction
from chassis.delivery import On
from chassis.errors import StorageUnavailableError
from chassis.messages import Handler
from chassis.service import Service
from chassis.testing import client, eventually
from tests.chassis.counting import Counted, Echoed, Node, effect, open_database, say, write_down, write_down_and_echo
from tests.chassis.notes_service import notes_service
from tests.parts.gate import Gate
from tests.parts.postgresql import Server

pytestmark = [pytest.mark.usefixtures("backend"), pytest.mark.parametrize("backend", ["postgresql"], indirect=True)]

KEYS = "abcdef"
ROUNDS = 60


class World:
    """A source and a sink, each with a database behind one gate, and a bus between them."""

    def __init__(self, folder: Path, gate: Gate) -> None:
        self.bus = SqliteBus(f"sqlite:///{folder}/bus.db", SystemClock())
        self.gate = gate
        self.source = self._node(folder, "source", Echoed, write_down)
        self.sink = self._node(folder, "sink", Counted, write_down_and_echo)
        self.refused = 0

    def _node(self, folder: Path, name: str, event: type[Counted], handler: Handler) -> Node:
        opened = open_database(folder, name)
        opened.close()
        database = Database(self.gate.address(make_url(opened.url).database), SystemClock())
        return Node(database, self.bus, name, [On(event, handler)])

    async def count(self) -> None:
        """Every key counts upwards, saying each number until it is told that it is stored; what it was told before may be true twice."""
        await asyncio.gather(*(self._count(key) for key in KEYS))

    async def _count(self, key: str) -> None:
        said = 0
        while said < ROUNDS:
            try:
                said = await self.source.database.write(lambda tx: _next(tx, key), label="api")
            except StorageUnavailableError:
                self.refused += 1
                await asyncio.sleep(0.05)

    async def settled(self) -> None:
        expected = {key: list(range(1, ROUNDS + 1)) for key in KEYS}
        await self.sink.settled(expected, 40)
        await self.source.settled(expected, 40)

    async def close(self) -> None:
        self.source.database.close()
        self.sink.database.close()
        await self.bus.close(5)


def _next(tx: Transaction, key: str) -> int:
    """The next number is what the database says, so that a COMMIT of unknown fate is not said twice."""
    ((told,),) = tx.sql("SELECT coalesce(max(seq), 0) FROM stream_head WHERE topic = ? AND key = ?", (Counted.topic, key))
    if told < ROUNDS:
        say(tx, Counted(name=key, n=told + 1), source="/source")
        told += 1
    return int(told)


@pytest.fixture
def gate(postgresql: Server) -> Iterator[Gate]:
    gate = Gate(postgresql.address())
    gate.open()
    yield gate
    gate.close()


@pytest.fixture
async def world(tmp_path: Path, gate: Gate) -> AsyncIterator[World]:
    world = World(tmp_path, gate)
    yield world
    await world.close()


async def test_a_server_killed_under_load_loses_nothing_and_is_found_again(world: World, postgresql: Server) -> None:
    engine = postgresql.engine
    if engine is None:
        pytest.skip("the server is not ours to kill")
    async with world.source.running(), world.sink.running():
        counting = asyncio.create_task(world.count())
        for _ in range(2):
            applied = world.sink.consumer.applied
            await eventually(lambda: counting.done() or world.sink.consumer.applied > applied + 20, 20)  # noqa: B023 - asked at once
            await asyncio.to_thread(engine.kill)
            await asyncio.to_thread(engine.start)
            await asyncio.to_thread(postgresql.wait)
        await asyncio.wait_for(counting, 40)
        await world.settled()
    assert world.refused > 0, "nobody noticed"


async def test_connections_ended_in_the_middle_lose_nothing(world: World, postgresql: Server) -> None:
    async with world.source.running(), world.sink.running():
        counting = asyncio.create_task(world.count())
        for _ in range(8):
            end = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = 'sluicegate'"
            await asyncio.to_thread(postgresql.run, end)
            await asyncio.sleep(0.25)
        await counting
        await world.settled()


async def test_commits_whose_answer_is_lost_are_neither_lost_nor_done_twice(world: World) -> None:
    async with world.source.running(), world.sink.running():
        counting = asyncio.create_task(world.count())
        for _ in range(8):
            world.gate.cut_at_commit(1)
            await asyncio.sleep(0.2)
        world.gate.cut_at_commit(0)
        await counting
        await world.settled()
    assert world.gate.cuts >= 4


async def test_a_unit_whose_connection_is_ended_keeps_nothing_and_the_next_one_works(world: World, postgresql: Server) -> None:
    db = world.sink.database

    def ended(tx: Transaction) -> None:
        tx.insert(effect, [{"type": "", "key": "lost", "n": 1}])
        ((pid,),) = tx.sql("SELECT pg_backend_pid()")
        postgresql.run("SELECT pg_terminate_backend(%s, 2000)", pid)
        tx.insert(effect, [{"type": "", "key": "lost", "n": 2}])

    with pytest.raises(StorageUnavailableError):
        await db.write(ended)
    await db.write(lambda tx: tx.insert(effect, [{"type": "", "key": "kept", "n": 1}]))
    assert await world.sink.effects() == {"kept": [1]}


async def test_a_reader_whose_connection_was_cut_while_nobody_used_it_does_not_notice(world: World, postgresql: Server) -> None:
    db = world.sink.database
    for way in (db.read, db.look):
        ((pid,),) = await way(lambda tx: tx.sql("SELECT pg_backend_pid()"))
        postgresql.run("SELECT pg_terminate_backend(%s, 2000)", pid)
        for _ in range(4):  # whichever of its threads reads
            assert await way(lambda tx: tx.sql("SELECT 1")) == [(1,)]


async def test_a_call_whose_commit_is_not_known_is_repeated_and_done_once(tmp_path: Path, gate: Gate, postgresql: Server) -> None:
    name = postgresql.create()
    service = notes_service(tmp_path, database=gate.address(name))
    await service.start()
    try:
        await _post_through_cuts(service, gate)
    finally:
        await service.stop()
        postgresql.drop(name)


async def _post_through_cuts(service: Service, gate: Gate) -> None:
    await service.pause()
    async with client(service, ["clerk"]) as http:
        for number in range(5):
            gate.cut_at_commit(1)
            call = {"json": {"text": f"n{number}"}, "headers": {"Idempotency-Key": str(number)}}
            first = await http.post("/notes/v1/notes", **call)  # type: ignore[arg-type]
            gate.cut_at_commit(0)
            again = await http.post("/notes/v1/notes", **call)  # type: ignore[arg-type]
            assert (first.status_code, again.status_code) in {(503, 201), (201, 201)}
        listed = (await http.get("/notes/v1/notes")).json()["items"]
    assert [item["text"] for item in listed] == [f"n{number}" for number in range(5)]
    assert gate.cuts > 0
