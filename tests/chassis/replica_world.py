"""One replica of a service in a process of its own: a consumer over Kafka that writes down what reached it, until it is killed."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

from chassis.bus.kafka import KafkaBus
from chassis.bus.kafka_settings import KafkaSettings
from chassis.delivery import On
from chassis.telemetry import configure_logging
from tests.chassis.counting import Counted, Node, open_database, write_down


def settings(address: str) -> KafkaSettings:
    """A member that is silent for two seconds is given up."""
    return KafkaSettings(
        bootstrap_servers=address,
        replication_factor=1,
        write_through=False,
        session_timeout=2,
        rebalance_timeout=6,
        request_timeout=3,
        publish_timeout=5,
    )


def live(folder: Path, address: str, group: str) -> None:
    """Consume for ever, telling in a file how much was done here."""
    configure_logging("error")
    asyncio.run(_live(folder, address, group))


async def _live(folder: Path, address: str, group: str) -> None:
    node = Node(open_database(folder, "sink"), KafkaBus(settings(address)), group, [On(Counted, write_down)])
    consuming = asyncio.create_task(node.consumer.run())
    told = folder / f"applied_{os.getpid()}"
    while not consuming.done():
        new = told.with_suffix(".new")
        new.write_text(str(node.consumer.applied))
        new.replace(told)  # never seen half written
        await asyncio.sleep(0.1)
    await consuming
