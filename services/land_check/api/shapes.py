"""How statements, requests, entries and filings are shown."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import orjson

from chassis.answer import Answer
from chassis.preconditions import etag
from services.land_check.domain import Filing, IssuerType, Statement
from services.land_check.rules.statements import state_for_anyone

ORGANISATIONS = (IssuerType.TOWNSHIP, IssuerType.ZONE_COMMITTEE, IssuerType.VILLAGE_COMMITTEE)


def statement_json(paper: Statement) -> dict[str, Any]:
    return {
        "statement_id": paper.statement_id,
        "version": paper.version,
        "check_code": paper.check_code,
        "filing_id": paper.filing_id,
        "statement_request_id": paper.statement_request_id,
        "township_code": paper.township_code,
        "issuer": issuer_json(paper),
        "result": paper.result,
        "enterprise_name": paper.enterprise_name,
        "uscc": paper.uscc,
        "parcel_code": paper.parcel_code,
        "unit_number": paper.unit_number,
        "owner": paper.owner,
        "basis": paper.basis,
        "second_officer": paper.second_officer,
        "issued_on": paper.issued_on,
        "valid_to": paper.valid_to,
        "document_sha256": paper.document_sha256,
        "in_village": paper.in_village,
        "state": paper.state,
        "findings": paper.findings,
        "reason": paper.reason,
        "recorded_by": paper.recorded_by,
        "recorded_at": paper.recorded_at,
        "spent_at": paper.spent_at,
    }


def issuer_json(paper: Statement) -> dict[str, Any]:
    return {"type": paper.issuer_type, "township_code": paper.issuer_township, "name": paper.issuer_name}


def check_json(paper: Statement, day: date) -> dict[str, Any]:
    """What anyone may know of a statement. The name of an issuer that is no organisation may be a person's."""
    name = paper.issuer_name if paper.issuer_type in ORGANISATIONS else None
    return {
        "issuer": issuer_json(paper) | {"name": name},
        "issued_on": paper.issued_on,
        "valid_to": paper.valid_to,
        "state": state_for_anyone(paper, day),
    }


def request_json(row: Mapping[str, Any]) -> dict[str, Any]:
    return dict(row) | {"flags": orjson.loads(row["flags"])}


def entry_json(row: Mapping[str, Any]) -> dict[str, Any]:
    name = row["controller_name"]
    return {
        "entry_id": row["entry_id"],
        "version": row["version"],
        "list": row["list"],
        "status": row["status"],
        "cause": row["cause"],
        "enterprise_name": row["enterprise_name"],
        "uscc": row["uscc"],
        "controller": None if name is None else {"name": name, "uscc": row["controller_uscc"]},
        "parcel_code": row["parcel_code"],
        "unit_number": row["unit_number"],
        "township_code": row["township_code"],
        "found_on": row["found_on"],
        "due": row["due"],
        "steps": orjson.loads(row["steps"]),
    }


def filing_json(filing: Filing) -> dict[str, Any]:
    """A filing as far as land_check knows it."""
    site, rulings = filing.site, filing.rulings
    return {
        "filing_id": filing.filing_id,
        "version": filing.version,
        "status": filing.status,
        "township_code": site.township_code if site is not None else None,
        "parcel_code": site.parcel_code if site is not None else None,
        "unit_number": site.unit_number if site is not None else None,
        "matched_by": site.matched_by if site is not None else None,
        "land_verdict": filing.verdict,
        "part": rulings.part,
        "part_reason": rulings.part_reason,
        "township_reason": rulings.township_reason,
        "statement_request_id": rulings.request_id,
    }


def filing_answer(filing: Filing) -> Answer:
    return Answer(200, filing_json(filing), etag(filing.version))


def statement_answer(paper: Statement, status: int = 200) -> Answer:
    return Answer(status, statement_json(paper), etag(paper.version))
