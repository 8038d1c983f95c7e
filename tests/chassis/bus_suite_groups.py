"""The part of the bus suite about groups: where a reader begins, who reads what, and what happens when that changes under way."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence

from chassis.bus import Bounds, Bus, Fetched, Partition, Subscription
from chassis.testing import eventually
from tests.chassis.bus_suite_opening import Opening
from tests.chassis.bus_vocabulary import Reader, in_order, letter, read


class Replica:
    """A reader whose positions are where all replicas of its group have them, as a database would; it works on a batch for a while."""

    def __init__(self, positions: dict[Partition, int], done: list[Fetched], seconds: float = 0.0) -> None:
        self.positions = positions
        self.done = done
        self.seconds = seconds
        self.mine: set[Partition] = set()
        self.working = False
        self.interrupted = False

    async def assigned(self, partitions: Mapping[Partition, Bounds]) -> Mapping[Partition, int]:
        self.mine |= set(partitions)
        return {place: self.positions.get(place, bounds.beginning) for place, bounds in partitions.items()}

    async def revoked(self, partitions: Sequence[Partition]) -> None:
        self.interrupted |= self.working
        self.mine -= set(partitions)

    async def run(self, subscription: Subscription, enough: int) -> None:
        """Work until the group has done ``enough``."""
        while len(self.done) < enough:
            records = await subscription.fetch(20, 0.2)
            self.working = True
            await asyncio.sleep(self.seconds if records else 0)
            self.working = False
            for one in records:
                place = Partition(one.topic, one.partition)
                if one.offset >= self.positions.get(place, 0) and place in self.mine:  # the compare-and-set
                    self.positions[place] = one.offset + 1
                    self.done.append(one)


class GroupSuite(Opening):
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

    async def test_says_that_partitions_are_gone_when_it_closes(self, bus: Bus, topic: str) -> None:
        reader = Reader()
        subscription = await bus.subscribe("leave" + topic, [topic], reader)
        await subscription.fetch(1, 0.0)
        while not reader.ready:
            await subscription.fetch(1, 0.1)
        await subscription.close(5)
        assert set(reader.lost) == set(reader.bounds)
        assert len(reader.bounds) == bus.features.partitions

    async def test_every_group_reads_everything(self, bus: Bus, topic: str) -> None:
        await bus.publish([letter(topic, f"k{n}", str(n).encode()) for n in range(100)])
        for group in ("first", "second"):
            subscription = await bus.subscribe(group + topic, [topic], Reader())
            assert sorted(int(one.value) for one in await read(subscription, 100)) == list(range(100))
            await subscription.close(5)

    async def test_a_hint_never_decides_where_a_reader_begins(self, bus: Bus, topic: str) -> None:
        await bus.publish([letter(topic, "one", str(n).encode()) for n in range(10)])
        subscription = await bus.subscribe("hint" + topic, [topic], Reader())
        (*_, last) = await read(subscription, 10)
        place = Partition(topic, last.partition)
        await subscription.progressed({place: last.offset + 1})
        await asyncio.sleep(0.2)
        await subscription.close(5)
        reader = Reader({place: last.offset - 6}, slow=0.5)
        again = await bus.subscribe("hint" + topic, [topic], reader)
        assert [int(one.value) for one in await read(again, 7)] == [3, 4, 5, 6, 7, 8, 9]
        await again.close(5)

    async def test_a_reader_that_forgot_gets_everything_again(self, bus: Bus, topic: str) -> None:
        """It crashed before its transaction: the next one in its place reads the same records."""
        await bus.publish([letter(topic, f"k{n % 4}", str(n).encode()) for n in range(40)])
        first = await bus.subscribe("crash" + topic, [topic], Reader())
        before = await read(first, 40)
        await first.close(5)
        second = await bus.subscribe("crash" + topic, [topic], Reader())
        assert sorted(await read(second, 40), key=_place) == sorted(before, key=_place)
        await second.close(5)

    async def test_a_slow_reader_misses_nothing_and_nothing_changes_places(self, bus: Bus, topic: str) -> None:
        subscription = await bus.subscribe("slow" + topic, [topic], Reader())

        async def write() -> None:
            for n in range(60):
                await bus.publish([letter(topic, f"k{key}", str(n).encode()) for key in range(5)])
                await asyncio.sleep(0.01)

        writing = asyncio.create_task(write())
        records: list[Fetched] = []
        deadline = time.monotonic() + 20
        while len(records) < 300 and time.monotonic() < deadline:
            records += await subscription.fetch(40, 0.5)
            await asyncio.sleep(0.15)
        await writing
        assert in_order(records) == {f"k{key}": list(range(60)) for key in range(5)}
        assert len(records) == 300
        await subscription.close(5)

    async def test_competing_readers_share_the_partitions(self, bus: Bus, topic: str) -> None:
        self.need("competing_consumers")
        done: list[Fetched] = []
        positions: dict[Partition, int] = {}
        replicas = [Replica(positions, done) for _ in range(2)]
        subscriptions = [await bus.subscribe("shared" + topic, [topic], replica) for replica in replicas]
        running = [asyncio.create_task(r.run(s, 2000)) for r, s in zip(replicas, subscriptions, strict=True)]
        async with asyncio.timeout(30):
            await eventually(lambda: all(replica.mine for replica in replicas), 30)
            assert not replicas[0].mine & replicas[1].mine
            for n in range(20):
                await bus.publish([letter(topic, f"k{key}", str(n).encode()) for key in range(100)])
            await asyncio.gather(*running)
        assert in_order(done) == {f"k{key}": list(range(20)) for key in range(100)}
        assert len(done) == 2000
        for subscription in subscriptions:
            await subscription.close(5)

    async def test_replicas_that_come_and_go_in_the_middle_of_batches_lose_nothing(self, bus: Bus, topic: str) -> None:
        """Nobody is interrupted: a rebalance waits until the batch is finished."""
        self.need("competing_consumers")
        await bus.publish([letter(topic, f"k{key}", str(n).encode()) for n in range(15) for key in range(60)])
        done: list[Fetched] = []
        positions: dict[Partition, int] = {}
        replicas = [Replica(positions, done, seconds=0.3) for _ in range(3)]

        async def live(replica: Replica, after: float, until: int) -> None:
            await asyncio.sleep(after)
            subscription = await bus.subscribe("rebalance" + topic, [topic], replica)
            await replica.run(subscription, until)
            await subscription.close(5)

        async with asyncio.timeout(60):
            await asyncio.gather(live(replicas[0], 0.0, 900), live(replicas[1], 1.0, 900), live(replicas[2], 2.0, 500))
        assert in_order(done) == {f"k{key}": list(range(15)) for key in range(60)}
        assert len(done) == 900
        assert not any(replica.interrupted for replica in replicas)


def _place(one: Fetched) -> tuple[int, int]:
    return one.partition, one.offset
