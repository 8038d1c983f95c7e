"""The shared Alembic environment, for the tables of land_check."""

from chassis.migrations import run_env
from services.land_check.tables.rows import RIGHTS, LandRow

run_env(LandRow.metadata, RIGHTS)
