"""What falls due, and the weekly digests."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

OPEN = sa.text("state <> 'ended'")
TO_LOOK_AT = sa.text("look_on IS NOT NULL")


def upgrade() -> None:
    op.create_table(
        "filing_word",
        sa.Column("filing_id", sa.String, primary_key=True),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("asks", sa.Integer, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "due_item",
        sa.Column("item", sa.String, primary_key=True),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("record_id", sa.String, nullable=False),
        sa.Column("filing_id", sa.String),
        sa.Column("parcel_code", sa.String),
        sa.Column("unit_number", sa.String),
        sa.Column("township_code", sa.String),
        sa.Column("owner", sa.String, nullable=False),
        sa.Column("since", sa.String),
        sa.Column("due", sa.String),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("look_on", sa.String),
        sa.Column("seq", sa.Integer, nullable=False),
    )
    op.create_index("ix_due_item_look", "due_item", ["look_on"], sqlite_where=TO_LOOK_AT, postgresql_where=TO_LOOK_AT)
    op.create_index("ix_due_item_open", "due_item", ["kind", "due"], sqlite_where=OPEN, postgresql_where=OPEN)
    op.create_table(
        "digest",
        sa.Column("digest_id", sa.String, primary_key=True),
        sa.Column("recipient", sa.String, nullable=False),
        sa.Column("period_to", sa.String, nullable=False),
        sa.Column("issued_at", sa.String, nullable=False),
        sa.Column("ledger_head", sa.String, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
    )
