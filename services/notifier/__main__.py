"""Run notifier alone, on Kafka and PostgreSQL: ``python -m services.notifier``. Settings come from ``SLUICEGATE_*``."""

from __future__ import annotations

from chassis.serving import main
from services.notifier.app import create
from services.notifier.settings import NotifierSettings

if __name__ == "__main__":
    main(create, NotifierSettings)
