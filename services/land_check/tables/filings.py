"""Filings as land_check keeps them, and what finds the open ones when the world changes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from functools import cache
from typing import Any

import orjson
from sqlalchemy import Row, Select, bindparam, select, update

from chassis.database import Transaction
from chassis.dialects import Dialect
from contracts.registration import FilingFacts
from contracts.vocabulary import FilingStatus, LandVerdict
from services.land_check.domain import OPEN, Filing, MatchedBy, Part, RequestStatus, Rulings, Site
from services.land_check.tables.rows import FILING, FILING_WATCH

_NO_RULINGS = Rulings()
_END = (
    update(FILING)
    .where(FILING.c.filing_id == bindparam("id"))
    .values(status=bindparam("ended"), open_parcel=None, version=FILING.c.version + 1)
)


def filing_of(row: Row[Any]) -> Filing:
    """The filing of a row. Its site has no parcel yet: that is read from the register when it is judged."""
    return Filing(
        filing_id=row.filing_id,
        revision=row.revision,
        facts=FilingFacts.model_validate_json(row.facts),
        submitted_on=date.fromisoformat(row.submitted_on),
        status=FilingStatus(row.status),
        version=row.version,
        rulings=_rulings_of(row.rulings),
        site=Site(row.township_code, row.parcel_code, row.unit_number, None, row.matched_by and MatchedBy(row.matched_by)),
        verdict=LandVerdict(row.verdict),
        digest=row.digest,
        papers_with=row.township_code,
    )


def lock_filings(tx: Transaction, ids: Iterable[str]) -> dict[str, Filing]:
    """The filings of those ids that are known here, kept from other writers."""
    return {row.filing_id: filing_of(row) for row in tx.lock(FILING, FILING.c.filing_id, ids)}


def load_filings(tx: Transaction, ids: Iterable[str]) -> list[Filing]:
    """The filings of those ids that are known here, for reading."""
    return [filing_of(row) for row in tx.load(FILING, FILING.c.filing_id, ids)]


def open_filings_at(tx: Transaction, parcel_codes: Iterable[str]) -> list[str]:
    """Ids of the open filings placed on those parcels."""
    return [row.filing_id for row in tx.load(FILING, FILING.c.open_parcel, parcel_codes)]


def open_filings_after(tx: Transaction, after: str, limit: int) -> list[str]:
    """Ids of open filings in their order, from behind ``after``."""
    return _ids_after(tx, OPEN, after, limit)


def decided_filings_after(tx: Transaction, after: str, limit: int) -> list[str]:
    """The same of accepted and refused ones."""
    return _ids_after(tx, (FilingStatus.ACCEPTED, FilingStatus.REFUSED), after, limit)


def _ids_after(tx: Transaction, statuses: Iterable[FilingStatus], after: str, limit: int) -> list[str]:
    among = FILING.c.status.in_([status.value for status in statuses])
    query = select(FILING.c.filing_id).where(among, FILING.c.filing_id > after).order_by(FILING.c.filing_id).limit(limit)
    return [row.filing_id for row in tx.rows(query)]


def watching(tx: Transaction, keys: Iterable[str]) -> set[str]:
    """Ids of the open filings that depend on any of those things, see ``watch_keys``."""
    return {row.filing_id for row in tx.load(FILING_WATCH, FILING_WATCH.c.key, keys)}


def decided_among(tx: Transaction, ids: Iterable[str]) -> list[str]:
    """Those of the filings that registration had decided."""
    return [row.filing_id for row in tx.rows(_decided(tx.backend), {"keys": tx.backend.keys(ids)})]


@cache
def _decided(backend: Dialect) -> Select[Any]:
    decided = FILING.c.status.not_in([status.value for status in OPEN])
    return select(FILING.c.filing_id).where(backend.one_of_keys(FILING.c.filing_id), decided)


def save_filings(tx: Transaction, filings: Sequence[tuple[Filing, Sequence[str]]]) -> None:
    """Write filings with what each watches; their versions grow."""
    if not filings:
        return
    watched = [filing.filing_id for filing, _ in filings if filing.version]
    if watched:
        tx.delete(FILING_WATCH, FILING_WATCH.c.filing_id, watched)
    tx.insert(FILING_WATCH, [{"key": key, "filing_id": filing.filing_id} for filing, keys in filings if filing.is_open for key in keys])
    for filing, _ in filings:
        filing.version += 1
    tx.upsert(FILING, [_row(filing) for filing, _ in filings])


def end_filings(tx: Transaction, ended: Sequence[tuple[str, FilingStatus]]) -> None:
    """Record the last word of registration on those filings: they are judged no more. Unknown ids are passed over."""
    tx.execute(_END, [{"id": filing_id, "ended": status.value} for filing_id, status in ended])
    tx.delete(FILING_WATCH, FILING_WATCH.c.filing_id, [filing_id for filing_id, _ in ended])


def _row(filing: Filing) -> dict[str, Any]:
    site = filing.site
    if site is None or filing.digest is None:
        raise ValueError(f"filing {filing.filing_id} is saved before it is judged")
    return {
        "filing_id": filing.filing_id,
        "version": filing.version,
        "revision": filing.revision,
        "status": filing.status.value,
        "submitted_on": filing.submitted_on.isoformat(),
        "facts": filing.facts.model_dump_json(),
        "rulings": None if filing.rulings == _NO_RULINGS else orjson.dumps(filing.rulings).decode(),
        "parcel_code": site.parcel_code,
        "unit_number": site.unit_number,
        "township_code": site.township_code,
        "matched_by": site.matched_by,
        "verdict": filing.verdict.value,
        "digest": filing.digest,
        "open_parcel": site.parcel_code if filing.is_open else None,
    }


def _rulings_of(text: str | None) -> Rulings:
    if text is None:
        return Rulings()
    given = orjson.loads(text)
    return Rulings(
        **given
        | {
            "part": given["part"] and Part(given["part"]),
            "due": given["due"] and date.fromisoformat(given["due"]),
            "disputed_on": given.get("disputed_on") and date.fromisoformat(given["disputed_on"]),
            "request_status": given["request_status"] and RequestStatus(given["request_status"]),
        }
    )
