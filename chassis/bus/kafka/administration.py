"""Questions to the brokers outside of any group, and the making of topics. Its clients are thrown away after any failure."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from aiokafka import AIOKafkaConsumer, TopicPartition  # type: ignore[import-untyped]
from aiokafka.admin import AIOKafkaAdminClient, NewTopic  # type: ignore[import-untyped]
from aiokafka.errors import KafkaError, TopicAlreadyExistsError  # type: ignore[import-untyped]

from chassis.bus import Bounds, Partition
from chassis.bus.kafka.connecting import bounded, client_options, let_go, raise_code
from chassis.bus.kafka.producer import MAX_RECORD, PARTITIONS
from chassis.bus.kafka_settings import KafkaSettings

T = TypeVar("T")

_LOOK_AGAIN_SECONDS = 0.05


@dataclass(slots=True)
class TopicReport:
    """What making topics came to: ``made`` now, ``found`` with their number of partitions."""

    made: list[str] = field(default_factory=list)
    found: dict[str, int] = field(default_factory=dict)


class Administration:
    """Asks the brokers. Each question takes ``request_timeout`` at most and raises TemporaryError."""

    def __init__(self, settings: KafkaSettings) -> None:
        self._settings = settings
        self._admin: AIOKafkaAdminClient | None = None
        self._reader: AIOKafkaConsumer | None = None
        self._one_at_a_time = asyncio.Lock()

    async def check(self) -> None:
        """Return if a broker answers."""

        async def ask(admin: AIOKafkaAdminClient) -> None:
            if not (await admin.describe_cluster())["brokers"]:
                raise KafkaError("the cluster has no broker yet")

        await self._ask("check", ask)

    async def partitions(self, topics: Sequence[str]) -> dict[str, int]:
        """How many partitions each of ``topics`` has; those that do not exist are left out. Asking makes no topic."""

        async def ask(admin: AIOKafkaAdminClient) -> dict[str, int]:
            found = await admin.describe_topics()  # all: a broker may be set to make the topics that are named
            return {topic["topic"]: len(topic["partitions"]) for topic in found if topic["topic"] in topics and _led(topic)}

        return await self._ask("topics", ask)

    async def bounds(self, topics: Sequence[str]) -> Mapping[Partition, Bounds]:
        """As in the port."""
        places = [Partition(topic, number) for topic, count in (await self.partitions(topics)).items() for number in range(count)]

        async def ask(_: AIOKafkaAdminClient) -> Mapping[Partition, Bounds]:
            if self._reader is None:
                self._reader = AIOKafkaConsumer(**client_options(self._settings), enable_auto_commit=False)
                await self._reader.start()
            return await bounds_of(self._reader, places)

        return await self._ask("bounds", ask)

    async def create_topics(self, topics: Sequence[str]) -> TopicReport:
        """Make those that do not exist. Raises TemporaryError with the broker's reason."""
        before = await self.partitions(topics)
        absent = [topic for topic in topics if topic not in before]
        report = TopicReport(found=before)
        if absent:
            report.made = await self._ask("create topics", lambda admin: _create(admin, self._settings, absent))
            seen = await bounded(self._all_there(absent), self._settings.request_timeout, "create topics: not all are there yet")
            report.found |= {topic: seen[topic] for topic in absent if topic not in report.made}
        return report

    async def _all_there(self, topics: Sequence[str]) -> dict[str, int]:
        """A broker hears of a new topic a moment after it was made."""
        while True:
            found = await self.partitions(topics)
            if found.keys() >= set(topics):
                return found
            await asyncio.sleep(_LOOK_AGAIN_SECONDS)

    async def close(self) -> None:
        admin, self._admin = self._admin, None
        reader, self._reader = self._reader, None
        if admin is not None:
            await let_go(admin, admin._client, [])
        if reader is not None:
            await let_go(reader, reader._client, [reader._fetcher._fetch_task if reader._fetcher else None])

    async def _ask(self, doing: str, question: Callable[[AIOKafkaAdminClient], Awaitable[T]]) -> T:
        return await bounded(self._answer(question), self._settings.request_timeout, doing)

    async def _answer(self, question: Callable[[AIOKafkaAdminClient], Awaitable[T]]) -> T:
        async with self._one_at_a_time:
            try:
                if self._admin is None:
                    self._admin = AIOKafkaAdminClient(**client_options(self._settings))
                    await self._admin.start()
                return await question(self._admin)
            except BaseException:
                await self.close()
                raise


def _led(topic: Mapping[str, Any]) -> bool:
    """Whether every partition has a leader to ask."""
    return not topic["error_code"] and all(partition["leader"] >= 0 for partition in topic["partitions"])


async def bounds_of(reader: AIOKafkaConsumer, places: Sequence[Partition]) -> dict[Partition, Bounds]:
    """Where each begins and ends now."""
    wanted = [TopicPartition(*place) for place in places]
    beginnings = await reader.beginning_offsets(wanted)
    ends = await reader.end_offsets(wanted)
    return {Partition(*place): Bounds(beginnings[place], ends[place]) for place in wanted}


def topic_settings(settings: KafkaSettings) -> dict[str, str]:
    """What a topic is made with."""
    values: dict[str, Any] = {
        "cleanup.policy": "delete",
        "retention.ms": int(settings.retention.total_seconds() * 1000),
        "max.message.bytes": MAX_RECORD,
        "min.insync.replicas": settings.acknowledging_replicas,
        "unclean.leader.election.enable": "false",
    }
    if settings.written_through:
        values["flush.messages"] = 1
    return {name: str(value) for name, value in values.items()}


async def _create(admin: AIOKafkaAdminClient, settings: KafkaSettings, topics: Sequence[str]) -> list[str]:
    new = [NewTopic(topic, PARTITIONS, settings.replication_factor, topic_configs=topic_settings(settings)) for topic in topics]
    answer = await admin.create_topics(new)
    made = []
    for topic, code, *text in answer.topic_errors:
        try:
            raise_code(code, topic, *text)
        except TopicAlreadyExistsError:  # someone else was faster
            continue
        made.append(topic)
    return made
