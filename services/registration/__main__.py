"""Run registration alone, on Kafka and PostgreSQL: ``python -m services.registration``. Settings come from ``SLUICEGATE_*``."""

from __future__ import annotations

from chassis.serving import main
from services.registration.app import create
from services.registration.settings import RegistrationSettings

if __name__ == "__main__":
    main(create, RegistrationSettings)
