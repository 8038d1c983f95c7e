"""Clearances and overrides in and out of their rows."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Column, Row, Select, select

from chassis.database import Transaction
from services.power_grid.domain import Clearance, Override
from services.power_grid.tables.rows import CLEARANCES, DECLARED_USES, OVERRIDES

_CLEARANCE = TypeAdapter(Clearance)
_OVERRIDE = TypeAdapter(Override)


def clearance_of(row: Row[Any]) -> Clearance:
    return _CLEARANCE.validate_json(row.body)


def _by(tx: Transaction, column: Column[Any], keys: Collection[str]) -> list[Clearance]:
    return [clearance_of(row) for row in tx.load(CLEARANCES, column, keys)] if keys else []


def load_clearances(tx: Transaction, clearance_ids: Collection[str]) -> dict[str, Clearance]:
    return {clearance.clearance_id: clearance for clearance in _by(tx, CLEARANCES.c.clearance_id, clearance_ids)}


def lock_clearances(tx: Transaction, clearance_ids: Collection[str]) -> dict[str, Clearance]:
    rows = tx.lock(CLEARANCES, CLEARANCES.c.clearance_id, sorted(clearance_ids))
    return {row.clearance_id: clearance_of(row) for row in rows}


def clearances_of_requests(tx: Transaction, request_ids: Collection[str]) -> dict[str, Clearance]:
    """By the power company's own request number."""
    return {clearance.request.request_id: clearance for clearance in _by(tx, CLEARANCES.c.request_id, request_ids)}


def clearances_at(tx: Transaction, parcel_codes: Collection[str]) -> list[Clearance]:
    return _by(tx, CLEARANCES.c.parcel_code, parcel_codes)


def parcels_asked_about(tx: Transaction, parcel_codes: Collection[str]) -> set[str]:
    """Those with a clearance, or with a use that was declared in a request whose filing has moved since."""
    if not parcel_codes:
        return set()
    columns = (CLEARANCES.c.parcel_code, DECLARED_USES.c.parcel_code)
    return {row.parcel_code for column in columns for row in tx.load(column.table, column, parcel_codes)}


def clearances_of_filings(tx: Transaction, filing_ids: Collection[str]) -> list[Clearance]:
    """Those judged by these filings: the ones named, or those that stand for them."""
    return _by(tx, CLEARANCES.c.filing_id, filing_ids)


def clearances_of_applicants(tx: Transaction, usccs: Collection[str]) -> list[Clearance]:
    return _by(tx, CLEARANCES.c.applicant_uscc, usccs)


def clearances_page(after: Sequence[Any] | None, limit: int, request_id: str | None, parcel_code: str | None) -> Select[Any]:
    """One row more than ``limit``, newest first."""
    query = select(CLEARANCES).order_by(CLEARANCES.c.clearance_id.desc()).limit(limit + 1)
    if request_id is not None:
        query = query.where(CLEARANCES.c.request_id == request_id)
    if parcel_code is not None:
        query = query.where(CLEARANCES.c.parcel_code == parcel_code)
    return query if after is None else query.where(CLEARANCES.c.clearance_id < str(after[0]))


def save_clearances(tx: Transaction, clearances: Iterable[Clearance]) -> None:
    tx.upsert(
        CLEARANCES,
        [
            {
                "clearance_id": clearance.clearance_id,
                "request_id": clearance.request.request_id,
                "parcel_code": None if clearance.site is None else clearance.site.parcel_code,
                "filing_id": clearance.filing_id,
                "applicant_uscc": clearance.request.applicant_uscc,
                "body": _CLEARANCE.dump_json(clearance).decode(),
            }
            for clearance in clearances
        ],
    )


def overrides_of_block(tx: Transaction, block_id: str) -> list[Override]:
    """All overrides ever signed for a block, oldest first."""
    rows = tx.lock(OVERRIDES, OVERRIDES.c.block_id, [block_id])
    return [_OVERRIDE.validate_json(row.body) for row in sorted(rows, key=lambda row: row.override_id)]


def save_overrides(tx: Transaction, overrides: Iterable[Override]) -> None:
    tx.upsert(
        OVERRIDES,
        [
            {"override_id": override.override_id, "block_id": override.block_id, "body": _OVERRIDE.dump_json(override).decode()}
            for override in overrides
        ],
    )
