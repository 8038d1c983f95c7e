"""The policy sets a service has heard of."""

from chassis.migrations import create_chassis_tables

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    create_chassis_tables()
