"""The parcel register: read for verdicts, matched by unit, point and address, written with its history."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import orjson
from sqlalchemy import Row, select

from chassis.database import Transaction
from services.land_check.domain import Parcel, ParcelRecord, PlannedUse, Use
from services.land_check.domain.geometry import cells_of_box, cells_of_point, covers
from services.land_check.domain.identity import parcel_code_of_unit, same_text_key
from services.land_check.tables.rows import PARCEL, PARCEL_ADDRESS, PARCEL_CELL, PARCEL_GEOMETRY, PARCEL_HISTORY, PARCEL_UNIT

_CHILDREN = (PARCEL_GEOMETRY, PARCEL_CELL, PARCEL_ADDRESS, PARCEL_UNIT)


def parcel_of(body: Mapping[str, Any], version: int) -> Parcel:
    """The parcel of a stored body."""
    survey, transition = body["survey_use"], body["transition"]
    implementation = transition and transition["planned_implementation"]
    return Parcel(
        code=body["parcel_code"],
        township_code=body["township_code"],
        version=version,
        registered=_uses(body["registered_use"]),
        survey=None if survey is None else Use(survey["scheme"], survey["code"]),
        planned_use=PlannedUse(body["planned_use"]),
        planned_implementation=date.fromisoformat(implementation) if implementation else None,
        in_village=body["in_village"],
        in_qianwan=body["in_qianwan"],
        inside_control_line=body["inside_control_line"],
        park_id=body["park_id"],
        units={unit["unit_number"]: _uses(unit["registered_use"]) for unit in body["units"] if unit["registered_use"] is not None},
        source=body["source"],
        as_of=body["as_of"],
        superseded_by=tuple(body.get("superseded_by", ())),
    )


def load_parcels(tx: Transaction, codes: Iterable[str]) -> dict[str, Parcel]:
    """The parcels of those codes that are in the register."""
    return {row.parcel_code: parcel_of(orjson.loads(row.body), row.version) for row in tx.load(PARCEL, PARCEL.c.parcel_code, codes)}


def parcels_after(tx: Transaction, after: str, limit: int) -> Sequence[Row[Any]]:
    """Rows of the register in the order of their codes, from behind ``after``."""
    return tx.rows(select(PARCEL).where(PARCEL.c.parcel_code > after).order_by(PARCEL.c.parcel_code).limit(limit))


def lock_parcels(tx: Transaction, codes: Iterable[str]) -> dict[str, Row[Any]]:
    """Their rows, kept from other writers: whoever changes a parcel and whoever judges by it come one after the other."""
    return {row.parcel_code: row for row in tx.lock(PARCEL, PARCEL.c.parcel_code, codes)}


def parcels_with_units(tx: Transaction, units: Sequence[str]) -> dict[str, set[str]]:
    """For each unit number the parcels that register it; for an official number, the parcel it names by its first 19 places."""
    found: dict[str, set[str]] = defaultdict(set)
    for row in tx.load(PARCEL_UNIT, PARCEL_UNIT.c.unit_number, units):
        found[row.unit_number].add(row.parcel_code)
    named = {unit: code for unit in units if unit not in found and (code := parcel_code_of_unit(unit)) is not None}
    known = {row.parcel_code for row in tx.load(PARCEL, PARCEL.c.parcel_code, set(named.values()))} if named else set()
    for unit, code in named.items():
        if code in known:
            found[unit].add(code)
    return found


def townships_of(tx: Transaction, codes: Iterable[str]) -> dict[str, str]:
    """The township of each of those parcels that is in the register."""
    return {row.parcel_code: row.township_code for row in tx.load(PARCEL, PARCEL.c.parcel_code, codes)}


def parcels_at_addresses(tx: Transaction, addresses: Iterable[str]) -> dict[str, set[str]]:
    """For each address the parcels that have it, written the same but for blanks and width."""
    by_key: dict[str, set[str]] = defaultdict(set)
    wanted = {address: same_text_key(address) for address in addresses}
    for row in tx.load(PARCEL_ADDRESS, PARCEL_ADDRESS.c.address_key, set(wanted.values())):
        by_key[row.address_key].add(row.parcel_code)
    return {address: by_key[key] for address, key in wanted.items()}


def parcels_at_point(tx: Transaction, lon: float, lat: float) -> set[str]:
    """The parcels whose outline holds the point."""
    near = {row.parcel_code for row in tx.load(PARCEL_CELL, PARCEL_CELL.c.cell, cells_of_point(lon, lat))}
    if not near:
        return set()
    return {
        row.parcel_code
        for row in tx.load(PARCEL_GEOMETRY, PARCEL_GEOMETRY.c.parcel_code, near)
        if row.west <= lon <= row.east and row.south <= lat <= row.north and covers(row.geometry, lon, lat)
    }


def load_geometries(tx: Transaction, codes: Iterable[str]) -> dict[str, dict[str, Any]]:
    """The outlines of those parcels that have one."""
    return {row.parcel_code: orjson.loads(row.geometry) for row in tx.load(PARCEL_GEOMETRY, PARCEL_GEOMETRY.c.parcel_code, codes)}


def save_parcels(tx: Transaction, records: Sequence[tuple[ParcelRecord, int]], at: str, by: str) -> None:
    """Write the records with their new versions, what finds them, and one line of history each."""
    changed = [record.code for record, version in records if version > 1]
    if changed:
        for table in _CHILDREN:
            tx.delete(table, table.c.parcel_code, changed)
    tx.upsert(PARCEL, [_row(record, version, at, by) for record, version in records])
    tx.insert(PARCEL_HISTORY, [_history(record, version, at, by) for record, version in records])
    _insert_children(tx, [record for record, _ in records])


def _insert_children(tx: Transaction, records: Sequence[ParcelRecord]) -> None:
    outlined = [(record.code, record.geometry, record.box) for record in records if record.geometry is not None and record.box is not None]
    tx.insert(
        PARCEL_GEOMETRY,
        [{"parcel_code": code, "geometry": _json(geometry), **box._asdict()} for code, geometry, box in outlined],
    )
    tx.insert(PARCEL_CELL, [{"cell": cell, "parcel_code": code} for code, _, box in outlined for cell in cells_of_box(box)])
    addresses = {(same_text_key(address), record.code) for record in records for address in record.body["addresses"]}
    tx.insert(PARCEL_ADDRESS, [{"address_key": key, "parcel_code": code} for key, code in sorted(addresses)])
    units = {(unit["unit_number"], record.code) for record in records for unit in record.body["units"]}
    tx.insert(PARCEL_UNIT, [{"unit_number": unit, "parcel_code": code} for unit, code in sorted(units)])


def _row(record: ParcelRecord, version: int, at: str, by: str) -> dict[str, Any]:
    return {
        "parcel_code": record.code,
        "version": version,
        "township_code": record.body["township_code"],
        "body": _json(record.body),
        "recorded_at": at,
        "recorded_by": by,
    }


def _history(record: ParcelRecord, version: int, at: str, by: str) -> dict[str, Any]:
    return {
        "parcel_code": record.code,
        "version": version,
        "valid_from": record.body["as_of"],
        "recorded_at": at,
        "recorded_by": by,
        "body": _json(record.body | {"geometry": record.geometry}),
    }


def _uses(uses: Sequence[Mapping[str, str]]) -> tuple[Use, ...]:
    return tuple([Use(use["scheme"], use["code"]) for use in uses])


def _json(value: Any) -> str:
    return orjson.dumps(value).decode()
