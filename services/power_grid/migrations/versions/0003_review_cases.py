"""Connected sites that a later policy set would not allow."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "review_case",
        sa.Column("review_case_id", sa.Text, primary_key=True),
        sa.Column("clearance_id", sa.Text, nullable=False),
        sa.Column("policy_id", sa.Text, nullable=False),
        sa.Column("policy_version", sa.Integer, nullable=False),
        sa.Column("township_code", sa.Text),
        sa.Column("about", sa.Text, nullable=False),
        sa.Column("was", sa.Text, nullable=False),
        sa.Column("would_be", sa.Text, nullable=False),
        sa.Column("opened_at", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("result", sa.Text),
        sa.Column("reason", sa.Text),
        sa.Column("document_sha256", sa.Text),
        sa.Column("closed_by", sa.Text),
        sa.Column("closed_at", sa.Text),
        sa.UniqueConstraint("clearance_id", "policy_id", "policy_version"),
    )
    op.create_index("review_case_state", "review_case", ["state", "review_case_id"])
    op.create_index("review_case_township", "review_case", ["township_code", "review_case_id"])
    op.create_index("review_case_policy", "review_case", ["policy_id", "policy_version", "state"])
