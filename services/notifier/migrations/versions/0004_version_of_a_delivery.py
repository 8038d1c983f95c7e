"""The version of a delivery. What was stored before begins at 1 like what is new."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.add_column("delivery", sa.Column("version", sa.Integer, nullable=False, server_default="1"))
