"""What all tests share: logs as in ``sluicegate up``, warnings and worse on standard error, and where Kafka and databases are."""

from __future__ import annotations

from chassis.telemetry import configure_logging
from tests.parts.databases import backend, databases, postgresql
from tests.parts.kafka import kafka

__all__ = ["backend", "databases", "kafka", "postgresql"]

configure_logging("warning")
