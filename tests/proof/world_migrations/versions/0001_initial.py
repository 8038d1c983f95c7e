"""The numbers given out, the ledger of effects, and the chassis' own tables."""

import sqlalchemy as sa
from alembic import op

from chassis.migrations import create_chassis_tables

revision = "0001"
down_revision = None


def upgrade() -> None:
    create_chassis_tables()
    number = sa.BigInteger().with_variant(sa.Integer, "sqlite")
    op.create_table("tally", sa.Column("name", sa.Text, primary_key=True), sa.Column("n", sa.BigInteger, nullable=False))
    op.create_table(
        "effect",
        sa.Column("id", number, sa.Identity(always=True), primary_key=True),
        sa.Column("topic", sa.Text, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("event_id", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("request", sa.Text, nullable=False),
        sa.Column("n", sa.BigInteger, nullable=False),
    )
