"""What an operator can do with parked events, while the consumer runs."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from chassis import quarantine, replay
from chassis.bus.sqlite import SqliteBus
from chassis.clock import FixedClock, SystemClock
from chassis.database import Transaction
from chassis.delivery import Delivery, On
from chassis.errors import QuarantineError, TemporaryError
from chassis.letters import RETRIES, TEMPORARY_TRIES, Status
from chassis.messages import Received, Result
from chassis.testing import NOON, database, eventually
from tests.chassis.counting import Counted, Node, effects, metadata, open_database, record, write_down

pytestmark = pytest.mark.usefixtures("backend")


def refuse_negative(batch: Sequence[Received[Any]], tx: Transaction) -> Result:
    if any(one.event.n < 0 for one in batch):
        raise ValueError("below zero")
    return write_down(batch, tx)


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[Node]:
    """A running service in which the key ``a`` is parked at -1, with 2 and 3 behind it."""
    bus = SqliteBus(f"sqlite:///{tmp_path}/bus.db", SystemClock())
    node = Node(open_database(tmp_path, "node"), bus, "node", [On(Counted, refuse_negative)])
    async with node.running():
        await node.say(*(Counted(name="a", n=n) for n in (1, -1, 2, 3)), Counted(name="b", n=1))
        await node.settled({"a": [1], "b": [1]})
        await eventually(lambda: node.consumer.applied == 5)
        yield node
    node.database.close()
    await bus.close(5)


async def waiting(node: Node) -> list[quarantine.Entry]:
    return await node.database.read(quarantine.waiting)


async def test_shows_what_is_parked_and_what_waits_behind_it(node: Node) -> None:
    entries = await waiting(node)
    assert [(one.key, one.seq, one.status) for one in entries] == [("a", 2, "parked"), ("a", 3, "held"), ("a", 4, "held")]
    assert entries[0].error_class == "ValueError"
    assert "below zero (test_quarantine.py:" in (entries[0].error_text or "")
    content = await node.database.read(lambda tx: quarantine.show(tx, entries[0].id))
    assert Counted.model_validate_json(content.body).n == -1
    assert content.headers["ce_type"] == Counted.type
    assert await node.database.read(quarantine.counts) == {"retrying": 0, "parked": 1, "held": 2}
    with pytest.raises(QuarantineError, match="编号"):
        await node.database.read(lambda tx: quarantine.show(tx, 99))


async def test_a_replay_that_fails_again_parks_it_again(node: Node) -> None:
    first = (await waiting(node))[0]
    await node.database.write(lambda tx: quarantine.replay(tx, first.id, "operator"))

    async def tried_again() -> bool:
        return (await waiting(node))[0].attempts == 2

    await eventually(tried_again)
    assert [one.status for one in await waiting(node)] == ["parked", "held", "held"]
    assert (await node.effects())["a"] == [1]


async def test_discarding_needs_a_reason_and_lets_the_followers_run(node: Node) -> None:
    parked, held, _ = await waiting(node)
    with pytest.raises(QuarantineError, match="reason"):
        await node.database.write(lambda tx: quarantine.discard(tx, parked.id, "operator", " "))
    with pytest.raises(QuarantineError, match="comes first"):
        await node.database.write(lambda tx: quarantine.discard(tx, held.id, "operator", "why not"))
    await node.database.write(lambda tx: quarantine.discard(tx, parked.id, "operator", "entered by mistake"))
    await node.settled({"a": [1, 2, 3], "b": [1]})
    await node.say(Counted(name="a", n=4))
    await node.settled({"a": [1, 2, 3, 4], "b": [1]})
    entry = (await node.database.read(lambda tx: quarantine.show(tx, parked.id))).entry
    assert (entry.status, entry.resolved_by, entry.resolution_note) == ("discarded", "operator", "entered by mistake")
    with pytest.raises(QuarantineError, match="settled"):
        await node.database.write(lambda tx: quarantine.discard(tx, parked.id, "operator", "again"))


async def test_superseding_runs_a_corrected_event_in_its_place_and_keeps_the_original(node: Node) -> None:
    parked = (await waiting(node))[0]
    body = Counted(name="a", n=10).model_dump_json().encode()
    await node.database.write(lambda tx: quarantine.supersede(tx, parked.id, "operator", "sign was wrong", body))
    await node.settled({"a": [1, 10, 2, 3], "b": [1]})
    content = await node.database.read(lambda tx: quarantine.show(tx, parked.id))
    assert content.entry.status == "superseded"
    assert content.original_body is not None
    assert Counted.model_validate_json(content.original_body).n == -1
    assert await waiting(node) == []


async def test_an_event_without_a_number_can_be_given_up(tmp_path: Path) -> None:
    with database(metadata) as db:
        delivery = Delivery("service", "/service", [On(Counted, write_down)])

        def deliver(*records: Any) -> None:
            db.write_sync(lambda tx: delivery.deliver(tx, records))

        def discard_first() -> None:
            (first, *_) = db.read_sync(quarantine.waiting)
            db.write_sync(lambda tx: quarantine.discard(tx, first.id, "operator", "unreadable"))
            db.write_sync(lambda tx: replay.replay(tx, delivery, (Counted.topic, "a")))

        def counted(n: int, **changes: Any) -> Any:
            return record(Counted(name="a", n=n), n, n, **changes)

        deliver(counted(1), counted(2, headers={}), counted(3))
        discard_first()
        assert db.read_sync(effects) == {"a": [1, 3]}
        deliver(counted(4, headers={}))
        discard_first()
        deliver(counted(5), counted(6))
        assert db.read_sync(effects) == {"a": [1, 3, 5, 6]}
        deliver(counted(8))
        discard_first()
        deliver(counted(9))
        assert db.read_sync(effects) == {"a": [1, 3, 5, 6, 9]}, "a lost event can be given up too"
        assert db.read_sync(quarantine.waiting) == []


async def test_an_error_is_tried_again_by_schedule_and_then_left_to_an_operator() -> None:
    clock = FixedClock(NOON)
    failing = {"yes": True}

    def fails(batch: Sequence[Received[Any]], tx: Transaction) -> Result:
        if failing["yes"]:
            raise TemporaryError("away", delay=1.0) if batch[0].event.name == "t" else KeyError("x")
        return write_down(batch, tx)

    with database(metadata, clock=clock) as db:
        delivery = Delivery("service", "/service", [On(Counted, fails)])
        names = ("h", "t")
        records = [record(Counted(name=name, n=1), 1, place) for place, name in enumerate(names)]
        db.write_sync(lambda tx: delivery.deliver(tx, records))

        def tries(name: str) -> list[tuple[float, Status]]:
            found: list[tuple[float, Status]] = []
            while True:
                (entry,) = [one for one in db.read_sync(quarantine.waiting) if one.key == name]
                if entry.next_attempt_at is None:
                    return found
                before = clock.now()
                clock.set(before.fromisoformat(entry.next_attempt_at))
                found.append(((clock.now() - before).total_seconds(), Status(entry.status)))
                assert (Counted.topic, name) in db.read_sync(lambda tx: replay.due(tx, "service"))
                db.write_sync(lambda tx: replay.replay(tx, delivery, (Counted.topic, name)))

        scheduled = [wait.total_seconds() for wait in RETRIES]
        assert tries("h") == [(wait, Status.PARKED) for wait in scheduled]
        clock.set(NOON)
        soon = [2.0**n for n in range(TEMPORARY_TRIES)]
        assert tries("t") == [(wait, Status.RETRYING) for wait in soon] + [(wait, Status.PARKED) for wait in scheduled]
        clock.advance(timedelta(days=1))
        assert db.read_sync(lambda tx: replay.due(tx, "service")) == []
        failing["yes"] = False
        for name in names:
            db.write_sync(partial(replay.replay, delivery=delivery, stream=(Counted.topic, name)))
        assert db.read_sync(effects) == {"h": [1], "t": [1]}
