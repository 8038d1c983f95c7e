"""Filings of one enterprise for the same thing are found by its name: the index on the digest of name, action and place goes.

A release that still looks there finds the same rows, only slower, while replicas of both run.
"""

from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.drop_index("filing_same_key", "filing")
