"""Grades, parks and their admissions, and the problem lists."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Row

from chassis.database import Transaction
from contracts.vocabulary import AdmissionStatus, ListStatus, ListType
from services.land_check.domain import Admission, Listing
from services.land_check.domain.identity import same_text_key
from services.land_check.tables.rows import ADMISSION, GRADE, LIST_ENTRY


def load_grades(tx: Transaction, usccs: Iterable[str]) -> dict[str, list[tuple[int, str]]]:
    """For each USCC its (year, grade)."""
    found: dict[str, list[tuple[int, str]]] = {}
    for row in tx.load(GRADE, GRADE.c.uscc, usccs):
        found.setdefault(row.uscc, []).append((row.year, row.grade))
    return found


def admission_keys(park_id: str, enterprise_name: str, uscc: str | None) -> tuple[str, str | None]:
    """What an admission is found by: park and name, park and USCC."""
    return f"{park_id}|{same_text_key(enterprise_name)}", None if uscc is None else f"{park_id}|{uscc}"


def load_admissions(tx: Transaction, wanted: Iterable[tuple[str, str, str | None]]) -> dict[str, list[Admission]]:
    """By park id, the admissions that may be of those (park, enterprise name, USCC)."""
    keys = [admission_keys(*each) for each in wanted]
    rows = [
        *tx.load(ADMISSION, ADMISSION.c.by_name, {name for name, _ in keys}),
        *tx.load(ADMISSION, ADMISSION.c.by_uscc, {uscc for _, uscc in keys if uscc is not None}),
    ]
    found: dict[str, list[Admission]] = {}
    for row in {row.admission_id: row for row in rows}.values():
        found.setdefault(row.park_id, []).append(_admission_of(row))
    return found


def open_listings(
    tx: Transaction, parcel_codes: Iterable[str], controller_names: Iterable[str], controller_usccs: Iterable[str]
) -> list[Listing]:
    """Open entries of the four lists at those parcels or of those controllers."""
    columns = LIST_ENTRY.c
    wanted = (
        (columns.open_parcel, set(parcel_codes)),
        (columns.open_controller_name, {same_text_key(name) for name in controller_names}),
        (columns.open_controller_uscc, set(controller_usccs)),
    )
    rows = [row for column, keys in wanted if keys for row in tx.load(LIST_ENTRY, column, keys)]
    return [listing_of(row) for row in {row.entry_id: row for row in rows}.values()]


def listing_of(row: Row[Any]) -> Listing:
    return Listing(
        entry_id=row.entry_id,
        list=ListType(row.list),
        status=ListStatus(row.status),
        parcel_code=row.parcel_code,
        unit_number=row.unit_number,
        controller_name=row.controller_name,
        controller_uscc=row.controller_uscc,
    )


def lock_entry(tx: Transaction, entry_id: str) -> dict[str, Any] | None:
    """The row of one list entry, kept from other writers."""
    rows = tx.lock(LIST_ENTRY, LIST_ENTRY.c.entry_id, [entry_id])
    return dict(rows[0]._mapping) if rows else None


def save_entries(tx: Transaction, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write entries with the keys under which an open one of the four lists is found."""
    tx.upsert(LIST_ENTRY, [{**row, **_open_keys(row)} for row in rows])


def _open_keys(row: Mapping[str, Any]) -> dict[str, str | None]:
    holds = row["status"] != ListStatus.DELISTED and row["list"] != ListType.SOURCE_CONTROL
    name = row["controller_name"]
    return {
        "open_parcel": row["parcel_code"] if holds else None,
        "open_controller_name": same_text_key(name) if holds and name is not None else None,
        "open_controller_uscc": row["controller_uscc"] if holds else None,
    }


def _admission_of(row: Row[Any]) -> Admission:
    return Admission(
        admission_id=row.admission_id,
        park_id=row.park_id,
        enterprise_name=row.enterprise_name,
        uscc=row.uscc,
        status=AdmissionStatus(row.status),
        decided_on=date.fromisoformat(row.decided_on),
    )
