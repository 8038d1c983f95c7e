"""What was known and decided about a site, kept from now on; what is known at this moment begins it."""

import sqlalchemy as sa
from alembic import op

from chassis.clock import SystemClock, rfc3339

revision = "0004"
down_revision = "0003"

KNOWN = (
    (
        "filing",
        "parcel_code, filing_id, uscc, '[' || coalesce(registered, 'null') || ',' || coalesce(judged, 'null') || ']'",
        "filing WHERE true",
    ),
    ("parcel", "parcel_code, NULL, NULL, body", "parcel WHERE true"),
    ("grade", "NULL, NULL, uscc, '[' || year || ',\"' || grade || '\"]'", "grade WHERE true"),
    ("site", "parcel_code, NULL, NULL, body", "site WHERE body <> ''"),
)
"""Kind, the columns from ``parcel_code`` on, and where they are."""


def upgrade() -> None:
    op.create_table(
        "recorded",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), sa.Identity(always=True), primary_key=True),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("parcel_code", sa.String, index=True),
        sa.Column("filing_id", sa.String, index=True),
        sa.Column("uscc", sa.String, index=True),
        sa.Column("at", sa.String, nullable=False),
        sa.Column("copied", sa.Integer, nullable=False),
        sa.Column("body", sa.String, nullable=False),
    )
    now = rfc3339(SystemClock().now())
    for kind, columns, source in KNOWN:
        copy = f"INSERT INTO recorded (kind, at, copied, parcel_code, filing_id, uscc, body) SELECT :kind, :now, 1, {columns} FROM {source}"  # noqa: S608
        op.execute(sa.text(copy).bindparams(kind=kind, now=now))
