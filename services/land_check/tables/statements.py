"""Statements, the requests for them, and the history of both."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

import orjson
from sqlalchemy import Row, select

from chassis.clock import rfc3339
from chassis.database import Transaction
from contracts.vocabulary import StatementFinding
from services.land_check.domain import IssuerType, PaperEvent, RequestStatus, Statement, StatementResult
from services.land_check.domain.identity import same_text_key
from services.land_check.tables.rows import STATEMENT, STATEMENT_HISTORY, STATEMENT_REQUEST

SYSTEM = "system"
"""Who did what nobody in particular has done."""


class Change(NamedTuple):
    """A statement as it stands after something happened to it."""

    paper: Statement
    event: PaperEvent
    by: str = SYSTEM


class Closing(NamedTuple):
    """A request as it stands once it is answered or taken back."""

    row: dict[str, Any]
    by: str


def statement_of(row: Row[Any]) -> Statement:
    return paper_of(row.body)


def paper_of(text: str) -> Statement:
    """A statement, as it is or as it was in one of its versions."""
    body = orjson.loads(text)
    return Statement(
        **body
        | {
            "issuer_type": IssuerType(body["issuer_type"]),
            "result": StatementResult(body["result"]),
            "issued_on": date.fromisoformat(body["issued_on"]),
            "valid_to": date.fromisoformat(body["valid_to"]),
            "findings": tuple(StatementFinding(finding) for finding in body["findings"]),
        }
    )


def lock_statement(tx: Transaction, statement_id: str) -> Statement | None:
    """One statement, kept from other writers."""
    rows = tx.lock(STATEMENT, STATEMENT.c.statement_id, [statement_id])
    return statement_of(rows[0]) if rows else None


def papers_of_filings(tx: Transaction, ids: Iterable[str]) -> list[Statement]:
    """The statements bound to those filings."""
    return [statement_of(row) for row in tx.load(STATEMENT, STATEMENT.c.filing_id, ids)]


def unbound_papers(tx: Transaction, parcel_codes: Iterable[str]) -> list[Statement]:
    """The statements about those parcels that no filing has yet."""
    return [statement_of(row) for row in tx.load(STATEMENT, STATEMENT.c.unbound_parcel, parcel_codes)]


def save_statements(tx: Transaction, changes: Sequence[Change]) -> None:
    """Write statements as they stand now, and what happened to them beside it."""
    if not changes:
        return
    at = rfc3339(tx.now)
    rows = [_row(change.paper) for change in changes]
    tx.upsert(STATEMENT, rows)
    tx.insert(STATEMENT_HISTORY, [_line(row, change, at) for row, change in zip(rows, changes, strict=True)])


def lock_request(tx: Transaction, request_id: str) -> dict[str, Any] | None:
    """The row of one statement request, kept from other writers."""
    rows = tx.lock(STATEMENT_REQUEST, STATEMENT_REQUEST.c.statement_request_id, [request_id])
    return dict(rows[0]._mapping) if rows else None


def open_requests(tx: Transaction, rows: Sequence[Mapping[str, Any]]) -> None:
    tx.insert(STATEMENT_REQUEST, rows)


def flag_requests(tx: Transaction, flags: Mapping[str, str]) -> None:
    """Let what is pending for those filings have their flags, as stored, by filing id; one version on where they are others."""
    rows = tx.lock(STATEMENT_REQUEST, STATEMENT_REQUEST.c.filing_id, flags)
    stale = [row for row in rows if row.status == RequestStatus.PENDING and row.flags != flags[row.filing_id]]
    tx.upsert(STATEMENT_REQUEST, [dict(row._mapping) | {"flags": flags[row.filing_id], "version": row.version + 1} for row in stale])


def close_requests(tx: Transaction, closings: Sequence[Closing]) -> None:
    """Write requests that are answered or taken back, one version on, and who did so beside it."""
    if not closings:
        return
    at = rfc3339(tx.now)
    for row, _ in closings:
        row["version"] += 1
    tx.upsert(STATEMENT_REQUEST, [row for row, _ in closings])
    tx.insert(STATEMENT_HISTORY, [_end(row, by, at) for row, by in closings])


def cancel_requests(tx: Transaction, filing_ids: Iterable[str], by: str = SYSTEM) -> None:
    """Take back what is still pending for those filings."""
    rows = tx.lock(STATEMENT_REQUEST, STATEMENT_REQUEST.c.filing_id, filing_ids)
    pending = [row for row in rows if row.status == RequestStatus.PENDING]
    close_requests(tx, [Closing(dict(row._mapping) | {"status": RequestStatus.CANCELLED.value}, by) for row in pending])


def requests_of_filing(tx: Transaction, filing_id: str) -> Sequence[Row[Any]]:
    """The requests for that filing's statement, the first one first."""
    mine = STATEMENT_REQUEST.c.filing_id == filing_id
    return tx.rows(select(STATEMENT_REQUEST).where(mine).order_by(STATEMENT_REQUEST.c.statement_request_id))


def histories(tx: Transaction, record_ids: Sequence[str]) -> dict[str, list[Row[Any]]]:
    """What is kept of each statement's versions, or of the answer to each request; in their order."""
    found: dict[str, list[Row[Any]]] = {record_id: [] for record_id in record_ids}
    for row in sorted(tx.load(STATEMENT_HISTORY, STATEMENT_HISTORY.c.record_id, record_ids), key=lambda line: line.version):
        found[row.record_id].append(row)
    return found


def _row(paper: Statement) -> dict[str, Any]:
    return {
        "statement_id": paper.statement_id,
        "version": paper.version,
        "check_code": paper.check_code,
        "filing_id": paper.filing_id,
        "township_code": paper.township_code,
        "parcel_code": paper.parcel_code,
        "enterprise_key": same_text_key(paper.enterprise_name),
        "uscc": paper.uscc,
        "unbound_parcel": paper.parcel_code if paper.filing_id is None else None,
        "body": orjson.dumps(paper).decode(),
    }


def _line(row: Mapping[str, Any], change: Change, at: str) -> dict[str, Any]:
    paper, event, by = change
    withdrawn = event in (PaperEvent.REVOKED, PaperEvent.FOUND_FORGED)
    return {
        "record_id": paper.statement_id,
        "version": paper.version,
        "at": at,
        "by": by,
        "event": event.value,
        "state": paper.state.value,
        "reason": paper.reason if withdrawn else None,
        "body": row["body"],
    }


def _end(row: Mapping[str, Any], by: str, at: str) -> dict[str, Any]:
    return {
        "record_id": row["statement_request_id"],
        "version": row["version"],
        "at": at,
        "by": by,
        "event": row["status"],
        "state": row["status"],
        "reason": row["reason"],
        "body": None,
    }
