"""The days on which something falls due on an open filing, in columns of their own, filled from what is stored."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

from contracts.vocabulary import FilingStatus
from services.registration.handlers import due_days
from services.registration.tables import decision_of, said_in

revision = "0004"
down_revision = "0003"

AT_ONCE = 1000


def upgrade() -> None:
    for column in ("registration_due", "correction_due"):
        op.add_column("filing", sa.Column(column, sa.String))
    fill()
    for column in ("registration_due", "correction_due"):
        known = sa.text(f"{column} IS NOT NULL")
        op.create_index(f"filing_{column}", "filing", [column, "filing_id", "township_code"], sqlite_where=known, postgresql_where=known)


def fill() -> None:
    """By the rules that keep the columns from now on."""
    change = sa.text(
        "UPDATE filing SET registration_due = :registration_due, correction_due = :correction_due WHERE filing_id = :filing_id"
    )
    after = ""
    while rows := _open_filings(after):
        op.get_bind().execute(change, [_days(row) for row in rows])
        after = rows[-1].filing_id


def _open_filings(after: str) -> Sequence[Any]:
    query = (
        "SELECT filing_id, status, submitted_at, decision, said FROM filing "
        "WHERE filing_id > :after AND status IN ('under_review', 'held') ORDER BY filing_id LIMIT :limit"
    )
    return op.get_bind().execute(sa.text(query), {"after": after, "limit": AT_ONCE}).all()


def _days(row: Any) -> dict[str, Any]:
    days = due_days(FilingStatus(row.status), row.submitted_at, decision_of(row.decision, row.submitted_at), said_in(row.said))
    return {"filing_id": row.filing_id, **days}
