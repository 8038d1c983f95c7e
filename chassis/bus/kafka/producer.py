"""Publishing: batches built for each partition, one in flight each, and a producer that is thrown away after any failure.

aiokafka's idempotent producer retries for ever and cannot be used again after some errors, so every publish has its own
deadline; what was not confirmed is published again by the relay, over a new producer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from typing import Any
from zlib import crc32

from aiokafka import AIOKafkaProducer  # type: ignore[import-untyped]
from aiokafka.errors import KafkaError, MessageSizeTooLargeError, ProducerClosed  # type: ignore[import-untyped]

from chassis.bus import Partition, Record
from chassis.bus.kafka.connecting import client_options, let_go, said
from chassis.bus.kafka_settings import KafkaSettings
from chassis.errors import MessageTooLargeError, TemporaryError

PARTITIONS = 12
"""Partitions of a topic that keys are dealt to. More can be added to a topic; no key of ours ever moves to them."""

MAX_RECORD = 2 * 1024 * 1024
"""Bytes of the largest record a topic carries: a body of ``outbox.MAX_BODY`` with room for key and headers."""

_BATCH = 256 * 1024
_OVERHEAD = 200  # bytes around a record and its batch, at most
_HEADER_OVERHEAD = 10

_Round = dict[Partition, Any]
"""One batch for each partition, sent together."""


def partition_of(key: str) -> int:
    """The partition of a key: the same for ever."""
    return crc32(key.encode()) % PARTITIONS


class Publisher:
    """Makes its producer when it is first needed and again after a failure."""

    def __init__(self, settings: KafkaSettings) -> None:
        self._settings = settings
        self._producer: AIOKafkaProducer | None = None
        self._one_at_a_time = asyncio.Lock()  # aiokafka waits badly for a partition that has a batch already
        self._topics: set[str] = set()

    async def publish(self, records: Sequence[Record]) -> None:
        """Returns when every in-sync replica has every record. Raises TemporaryError, MessageTooLargeError."""
        queues = _by_partition(records)
        seconds = self._settings.publish_timeout
        try:
            async with asyncio.timeout(seconds), self._one_at_a_time:
                await self._publish(queues)
        except TimeoutError as error:
            raise TemporaryError(f"Kafka: publish: not confirmed within {seconds:g} s") from error
        except MessageSizeTooLargeError as error:
            raise MessageTooLargeError(f"the broker refuses a record of this size (max.message.bytes of the topic): {error}") from error
        except (KafkaError, OSError) as error:
            raise TemporaryError(f"Kafka: publish: {said(error)}") from error

    async def close(self, deadline: float) -> None:
        """Finish what is under way."""
        producer, self._producer = self._producer, None
        if producer is not None:
            stopping = asyncio.ensure_future(producer.stop())
            await asyncio.wait([stopping], timeout=deadline)
            if not stopping.done():
                await _abandon(producer)
                stopping.cancel()
            await asyncio.gather(stopping, return_exceptions=True)

    async def _publish(self, queues: dict[Partition, list[Record]]) -> None:
        if self._producer is None:
            self._producer = await self._connected()
            self._topics.clear()
        try:
            await self._check_topics(self._producer, {place.topic for place in queues})
            for batches in _rounds(self._producer, queues):
                await _send(self._producer, batches)
        except BaseException:  # also when cancelled: what it still holds must not be sent later than what follows
            failed, self._producer = self._producer, None
            await _abandon(failed)
            raise

    async def _connected(self) -> AIOKafkaProducer:
        options = client_options(self._settings)
        made = AIOKafkaProducer(**options, enable_idempotence=True, acks="all", max_batch_size=_BATCH, max_request_size=MAX_RECORD)
        try:
            await made.start()
        except BaseException:
            await _abandon(made)
            raise
        return made

    async def _check_topics(self, producer: AIOKafkaProducer, topics: set[str]) -> None:
        """Asked without naming them: a broker may be set to make the topics that are named."""
        if topics <= self._topics:
            return
        found = await producer.client.fetch_all_metadata()
        for topic in topics:
            partitions = found.partitions_for_topic(topic)
            if partitions is None:
                raise TemporaryError(f"Kafka has no topic {topic}: sluicegate topics create makes it")
            if len(partitions) < PARTITIONS:
                raise TemporaryError(f"topic {topic} has {len(partitions)} partitions, {PARTITIONS} are needed")
        self._topics |= topics


def _by_partition(records: Sequence[Record]) -> dict[Partition, list[Record]]:
    """The records of each partition in their order. Raises MessageTooLargeError before anything is sent."""
    queues: dict[Partition, list[Record]] = {}
    for record in records:
        if len(record.value) > MAX_RECORD // 2:
            _check_size(record)
        place = Partition(record.topic, partition_of(record.key))
        if (queue := queues.get(place)) is None:
            queues[place] = [record]
        else:
            queue.append(record)
    return queues


def _check_size(record: Record) -> None:
    headers = sum(len(name.encode()) + len(text.encode()) + _HEADER_OVERHEAD for name, text in record.headers.items())
    size = len(record.value) + len(record.key.encode()) + headers + _OVERHEAD
    if size > MAX_RECORD:
        raise MessageTooLargeError(f"a record for {record.topic} has {size} bytes, more than {MAX_RECORD}")


def _rounds(producer: AIOKafkaProducer, queues: dict[Partition, list[Record]]) -> Iterable[_Round]:
    """Batches until all records are in one. The second batch of a partition comes in a later round than its first."""
    rests = {place: iter(queue) for place, queue in queues.items()}
    first = {place: next(rest) for place, rest in rests.items()}
    while first:
        batches: _Round = {}
        for place, record in list(first.items()):
            batches[place], follower = _batch(producer, record, rests[place])
            if follower is None:
                del first[place]
            else:
                first[place] = follower
        yield batches


def _batch(producer: AIOKafkaProducer, first: Record, rest: Iterable[Record]) -> tuple[Any, Record | None]:
    """A batch of ``first`` and what else fits; the record that did not."""
    batch = producer.create_batch()
    _append(batch, first)  # always fits
    for record in rest:
        if not _append(batch, record):
            return batch, record
    batch.close()  # aiokafka itself adds nothing to it
    return batch, None


def _append(batch: Any, record: Record) -> bool:
    headers = [(name, text.encode()) for name, text in record.headers.items()]
    return batch.append(timestamp=None, key=record.key.encode(), value=record.value, headers=headers) is not None


async def _send(producer: AIOKafkaProducer, batches: _Round) -> None:
    confirmed = [await producer.send_batch(batch, place.topic, partition=place.number) for place, batch in batches.items()]
    await asyncio.gather(*confirmed)


async def _abandon(producer: AIOKafkaProducer) -> None:
    """Stop a producer without its batches, which it would send again for ever."""
    accumulator = producer._message_accumulator
    open_batches = [*accumulator._pending_batches, *(batch for batches in accumulator._batches.values() for batch in batches)]
    await let_go(producer, producer.client, [producer._sender.sender_task])
    accumulator.fail_all(ProducerClosed())
    for batch in open_batches:
        if batch.future.done() and not batch.future.cancelled():
            batch.future.exception()  # seen: nobody else waits for it
