"""Every effect once, in the order of its key, whatever the bus does: repeats, holes, mixed keys, poison, any cutting into batches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chassis import quarantine, replay
from chassis.bus import Fetched
from chassis.database import Database, Transaction
from chassis.delivery import Delivery, On
from chassis.errors import PermanentError
from chassis.letters import Reason, Status
from chassis.messages import Received, Result
from chassis.testing import database
from tests.chassis.counting import Counted, Echoed, Ignored, effects, metadata, record, write_down, write_down_and_echo

pytestmark = pytest.mark.usefixtures("backend")

KEYS = ("a", "b", "c")


class Service:
    """Hears Counted; ``poison`` holds what it cannot process, and every batch it was given is remembered."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.poison: set[tuple[str, int]] = set()
        self.batches: list[list[tuple[str, int]]] = []
        self.delivery = Delivery("service", "/service", [On(Counted, self.handle)])

    def handle(self, batch: Sequence[Received[Any]], tx: Transaction) -> Result:
        self.batches.append([(one.event.name, one.event.n) for one in batch])
        write_down(batch, tx)
        if any((one.event.name, one.event.n) in self.poison for one in batch):
            raise PermanentError("poison")
        return Result()

    def deliver(self, *records: Fetched) -> None:
        self.db.write_sync(lambda tx: self.delivery.deliver(tx, records))

    def replay(self, key: str) -> None:
        self.db.write_sync(lambda tx: replay.replay(tx, self.delivery, (Counted.topic, key)))

    def replay_due(self) -> None:
        while due := self.db.read_sync(lambda tx: replay.due(tx, "service")):
            for _, key in due:
                self.replay(key)

    def effects(self) -> dict[str, list[int]]:
        return self.db.read_sync(effects)

    def waiting(self) -> list[tuple[str, int | None, str, str]]:
        return [(one.key, one.seq, one.status, one.reason) for one in self.db.read_sync(quarantine.waiting)]

    def clear(self) -> None:
        def work(tx: Transaction) -> None:
            for statement in ("DELETE FROM effect", "DELETE FROM inbox_head", "DELETE FROM dead_letter"):
                tx.sql(statement)

        self.db.write_sync(work)
        self.poison.clear()
        self.batches.clear()


@pytest.fixture
def service() -> Iterator[Service]:
    with database(metadata) as db:
        yield Service(db)


def counted(key: str, n: int, offset: int = 0, **changes: Any) -> Fetched:
    return record(Counted(name=key, n=n), n, offset or n, **changes)


@st.composite
def histories(draw: st.DrawFn, *, reorder_within_keys: bool) -> list[list[tuple[str, int]]]:
    """Batches of (key, seq) in which every event of every key comes at least once."""
    lengths = {key: draw(st.integers(0, 6)) for key in KEYS}
    queues = {key: list(range(1, length + 1)) for key, length in lengths.items()}
    if reorder_within_keys:
        queues = {key: list(draw(st.permutations(queue))) for key, queue in queues.items()}
    order: list[tuple[str, int]] = []
    while any(queues.values()):
        key = draw(st.sampled_from([key for key, queue in queues.items() if queue]))
        order.append((key, queues[key].pop(0)))
    for again in draw(st.lists(st.sampled_from(order), max_size=6)) if order else []:
        order.insert(draw(st.integers(order.index(again), len(order))), again)
    cuts = sorted(draw(st.sets(st.integers(0, len(order)), max_size=5)))
    return [order[start:end] for start, end in zip([0, *cuts], [*cuts, len(order)], strict=True)]


def run(service: Service, history: list[list[tuple[str, int]]]) -> None:
    offset = 0
    for batch in history:
        records = []
        for key, n in batch:
            offset += 1
            records.append(counted(key, n, offset))
        service.deliver(*records)
        service.replay_due()


def expected(history: list[list[tuple[str, int]]]) -> dict[str, list[int]]:
    everything = {event for batch in history for event in batch}
    return {key: sorted(n for name, n in everything if name == key) for key in KEYS if any(name == key for name, _ in everything)}


with_one_service = settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@with_one_service
@given(history=histories(reorder_within_keys=False))
def test_repeats_and_interleavings_change_nothing(service: Service, history: list[list[tuple[str, int]]]) -> None:
    service.clear()
    run(service, history)
    assert service.effects() == expected(history)
    assert service.waiting() == []
    assert all(len({key for key, _ in batch}) == len(batch) for batch in service.batches), "a batch held one key twice"


@with_one_service
@given(history=histories(reorder_within_keys=True))
def test_an_event_that_comes_too_early_waits_for_the_missing_one(service: Service, history: list[list[tuple[str, int]]]) -> None:
    service.clear()
    run(service, history)
    assert service.effects() == expected(history)
    assert service.waiting() == []


@with_one_service
@given(history=histories(reorder_within_keys=True), data=st.data())
def test_poison_parks_its_key_only_and_replay_restores_the_order(
    service: Service, history: list[list[tuple[str, int]]], data: st.DataObject
) -> None:
    service.clear()
    everything = [event for batch in history for event in batch]
    service.poison = set(data.draw(st.lists(st.sampled_from(everything), max_size=3))) if everything else set()
    first_bad = {key: min((n for name, n in service.poison if name == key), default=99) for key in KEYS}
    run(service, history)

    whole = expected(history)
    assert service.effects() == {key: kept for key, all_ in whole.items() if (kept := [n for n in all_ if n < first_bad[key]])}

    service.poison.clear()
    for key in KEYS:
        service.replay(key)
    assert service.effects() == whole
    assert service.waiting() == []


def test_a_failing_batch_is_halved_until_the_guilty_event_stands_alone(service: Service) -> None:
    service.poison = {("k37", 1)}
    service.deliver(*(counted(f"k{n}", 1, n + 1) for n in range(64)))
    assert len(service.effects()) == 63
    assert service.waiting() == [("k37", 1, Status.PARKED, Reason.PERMANENT)]
    assert len(service.batches) <= 2 * 6 + 1


def test_an_event_nobody_hears_moves_the_head_without_being_parsed(service: Service) -> None:
    service.deliver(
        counted("a", 1),
        record(Ignored(name="a", n=2), 2, 2, value=b"\xff not json"),
        counted("a", 3),
    )
    assert service.effects() == {"a": [1, 3]}
    assert service.waiting() == []


BROKEN = {
    "no JSON": ({"value": b"{"}, Reason.DECODE),
    "no UTF-8": ({"value": b'{"name": "\xff", "n": 2}'}, Reason.DECODE),
    "empty": ({"value": b""}, Reason.DECODE),
    "another shape": ({"value": b'{"name": "a", "n": "many"}'}, Reason.DECODE),
    "no headers": ({"headers": {}}, Reason.HEADERS),
    "no number": ({"headers": {**counted("a", 2).headers, "ce_streamseq": "two"}}, Reason.HEADERS),
    "no time": ({"headers": {k: v for k, v in counted("a", 2).headers.items() if k != "ce_time"}}, Reason.HEADERS),
    "another event with the number before": ({"headers": {**counted("a", 1).headers, "ce_id": "other"}}, Reason.CONFLICT),
}


@pytest.mark.parametrize(("changes", "reason"), BROKEN.values(), ids=BROKEN.keys())
def test_what_cannot_be_read_parks_its_key_and_lets_all_others_flow(service: Service, changes: dict[str, Any], reason: Reason) -> None:
    service.deliver(counted("a", 1, 1), counted("b", 1, 2), counted("a", 2, 3, **changes), counted("a", 3, 4), counted("b", 2, 5))
    service.deliver(counted("a", 4, 6), counted("b", 3, 7))
    assert service.effects() == {"a": [1], "b": [1, 2, 3]}
    (key, _, status, why), *held = service.waiting()
    assert (key, status, why) == ("a", Status.PARKED, reason)
    assert [(seq, status) for _, seq, status, _ in held] == [(3, Status.HELD), (4, Status.HELD)]
    service.replay("a")
    assert [row[2] for row in service.waiting()] == [Status.PARKED, Status.HELD, Status.HELD], "a replay cannot cure it"


def test_the_text_of_an_error_quotes_nothing_of_the_body(service: Service) -> None:
    service.deliver(counted("a", 1, value='{"name": "a", "n": "王小明 13800000000"}'.encode()))
    (entry,) = service.db.read_sync(quarantine.waiting)
    assert entry.error_text is not None
    assert "/n" in entry.error_text
    assert "王小明" not in entry.error_text
    assert "1380" not in entry.error_text


def test_a_lost_event_holds_its_key_until_it_is_published_again(service: Service) -> None:
    service.deliver(counted("a", 1), counted("a", 3), counted("a", 4), counted("b", 1))
    assert service.effects() == {"a": [1], "b": [1]}
    assert service.waiting() == [("a", 3, Status.HELD, Reason.GAP), ("a", 4, Status.HELD, Reason.BEHIND)]
    service.deliver(counted("a", 2, 9))
    service.replay_due()
    assert service.effects() == {"a": [1, 2, 3, 4], "b": [1]}
    service.deliver(counted("a", 5, 10))
    assert service.effects()["a"] == [1, 2, 3, 4, 5]


def test_a_group_that_begins_after_old_events_were_deleted_takes_a_key_as_it_finds_it(service: Service) -> None:
    service.db.write_sync(lambda tx: service.delivery.deliver(tx, [counted("a", 7), counted("a", 8)], frozenset({(Counted.topic, 0)})))
    assert service.effects() == {"a": [7, 8]}
    service.deliver(counted("a", 10))
    assert service.waiting() == [("a", 10, Status.HELD, Reason.GAP)]


def test_the_messages_of_a_batch_leave_with_its_effects(service: Service) -> None:
    delivery = Delivery("echo", "/echo", [On(Counted, write_down_and_echo), On(Counted, write_down)])
    service.db.write_sync(lambda tx: delivery.deliver(tx, [counted("a", 1), counted("b", 1), counted("a", 2)]))
    said = service.db.read_sync(lambda tx: tx.sql("SELECT type, key, seq, headers FROM outbox ORDER BY id"))
    assert [row[:3] for row in said] == [(Echoed.type, "a", 1), (Echoed.type, "b", 1), (Echoed.type, "a", 2)]
    assert '"ce_causationid":"a-2"' in said[2][3]
    assert '"ce_correlationid":"conversation"' in said[2][3]
    assert service.effects() == {"a": [1, 1, 2, 2], "b": [1, 1]}, "two handlers hear the same event"


def test_an_effect_too_large_to_tell_parks_its_cause(service: Service) -> None:
    def shout(batch: Sequence[Received[Any]], tx: Transaction) -> Result:
        result = write_down_and_echo(batch, tx)
        if batch[0].event.name == "a":
            result.messages[0] = result.messages[0].because(batch[0], Echoed(name="x", n=1, remark="x" * 2_000_000))
        return result

    delivery = Delivery("loud", "/loud", [On(Counted, shout)])
    service.db.write_sync(lambda tx: delivery.deliver(tx, [counted("a", 1), counted("b", 1)]))
    assert service.effects() == {"b": [1]}
    assert [(key, status) for key, _, status, _ in service.waiting()] == [("a", Status.PARKED)]
