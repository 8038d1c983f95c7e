"""What all tests share: logs as in ``sluicegate up``, warnings and worse on standard error."""

from __future__ import annotations

from chassis.telemetry import configure_logging

configure_logging("warning")
