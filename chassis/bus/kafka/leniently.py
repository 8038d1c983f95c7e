"""Reads what aiokafka cannot: a record with a header whose name is no UTF-8 would otherwise block its partition for ever."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any, Self, SupportsIndex

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition  # type: ignore[import-untyped]
from aiokafka.errors import LeaderNotAvailableError, for_code  # type: ignore[import-untyped]
from aiokafka.protocol.fetch import FetchRequest  # type: ignore[import-untyped]
from aiokafka.record.default_records import _DefaultRecordBatchPy  # type: ignore[import-untyped]

_MAX_BYTES = 1024 * 1024
_LENGTH_AT, _BEFORE_LENGTH_COUNTS = 8, 12  # in a record batch


class _Lenient(bytearray):
    """Bytes whose text never fails."""

    def __getitem__(self, key: SupportsIndex | slice) -> Any:
        found = super().__getitem__(key)
        return _Lenient(found) if isinstance(found, bytearray) else found

    def decode(self, *_: Any) -> str:
        return super().decode(errors="backslashreplace")


async def read_leniently(consumer: AIOKafkaConsumer, place: TopicPartition, offset: int) -> list[ConsumerRecord[bytes, bytes]]:
    """The next records of a partition, asked for and taken apart here, in Python. Raises KafkaError."""
    leader = consumer._client.cluster.leader_for_partition(place)
    if leader is None or leader < 0:
        raise LeaderNotAvailableError(place)
    request = FetchRequest(0, 0, _MAX_BYTES, 0, [(place.topic, [(place.partition, offset, _MAX_BYTES)])], rack_id="")
    answer = await consumer._client.send(leader, request)
    records = []
    for _, partitions in answer.topics:
        for _, code, *_, raw in partitions:
            if code:
                raise for_code(code)(place)
            records += [_record(place, each) for batch in _batches(raw) for each in batch if each.offset >= offset]
    return records


class _Batch(_DefaultRecordBatchPy):  # type: ignore[misc]
    _buffer: bytearray

    def __iter__(self) -> Self:
        self._maybe_uncompress()
        self._buffer = _Lenient(self._buffer)
        return self


def _batches(raw: bytes) -> Iterator[_Batch]:
    """The complete batches, those of records only."""
    start = 0
    while start + _BEFORE_LENGTH_COUNTS <= len(raw):
        end = start + _BEFORE_LENGTH_COUNTS + struct.unpack_from(">i", raw, start + _LENGTH_AT)[0]
        if end > len(raw):
            break
        batch = _Batch(raw[start:end])
        if not batch.is_control_batch:
            yield batch
        start = end


def _record(place: TopicPartition, found: Any) -> ConsumerRecord[bytes, bytes]:
    return ConsumerRecord(place.topic, place.partition, found.offset, 0, 0, found.key, found.value, None, 0, 0, tuple(found.headers))
