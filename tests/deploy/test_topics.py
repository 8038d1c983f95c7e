"""The topics of the catalogue on a real Kafka: made once, as they must be, and never made smaller."""

from __future__ import annotations

import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewPartitions, NewTopic  # type: ignore[import-untyped]
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType  # type: ignore[import-untyped]

from chassis.bus.kafka_settings import KafkaSettings
from chassis.testing import eventually
from contracts.catalogue import STREAMS
from deploy import topics
from deploy.topics import TopicsError, create_topics
from tests.parts.kafka import Broker


@pytest.fixture
def settings(kafka: Broker) -> KafkaSettings:
    return KafkaSettings(bootstrap_servers=kafka.address, replication_factor=1)


async def test_makes_every_topic_of_the_catalogue_once_and_as_it_must_be(settings: KafkaSettings) -> None:
    names = [stream.topic for stream in STREAMS]
    admin = AIOKafkaAdminClient(bootstrap_servers=settings.bootstrap_servers)
    await admin.start()
    try:
        await admin.delete_topics([name for name in names if name in await admin.list_topics()])

        first = await topics._create(settings, 10)
        again = await topics._create(settings, 10)

        assert sorted(first.made) == sorted(names)
        assert again.made == []
        assert again.found == dict.fromkeys(names, 12)
        assert str(again).count("已存在") == len(names)
        (answer,) = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, names[0])])
        found = {entry[0]: entry[1] for entry in answer.resources[0][4]}
        assert {name: found[name] for name in ("cleanup.policy", "max.message.bytes", "min.insync.replicas", "flush.messages")} == {
            "cleanup.policy": "delete",
            "max.message.bytes": str(2 * 1024 * 1024),
            "min.insync.replicas": "1",
            "flush.messages": "1",
        }
        assert found["unclean.leader.election.enable"] == "false"
        assert found["retention.ms"] == str(14 * 24 * 3600 * 1000)

        await admin.create_partitions({names[0]: NewPartitions(15)})
        await eventually(lambda: _is_told_of(settings, f"{names[0]}（15 个分区"), 10)
        assert "只用前 12 个" in str(await topics._create(settings, 10))
    finally:
        await admin.close()


async def _is_told_of(settings: KafkaSettings, line: str) -> bool:
    return line in str(await topics._create(settings, 10))


async def test_refuses_a_topic_that_has_too_few_partitions(settings: KafkaSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=settings.bootstrap_servers)
    await admin.start()
    await admin.create_topics([NewTopic("tests.too_few", 3, 1)])
    await admin.close()
    monkeypatch.setattr(topics, "TOPICS", ("tests.too_few",))
    with pytest.raises(TopicsError, match=r"fewer than 12 .* tests.too_few: 3"):
        await topics._create(settings, 10)


def test_says_so_when_no_broker_answers() -> None:
    nobody = KafkaSettings(bootstrap_servers="127.0.0.1:1", replication_factor=1)
    with pytest.raises(TopicsError, match=r"未连上.*127\.0\.0\.1:1"):
        create_topics(nobody, seconds=0)


async def test_says_so_when_there_are_too_few_brokers(settings: KafkaSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(topics, "TOPICS", ("tests.three_copies",))
    with pytest.raises(TopicsError, match="InvalidReplicationFactor"):
        await topics._create(settings.model_copy(update={"replication_factor": 3}), 10)
