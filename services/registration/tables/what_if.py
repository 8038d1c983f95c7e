"""Stored filings in the order of their ids, for a what-if."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, select

from chassis.database import Transaction
from contracts.vocabulary import FilingStatus
from services.registration.tables.rows import FILINGS

LEFT_OUT = (FilingStatus.WITHDRAWN, FilingStatus.CLOSED_DUPLICATE)


def filings_after(
    tx: Transaction, after: str, since: str | None, until: str | None, township_code: str | None, limit: int
) -> Sequence[Row[Any]]:
    """Filings the rules decide, submitted from ``since`` to before ``until``."""
    query = select(FILINGS).where(FILINGS.c.filing_id > after, FILINGS.c.status.not_in(LEFT_OUT))
    if since is not None:
        query = query.where(FILINGS.c.submitted_at >= since)
    if until is not None:
        query = query.where(FILINGS.c.submitted_at < until)
    if township_code is not None:
        query = query.where(FILINGS.c.township_code == township_code)
    return tx.rows(query.order_by(FILINGS.c.filing_id).limit(limit))
