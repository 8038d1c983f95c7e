"""The raw floor of the distributed mode: the very rows written again with psycopg, the very events sent and read with aiokafka."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

import orjson
import psycopg
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition  # type: ignore[import-untyped]
from aiokafka.admin import AIOKafkaAdminClient, NewTopic  # type: ignore[import-untyped]
from psycopg import sql

from chassis.migrations import migrate
from contracts.catalogue import STREAMS
from tests.parts.postgresql import Server

BATCH = 500
SERVICES = Path(__file__).parents[1] / "services"
PARTITIONS = 12
NAME = "raw floor: the same rows with psycopg, the same events with send_batch and getmany, batches of 500"


class _Said(NamedTuple):
    topic: str
    key: bytes
    headers: list[tuple[str, bytes]]
    body: bytes


def raw_floor(server: Server, databases: Mapping[str, str], broker: str, filings: int) -> float:
    """Filings per second at which all rows of ``databases`` (service to name) can be written and their events sent and read by all hearers.

    Same tables and indexes, ``synchronous_commit=on``, one transaction per database and one batch of events for every ``BATCH`` filings.
    """
    batches = -(-filings // BATCH)
    stores = [_Store(server, service, name, batches) for service, name in databases.items()]
    events = _pieces([said for store in stores for said in store.events], batches)
    try:
        seconds = asyncio.run(_measured(stores, events, broker, batches))
    finally:
        for store in stores:
            store.close()
    return filings / seconds


async def _measured(stores: Sequence[_Store], events: Sequence[Sequence[_Said]], broker: str, batches: int) -> float:
    stamp = uuid4().hex[:8]
    topics = sorted({said.topic for piece in events for said in piece})
    names = {topic: f"floor-{stamp}-{topic}" for topic in topics}
    admin = AIOKafkaAdminClient(bootstrap_servers=broker)
    await admin.start()
    durable = {"flush.messages": "1"}  # as our topics with one copy
    await admin.create_topics([NewTopic(name, PARTITIONS, 1, topic_configs=durable) for name in names.values()])
    producer = AIOKafkaProducer(bootstrap_servers=broker, enable_idempotence=True, max_batch_size=1_048_576)
    await producer.start()
    hearers = {stream.topic: stream.consumers for stream in STREAMS}
    readers = [await _reader(broker, names[topic]) for topic in topics for _ in hearers[topic]]
    try:
        started = time.perf_counter()
        for number in range(batches):
            for store in stores:
                store.write(number)
            if number < len(events):
                await _send(producer, names, events[number])
                await _read(readers, Counter(names[said.topic] for said in events[number]))
        return time.perf_counter() - started
    finally:
        for reader, _ in readers:
            await reader.stop()
        await producer.stop()
        await admin.delete_topics(list(names.values()))
        await admin.close()


async def _reader(broker: str, topic: str) -> tuple[AIOKafkaConsumer, str]:
    reader = AIOKafkaConsumer(bootstrap_servers=broker, enable_auto_commit=False, auto_offset_reset="earliest", fetch_max_wait_ms=10)
    await reader.start()
    reader.assign([TopicPartition(topic, number) for number in range(PARTITIONS)])
    return reader, topic


async def _send(producer: AIOKafkaProducer, names: Mapping[str, str], events: Sequence[_Said]) -> None:
    places: dict[tuple[str, int], list[_Said]] = {}
    for said in events:
        places.setdefault((names[said.topic], hash(said.key) % PARTITIONS), []).append(said)
    confirmed = []
    for (topic, partition), ones in places.items():
        batch = producer.create_batch()
        for said in ones:
            if batch.append(key=said.key, value=said.body, timestamp=None, headers=said.headers) is None:
                confirmed.append(await producer.send_batch(batch, topic, partition=partition))
                batch = producer.create_batch()
                batch.append(key=said.key, value=said.body, timestamp=None, headers=said.headers)
        confirmed.append(await producer.send_batch(batch, topic, partition=partition))
    await asyncio.gather(*confirmed)


async def _read(readers: Sequence[tuple[AIOKafkaConsumer, str]], sent: Counter[str]) -> None:
    async def all_of(reader: AIOKafkaConsumer, number: int) -> None:
        while number > 0:
            found = await reader.getmany(timeout_ms=1000, max_records=BATCH)
            number -= sum(len(records) for records in found.values())

    await asyncio.gather(*(all_of(reader, sent[topic]) for reader, topic in readers if sent[topic]))


class _Store:
    """One database, copied row by row into an empty one of the same schema."""

    def __init__(self, server: Server, service: str, name: str, batches: int) -> None:
        self._server = server
        self._name = server.create()
        migrate(server.address(self._name), SERVICES / service / "migrations")
        self._target = server.connect(self._name)
        self._target.autocommit = False
        self._work: list[tuple[sql.Composed, list[list[Any]]]] = []
        self.events: list[_Said] = []
        with server.connect(name) as source:
            for (table,) in source.execute("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()").fetchall():
                self._add(source, table, batches)

    def write(self, number: int) -> None:
        with self._target.transaction(), self._target.cursor() as cursor:
            for statement, pieces in self._work:
                if number < len(pieces):
                    cursor.executemany(statement, pieces[number])

    def close(self) -> None:
        self._target.close()
        self._server.drop(self._name)

    def _add(self, source: psycopg.Connection[Any], table: str, batches: int) -> None:
        cursor = source.execute(sql.SQL("SELECT * FROM {}").format(sql.Identifier(table)))
        rows = cursor.fetchall()
        if table == "outbox":
            self.events = [_said(dict(zip([column.name for column in cursor.description or ()], row, strict=True))) for row in rows]
        if rows and table != "alembic_version":
            marks = sql.SQL(", ").join([sql.Placeholder()] * len(rows[0]))
            statement = sql.SQL("INSERT INTO {} OVERRIDING SYSTEM VALUE VALUES ({}) ON CONFLICT DO NOTHING").format(
                sql.Identifier(table), marks
            )
            self._work.append((statement, _pieces(rows, batches)))


def _said(row: Mapping[str, Any]) -> _Said:
    headers = [(name, value.encode()) for name, value in orjson.loads(row["headers"]).items()]
    return _Said(row["topic"], row["key"].encode(), headers, row["body"])


def _pieces(rows: Sequence[Any], batches: int) -> list[list[Any]]:
    size = max(1, -(-len(rows) // batches))
    return [list(rows[start : start + size]) for start in range(0, len(rows), size)]
