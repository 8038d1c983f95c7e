"""What all tests share: logs as in ``sluicegate up``, warnings and worse on standard error, and where databases and brokers are."""

from __future__ import annotations

import pytest

from chassis.telemetry import configure_logging
from tests.parts.databases import all_on_postgresql, backend, databases, postgresql
from tests.parts.kafka import kafka

__all__ = ["all_on_postgresql", "backend", "databases", "kafka", "postgresql"]

configure_logging("warning")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--postgresql", action="store_true", help="run the tests that name no database on PostgreSQL")
