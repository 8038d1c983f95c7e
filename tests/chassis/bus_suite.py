"""What every bus adapter must pass: subclass ``BusSuite`` and say how the bus is opened. Declared features choose which tests apply."""

from __future__ import annotations

import asyncio
import time
from uuid import uuid4

import pytest

from chassis.bus import Bus, Fetched, Partition, Record
from tests.chassis.bus_suite_groups import GroupSuite
from tests.chassis.bus_suite_outage import OutageSuite
from tests.chassis.bus_vocabulary import Reader, in_order, letter, read, read_by

__all__ = ["BusSuite", "Reader", "letter", "read", "read_by"]


class BusSuite(GroupSuite, OutageSuite):
    """All of it."""

    async def test_declares_the_features_it_is_tested_for(self, bus: Bus) -> None:
        assert bus.features == self.features
        await bus.check()

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

    async def test_keeps_odd_headers_and_keys(self, bus: Bus, topic: str) -> None:
        many = {f"h{n}": "值" * n for n in range(100)}
        sent = [
            Record(topic, "", {"ce_id": "empty key"}, b"1"),
            Record(topic, "k" * 2000, {"ce_id": "long key", "empty": ""}, b"2"),
            Record(topic, "键\n\t\0/", {"ce_id": "ctrl", "ce_subject": "line\nbreak", "标题": "慈溪 🏭"}, b"3"),
            Record(topic, "many", {"ce_id": "many", **many}, b"4"),
            Record(topic, "none", {}, b"5"),
        ]
        await bus.publish(sent)
        subscription = await bus.subscribe("odd" + topic, [topic], Reader())
        got = {one.value: one for one in await read(subscription, len(sent))}
        assert {value: (one.key, dict(one.headers)) for value, one in got.items()} == {r.value: (r.key, dict(r.headers)) for r in sent}
        await subscription.close(5)

    async def test_carries_many_large_records_at_once(self, bus: Bus, topic: str) -> None:
        bodies = [bytes([n]) * (1024 * 1024) for n in range(12)]
        await bus.publish([letter(topic, f"k{n % 5}", body) for n, body in enumerate(bodies)])
        subscription = await bus.subscribe("large" + topic, [topic], Reader())
        assert sorted(one.value for one in await read(subscription, 12)) == bodies
        await subscription.close(5)

    async def test_carries_thousands_of_keys_in_order(self, bus: Bus, topic: str) -> None:
        for n in range(3):
            await bus.publish([letter(topic, f"企业{key}", str(n).encode()) for key in range(3000)])
        subscription = await bus.subscribe("keys" + topic, [topic], Reader())
        assert in_order(await read(subscription, 9000, 30)) == {f"企业{key}": [0, 1, 2] for key in range(3000)}
        await subscription.close(5)

    async def test_publishing_the_same_again_keeps_the_order(self, bus: Bus, topic: str) -> None:
        letters = [letter(topic, f"k{n % 3}", str(n).encode()) for n in range(60)]
        await bus.publish(letters[:40])
        await bus.publish(letters[:40])  # as a relay does that did not hear that it was kept
        await bus.publish(letters[20:])
        subscription = await bus.subscribe("again" + topic, [topic], Reader())
        records = await read(subscription, 140, 3.0)
        assert in_order(records) == {f"k{k}": list(range(k, 60, 3)) for k in range(3)}
        await subscription.close(5)

    async def test_says_from_any_event_loop_how_it_stands(self, bus: Bus, topic: str) -> None:
        self.need("any_loop")
        await bus.publish([letter(topic, "one")])

        def elsewhere() -> int:
            asyncio.run(bus.check())
            return sum(each.end - each.beginning for each in asyncio.run(bus.bounds([topic])).values())

        assert await asyncio.to_thread(elsewhere) == 1

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

    async def test_a_waiting_fetch_wakes_when_something_is_published(self, bus: Bus, topic: str) -> None:
        subscription = await bus.subscribe("wake" + topic, [topic], Reader())
        await subscription.fetch(10, 0.0)
        waiting = asyncio.create_task(subscription.fetch(10, 10.0))
        await asyncio.sleep(0.05)
        await bus.publish([letter(topic, "one")])
        async with asyncio.timeout(5):
            assert len(await waiting) == 1
        await subscription.close(5)

    async def test_what_may_gather_comes_in_order_and_soon(self, bus: Bus, topic: str) -> None:
        subscription = await bus.subscribe("gather" + topic, [topic], Reader(), gather=0.2)
        await subscription.fetch(10, 0.0)

        async def write() -> None:
            for n in range(60):
                await bus.publish([letter(topic, f"k{n % 3}", str(n).encode())])

        async with asyncio.timeout(10):  # far less than a crowd: it comes all the same
            _, records = await asyncio.gather(write(), read(subscription, 60))
        for key in {one.key for one in records}:
            numbers = [int(one.value) for one in records if one.key == key]
            assert numbers == sorted(numbers)
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
