"""Alembic environment of notifier."""

from chassis.migrations import run_env
from services.notifier.tables import RIGHTS, NotifierRow

run_env(NotifierRow.metadata, RIGHTS)
