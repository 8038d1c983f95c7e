"""Run land_check alone, on Kafka and PostgreSQL: ``python -m services.land_check``. Settings come from ``SLUICEGATE_*``."""

from __future__ import annotations

from chassis.serving import main
from services.land_check.app import create
from services.land_check.settings import LandCheckSettings

if __name__ == "__main__":
    main(create, LandCheckSettings)
