"""Policy sets heard of and handed in, the signatures under their activation; what a version of a filing changed beside its decision."""

import sqlalchemy as sa
from alembic import op

from chassis.migrations import create_chassis_tables

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    create_chassis_tables()
    op.add_column("filing_history", sa.Column("undo", sa.Text))
    op.create_table(
        "policy_set",
        sa.Column("policy_id", sa.String, primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("recorded_at", sa.String, nullable=False),
        sa.Column("recorded_by", sa.String, nullable=False),
    )
    op.create_table(
        "policy_signature",
        sa.Column("policy_id", sa.String, primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("unit", sa.String, primary_key=True),
        sa.Column("sub", sa.String, nullable=False),
        sa.Column("at", sa.String, nullable=False),
        sa.Column("effective_from", sa.String, nullable=False),
        sa.Column("reason", sa.String, nullable=False),
    )
