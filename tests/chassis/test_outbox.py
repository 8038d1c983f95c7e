"""Messages become numbered rows in the transaction that caused them, and leave it once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import orjson
import pytest

from chassis import failpoints, relay
from chassis.bus import Record
from chassis.bus.sqlite import SqliteBus
from chassis.clock import SystemClock
from chassis.database import Database, Transaction
from chassis.errors import FailpointReachedError, MessageTooLargeError, TemporaryError
from chassis.relay import Relay
from chassis.testing import eventually
from contracts.envelope import Envelope
from tests.chassis.counting import Counted, Echoed, open_database, say

pytestmark = pytest.mark.usefixtures("backend")


@pytest.fixture
async def db(tmp_path: Path) -> AsyncIterator[Database]:
    db = open_database(tmp_path, "said")
    yield db
    db.close()


@pytest.fixture
async def bus(tmp_path: Path) -> AsyncIterator[SqliteBus]:
    bus = SqliteBus(f"sqlite:///{tmp_path}/bus.db", SystemClock())
    await bus.create_topics([Counted.topic])
    yield bus
    await bus.close(5)


class Unreliable:
    """A bus that fails when told to, after or before it kept the records."""

    def __init__(self, bus: SqliteBus) -> None:
        self._bus = bus
        self.failures = 0
        self.published: list[Record] = []

    async def publish(self, records: Sequence[Record]) -> None:
        if self.failures:
            self.failures -= 1
            raise TemporaryError("no broker")
        self.published += records
        await self._bus.publish(records)


def numbers(tx: Transaction) -> list[tuple[str, str, int]]:
    return [tuple(row) for row in tx.sql("SELECT topic, key, seq FROM outbox ORDER BY id")]


def logged(bus: SqliteBus) -> list[tuple[str, int]]:
    rows = bus.database.read_sync(lambda tx: tx.sql("SELECT key, headers FROM event_log ORDER BY id"))
    return [(key, int(orjson.loads(headers)["ce_streamseq"])) for key, headers in rows]


async def test_numbers_are_dense_for_each_topic_and_key(db: Database) -> None:
    await db.write(lambda tx: say(tx, Counted(name="a", n=1), Counted(name="b", n=1), Counted(name="a", n=2), Echoed(name="a", n=1)))
    await db.write(lambda tx: say(tx, Counted(name="a", n=3)))
    topic, other = Counted.topic, Echoed.topic
    assert await db.read(numbers) == [(topic, "a", 1), (topic, "b", 1), (topic, "a", 2), (other, "a", 1), (topic, "a", 3)]


async def test_a_unit_that_fails_leaves_no_hole_in_the_numbers(db: Database) -> None:
    def fails(tx: Transaction) -> None:
        say(tx, Counted(name="a", n=1))
        raise ValueError

    with pytest.raises(ValueError):  # noqa: PT011 - raised two lines above
        await db.write(fails)
    await db.write(lambda tx: say(tx, Counted(name="a", n=1)))
    assert await db.read(numbers) == [(Counted.topic, "a", 1)]


async def test_many_writers_of_one_key_get_each_number_once(db: Database) -> None:
    await asyncio.gather(*(db.write(lambda tx: say(tx, Counted(name="a", n=1), Counted(name="a", n=2))) for _ in range(50)))
    assert [seq for _, _, seq in await db.read(numbers)] == list(range(1, 101))


async def test_the_stored_headers_and_body_are_the_envelope(db: Database) -> None:
    await db.write(lambda tx: say(tx, Counted(name="键", n=7), source="/counting"))
    ((headers, body),) = await db.read(lambda tx: tx.sql("SELECT headers, body FROM outbox"))
    envelope = Envelope.of_headers(orjson.loads(headers), body)
    assert (envelope.source, envelope.type, envelope.subject, envelope.key, envelope.seq) == ("/counting", Counted.type, "键", "键", 1)
    assert Counted.model_validate_json(envelope.data) == Counted(name="键", n=7)


async def test_an_event_larger_than_a_bus_carries_is_refused_with_its_unit(db: Database) -> None:
    with pytest.raises(MessageTooLargeError):
        await db.write(lambda tx: say(tx, Counted(name="ok", n=1), Counted(name="x", n=1, remark="x" * 1_100_000)))
    assert await db.read(numbers) == []


async def test_the_relay_publishes_in_order_and_forgets(db: Database, bus: SqliteBus) -> None:
    await db.write(lambda tx: say(tx, *(Counted(name=f"k{n % 3}", n=n) for n in range(1200))))
    relaying = Relay(db, bus)
    await relaying.drain()
    assert relaying.published == 1200
    assert logged(bus) == [(f"k{n % 3}", n // 3 + 1) for n in range(1200)]
    await relaying.settle()
    assert await db.read(relay.oldest_pending) is None


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
async def test_what_is_confirmed_is_forgotten_with_the_next_write_or_after_a_moment(db: Database, bus: SqliteBus) -> None:
    relaying = Relay(db, bus)
    await db.write(lambda tx: say(tx, Counted(name="a", n=1)))
    await relaying.drain()
    assert await db.read(relay.oldest_pending) is not None
    await db.write(lambda tx: None)
    assert await db.read(relay.oldest_pending) is None

    task = asyncio.create_task(relaying.run())
    await db.write(lambda tx: say(tx, Counted(name="a", n=2)))
    await eventually(lambda: logged(bus) == [("a", 1), ("a", 2)])
    await eventually(lambda: db.read_sync(relay.oldest_pending) is None)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert relaying.published == 2


async def test_a_crash_between_publish_and_delete_publishes_again_and_the_log_keeps_it_once(db: Database, bus: SqliteBus) -> None:
    await db.write(lambda tx: say(tx, Counted(name="a", n=1), Counted(name="a", n=2)))
    failpoints.arm("relay.after_publish=raise")
    try:
        with pytest.raises(FailpointReachedError):
            await Relay(db, bus).drain()
    finally:
        failpoints.arm("")
    assert await db.read(relay.oldest_pending) is not None
    await db.write(lambda tx: say(tx, Counted(name="a", n=3)))
    await Relay(db, bus).drain()
    assert logged(bus) == [("a", 1), ("a", 2), ("a", 3)]


async def test_the_relay_goes_on_after_the_bus_was_away(db: Database, bus: SqliteBus) -> None:
    unreliable = Unreliable(bus)
    relaying = Relay(db, unreliable)  # type: ignore[arg-type]
    unreliable.failures = 2
    task = asyncio.create_task(relaying.run())
    await db.write(lambda tx: say(tx, Counted(name="a", n=1)))
    await eventually(lambda: relaying.failing is not None)
    await eventually(lambda: logged(bus) == [("a", 1)])
    await eventually(lambda: relaying.failing is None)
    await db.write(lambda tx: say(tx, Counted(name="a", n=2)))
    await eventually(lambda: logged(bus) == [("a", 1), ("a", 2)])
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
async def test_of_two_replicas_one_publishes_and_the_other_goes_on_when_it_fails(db: Database, bus: SqliteBus) -> None:
    replica = Database(db.url, SystemClock())
    away, there = Unreliable(bus), Unreliable(bus)
    away.failures = 1
    relays = [Relay(db, away), Relay(replica, there)]  # type: ignore[arg-type]
    tasks = [asyncio.create_task(one.run()) for one in relays]
    for n in range(40):
        await (db, replica)[n % 2].write(lambda tx, n=n: say(tx, Counted(name="a", n=n)))  # type: ignore[misc]
    await eventually(lambda: logged(bus) == [("a", n + 1) for n in range(40)])
    await eventually(lambda: db.read_sync(relay.oldest_pending) is None)
    assert len(away.published) + len(there.published) == 40, "neither repeated what the other had published"
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    replica.close()


class Held:
    """A bus on which publishing has begun and does not end before it may."""

    def __init__(self, bus: SqliteBus) -> None:
        self._bus = bus
        self.begun, self.may_end = asyncio.Event(), asyncio.Event()

    async def publish(self, records: Sequence[Record]) -> None:
        self.begun.set()
        await self.may_end.wait()
        await self._bus.publish(records)


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
async def test_while_one_replica_publishes_the_other_takes_nothing(db: Database, bus: SqliteBus) -> None:
    replica, held = Database(db.url, SystemClock()), Held(bus)
    await db.write(lambda tx: say(tx, Counted(name="a", n=1)))
    publishing = asyncio.create_task(Relay(db, held).drain())  # type: ignore[arg-type]
    await held.begun.wait()
    other = Relay(replica, bus)
    assert (await other.drain(), other.published, logged(bus)) == (False, 0, [])
    held.may_end.set()
    assert await publishing
    assert (await other.drain(), other.published, logged(bus)) == (True, 0, [("a", 1)])
    replica.close()


async def test_events_can_be_published_again_at_any_time(db: Database, bus: SqliteBus) -> None:
    await db.write(lambda tx: say(tx, *(Counted(name="a", n=n) for n in range(5))))
    unreliable = Unreliable(bus)
    await Relay(db, unreliable).drain()  # type: ignore[arg-type]
    unreliable.published.clear()
    assert await db.write(lambda tx: relay.republish(tx, Counted.topic, "a", 2, 3)) == 2
    await Relay(db, unreliable).drain()  # type: ignore[arg-type]
    assert [record.headers["ce_streamseq"] for record in unreliable.published] == ["2", "3"]
