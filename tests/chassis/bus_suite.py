"""What every bus adapter must pass: subclass ``BusSuite`` and say how the bus is opened. Declared features choose which tests apply."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from uuid import uuid4

import pytest

from chassis.bus import Bounds, Bus, Features, Fetched, Partition, Record, Subscription


class Reader:
    """A group that begins at the beginning, or at ``positions``; remembers what it was told."""

    def __init__(self, positions: Mapping[Partition, int] | None = None, only: str | None = None, slow: float = 0.0) -> None:
        self.positions = positions or {}
        self.only = only
        self.slow = slow
        self.bounds: dict[Partition, Bounds] = {}
        self.lost: list[Partition] = []
        self.ready = False

    async def assigned(self, partitions: Mapping[Partition, Bounds]) -> Mapping[Partition, int]:
        await asyncio.sleep(self.slow)
        self.bounds.update(partitions)
        self.ready = True
        return {p: self.positions.get(p, b.beginning) for p, b in partitions.items() if self.only in (None, p.topic)}

    async def revoked(self, partitions: Sequence[Partition]) -> None:
        self.lost += partitions


def letter(topic: str, key: str, value: bytes = b"{}", event_id: str | None = None) -> Record:
    return Record(topic, key, {"ce_id": event_id or uuid4().hex, "ce_type": "tests.letter.v1"}, value)


async def read(subscription: Subscription, number: int, seconds: float = 15.0) -> list[Fetched]:
    """At least ``number`` records, or what came in that time."""
    records: list[Fetched] = []
    deadline = time.monotonic() + seconds
    while len(records) < number and time.monotonic() < deadline:
        records += await subscription.fetch(500, 0.2)
    return records


async def read_by(subscription: Subscription, step: int, number: int) -> list[Fetched]:
    """``number`` records, fetched a few at a time with patience."""
    records: list[Fetched] = []
    async with asyncio.timeout(15):
        while len(records) < number:
            records += await subscription.fetch(step, 5.0)
    return records


class BusSuite:
    """Topics are made fresh for each test, so a shared broker will do."""

    features: Features

    async def open(self) -> Bus:
        """A bus over the same stored records, each time it is called within one test."""
        raise NotImplementedError

    @pytest.fixture
    async def bus(self) -> AsyncIterator[Bus]:
        bus = await self.open()
        yield bus
        await bus.close(5)

    @pytest.fixture
    async def topic(self, bus: Bus) -> str:
        name = f"suite.{uuid4().hex}"
        await bus.create_topics([name])
        return name

    def need(self, feature: str) -> None:
        if not getattr(self.features, feature):
            pytest.skip(f"this bus does not promise {feature}")

    async def test_declares_the_features_it_is_tested_for(self, bus: Bus) -> None:
        assert bus.features == self.features
        await bus.check()

    async def test_every_group_reads_everything(self, bus: Bus, topic: str) -> None:
        await bus.publish([letter(topic, f"k{n}", str(n).encode()) for n in range(100)])
        for group in ("first", "second"):
            subscription = await bus.subscribe(group + topic, [topic], Reader())
            assert sorted(int(one.value) for one in await read(subscription, 100)) == list(range(100))
            await subscription.close(5)

    async def test_keeps_the_order_of_each_key_under_many_writers(self, bus: Bus, topic: str) -> None:
        async def write(writer: int) -> None:
            for n in range(40):
                await bus.publish([letter(topic, f"{writer}-{key}", str(n).encode()) for key in range(4)])

        subscription = await bus.subscribe("order" + topic, [topic], Reader())
        _, records = await asyncio.gather(asyncio.gather(*(write(w) for w in range(8))), read(subscription, 8 * 40 * 4))
        for key in {one.key for one in records}:
            assert [int(one.value) for one in records if one.key == key] == list(range(40)), key
        await subscription.close(5)

    async def test_a_key_never_changes_its_partition(self, bus: Bus, topic: str) -> None:
        await bus.publish([letter(topic, f"k{n % 7}") for n in range(70)])
        subscription = await bus.subscribe("place" + topic, [topic], Reader())
        places = {(one.key, one.partition) for one in await read(subscription, 70)}
        assert len(places) == 7
        await subscription.close(5)

    async def test_offsets_have_no_holes_and_stand_between_the_bounds(self, bus: Bus, topic: str) -> None:
        self.need("dense_offsets")
        await bus.publish([letter(topic, f"k{n}") for n in range(200)])
        reader = Reader()
        subscription = await bus.subscribe("dense" + topic, [topic], reader)
        offsets: dict[Partition, list[int]] = {}
        for one in await read(subscription, 200):
            offsets.setdefault(Partition(one.topic, one.partition), []).append(one.offset)
        for partition, found in offsets.items():
            assert found == list(range(*reader.bounds[partition]))
        await subscription.close(5)

    @pytest.mark.parametrize(
        "value", [b"", b"\xff\xfe\x00", "闸".encode(), b"x" * (1024 * 1024)], ids=["empty", "no text", "chinese", "1 MiB"]
    )
    async def test_hands_out_the_bytes_as_they_were_published(self, bus: Bus, topic: str, value: bytes) -> None:
        sent = Record(topic, "键/1", {"ce_id": uuid4().hex, "ce_subject": "慈溪"}, value)
        await bus.publish([sent, letter(topic, "other")])
        subscription = await bus.subscribe("bytes" + topic, [topic], Reader())
        (got,) = [one for one in await read(subscription, 2) if one.key == "键/1"]
        assert (got.value, dict(got.headers), got.topic) == (value, dict(sent.headers), topic)
        await subscription.close(5)

    async def test_says_where_partitions_begin_and_end_without_a_reader(self, bus: Bus, topic: str) -> None:
        await bus.publish([letter(topic, f"k{number}") for number in range(30)])
        bounds = await bus.bounds([topic, "no-such-topic"])

        assert {partition.topic for partition in bounds} == {topic}
        assert sum(each.end - each.beginning for each in bounds.values()) == 30

    async def test_seek_hands_out_the_same_records_again(self, bus: Bus, topic: str) -> None:
        await bus.publish([letter(topic, "one", str(n).encode()) for n in range(20)])
        subscription = await bus.subscribe("seek" + topic, [topic], Reader())
        first = await read(subscription, 20)
        subscription.seek(Partition(topic, first[5].partition), first[5].offset)
        assert await read(subscription, 15) == first[5:]
        await subscription.close(5)

    async def test_goes_on_where_the_reader_says(self, bus: Bus, topic: str) -> None:
        await bus.publish([letter(topic, "one", str(n).encode()) for n in range(10)])
        subscription = await bus.subscribe("resume" + topic, [topic], Reader())
        records = await read(subscription, 10)
        await subscription.close(5)
        place = Partition(topic, records[0].partition)
        again = await bus.subscribe("resume" + topic, [topic], Reader({place: records[7].offset}))
        assert [one.value for one in await read(again, 3)] == [b"7", b"8", b"9"]
        await again.close(5)

    async def test_fetches_nothing_before_the_reader_said_where_to_begin(self, bus: Bus, topic: str) -> None:
        await bus.publish([letter(topic, "one")])
        reader = Reader(slow=0.3)
        subscription = await bus.subscribe("slow" + topic, [topic], reader)
        while not (records := await subscription.fetch(10, 0.05)):
            pass
        assert reader.ready
        assert len(records) == 1
        await subscription.close(5)

    async def test_a_partition_the_reader_leaves_out_is_not_fetched(self, bus: Bus, topic: str) -> None:
        other = f"{topic}.other"
        await bus.create_topics([other])
        await bus.publish([letter(topic, "one"), letter(other, "two")])
        subscription = await bus.subscribe("only" + topic, [topic, other], Reader(only=other))
        assert [one.topic for one in await read(subscription, 2, 1.0)] == [other]
        await subscription.close(5)

    async def test_a_waiting_fetch_wakes_when_something_is_published(self, bus: Bus, topic: str) -> None:
        subscription = await bus.subscribe("wake" + topic, [topic], Reader())
        await subscription.fetch(10, 0.0)
        waiting = asyncio.create_task(subscription.fetch(10, 10.0))
        await asyncio.sleep(0.05)
        await bus.publish([letter(topic, "one")])
        async with asyncio.timeout(5):
            assert len(await waiting) == 1
        await subscription.close(5)

    async def test_what_other_topics_say_in_between_delays_nothing(self, bus: Bus, topic: str) -> None:
        busy = f"{topic}.busy"
        await bus.create_topics([busy])
        subscription = await bus.subscribe("between" + topic, [topic], Reader())
        await subscription.fetch(10, 0.0)
        await bus.publish([*(letter(busy, f"k{n}") for n in range(50)), letter(topic, "one"), *(letter(busy, f"k{n}") for n in range(50))])
        await bus.publish([letter(topic, "two")])
        started = time.monotonic()
        assert sorted(one.key for one in await read_by(subscription, 7, 2)) == ["one", "two"]
        assert time.monotonic() - started < 3.0
        await subscription.close(5)

    async def test_a_fetch_ends_when_its_time_is_over_and_keeps_to_its_number(self, bus: Bus, topic: str) -> None:
        subscription = await bus.subscribe("bound" + topic, [topic], Reader())
        await subscription.fetch(10, 0.0)
        started = time.monotonic()
        assert await subscription.fetch(10, 0.1) == []
        assert time.monotonic() - started < 2.0
        await bus.publish([letter(topic, "one", str(n).encode()) for n in range(50)])
        records: list[Fetched] = []
        while len(records) < 50:
            got = await subscription.fetch(7, 5.0)
            assert 0 < len(got) <= 7
            records += got
        assert [int(one.value) for one in records] == list(range(50))
        await subscription.close(5)

    async def test_records_outlive_the_bus_object(self, bus: Bus, topic: str) -> None:
        self.need("survives_restart")
        await bus.publish([letter(topic, "one", b"kept")])
        other = await self.open()
        subscription = await other.subscribe("later" + topic, [topic], Reader())
        assert [one.value for one in await read(subscription, 1)] == [b"kept"]
        await subscription.close(5)
        await other.close(5)

    async def test_a_record_published_again_is_kept_once(self, bus: Bus, topic: str) -> None:
        self.need("publishes_once")
        first, second = letter(topic, "one", b"1"), letter(topic, "one", b"2")
        await bus.publish([first])
        await bus.publish([first, second, second])
        await bus.publish([second])
        subscription = await bus.subscribe("once" + topic, [topic], Reader())
        assert [one.value for one in await read(subscription, 3, 1.0)] == [b"1", b"2"]
        await subscription.close(5)

    async def test_competing_readers_share_the_partitions(self, bus: Bus, topic: str) -> None:
        self.need("competing_consumers")
        readers = [Reader(), Reader()]
        subscriptions = [await bus.subscribe("shared" + topic, [topic], reader) for reader in readers]
        await bus.publish([letter(topic, f"k{n}", str(n).encode()) for n in range(100)])
        got = await asyncio.gather(*(read(subscription, 100, 20.0) for subscription in subscriptions))
        assert {int(one.value) for records in got for one in records} == set(range(100))
        assert all(records for records in got)
        for subscription in subscriptions:
            await subscription.close(5)

    async def test_says_that_partitions_are_gone_when_it_closes(self, bus: Bus, topic: str) -> None:
        reader = Reader()
        subscription = await bus.subscribe("leave" + topic, [topic], reader)
        await subscription.fetch(1, 0.0)
        while not reader.ready:
            await subscription.fetch(1, 0.1)
        await subscription.close(5)
        assert set(reader.lost) == set(reader.bounds)
        assert len(reader.bounds) == bus.features.partitions
