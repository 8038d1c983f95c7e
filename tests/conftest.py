"""What all tests share: logs as in ``sluicegate up``, warnings and worse on standard error, and where databases are."""

from __future__ import annotations

from chassis.telemetry import configure_logging
from tests.parts.databases import backend, databases, postgresql

__all__ = ["backend", "databases", "postgresql"]

configure_logging("warning")
