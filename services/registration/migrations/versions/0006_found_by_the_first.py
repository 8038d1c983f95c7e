"""The duplicates of a filing are found by it: they get its land verdict when it comes."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    known = sa.text("duplicate_of IS NOT NULL")
    op.create_index("filing_duplicate_of", "filing", ["duplicate_of"], sqlite_where=known, postgresql_where=known)
