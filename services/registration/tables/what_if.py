"""Stored filings in the order of their ids, for a what-if: what the rules read of them, and no more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import orjson
from sqlalchemy import Column, ColumnElement, func, select

from chassis.database import Transaction
from contracts.vocabulary import FilingStatus
from services.registration.tables.rows import FILINGS

LEFT_OUT = (FilingStatus.WITHDRAWN, FilingStatus.CLOSED_DUPLICATE)
_READ: list[Column[Any]] = [FILINGS.c[name] for name in ("filing_id", "revision", "submitted_at", "request", "decision", "said")]


class Stored(NamedTuple):
    """A filing: the request as it was filed, when it was decided last, and what was said about it, as JSON text."""

    filing_id: str
    revision: int
    request: Mapping[str, Any]
    decided_at: str
    said: str | None


class Bounds(NamedTuple):
    """Filings submitted from ``since`` to before ``until``, in one of the townships; None: all."""

    since: str | None
    until: str | None
    townships: Sequence[str] | None

    def conditions(self) -> list[ColumnElement[bool]]:
        """Those the rules decide."""
        wanted: list[ColumnElement[bool]] = [FILINGS.c.status.not_in(LEFT_OUT)]
        if self.since is not None:
            wanted.append(FILINGS.c.submitted_at >= self.since)
        if self.until is not None:
            wanted.append(FILINGS.c.submitted_at < self.until)
        if self.townships is not None:
            wanted.append(FILINGS.c.township_code.in_(self.townships))
        return wanted


def count_filings(tx: Transaction, bounds: Bounds) -> int:
    return int(tx.rows(select(func.count()).select_from(FILINGS).where(*bounds.conditions()))[0][0])


def filings_after(tx: Transaction, bounds: Bounds, after: str, limit: int) -> list[Stored]:
    """The next ``limit`` from behind ``after``."""
    query = select(*_READ).where(FILINGS.c.filing_id > after, *bounds.conditions()).order_by(FILINGS.c.filing_id).limit(limit)
    return [
        Stored(row.filing_id, row.revision, orjson.loads(row.request), _decided_at(row.decision) or row.submitted_at, row.said)
        for row in tx.rows(query)
    ]


def _decided_at(decision: str | None) -> str:
    """When it was decided last; empty: never."""
    body = {} if decision is None else orjson.loads(decision)
    return str(body.get("decided_at") or body.get("pending") or "")
