"""Run power_grid alone, on Kafka and PostgreSQL: ``python -m services.power_grid``. Settings come from ``SLUICEGATE_*``."""

from __future__ import annotations

from chassis.serving import main
from services.power_grid.app import create
from services.power_grid.settings import PowerGridSettings

if __name__ == "__main__":
    main(create, PowerGridSettings)
