"""Filings, their history, client references."""

import sqlalchemy as sa
from alembic import op

from chassis.migrations import create_chassis_tables

revision = "0001"
down_revision = None


def upgrade() -> None:
    create_chassis_tables()
    op.create_table(
        "filing",
        sa.Column("filing_id", sa.String, primary_key=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("status", sa.String, nullable=False),
        sa.Column("submitted_by", sa.String, nullable=False),
        sa.Column("submitted_at", sa.String, nullable=False),
        sa.Column("name_key", sa.String, nullable=False),
        sa.Column("same_key", sa.String, nullable=False),
        sa.Column("uscc", sa.String),
        sa.Column("township_code", sa.String, nullable=False),
        sa.Column("parcel_code", sa.String),
        sa.Column("unit_number", sa.String),
        sa.Column("matched_by", sa.String),
        sa.Column("duplicate_of", sa.String),
        sa.Column("refuse_after", sa.String),
        sa.Column("request", sa.Text, nullable=False),
        sa.Column("decision", sa.Text),
        sa.Column("land", sa.Text),
        sa.Column("said", sa.Text),
    )
    op.create_table(
        "filing_history",
        sa.Column("filing_id", sa.String, primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("at", sa.String, nullable=False),
        sa.Column("by", sa.String, nullable=False),
        sa.Column("event", sa.String, nullable=False),
        sa.Column("decision", sa.Text),
    )
    op.create_table(
        "client_ref",
        sa.Column("ref", sa.String, primary_key=True),
        sa.Column("fingerprint", sa.String, nullable=False),
        sa.Column("filing_id", sa.String, nullable=False),
        sa.Column("created_at", sa.String, nullable=False),
    )
    create_indexes()


def create_indexes() -> None:
    for name, columns in (
        ("filing_same_key", ["same_key"]),
        ("filing_name_key", ["name_key"]),
        ("filing_status", ["status", "filing_id"]),
        ("filing_township", ["township_code", "filing_id"]),
        ("filing_submitter", ["submitted_by", "filing_id"]),
    ):
        op.create_index(name, "filing", columns)
    for name, column in (("filing_uscc", "uscc"), ("filing_parcel", "parcel_code"), ("filing_due", "refuse_after")):
        known = sa.text(f"{column} IS NOT NULL")
        op.create_index(name, "filing", [column], sqlite_where=known, postgresql_where=known)
    op.create_index("ix_client_ref_created_at", "client_ref", ["created_at"])
