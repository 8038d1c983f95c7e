"""The bus on a real Apache Kafka passes the suite of every bus, and what is its own."""

from __future__ import annotations

import pytest

from chassis.bus import Features
from chassis.bus.kafka import KafkaBus
from chassis.bus.kafka_settings import KafkaSettings
from tests.chassis.bus_suite import BusSuite
from tests.parts.kafka import Broker


def settings(broker: Broker, **changes: object) -> KafkaSettings:
    return KafkaSettings(bootstrap_servers=broker.address, replication_factor=1, **changes)  # type: ignore[arg-type]


class TestKafkaBus(BusSuite):
    features = Features(dense_offsets=False, competing_consumers=True, survives_restart=True, publishes_once=False, partitions=12)

    @pytest.fixture(autouse=True)
    def _broker(self, kafka: Broker) -> None:
        self.broker = kafka

    async def open(self) -> KafkaBus:
        return KafkaBus(settings(self.broker))
