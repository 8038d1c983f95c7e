"""Facts, sites, clearances, blocks and their feed."""

import sqlalchemy as sa
from alembic import op

from chassis.migrations import create_chassis_tables

revision = "0001"
down_revision = None

STANDING = sa.text("standing <> 'none'")
TO_LOOK_AT = sa.text("next_look IS NOT NULL")


def upgrade() -> None:
    create_chassis_tables()
    _facts()
    op.create_table(
        "site",
        sa.Column("parcel_code", sa.String, primary_key=True),
        sa.Column("unit_number", sa.String, primary_key=True),
        sa.Column("standing", sa.String, nullable=False),
        sa.Column("next_look", sa.String),
        sa.Column("body", sa.String, nullable=False),
    )
    op.create_index("ix_site_standing", "site", ["standing"], sqlite_where=STANDING, postgresql_where=STANDING)
    op.create_index("ix_site_next_look", "site", ["next_look"], sqlite_where=TO_LOOK_AT, postgresql_where=TO_LOOK_AT)
    op.create_table(
        "clearance",
        sa.Column("clearance_id", sa.String, primary_key=True),
        sa.Column("request_id", sa.String, nullable=False, unique=True),
        sa.Column("parcel_code", sa.String, index=True),
        sa.Column("filing_id", sa.String, index=True),
        sa.Column("applicant_uscc", sa.String, index=True),
        sa.Column("body", sa.String, nullable=False),
    )
    _blocks()


def _facts() -> None:
    op.create_table(
        "filing",
        sa.Column("filing_id", sa.String, primary_key=True),
        sa.Column("parcel_code", sa.String, index=True),
        sa.Column("uscc", sa.String, index=True),
        sa.Column("registered", sa.String),
        sa.Column("judged", sa.String),
    )
    op.create_table("parcel", sa.Column("parcel_code", sa.String, primary_key=True), sa.Column("body", sa.String, nullable=False))
    op.create_table(
        "grade",
        sa.Column("uscc", sa.String, primary_key=True),
        sa.Column("year", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("grade", sa.String, nullable=False),
    )
    for name, key in (("finding", "finding_id"), ("declared_use", "use_id")):
        op.create_table(
            name,
            sa.Column(key, sa.String, primary_key=True),
            sa.Column("parcel_code", sa.String, nullable=False, index=True),
            sa.Column("body", sa.String, nullable=False),
        )


def _blocks() -> None:
    op.create_table("block", sa.Column("block_id", sa.String, primary_key=True), sa.Column("body", sa.String, nullable=False))
    op.create_table(
        "feed",
        sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("body", sa.String, nullable=False),
    )
    heads = op.create_table("feed_head", sa.Column("name", sa.String, primary_key=True), sa.Column("position", sa.Integer, nullable=False))
    op.bulk_insert(heads, [{"name": "blocks", "position": 0}])
    op.create_table(
        "block_override",
        sa.Column("override_id", sa.String, primary_key=True),
        sa.Column("block_id", sa.String, nullable=False, index=True),
        sa.Column("body", sa.String, nullable=False),
    )
