"""Endpoints, notices and the delivery ledger."""

import sqlalchemy as sa
from alembic import op

from chassis.migrations import create_chassis_tables

revision = "0001"
down_revision = None

PENDING = sa.text("status = 'pending'")


def upgrade() -> None:
    create_chassis_tables()
    op.create_table(
        "endpoint",
        sa.Column("endpoint_id", sa.String, primary_key=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("recipient", sa.String, nullable=False),
        sa.Column("channel", sa.String, nullable=False),
        sa.Column("address", sa.String, nullable=False),
        sa.Column("events", sa.String, nullable=False),
        sa.Column("townships", sa.String),
        sa.Column("lang", sa.String, nullable=False),
        sa.Column("secret", sa.String, nullable=False),
        sa.Column("previous_secret", sa.String),
        sa.Column("previous_secret_until", sa.String),
        sa.Column("created_at", sa.String, nullable=False),
    )
    op.create_table(
        "notice",
        sa.Column("event_id", sa.String, primary_key=True),
        sa.Column("event_type", sa.String, nullable=False),
        sa.Column("stream", sa.String, nullable=False),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("correlation_id", sa.String, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "delivery",
        sa.Column("delivery_id", sa.String, primary_key=True),
        sa.Column("event_id", sa.String, nullable=False),
        sa.Column("target", sa.String, nullable=False),
        sa.Column("endpoint_id", sa.String),
        sa.Column("recipient", sa.String, nullable=False),
        sa.Column("event_type", sa.String, nullable=False),
        sa.Column("lane", sa.String, nullable=False),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("filing_id", sa.String),
        sa.Column("parcel_code", sa.String),
        sa.Column("township_code", sa.String),
        sa.Column("status", sa.String, nullable=False),
        sa.Column("created_at", sa.String, nullable=False),
        sa.Column("due_at", sa.String),
        sa.Column("claimed_until", sa.String),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("attempts", sa.String, nullable=False),
        sa.UniqueConstraint("event_id", "target", name="uq_delivery_event_target"),
    )
    op.create_index("ix_delivery_due", "delivery", ["endpoint_id", "due_at"], sqlite_where=PENDING, postgresql_where=PENDING)
    op.create_index("ix_delivery_lane", "delivery", ["lane", "seq"], sqlite_where=PENDING, postgresql_where=PENDING)
    op.create_index("ix_delivery_filing", "delivery", ["filing_id"])
    op.create_index("ix_delivery_parcel", "delivery", ["parcel_code"])
