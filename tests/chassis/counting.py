"""A vocabulary for carrying: keys that count upwards, and a service without HTTP that writes down what reached it, in order."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, ClassVar

from sqlalchemy import Column, Integer, MetaData, Table, Text

from chassis import outbox, testing
from chassis.bus import Bus, Fetched
from chassis.clock import Clock, SystemClock
from chassis.consumer import Consumer
from chassis.database import Database, Transaction
from chassis.delivery import Delivery, On
from chassis.errors import StorageUnavailableError
from chassis.lingering import Lingering
from chassis.messages import Message, Received, Result
from chassis.relay import Relay
from contracts.envelope import Envelope, Event

metadata = MetaData()
effect = Table("effect", metadata, Column("id", Integer, primary_key=True), Column("type", Text), Column("key", Text), Column("n", Integer))


class Counted(Event):
    """``name`` reached ``n``."""

    type: ClassVar[str] = "tests.counted.v1"
    topic: ClassVar[str] = "tests.counted"
    name: str
    n: int
    remark: str = ""

    def key(self) -> str:
        return self.name


class Echoed(Counted):
    """Someone heard that ``name`` reached ``n``."""

    type: ClassVar[str] = "tests.echoed.v1"
    topic: ClassVar[str] = "tests.echoed"


class Ignored(Counted):
    """On the same topic as Counted; nobody hears it."""

    type: ClassVar[str] = "tests.ignored.v1"


def write_down(batch: Sequence[Received[Any]], tx: Transaction) -> Result:
    tx.insert(effect, [{"type": one.event.type, "key": one.event.name, "n": one.event.n} for one in batch])
    return Result()


def write_down_and_echo(batch: Sequence[Received[Any]], tx: Transaction) -> Result:
    write_down(batch, tx)
    return Result([Message.because(one, Echoed(name=one.event.name, n=one.event.n)) for one in batch])


def say(tx: Transaction, *events: Event, source: str = "/tests") -> None:
    outbox.append(tx, [Message(event, "conversation", None) for event in events], source)


def effects(tx: Transaction) -> dict[str, list[int]]:
    """What was written down for each key, in the order it took effect."""
    found: dict[str, list[int]] = {}
    for key, n in tx.sql("SELECT key, n FROM effect ORDER BY id"):
        found.setdefault(key, []).append(n)
    return found


def record(event: Event, seq: int, offset: int, *, event_id: str | None = None, **changes: Any) -> Fetched:
    """``event`` as a bus hands it out."""
    key = event.key()
    body = event.model_dump_json().encode()
    envelope = Envelope(event_id or f"{key}-{seq}", "/tests", event.type, key, "2026-11-22T04:00:00Z", key, seq, "conversation", None, body)
    return Fetched(event.topic, 0, offset, key, envelope.headers(), body)._replace(**changes)


class Node:
    """A database with relay and consumer on a bus, as a service has them."""

    def __init__(self, database: Database, bus: Bus, name: str, subscriptions: Sequence[On], linger: float = 0.0) -> None:
        self.database = database
        self.name = name
        self.relay = Relay(database, bus)
        self.lingering = Lingering(linger)
        self.consumer = Consumer(database, bus, Delivery(name, f"/{name}", subscriptions), 0.05, self.lingering)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Node]:
        tasks = [asyncio.create_task(self.relay.run()), asyncio.create_task(self.consumer.run())]
        try:
            yield self
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def say(self, *events: Event) -> None:
        await self.database.write(lambda tx: say(tx, *events, source=f"/{self.name}"), label="api")

    async def effects(self) -> dict[str, list[int]]:
        return await self.database.read(effects)

    async def settled(self, expected: dict[str, list[int]], seconds: float = 10.0) -> None:
        """Returns once exactly this was written down. Raises AssertionError with the difference."""
        try:
            await testing.eventually(lambda: self._has(expected), seconds)
        except AssertionError:
            assert await self.effects() == expected
            raise

    async def _has(self, expected: dict[str, list[int]]) -> bool:
        try:
            return await self.effects() == expected
        except StorageUnavailableError:  # the looker's own connection was cut as well
            return False


def open_database(folder: Path, name: str, clock: Clock | None = None) -> Database:
    url = testing.places.named(folder, name)
    testing.create_tables(url, metadata)
    return Database(url, clock or SystemClock())
