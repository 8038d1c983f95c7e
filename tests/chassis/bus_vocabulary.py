"""A vocabulary for buses: a reader that remembers what it was told, letters that say nothing, reading with patience."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from uuid import uuid4

from chassis.bus import Bounds, Fetched, Partition, Record, Subscription


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


def in_order(records: Sequence[Fetched]) -> dict[str, list[int]]:
    """The numbers that came for each key, each where it came first: a bus may repeat itself."""
    found: dict[str, list[int]] = {}
    for one in records:
        numbers = found.setdefault(one.key, [])
        if int(one.value) not in numbers:
            numbers.append(int(one.value))
    return found
