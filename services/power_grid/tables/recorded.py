"""Every state that was recorded, kept beside the present one: what a place is asked for as it was."""

from __future__ import annotations

from collections.abc import Iterable

from chassis.clock import rfc3339
from chassis.database import Transaction
from services.power_grid.tables.rows import RECORDED

FILING, PARCEL, GRADE, SITE = "filing", "parcel", "grade", "site"

Line = tuple[str | None, str | None, str | None, str]
"""Parcel code, filing id, USCC, body: by the first three it is found. Parcel and USCC of a filing stand in the line that brought them."""


def record(tx: Transaction, kind: str, lines: Iterable[Line]) -> None:
    """Keep these states as those of this moment."""
    at = rfc3339(tx.now)
    tx.insert(
        RECORDED,
        [
            {"kind": kind, "parcel_code": parcel_code, "filing_id": filing_id, "uscc": uscc, "at": at, "copied": 0, "body": body}
            for parcel_code, filing_id, uscc, body in lines
        ],
    )
