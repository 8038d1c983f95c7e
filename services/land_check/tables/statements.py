"""Statements and the requests for them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import orjson
from sqlalchemy import Row, bindparam, update

from chassis.database import Transaction
from contracts.vocabulary import StatementFinding
from services.land_check.domain import IssuerType, RequestStatus, Statement, StatementResult
from services.land_check.domain.identity import same_text_key
from services.land_check.tables.rows import STATEMENT, STATEMENT_REQUEST

_CANCEL = (
    update(STATEMENT_REQUEST)
    .where(STATEMENT_REQUEST.c.filing_id == bindparam("id"), STATEMENT_REQUEST.c.status == RequestStatus.PENDING.value)
    .values(status=RequestStatus.CANCELLED.value, version=STATEMENT_REQUEST.c.version + 1)
)


def statement_of(row: Row[Any]) -> Statement:
    body = orjson.loads(row.body)
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


def save_statements(tx: Transaction, papers: Sequence[Statement]) -> None:
    tx.upsert(STATEMENT, [_row(paper) for paper in papers])


def lock_request(tx: Transaction, request_id: str) -> dict[str, Any] | None:
    """The row of one statement request, kept from other writers."""
    rows = tx.lock(STATEMENT_REQUEST, STATEMENT_REQUEST.c.statement_request_id, [request_id])
    return dict(rows[0]._mapping) if rows else None


def save_requests(tx: Transaction, rows: Sequence[Mapping[str, Any]]) -> None:
    tx.upsert(STATEMENT_REQUEST, rows)


def cancel_requests(tx: Transaction, filing_ids: Iterable[str]) -> None:
    """Take back what is still pending for those filings."""
    wanted = [{"id": filing_id} for filing_id in filing_ids]
    if wanted:
        tx.execute(_CANCEL, wanted)


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
