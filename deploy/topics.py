"""Makes the topics of the catalogue on Kafka; what is behind ``sluicegate topics create``. Services never make a topic."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field

from chassis.bus.kafka import PARTITIONS, Administration
from chassis.bus.kafka_settings import KafkaSettings
from chassis.errors import TemporaryError
from contracts.catalogue import STREAMS

TOPICS = tuple(stream.topic for stream in STREAMS)
WAIT_SECONDS = 60.0
_PAUSE_SECONDS = 1.0


class TopicsError(Exception):
    """The topics cannot be made or used as they are. In both languages."""


@dataclass(slots=True)
class Report:
    """What was done, for people: ``str(report)`` has a line for each topic. ``found``: topics that were there, with their partitions."""

    made: list[str] = field(default_factory=list)
    found: dict[str, int] = field(default_factory=dict)

    def __str__(self) -> str:
        lines = [f"已建立 / made: {topic}（{PARTITIONS} 个分区 / partitions）" for topic in self.made]
        for topic, number in self.found.items():
            lines.append(f"已存在 / there already: {topic}（{number} 个分区 / partitions）")
            if number > PARTITIONS:
                lines.append(
                    f"  只用前 {PARTITIONS} 个；分区从不减少 / only the first {PARTITIONS} are used, so that keys stay; none is taken away"
                )
        return "\n".join(lines)


def create_topics(settings: KafkaSettings, seconds: float = WAIT_SECONDS) -> Report:
    """Make what is missing, as often as one likes; waits ``seconds`` for a broker. Raises TopicsError."""
    return asyncio.run(_create(settings, seconds))


async def _create(settings: KafkaSettings, seconds: float) -> Report:
    administration = Administration(settings)
    try:
        await _wait_for_broker(administration, settings, seconds)
        done = await administration.create_topics(TOPICS)
    except TemporaryError as error:
        raise TopicsError(f"无法建立主题 / the topics cannot be made: {error}") from error
    finally:
        await administration.close()
    if short := {topic: number for topic, number in done.found.items() if number < PARTITIONS}:
        told = ", ".join(f"{topic}: {number}" for topic, number in short.items())
        raise TopicsError(f"分区少于 {PARTITIONS} 个，请先删除该主题 / fewer than {PARTITIONS} partitions, delete the topic first: {told}")
    return Report(done.made, done.found)


async def _wait_for_broker(administration: Administration, settings: KafkaSettings, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while True:
        try:
            return await administration.check()
        except TemporaryError as error:
            if time.monotonic() > deadline:
                where = settings.bootstrap_servers
                raise TopicsError(f"{seconds:g} 秒内未连上 / not reached within {seconds:g} s: {where}: {error}") from error
            await asyncio.sleep(_PAUSE_SECONDS)
