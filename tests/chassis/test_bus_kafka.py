"""The bus on a real Apache Kafka passes the suite of every bus, and what is its own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaProducer, TopicPartition  # type: ignore[import-untyped]
from aiokafka.admin import AIOKafkaAdminClient, NewPartitions, NewTopic, RecordsToDelete  # type: ignore[import-untyped]
from aiokafka.record.default_records import _DefaultRecordBatchBuilderPy  # type: ignore[import-untyped]

from chassis.bus import Features, Partition
from chassis.bus.kafka import KafkaBus, partition_of
from chassis.bus.kafka_settings import KafkaSettings
from chassis.errors import MessageTooLargeError, TemporaryError
from chassis.testing import eventually
from tests.chassis.bus_suite import BusSuite
from tests.chassis.bus_vocabulary import Reader, letter, read
from tests.parts.kafka import Broker
from tests.parts.unavailable import Unavailable, skip_or_fail


def settings(broker: Broker, **changes: object) -> KafkaSettings:
    """A kill leaves the operating system alive, which has what was written: no need to wait for the disk."""
    return KafkaSettings(bootstrap_servers=broker.address, replication_factor=1, write_through=False, **changes)  # type: ignore[arg-type]


class TestKafkaBus(BusSuite):
    features = Features(
        dense_offsets=False, competing_consumers=True, survives_restart=True, publishes_once=False, partitions=12, any_loop=False
    )

    @pytest.fixture(autouse=True)
    def _broker(self, kafka: Broker) -> None:
        self.broker = kafka

    async def open(self) -> KafkaBus:
        return KafkaBus(settings(self.broker, publish_timeout=5, request_timeout=3, session_timeout=6))

    async def break_down(self) -> None:
        if not self.broker.ours:
            skip_or_fail(Unavailable("this Kafka is not ours to kill"))
        await asyncio.to_thread(self.broker.kill)

    async def repair(self) -> None:
        await asyncio.to_thread(self.broker.start)


@pytest.fixture
async def bus(kafka: Broker) -> AsyncIterator[KafkaBus]:
    made = KafkaBus(settings(kafka))
    yield made
    await made.close(5)


@pytest.fixture
async def topic(bus: KafkaBus) -> str:
    name = f"own.{uuid4().hex}"
    await bus.create_topics([name])
    return name


@pytest.fixture
async def producer(kafka: Broker) -> AsyncIterator[Any]:
    """Someone else's."""
    foreign = AIOKafkaProducer(bootstrap_servers=kafka.address)
    await foreign.start()
    yield foreign
    await foreign.stop()


class NoText(str):
    """Arrives as bytes that are no UTF-8."""

    __slots__ = ()

    def encode(self, *_: object) -> bytes:
        return b"na\xffme"


async def test_hands_out_what_is_no_text(bus: KafkaBus, topic: str, producer: Any) -> None:
    await producer.send_and_wait(topic, b"1", key=b"k\xfe", partition=3, headers=[("ce_id", b"\xff!"), ("ce_id", "末".encode())])
    await producer.send_and_wait(topic, None, key=b"null value", partition=3)
    await producer.send_and_wait(topic, b"null key", partition=3)
    subscription = await bus.subscribe("text" + topic, [topic], Reader())
    got = await read(subscription, 3)
    assert [(one.key, dict(one.headers), one.value) for one in got] == [
        ("k\\xfe", {"ce_id": "末"}, b"1"),
        ("null value", {}, b""),
        ("", {}, b"null key"),
    ]
    await subscription.close(5)


async def test_a_header_whose_name_is_no_text_blocks_nothing(bus: KafkaBus, topic: str, producer: Any) -> None:
    batch = producer.create_batch()
    batch._builder = _DefaultRecordBatchBuilderPy(2, 0, 0, -1, -1, 0, 1_000_000)
    for value, name in ((b"before", "ce_id"), (b"bad", NoText("x")), (b"after", "ce_id")):
        batch.append(timestamp=None, key=b"k", value=value, headers=[(name, b"1")])
    await producer.send_and_wait(topic, b"first", key=b"k", partition=0)
    await (await producer.send_batch(batch, topic, partition=0))
    await producer.send_and_wait(topic, b"last", key=b"k", partition=0)
    await producer.send_and_wait(topic, b"other", key=b"k", partition=1)
    subscription = await bus.subscribe("name" + topic, [topic], Reader())
    got = await read(subscription, 6)
    assert [one.value for one in got if one.partition == 0] == [b"first", b"before", b"bad", b"after", b"last"]
    assert [one.value for one in got if one.partition == 1] == [b"other"]
    assert [dict(one.headers) for one in got if one.value == b"bad"] == [{"na\\xffme": "1"}]
    await subscription.close(5)


async def test_a_hole_that_is_really_there_is_passed(bus: KafkaBus, kafka: Broker, topic: str) -> None:
    """Control records of a foreign transaction take offsets."""
    foreign = AIOKafkaProducer(bootstrap_servers=kafka.address, transactional_id=topic)
    await foreign.start()
    for value in (b"one", b"two"):
        async with foreign.transaction():
            await foreign.send_and_wait(topic, value, partition=0)
    await foreign.stop()
    subscription = await bus.subscribe("hole" + topic, [topic], Reader())
    assert [(one.offset, one.value) for one in await read(subscription, 2)] == [(0, b"one"), (2, b"two")]
    await subscription.close(5)


async def test_records_deleted_under_a_reader_are_told_of_and_not_skipped(bus: KafkaBus, kafka: Broker, topic: str) -> None:
    await bus.publish([letter(topic, "one", str(n).encode()) for n in range(10)])
    place = Partition(topic, partition_of("one"))
    reader = Reader({place: 2})
    subscription = await bus.subscribe("cut" + topic, [topic], reader)
    assert [int(one.value) for one in await read(subscription, 8)] == list(range(2, 10))
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka.address)
    await admin.start()
    await admin.delete_records({TopicPartition(*place): RecordsToDelete(before_offset=6)})
    await admin.close()
    reader.positions = {}
    subscription.seek(place, 3)
    with pytest.raises(TemporaryError, match="out of range"):
        await read(subscription, 1)
    assert [int(one.value) for one in await read(subscription, 4)] == [6, 7, 8, 9]
    assert reader.lost == [place]
    assert reader.bounds[place] == (6, 10)
    await subscription.close(5)


async def test_a_reader_that_stands_still_too_long_comes_back_by_itself(kafka: Broker, topic: str) -> None:
    bus = KafkaBus(settings(kafka, poll_timeout=1.5, session_timeout=1.5, rebalance_timeout=3))
    await bus.publish([letter(topic, "one", str(n).encode()) for n in range(10)])
    reader = Reader()
    subscription = await bus.subscribe("still" + topic, [topic], reader)
    assert len(await read(subscription, 10)) == 10
    await asyncio.sleep(5)
    reader.positions = dict.fromkeys([Partition(topic, partition_of("one"))], 10)
    await bus.publish([letter(topic, "one", b"10")])
    assert [one.value for one in await read(subscription, 1, 20)] == [b"10"]
    assert reader.lost, "it never left"
    await subscription.close(5)
    await bus.close(5)


async def test_keys_stay_where_they_are_when_partitions_are_added(bus: KafkaBus, kafka: Broker, topic: str) -> None:
    await bus.publish([letter(topic, f"k{n}") for n in range(100)])
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka.address)
    await admin.start()
    await admin.create_partitions({topic: NewPartitions(20)})
    await admin.close()
    await eventually(lambda: _has(bus, topic, 20), 10)
    later = KafkaBus(settings(kafka))
    await later.publish([letter(topic, f"k{n}") for n in range(100)])
    await later.close(5)
    subscription = await bus.subscribe("grown" + topic, [topic], Reader())
    places = {(one.key, one.partition) for one in await read(subscription, 200)}
    assert places == {(f"k{n}", partition_of(f"k{n}")) for n in range(100)}
    await subscription.close(5)


async def _has(bus: KafkaBus, topic: str, partitions: int) -> bool:
    return len(await bus.bounds([topic])) == partitions


async def test_refuses_what_is_too_large_before_it_sends_anything(bus: KafkaBus, topic: str) -> None:
    with pytest.raises(MessageTooLargeError, match=topic):
        await bus.publish([letter(topic, "one"), letter(topic, "one", b"x" * (2 * 1024 * 1024))])
    assert all(each.end == 0 for each in (await bus.bounds([topic])).values())


async def test_a_topic_that_is_smaller_than_the_records_says_so(bus: KafkaBus, kafka: Broker) -> None:
    name = f"small.{uuid4().hex}"
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka.address)
    await admin.start()
    await admin.create_topics([NewTopic(name, 12, 1, topic_configs={"max.message.bytes": "1000"})])
    await admin.close()
    with pytest.raises(MessageTooLargeError, match=r"max\.message\.bytes"):
        await bus.publish([letter(name, "one", b"x" * 2000)])
    await bus.publish([letter(name, "one", b"x" * 100)])


async def test_a_missing_topic_is_said_and_never_made(bus: KafkaBus) -> None:
    with pytest.raises(TemporaryError, match="sluicegate topics create"):
        await bus.publish([letter("no.such.topic", "one")])
    with pytest.raises(TemporaryError, match="sluicegate topics create"):
        await bus.subscribe("nobody", ["no.such.topic"], Reader())
    assert await bus.bounds(["no.such.topic"]) == {}
