"""The shared Alembic environment, for the tables of registration."""

from chassis.migrations import run_env
from services.registration.tables import RIGHTS, RegistrationRow

run_env(RegistrationRow.metadata, RIGHTS)
