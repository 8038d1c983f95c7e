"""Reading for a group: positions are the reader's, records are handed out in order, nothing is skipped without being looked at twice."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import structlog
from aiokafka import ConsumerRecord, TopicPartition  # type: ignore[import-untyped]
from aiokafka.errors import KafkaError, OffsetOutOfRangeError  # type: ignore[import-untyped]

from chassis.bus import Bounds, Fetched, Listener, Partition
from chassis.bus.kafka.administration import bounds_of
from chassis.bus.kafka.connecting import bounded, said
from chassis.bus.kafka.leniently import read_leniently
from chassis.bus.kafka.member import Member
from chassis.bus.kafka_settings import KafkaSettings
from chassis.errors import TemporaryError

_SLICE_MS = 100  # how long one poll waits: a rebalance waits for it
_NOWHERE = TopicPartition("", 0)  # a poll of no partition at all would be a poll of every partition

_log = structlog.get_logger(__name__)


class KafkaSubscription:
    """``_positions``: the next offset to come from each claimed partition; what has come and was not handed out yet is in ``_ready``."""

    def __init__(self, settings: KafkaSettings, group: str, topics: Sequence[str], listener: Listener, gather: float) -> None:
        self._settings = settings
        self._group = group
        self._topics = sorted(topics)
        self._listener = listener
        self._gather = gather
        self._member: Member | None = self._new_member()
        self._poll: asyncio.Task[dict[TopicPartition, list[ConsumerRecord[bytes, bytes]]]] | None = None
        self._owned: frozenset[Partition] = frozenset()
        self._positions: dict[Partition, int] = {}
        self._sought: dict[Partition, int] = {}
        self._astray: set[Partition] = set()
        self._holes: dict[Partition, tuple[int, int]] = {}
        self._ready: list[Fetched] = []
        self._unreadable = False
        self._closed = False

    async def fetch(self, max_records: int, timeout: float) -> list[Fetched]:  # noqa: ASYNC109 - as in the port
        loop = asyncio.get_running_loop()
        deadline = loop.time() + timeout
        looked = False
        while not self._closed:
            member = await self._living_member()
            if member.bell.done():
                member.bell = loop.create_future()
            await self._follow(member)
            self._collect(member)
            if self._unreadable:
                await self._read_around(member)
            if self._ready:
                taken, self._ready = self._ready[:max_records], self._ready[max_records:]
                return taken
            left = deadline - loop.time()
            if left <= 0 and looked:
                break
            looked = True
            await self._wait(member, max_records, max(0.0, left))
        return []

    def seek(self, partition: Partition, offset: int) -> None:
        if partition in self._positions:
            self._sought[partition] = offset
            self._ready = [each for each in self._ready if (each.topic, each.partition) != partition]

    def reclaim(self, partition: Partition) -> None:
        if self._member is not None and self._positions.pop(partition, None) is not None:
            self._member.consumer.pause(TopicPartition(*partition))
            self._astray.add(partition)
            self._ready = [each for each in self._ready if (each.topic, each.partition) != partition]

    async def progressed(self, positions: Mapping[Partition, int]) -> None:
        if self._member is not None and not self._member.revoking:
            self._member.tell({TopicPartition(*place): offset for place, offset in positions.items() if place in self._owned})

    async def close(self, deadline: float) -> None:
        if self._closed:
            return
        self._closed = True
        await self._lose()
        await self._drop_member(deadline)

    async def _living_member(self) -> Member:
        """The member, made anew if the last one broke."""
        if self._member is not None:
            try:
                self._member.check()
            except TemporaryError:
                await self._lose()
                await self._drop_member(1.0)
                raise
            return self._member
        self._member = self._new_member()
        return self._member

    def _new_member(self) -> Member:
        return Member(self._settings, self._group, self._topics, self._gather)

    async def _drop_member(self, seconds: float) -> None:
        member, self._member = self._member, None
        if member is not None:
            await member.leave(seconds)
        if self._poll is not None:
            self._poll.cancel()
            await asyncio.wait([self._poll])
            self._poll = None

    async def _follow(self, member: Member) -> None:
        """Do what the group has decided since the last time."""
        if member.revoking:
            await self._lose()
            member.released()
        if (assigned := member.assigned) is not None:
            await self._lose()
            await self._finish_poll()
            if await self._claim(member, assigned):
                self._owned = assigned
                member.hold(sorted(assigned))
        elif astray := frozenset(self._astray & self._owned):
            await self._listener.revoked(sorted(astray))
            if await self._claim(member, astray):
                self._astray.clear()

    async def _claim(self, member: Member, partitions: frozenset[Partition]) -> bool:
        """Ask the reader where to begin in each; whether the group still sees it that way."""
        before = member.assigned
        wanted: Mapping[Partition, int] = {}
        if partitions:
            bounds = await self._bounds(member, partitions)
            wanted = await self._listener.assigned(bounds)
        if member.assigned is not before or member.revoking:
            await self._listener.revoked(sorted(partitions))
            return False
        for place, offset in wanted.items():
            member.consumer.seek(TopicPartition(*place), offset)
            member.consumer.resume(TopicPartition(*place))
            self._positions[place] = offset
        return True

    async def _bounds(self, member: Member, partitions: frozenset[Partition]) -> dict[Partition, Bounds]:
        seconds = 2 * self._settings.request_timeout
        return await bounded(bounds_of(member.consumer, sorted(partitions)), seconds, "where partitions begin and end")

    async def _lose(self) -> None:
        owned, self._owned = self._owned, frozenset()
        self._positions.clear()
        self._sought.clear()
        self._astray.clear()
        self._ready.clear()
        self._unreadable = False
        if owned:
            await self._listener.revoked(sorted(owned))

    async def _finish_poll(self) -> None:
        """What an old poll brings is of an old claim."""
        if self._poll is not None:
            await asyncio.wait([self._poll])
            self._poll.exception()
            self._poll = None

    async def _wait(self, member: Member, max_records: int, seconds: float) -> None:
        """Until a poll brought something, the group decided something, or the time is over."""
        if self._poll is None and member.started:
            places = [TopicPartition(*place) for place in self._positions] or [_NOWHERE]
            self._poll = asyncio.ensure_future(member.consumer.getmany(*places, timeout_ms=_SLICE_MS, max_records=max_records))
        waiting = {member.bell} if self._poll is None else {member.bell, self._poll}
        await asyncio.wait(waiting, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)

    def _collect(self, member: Member) -> None:
        """Take what the poll brought, then go where the reader wants to be: in this order, or the poll's records come late."""
        poll = self._poll
        try:
            if poll is not None and poll.done():
                self._poll = None
                self._receive(member, poll)
        finally:
            for place, offset in self._sought.items():
                self._go_to(member, place, offset)
                self._ready = [each for each in self._ready if (each.topic, each.partition) != place]
            self._sought.clear()

    def _receive(self, member: Member, poll: asyncio.Task[Any]) -> None:
        try:
            found = poll.result()
        except OffsetOutOfRangeError as error:
            lost = [Partition(*place) for place in error.args[0]]
            self._astray.update(lost)
            for place in lost:
                if self._positions.pop(place, None) is not None:
                    member.consumer.pause(TopicPartition(*place))
            raise TemporaryError(f"Kafka: the position is out of range: {said(error)}") from error
        except UnicodeDecodeError:
            self._unreadable = True
            return
        except Exception as error:
            for place, offset in self._positions.items():  # what it took from aiokafka's buffer is lost: read it again
                self._go_to(member, place, offset)
            if isinstance(error, (KafkaError, OSError)):
                raise TemporaryError(f"Kafka: fetch: {said(error)}") from error
            raise
        for place, records in found.items():
            if place in self._positions:
                self._accept(member, Partition(*place), records)

    def _accept(self, member: Member, place: Partition, records: Sequence[ConsumerRecord[bytes, bytes]]) -> None:
        """Keep what follows on what came before. A hole is believed when it is read a second time."""
        expected = self._positions[place]
        for record in records:
            if record.offset != expected:
                if record.offset < expected:
                    continue
                hole = (expected, record.offset)
                if self._holes.get(place) != hole:
                    self._holes[place] = hole
                    self._positions[place] = expected
                    self._go_to(member, place, expected)
                    return
                _log.warning("kafka.hole", topic=place.topic, partition=place.number, after=expected - 1, before=record.offset)
            self._ready.append(_fetched(record))
            expected = record.offset + 1
        self._positions[place] = expected

    async def _read_around(self, member: Member) -> None:
        """A header's name is no text; which partition it is in is not said. Some records of each are read without aiokafka's reader."""
        seconds = self._settings.request_timeout
        for place, offset in list(self._positions.items()):
            records = await bounded(read_leniently(member.consumer, TopicPartition(*place), offset), seconds, "reading leniently")
            if member.revoking or member.assigned is not None:
                return
            self._accept(member, place, records)
            self._go_to(member, place, self._positions[place])
        self._unreadable = False

    def _go_to(self, member: Member, place: Partition, offset: int) -> None:
        if place in self._positions:
            self._positions[place] = offset
            member.consumer.seek(TopicPartition(*place), offset)


def _fetched(record: ConsumerRecord[bytes, bytes]) -> Fetched:
    try:
        key = record.key.decode()
        headers = {name: text.decode() for name, text in record.headers}
    except (UnicodeDecodeError, AttributeError):
        key = _text(record.key or b"")
        headers = {name: _text(text) for name, text in record.headers if text is not None}
    return Fetched(record.topic, record.partition, record.offset, key, headers, record.value or b"")


def _text(raw: bytes) -> str:
    return raw.decode(errors="backslashreplace")
