"""The bus on Apache Kafka 4: aiokafka transports, the reader's database owns the offsets.

A topic's records are dealt to twelve partitions by key; a partition that is added later gets no key of ours, so none ever moves.
Offsets may have holes (``dense_offsets`` is not promised): control records of foreign transactions take numbers too.
What is missing shows in ``ce_streamseq``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from chassis.bus import Bounds, Features, Listener, Partition, Record
from chassis.bus.kafka.administration import Administration, TopicReport
from chassis.bus.kafka.producer import PARTITIONS, Publisher, partition_of
from chassis.bus.kafka.subscription import KafkaSubscription
from chassis.bus.kafka_settings import KafkaSettings
from chassis.errors import TemporaryError

__all__ = ["PARTITIONS", "Administration", "KafkaBus", "TopicReport", "partition_of"]


class KafkaBus:
    """Adapter of ``chassis.bus.Bus``. Connects when first used; after an outage it works again by itself."""

    features = Features(
        dense_offsets=False, competing_consumers=True, survives_restart=True, publishes_once=False, partitions=PARTITIONS, any_loop=False
    )

    def __init__(self, settings: KafkaSettings) -> None:
        self._settings = settings
        self._publisher: Publisher | None = None
        self._administration: Administration | None = None

    async def create_topics(self, topics: Sequence[str]) -> None:
        await self._asking().create_topics(topics)

    async def publish(self, records: Sequence[Record]) -> None:
        if self._publisher is None:
            self._publisher = Publisher(self._settings)
        await self._publisher.publish(records)

    async def subscribe(self, group: str, topics: Sequence[str], listener: Listener, gather: float = 0.0) -> KafkaSubscription:
        """Raises TemporaryError if a topic is missing: a service makes none."""
        found = await self._asking().partitions(topics)
        if absent := sorted(set(topics) - set(found)):
            raise TemporaryError(f"Kafka has no topic {', '.join(absent)}: sluicegate topics create makes it")
        return KafkaSubscription(self._settings, group, topics, listener, gather)

    async def bounds(self, topics: Sequence[str]) -> Mapping[Partition, Bounds]:
        return await self._asking().bounds(topics)

    async def check(self) -> None:
        await self._asking().check()

    async def close(self, deadline: float) -> None:
        if self._publisher is not None:
            await self._publisher.close(deadline)
        if self._administration is not None:
            await self._administration.close()

    def _asking(self) -> Administration:
        if self._administration is None:
            self._administration = Administration(self._settings)
        return self._administration
