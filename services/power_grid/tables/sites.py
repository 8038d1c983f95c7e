"""Sites in and out of their rows. The row of the whole parcel is the lock under which a parcel is judged."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Row, select

from chassis.database import Transaction
from services.power_grid.domain import Site, SiteKey
from services.power_grid.tables.recorded import SITE, record
from services.power_grid.tables.rows import SITES, WHOLE

_SITE = TypeAdapter(Site)
_SITES = TypeAdapter(list[Site])

Sites = dict[str, dict[str | None, Site]]
"""Parcel code, then unit number (None: the whole parcel)."""


def claim_sites(tx: Transaction, parcel_codes: Collection[str]) -> Sites:
    """The kept sites of the parcels, theirs alone until COMMIT; the whole parcel is always among them, new ones at epoch 0."""
    wanted = sorted(set(parcel_codes))
    if not wanted:
        return {}
    return _sites(wanted, tx.lock(SITES, SITES.c.parcel_code, wanted))


def load_sites(tx: Transaction, parcel_codes: Collection[str]) -> Sites:
    """The same without a lock, for reading."""
    return _sites(parcel_codes, tx.load(SITES, SITES.c.parcel_code, parcel_codes))


def _sites(parcel_codes: Iterable[str], rows: Iterable[Row[Any]]) -> Sites:
    sites: Sites = defaultdict(dict)
    for site in _SITES.validate_json(f"[{','.join([row.body for row in rows if row.body])}]"):
        sites[site.key.parcel_code][site.key.unit_number] = site
    for code in parcel_codes:
        if None not in sites[code]:
            sites[code][None] = Site(SiteKey(code, None))
    return sites


def save_sites(tx: Transaction, sites: Iterable[Site]) -> None:
    rows: list[dict[str, Any]] = [
        {
            "parcel_code": site.key.parcel_code,
            "unit_number": site.key.unit_number or WHOLE,
            "standing": str(site.standing),
            "next_look": None if site.next_look is None else site.next_look.isoformat(),
            "body": _SITE.dump_json(site).decode(),
        }
        for site in sites
    ]
    tx.upsert(SITES, rows)
    record(tx, SITE, ((row["parcel_code"], None, None, row["body"]) for row in rows))


def due_parcels(tx: Transaction, today: date, limit: int) -> list[str]:
    """Parcels with a site that time alone may have changed."""
    due = select(SITES.c.parcel_code).where(SITES.c.next_look.is_not(None), SITES.c.next_look <= today.isoformat())
    return list(dict.fromkeys(row.parcel_code for row in tx.rows(due.order_by(SITES.c.next_look).limit(limit))))


def watched_parcels(tx: Transaction) -> list[str]:
    """Parcels with a site that time alone may change: those under watch are among them."""
    return [row.parcel_code for row in tx.rows(select(SITES.c.parcel_code).distinct().where(SITES.c.next_look.is_not(None)))]


def parcels_with_sites(tx: Transaction, after: str, limit: int) -> list[str]:
    """Parcels that have a kept site, in the order of their codes, from behind ``after``."""
    codes = select(SITES.c.parcel_code).distinct().where(SITES.c.parcel_code > after)
    return [row.parcel_code for row in tx.rows(codes.order_by(SITES.c.parcel_code).limit(limit))]
