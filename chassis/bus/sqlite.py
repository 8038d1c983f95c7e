"""The embedded bus: an event log in one SQLite file, with topics, partitions and dense offsets. One process, any number of services.

Publishes of several services share a commit (``synchronous=FULL``). A log row's own id gives one order over all partitions,
so a reader follows one range instead of asking each partition, and one that keeps up is answered from memory.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any
from zlib import crc32

import orjson
from sqlalchemy import BigInteger, Column, Integer, LargeBinary, MetaData, Table, Text, UniqueConstraint

from chassis.bus import Bounds, Features, Fetched, Listener, Partition, Record
from chassis.bus.tail import Tail
from chassis.clock import Clock, rfc3339
from chassis.database import Database, Transaction
from chassis.migrations import create_all

PARTITIONS = 12
_DELETE_AT_ONCE = 1000

_metadata = MetaData()

Table(
    "bus_partition",
    _metadata,
    Column("topic", Text, primary_key=True),
    Column("part", Integer, primary_key=True),
    Column("next_offset", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
Table(
    "event_log",
    _metadata,
    Column("id", Integer, primary_key=True),
    Column("topic", Text, nullable=False),
    Column("part", Integer, nullable=False),
    Column("off", BigInteger, nullable=False),
    Column("event_id", Text, unique=True),  # made in time order: the newest entries share a page
    Column("key", Text, nullable=False),
    Column("headers", Text, nullable=False),
    Column("value", LargeBinary, nullable=False),
    Column("appended_at", Text, nullable=False),
    UniqueConstraint("topic", "part", "off"),
    sqlite_autoincrement=True,
)
Table(
    "bus_group",
    _metadata,
    Column("grp", Text, primary_key=True),
    Column("topic", Text, primary_key=True),
    Column("part", Integer, primary_key=True),
    Column("position", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)


class SqliteBus:
    """Adapter of ``chassis.bus.Bus``. Topics are made when first named. A record published again (same ``ce_id``) is kept once."""

    features = Features(
        dense_offsets=True, competing_consumers=False, survives_restart=True, publishes_once=True, partitions=PARTITIONS, any_loop=True
    )

    def __init__(self, url: str, clock: Clock) -> None:
        self.database = Database(url, clock)
        self._tail = Tail()
        self._tables_made = False
        self._topics: set[str] = set()  # that are known to exist

    async def create_topics(self, topics: Sequence[str]) -> None:
        await self._make_tables()
        await self.database.write(partial(_create_topics, topics=topics), label="bus")
        self._topics.update(topics)

    async def publish(self, records: Sequence[Record]) -> None:
        if unknown := {record.topic for record in records} - self._topics:
            await self.create_topics(sorted(unknown))
        first, rows = await self.database.write(partial(_append, records=records), label="bus")
        self._tail.extend(first, rows)
        self._tail.grown.ring()

    async def subscribe(self, group: str, topics: Sequence[str], listener: Listener, gather: float = 0.0) -> SqliteSubscription:
        await self.create_topics(topics)
        return SqliteSubscription(self.database, self._tail, group, topics, listener)

    async def bounds(self, topics: Sequence[str]) -> Mapping[Partition, Bounds]:
        await self._make_tables()
        return await self.database.read(partial(_bounds, topics=_array(topics)))

    async def check(self) -> None:
        await self._make_tables()
        await self.database.read(lambda tx: tx.sql("SELECT 1"))

    async def retain(self, since: datetime) -> int:
        """Delete records appended before ``since`` that every registered group has passed; their number."""
        await self._make_tables()
        total = 0
        while deleted := await self.database.write(partial(_delete, before=rfc3339(since)), label="retention"):
            total += deleted
        return total

    async def close(self, deadline: float) -> None:
        await asyncio.wait_for(asyncio.to_thread(self.database.close), deadline)

    async def _make_tables(self) -> None:
        if not self._tables_made:
            await asyncio.to_thread(create_all, self.database.url, _metadata)
            self._tables_made = True


class SqliteSubscription:
    """Follows the log by row id; ``_positions`` hold the next offset of each partition it may read."""

    def __init__(self, database: Database, tail: Tail, group: str, topics: Sequence[str], listener: Listener) -> None:
        self._database = database
        self._tail = tail
        self._group = group
        self._topics = frozenset(topics)
        self._listener = listener
        self._positions: dict[Partition, int] | None = None
        self._row: int | None = None
        self._closed = False

    async def fetch(self, max_records: int, timeout: float) -> list[Fetched]:  # noqa: ASYNC109 - as in the port
        if self._closed:
            return []
        if self._positions is None:
            await self._assign()
        seen = self._tail.grown.count
        records = await self._read(max_records)
        if not records:
            quiet = await self._tail.grown.wait(seen, timeout) == seen
            records = await self._read(max_records, ask_the_file=quiet)
        return records

    def seek(self, partition: Partition, offset: int) -> None:
        if self._positions is not None and partition in self._positions:
            if offset < self._positions[partition]:
                self._row = None
            self._positions[partition] = offset

    def reclaim(self, partition: Partition) -> None:
        """Nothing: here every subscription has all partitions."""

    async def progressed(self, positions: Mapping[Partition, int]) -> None:
        if positions:
            rows = [(self._group, *partition, position) for partition, position in positions.items()]
            await self._database.write(partial(_register, rows=rows), label="progress")

    async def close(self, deadline: float) -> None:
        self._closed = True
        if self._positions is not None:
            await self._listener.revoked(list(self._positions))

    async def _assign(self) -> None:
        bounds = await self._database.read(partial(_bounds, topics=_array(self._topics)))
        positions = dict(await self._listener.assigned(bounds))
        await self.progressed(positions)
        self._positions = positions

    async def _read(self, max_records: int, *, ask_the_file: bool = False) -> list[Fetched]:
        """What is known to be next; [] when everything that is known was read."""
        if self._row is None:
            self._row = await self._database.read(partial(_row_before, positions=self._positions or {}))
        while (found := self._tail.after(self._row, max_records)) is not None:
            if not found:
                if ask_the_file:  # another process may have written
                    break
                return []
            self._row += len(found)
            if records := self._wanted(found):
                return records
        query = partial(_rows_after, row=self._row, topics=_array(self._topics), limit=max_records)
        rows, self._row = await self._database.read(query)
        return self._wanted(rows)

    def _wanted(self, rows: Sequence[Fetched]) -> list[Fetched]:
        """Those of its topics and at or after its positions, which move past them."""
        positions = self._positions or {}
        wanted = []
        for one in rows:
            if one.topic in self._topics:
                partition = Partition(one.topic, one.partition)
                if one.offset >= positions.get(partition, one.offset + 1):
                    positions[partition] = one.offset + 1
                    wanted.append(one)
        return wanted


def partition_of(key: str, partitions: int) -> int:
    """The partition of a key: the same for ever."""
    return crc32(key.encode()) % partitions


def _create_topics(tx: Transaction, topics: Sequence[str]) -> None:
    rows = [(topic, part) for topic in topics for part in range(PARTITIONS)]
    tx.many("INSERT INTO bus_partition (topic, part, next_offset) VALUES (?, ?, 0) ON CONFLICT DO NOTHING", rows)


def _array(topics: Iterable[str]) -> str:
    return orjson.dumps(sorted(topics)).decode()


def _append(tx: Transaction, records: Sequence[Record]) -> tuple[int, list[Fetched]]:
    """Store what is new; the id of the first row and all rows as readers see them."""
    try:
        with tx.savepoint():
            return _insert(tx, records)
    except sqlite3.IntegrityError:  # some were already kept: a relay that died before it knew, or a republish
        return _insert(tx, _unknown(tx, records))


def _unknown(tx: Transaction, records: Sequence[Record]) -> list[Record]:
    ids = orjson.dumps([record.headers.get("ce_id") for record in records]).decode()
    known = {
        event_id for (event_id,) in tx.sql("SELECT event_id FROM event_log WHERE event_id IN (SELECT value FROM json_each(?))", (ids,))
    }
    fresh = []
    for record in records:
        event_id = record.headers.get("ce_id")
        if event_id is None or event_id not in known:
            known.add(event_id)
            fresh.append(record)
    return fresh


def _insert(tx: Transaction, records: Sequence[Record]) -> tuple[int, list[Fetched]]:
    topics = _array({record.topic for record in records})
    query = "SELECT topic, part, next_offset FROM bus_partition WHERE topic IN (SELECT value FROM json_each(?))"
    heads: dict[tuple[str, int], int] = {(topic, part): following for topic, part, following in tx.sql(query, (topics,))}
    now = rfc3339(tx.now)
    rows, fetched = [], []
    touched = set()
    for record in records:
        place = (record.topic, partition_of(record.key, PARTITIONS))
        headers = orjson.dumps(record.headers).decode()
        rows.append((*place, heads[place], record.headers.get("ce_id"), record.key, headers, record.value, now))
        fetched.append(Fetched(*place, heads[place], record.key, record.headers, record.value))
        heads[place] += 1
        touched.add(place)
    tx.many("INSERT INTO event_log (topic, part, off, event_id, key, headers, value, appended_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)
    tx.many("UPDATE bus_partition SET next_offset = ? WHERE topic = ? AND part = ?", [(heads[place], *place) for place in sorted(touched)])
    return tx.sql("SELECT coalesce(max(id), 0) FROM event_log")[0][0] - len(rows) + 1, fetched


def _bounds(tx: Transaction, topics: str) -> dict[Partition, Bounds]:
    rows = tx.sql(
        "SELECT p.topic, p.part, p.next_offset, (SELECT min(off) FROM event_log AS e WHERE e.topic = p.topic AND e.part = p.part)"
        " FROM bus_partition AS p WHERE p.topic IN (SELECT value FROM json_each(?))",
        (topics,),
    )
    return {Partition(topic, part): Bounds(end if first is None else first, end) for topic, part, end, first in rows}


def _register(tx: Transaction, rows: Sequence[tuple[Any, ...]]) -> None:
    tx.many(
        "INSERT INTO bus_group (grp, topic, part, position) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (grp, topic, part) DO UPDATE SET position = excluded.position",
        rows,
    )


def _row_before(tx: Transaction, positions: Mapping[Partition, int]) -> int:
    """A row id below everything that is still to be read."""
    first: int = tx.sql("SELECT coalesce(max(id), 0) FROM event_log")[0][0]
    for (topic, part), offset in positions.items():
        rows = tx.sql("SELECT id FROM event_log WHERE topic = ? AND part = ? AND off >= ? ORDER BY off LIMIT 1", (topic, part, offset))
        if rows:
            first = min(first, rows[0][0] - 1)
    return first


def _rows_after(tx: Transaction, row: int, topics: str, limit: int) -> tuple[list[Fetched], int]:
    """The next rows of those topics, and the id to go on from."""
    last: int = tx.sql("SELECT coalesce(max(id), 0) FROM event_log")[0][0]
    rows = tx.sql(
        "SELECT id, topic, part, off, key, headers, value FROM event_log"
        " WHERE id > ? AND +topic IN (SELECT value FROM json_each(?)) ORDER BY id LIMIT ?",
        (row, topics, limit),
    )
    reached: int = rows[-1][0] if len(rows) == limit else max(last, row)
    return [Fetched(topic, part, off, key, orjson.loads(headers), value) for _, topic, part, off, key, headers, value in rows], reached


def _delete(tx: Transaction, before: str) -> int:
    rows = tx.sql(
        "SELECT e.id FROM event_log AS e WHERE e.appended_at < ? AND NOT EXISTS (SELECT 1 FROM bus_group AS g"
        " WHERE g.topic = e.topic AND g.part = e.part AND g.position <= e.off) ORDER BY e.id LIMIT ?",
        (before, _DELETE_AT_ONCE),
    )
    return tx.many("DELETE FROM event_log WHERE id = ?", rows)
