"""A place as it was recorded at a moment. Findings and declared uses carry their own dates; all else is read from what was recorded."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Column, Row

from chassis.database import Transaction
from contracts.values import dataclass
from contracts.vocabulary import Grade
from services.power_grid.domain import Filing, Finding, Grades, Parcel, ParcelFacts, Site
from services.power_grid.tables.facts import (
    accepted_moves,
    declared_uses,
    filings_of,
    findings_at,
    graded_enterprises,
    registered_enterprises,
)
from services.power_grid.tables.recorded import FILING, GRADE, PARCEL, SITE
from services.power_grid.tables.rows import RECORDED

_PARCEL = TypeAdapter(Parcel)
_GRADE: TypeAdapter[tuple[int, Grade]] = TypeAdapter(tuple[int, Grade])
_SITE = TypeAdapter(Site)


@dataclass(frozen=True, slots=True)
class PlaceThen:
    """``recorded_from``: when the first thing was recorded of the parcel, null: never. ``copied``: it was known before, since when was
    not kept.
    """

    facts: ParcelFacts
    sites: dict[str | None, Site]
    recorded_from: str | None
    copied: bool


def place_at(tx: Transaction, parcel_code: str, then: str) -> PlaceThen:
    """A parcel with its sites as they were recorded by ``then``, a moment as it is stored."""
    every = _lines(tx, RECORDED.c.parcel_code, [parcel_code])
    known = [line for line in every if line.at <= then]
    first = min(every, key=lambda line: line.at, default=None)
    sites = {site.key.unit_number: site for site in (_SITE.validate_json(line.body) for line in known if line.kind == SITE)}
    parcel = next((_PARCEL.validate_json(line.body) for line in reversed(known) if line.kind == PARCEL), None)
    return PlaceThen(
        _facts(tx, parcel_code, parcel, {line.filing_id for line in known if line.kind == FILING}, then),
        sites,
        None if first is None else first.at,
        first is not None and bool(first.copied),
    )


def _facts(tx: Transaction, parcel_code: str, parcel: Parcel | None, filing_ids: Collection[str], then: str) -> ParcelFacts:
    """``filing_ids``: those that were ever placed there."""
    filings = [filing for filing in _filings(tx, filing_ids, then) if filing.site is not None and filing.site.parcel_code == parcel_code]
    findings = tuple(found for finding in findings_at(tx, [parcel_code])[parcel_code] if (found := _seen_by(finding, _moment(then))))
    uses = tuple(use for use in declared_uses(tx, [parcel_code])[parcel_code] if use.declared_at <= _moment(then))
    parcels = {} if parcel is None else {parcel_code: parcel}
    return ParcelFacts(
        parcel_code=parcel_code,
        parcel=parcel,
        filings=tuple(filings),
        moves=_moves(tx, registered_enterprises(filings), then),
        findings=findings,
        uses=uses,
        grades=_grades(tx, graded_enterprises(parcels, filings, uses), then),
    )


def _filings(tx: Transaction, filing_ids: Collection[str], then: str) -> list[Filing]:
    newest = {line.filing_id: line.body for line in _lines(tx, RECORDED.c.filing_id, filing_ids) if line.at <= then}
    return list(filings_of({filing_id: newest[filing_id] for filing_id in sorted(newest)}).values())


def _moves(tx: Transaction, usccs: Collection[str], then: str) -> tuple[Filing, ...]:
    named = {line.filing_id for line in _lines(tx, RECORDED.c.uscc, usccs) if line.kind == FILING and line.at <= then}
    return accepted_moves(filing for filing in _filings(tx, named, then) if filing.uscc in usccs)


def _grades(tx: Transaction, usccs: Collection[str], then: str) -> Grades:
    grades: dict[str, dict[int, Grade]] = {}
    for line in _lines(tx, RECORDED.c.uscc, usccs):
        if line.kind == GRADE and line.at <= then:
            year, grade = _GRADE.validate_json(line.body)
            grades.setdefault(line.uscc, {})[year] = grade
    return grades


def _seen_by(finding: Finding, moment: datetime) -> Finding | None:
    if finding.recorded_at > moment:
        return None
    open_then = finding.closed_at is not None and finding.closed_at > moment
    return replace(finding, state="open", closed_at=None, closed_reason=None) if open_then else finding


def _moment(then: str) -> datetime:
    return datetime.fromisoformat(then)


def _lines(tx: Transaction, column: Column[Any], keys: Collection[str]) -> list[Row[Any]]:
    """In the order in which they were recorded."""
    return sorted(tx.load(RECORDED, column, sorted(keys)), key=lambda line: line.id) if keys else []
