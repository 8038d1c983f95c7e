"""The shared Alembic environment, for the tables of power_grid."""

from chassis.migrations import run_env
from services.power_grid.tables import METADATA

run_env(METADATA)
