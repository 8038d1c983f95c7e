"""From bus to handlers: fetch, then offset and effects in one transaction. The database owns the offset; the bus only hears a hint of it.

The offset moves by compare-and-set on (next_offset, epoch), before anything else in the transaction: a late owner of the
partition changes nothing. After any failure the offsets are read again, so a COMMIT of unknown fate is never a question.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import structlog

from chassis import replay
from chassis.backoff import Backoff
from chassis.bus import Bounds, Bus, Fetched, Partition, Subscription
from chassis.clock import rfc3339
from chassis.database import Database, Transaction
from chassis.delivery import Cut, Delivery
from chassis.errors import ChassisError, StorageUnavailableError
from chassis.failpoints import failpoint
from chassis.lingering import Lingering

MAX_RECORDS = 500
_MIN_RECORDS = 16
_LONG_UNIT = 0.15  # seconds: other writers of this database wait that long
_CLOSE_SECONDS = 1.0
_HINT_SECONDS = 2.0

_log = structlog.get_logger(__name__)


_Deliver = Callable[[Transaction, Sequence[Fetched], Cut], None]


class FencedError(ChassisError):
    """The offset is not where this consumer left it: another owner, or a COMMIT whose answer was lost."""


@dataclass(slots=True)
class _Lease:
    """A partition this consumer may move: from ``next_offset``, as long as ``epoch`` is the newest claim."""

    next_offset: int
    epoch: int
    started_at: int


class _Move(NamedTuple):
    """An offset to be moved to ``to``, if the lease still holds."""

    partition: Partition
    lease: _Lease
    to: int


class Consumer:
    """One group's consumer. ``applied`` counts records whose effects are committed, ``halted`` says which partitions stand still and why,
    ``failing`` why the last round did not work, ``turned_at`` when one last began (monotonic).
    ``poll_seconds``: how often it looks for events whose time to be replayed has come.
    ``lingering``: a batch that is not full waits for more, so that the events of one story share a transaction, unless an awaited one
    is in it; without it no batch waits.
    """

    def __init__(
        self, database: Database, bus: Bus, delivery: Delivery, poll_seconds: float = 1.0, lingering: Lingering | None = None
    ) -> None:
        self._database = database
        self._bus = bus
        self._delivery = delivery
        self._leases: dict[Partition, _Lease] = {}
        self._told: dict[Partition, int] = {}
        self._poll_seconds = poll_seconds
        self._limit = MAX_RECORDS
        self._replay_at = 0.0
        self._hint_at = 0.0
        self._lingering = lingering or Lingering(0.0)
        self._gather = 0.0 if delivery.awaited else self._lingering.seconds
        self.halted: dict[Partition, str] = {}
        self.failing: str | None = None
        self.applied = 0
        self.turned_at = time.monotonic()

    def in_company(self) -> bool:
        """Other replicas may hear some of what this group hears."""
        features = self._bus.features
        return features.competing_consumers and len(self._leases) < features.partitions * len(self._delivery.topics)

    async def run(self) -> None:
        """Consume until cancelled; at once back if this group hears nothing."""
        if not self._delivery.topics:
            return
        subscription: Subscription | None = None
        backoff = Backoff()
        try:
            while True:
                self.turned_at = time.monotonic()
                try:
                    if subscription is None:
                        subscription = await self._bus.subscribe(self._delivery.group, self._delivery.topics, self, self._gather)
                    if self.failing is not None:
                        await self._read_offsets(subscription)
                    await self._round(subscription)
                    await asyncio.sleep(0)  # on an engine nothing else makes room for the others
                except Exception as error:
                    self.failing = f"{type(error).__name__}: {error}"
                    _log.warning("consumer.failing", group=self._delivery.group, error=self.failing, pause=backoff.seconds)
                    await backoff.pause()
                else:
                    self.failing = None
                    backoff.reset()
        finally:
            if subscription is not None:
                await subscription.close(_CLOSE_SECONDS)

    async def assigned(self, partitions: Mapping[Partition, Bounds]) -> Mapping[Partition, int]:
        """Claim them: from now on only this consumer moves their offsets."""
        leases = await self._database.write(partial(self._claim, partitions=partitions), label="claim")
        for partition, lease in leases.items():
            beginning, end = partitions[partition]
            if lease.next_offset < beginning:
                self._halt(partition, f"records {lease.next_offset} to {beginning - 1} were deleted before they were read")
            elif lease.next_offset > end:
                self._halt(partition, f"the log ends at {end}, before {lease.next_offset}: it is not the log that was read before")
            else:
                self.halted.pop(partition, None)
                self._leases[partition] = lease
        return {partition: self._leases[partition].next_offset for partition in leases if partition in self._leases}

    async def revoked(self, partitions: Sequence[Partition]) -> None:
        for partition in partitions:
            self._leases.pop(partition, None)
            self.halted.pop(partition, None)  # whether it can be read is its new owner's to say

    async def _round(self, subscription: Subscription) -> None:
        records = await subscription.fetch(self._limit, self._poll_seconds)
        if records:
            failpoint("consumer.after_fetch")
            with self._lingering.batch():
                await self._apply(records + await self._company(subscription, records))
        now = time.monotonic()
        if now >= self._replay_at:
            self._replay_at = now + self._poll_seconds
            await self._replay_due()
        if now >= self._hint_at:
            self._hint_at = now + _HINT_SECONDS
            reached = {partition: lease.next_offset for partition, lease in self._leases.items()}
            await subscription.progressed({p: offset for p, offset in reached.items() if self._told.get(p) != offset})
            self._told = reached

    async def _company(self, subscription: Subscription, records: Sequence[Fetched]) -> list[Fetched]:
        """What else comes while the records may linger: not at all after a quiet time."""
        found: list[Fetched] = []
        newest = records
        while (room := self._limit - len(records) - len(found)) > 0:
            awaited = not self._delivery.awaited.isdisjoint([record.headers.get("ce_type", "") for record in newest])
            if awaited or (seconds := self._lingering.slice()) <= 0:
                break
            newest = await subscription.fetch(room, seconds)
            found += newest
        return found

    async def _apply(self, records: Sequence[Fetched]) -> None:
        leases = dict(self._leases)  # a revocation meanwhile changes nothing of this round: the database decides whether it counts
        wanted: list[Fetched] = []
        reached: dict[Partition, int] = {}
        for record in records:
            partition = Partition(record.topic, record.partition)
            lease = leases.get(partition)
            if lease is None:
                continue
            expected = reached.get(partition, lease.next_offset)
            if record.offset > expected and self._bus.features.dense_offsets:
                raise FencedError(f"{partition} went from {expected} to {record.offset}")
            if record.offset >= expected:
                wanted.append(record)
                reached[partition] = record.offset + 1
        if not wanted:
            return
        moves = [_Move(partition, leases[partition], offset) for partition, offset in sorted(reached.items())]
        started = time.monotonic()
        await self._commit(wanted, moves)
        for _, lease, offset in moves:
            lease.next_offset = offset
        self.applied += len(wanted)
        if time.monotonic() - started > _LONG_UNIT:
            self._limit = max(_MIN_RECORDS, self._limit // 2)
        else:
            self._limit = min(MAX_RECORDS, self._limit * 2)

    async def _commit(self, records: Sequence[Fetched], moves: Sequence[_Move]) -> None:
        """One transaction for all; if a handler fails, it is done again in a way that finds the guilty record."""
        unit = partial(self._unit, records=records, moves=moves)
        try:
            await self._database.write(partial(unit, deliver=self._delivery.deliver_at_once), label="consumer")
        except (FencedError, StorageUnavailableError):
            raise
        except Exception:
            await self._database.write(partial(unit, deliver=self._delivery.deliver), label="consumer")

    def _unit(self, tx: Transaction, records: Sequence[Fetched], moves: Sequence[_Move], deliver: _Deliver) -> None:
        """The one transaction: first the offsets, then the effects."""
        now = rfc3339(tx.now)
        moved = tx.many(
            "UPDATE consumer_offset SET next_offset = ?, updated_at = ?"
            " WHERE grp = ? AND topic = ? AND part = ? AND next_offset = ? AND epoch = ?",
            [(to, now, self._delivery.group, *partition, lease.next_offset, lease.epoch) for partition, lease, to in moves],
        )
        if moved != len(moves):
            raise FencedError("the offset was moved by another owner")
        failpoint("consumer.after_cas")
        cut = frozenset(partition for partition, lease, _ in moves if lease.started_at > 0)
        deliver(tx, records, cut)

    async def _read_offsets(self, subscription: Subscription) -> None:
        """After a failure: go on from what the database says. What another one claimed is its own, unless the group still gives it to us:
        a replica that wakes up late claims what it had before it slept."""
        found = await self._database.read(partial(_leases, group=self._delivery.group))
        for partition, lease in list(self._leases.items()):
            stored = found.get(partition)
            if stored is None or stored.epoch != lease.epoch:
                del self._leases[partition]
                if self._bus.features.competing_consumers:
                    subscription.reclaim(partition)
                else:
                    self._halt(partition, "another consumer of this group has claimed it")
            else:
                lease.next_offset = stored.next_offset
                subscription.seek(partition, stored.next_offset)

    async def _replay_due(self) -> None:
        for stream in await self._database.read(partial(replay.due, group=self._delivery.group)):
            await self._database.write(partial(replay.replay, delivery=self._delivery, stream=stream), label="replay")

    def _claim(self, tx: Transaction, partitions: Mapping[Partition, Bounds]) -> dict[Partition, _Lease]:
        now = rfc3339(tx.now)
        tx.many(
            "INSERT INTO consumer_offset (grp, topic, part, next_offset, epoch, started_at, updated_at) VALUES (?, ?, ?, ?, 1, ?, ?)"
            " ON CONFLICT (grp, topic, part) DO UPDATE SET epoch = consumer_offset.epoch + 1, updated_at = excluded.updated_at",
            [(self._delivery.group, *place, bounds.beginning, bounds.beginning, now) for place, bounds in sorted(partitions.items())],
        )
        found = _leases(tx, self._delivery.group)
        return {partition: found[partition] for partition in partitions}

    def _halt(self, partition: Partition, reason: str) -> None:
        self.halted[partition] = reason
        _log.error("consumer.halted", group=self._delivery.group, topic=partition.topic, partition=partition.number, reason=reason)


def _leases(tx: Transaction, group: str) -> dict[Partition, _Lease]:
    rows = tx.sql("SELECT topic, part, next_offset, epoch, started_at FROM consumer_offset WHERE grp = ?", (group,))
    return {Partition(topic, part): _Lease(following, epoch, start) for topic, part, following, epoch, start in rows}
