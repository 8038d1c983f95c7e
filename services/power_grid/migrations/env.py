"""The shared Alembic environment, for the tables of power_grid."""

from chassis.migrations import run_env
from services.power_grid.tables import METADATA, RIGHTS

run_env(METADATA, RIGHTS)
