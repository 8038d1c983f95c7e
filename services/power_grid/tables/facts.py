"""Facts in and out of their rows, a batch at a time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Row

from chassis.database import Transaction
from contracts.vocabulary import Action, FilingStatus, Grade, LandVerdict
from services.power_grid.domain import DeclaredUse, Filing, Finding, Judged, Parcel, ParcelFacts, Registered
from services.power_grid.tables.recorded import FILING, GRADE, PARCEL, Line, record
from services.power_grid.tables.rows import DECLARED_USES, FILINGS, FINDINGS, GRADES, PARCELS

_REGISTERED = TypeAdapter(Registered)
_HALVES: TypeAdapter[list[tuple[Registered | None, Judged | None]]] = TypeAdapter(list[tuple[Registered | None, Judged | None]])
_JUDGED = TypeAdapter(Judged)
_PARCEL = TypeAdapter(Parcel)
_PARCELS = TypeAdapter(list[Parcel])
_FINDING = TypeAdapter(Finding)
_USE = TypeAdapter(DeclaredUse)
_COLUMNS = ("filing_id", "parcel_code", "uscc", "registered", "judged")


def filings_of(halves: Mapping[str, str]) -> dict[str, Filing]:
    """By id, from both halves of each as they are recorded; in one go: a place may have thousands, which each event there reads."""
    read = _HALVES.validate_json(f"[{','.join(halves.values())}]")
    return {filing_id: Filing(filing_id, *both) for filing_id, both in zip(halves, read, strict=True)}


def _filings(rows: Iterable[Row[Any]]) -> dict[str, Filing]:
    return filings_of({row.filing_id: _both(row.registered, row.judged) for row in rows})


def _both(registered: str | None, judged: str | None) -> str:
    return f"[{registered or 'null'},{judged or 'null'}]"


def claim_filings(tx: Transaction, filing_ids: Collection[str]) -> dict[str, Filing]:
    """The filings, kept from other writers until COMMIT; one that nobody told of yet is empty."""
    if not filing_ids:
        return {}
    wanted = sorted(set(filing_ids))
    known = _filings(tx.lock(FILINGS, FILINGS.c.filing_id, wanted))
    return {filing_id: known.get(filing_id) or Filing(filing_id) for filing_id in wanted}


def load_filings(tx: Transaction, filing_ids: Iterable[str]) -> dict[str, Filing]:
    """By the ids that requests name: what is said of a closed duplicate is said of the filing that stands for it."""
    return standing_for(tx, _filings(tx.load(FILINGS, FILINGS.c.filing_id, filing_ids)))


def standing_for(tx: Transaction, named: Mapping[str, Filing]) -> dict[str, Filing]:
    """``named``, by the same ids, with the first filing in place of its duplicates, which are never judged themselves."""
    firsts = {filing_id: first for filing_id, filing in named.items() if (first := filing.duplicate_of) is not None}
    if not firsts:
        return dict(named)
    found = _filings(tx.load(FILINGS, FILINGS.c.filing_id, sorted(set(firsts.values()))))
    return {**named, **{filing_id: named.get(first) or found.get(first) or Filing(first) for filing_id, first in firsts.items()}}


def save_filings(tx: Transaction, filings: Iterable[Filing], before: Mapping[str, Filing]) -> None:
    """Keep the filings as they are now; ``before``: as they were claimed. Most of what is heard of a filing leaves it where it is, and
    under its USCC: neither is written again then, but for one judged anew: where that is was not always kept.
    """
    found: list[tuple[str | None, ...]] = []
    stayed: list[tuple[str | None, ...]] = []
    lines: list[Line] = []
    for filing in filings:
        (parcel_code, uscc), old = _found_by(filing), before[filing.filing_id]
        registered = None if filing.registered is None else _REGISTERED.dump_json(filing.registered).decode()
        judged = None if filing.judged is None else _JUDGED.dump_json(filing.judged).decode()
        both = _both(registered, judged)
        known = old.registered is not None or old.judged is not None
        if known and (parcel_code, uscc) == _found_by(old) and not old.judged_anew:
            stayed.append((registered, judged, filing.filing_id))
            lines.append((None, filing.filing_id, None, both))
        else:
            found.append((filing.filing_id, parcel_code, uscc, registered, judged))
            lines.append((parcel_code, filing.filing_id, uscc, both))
    tx.upsert(FILINGS, [dict(zip(_COLUMNS, values, strict=True)) for values in found])
    tx.update(FILINGS, ("registered", "judged", "filing_id"), stayed)
    record(tx, FILING, lines)


def _found_by(filing: Filing) -> tuple[str | None, str | None]:
    """Parcel code and USCC."""
    site = filing.site
    return None if site is None else site.parcel_code, filing.uscc


def filings_of_enterprises(tx: Transaction, usccs: Collection[str]) -> list[Filing]:
    return list(_filings(tx.load(FILINGS, FILINGS.c.uscc, usccs)).values()) if usccs else []


def load_parcels(tx: Transaction, parcel_codes: Collection[str]) -> dict[str, Parcel]:
    if not parcel_codes:
        return {}
    bodies = ",".join([row.body for row in tx.load(PARCELS, PARCELS.c.parcel_code, parcel_codes)])
    return {parcel.parcel_code: parcel for parcel in _PARCELS.validate_json(f"[{bodies}]")}


def save_parcels(tx: Transaction, parcels: Iterable[Parcel]) -> None:
    rows = [{"parcel_code": parcel.parcel_code, "body": _PARCEL.dump_json(parcel).decode()} for parcel in parcels]
    tx.upsert(PARCELS, rows)
    record(tx, PARCEL, ((row["parcel_code"], None, None, row["body"]) for row in rows))


def save_grades(tx: Transaction, grades: Iterable[tuple[str, int, Grade]]) -> None:
    given = list(grades)
    tx.upsert(GRADES, [{"uscc": uscc, "year": year, "grade": str(grade)} for uscc, year, grade in given])
    record(tx, GRADE, ((None, None, uscc, f'[{year},"{grade}"]') for uscc, year, grade in given))


def load_grades(tx: Transaction, usccs: Collection[str]) -> dict[str, dict[int, Grade]]:
    grades: dict[str, dict[int, Grade]] = defaultdict(dict)
    if usccs:
        for row in tx.load(GRADES, GRADES.c.uscc, usccs):
            grades[row.uscc][row.year] = Grade(row.grade)
    return grades


def finding_of(tx: Transaction, finding_id: str) -> Finding | None:
    rows = tx.lock(FINDINGS, FINDINGS.c.finding_id, [finding_id])
    return _FINDING.validate_json(rows[0].body) if rows else None


def save_findings(tx: Transaction, findings: Iterable[Finding]) -> None:
    tx.upsert(
        FINDINGS,
        [
            {"finding_id": finding.finding_id, "parcel_code": finding.site.parcel_code, "body": _FINDING.dump_json(finding).decode()}
            for finding in findings
        ],
    )


def save_declared_uses(tx: Transaction, uses: Iterable[DeclaredUse]) -> None:
    tx.upsert(
        DECLARED_USES,
        [{"use_id": use.use_id, "parcel_code": use.site.parcel_code, "body": _USE.dump_json(use).decode()} for use in uses],
    )


def findings_at(tx: Transaction, parcel_codes: Collection[str]) -> dict[str, list[Finding]]:
    """By parcel, in the order of their ids; open and closed."""
    findings: dict[str, list[Finding]] = defaultdict(list)
    for row in tx.load(FINDINGS, FINDINGS.c.parcel_code, parcel_codes):
        findings[row.parcel_code].append(_FINDING.validate_json(row.body))
    for each in findings.values():
        each.sort(key=lambda finding: finding.finding_id)
    return findings


def declared_uses(tx: Transaction, parcel_codes: Collection[str]) -> dict[str, list[DeclaredUse]]:
    """By parcel, in the order of their ids."""
    uses: dict[str, list[DeclaredUse]] = defaultdict(list)
    for row in tx.load(DECLARED_USES, DECLARED_USES.c.parcel_code, parcel_codes):
        uses[row.parcel_code].append(_USE.validate_json(row.body))
    for each in uses.values():
        each.sort(key=lambda use: use.use_id)
    return uses


def load_facts(
    tx: Transaction,
    parcel_codes: Collection[str],
    *,
    applicants: Iterable[str] = (),
    parcels: Mapping[str, Parcel] | None = None,
    filings: Mapping[str, Filing] | None = None,
) -> dict[str, ParcelFacts]:
    """Everything known about each parcel. ``applicants`` are further USCCs whose grades may count; ``parcels`` and ``filings``: already
    loaded ones, as they are now.
    """
    if not parcel_codes:
        return {}
    known = load_parcels(tx, parcel_codes) if parcels is None else parcels
    rows = tx.load(FILINGS, FILINGS.c.parcel_code, parcel_codes)
    loaded = filings or {}
    told = {**_filings(row for row in rows if row.filing_id not in loaded), **loaded}
    placed: dict[str, list[Filing]] = defaultdict(list)
    for row in rows:
        placed[row.parcel_code].append(told[row.filing_id])
    every = [told[row.filing_id] for row in rows]
    findings, uses = findings_at(tx, parcel_codes), declared_uses(tx, parcel_codes)
    moves = accepted_moves(filings_of_enterprises(tx, registered_enterprises(every)))
    declared = [use for there in uses.values() for use in there]
    grades = load_grades(tx, graded_enterprises(known, every, declared, applicants))
    return {
        code: ParcelFacts(
            parcel_code=code,
            parcel=known.get(code),
            filings=tuple(sorted(placed[code], key=lambda filing: filing.filing_id)),
            moves=moves,
            findings=tuple(findings[code]),
            uses=tuple(uses[code]),
            grades=grades,
        )
        for code in parcel_codes
    }


def with_grades(tx: Transaction, facts: dict[str, ParcelFacts], applicants: Collection[str]) -> dict[str, ParcelFacts]:
    """The same facts with the grades of further enterprises, where any counts."""
    missing = set(applicants).difference(*(here.grades for here in facts.values()))
    parcels = {code: here.parcel for code, here in facts.items() if here.parcel is not None}
    filings = [filing for here in facts.values() for filing in here.filings]
    if not missing or not _grades_count(parcels, filings):
        return facts
    grades = load_grades(tx, missing)
    return {code: replace(here, grades={**here.grades, **grades}) for code, here in facts.items()}


def registered_enterprises(filings: Iterable[Filing]) -> set[str]:
    """The USCCs of those that are registered somewhere among ``filings``: where else they have moved may matter."""
    return {
        filing.uscc
        for filing in filings
        if filing.uscc is not None and filing.registered is not None and filing.registered.status is FilingStatus.ACCEPTED
    }


def accepted_moves(filings: Iterable[Filing]) -> tuple[Filing, ...]:
    """The accepted changes of premises among ``filings``."""
    return tuple(
        filing
        for filing in filings
        if filing.registered is not None
        and filing.registered.action is Action.AMEND_PREMISES
        and filing.registered.status is FilingStatus.ACCEPTED
    )


def graded_enterprises(
    parcels: Mapping[str, Parcel], filings: Collection[Filing], uses: Iterable[DeclaredUse], applicants: Iterable[str] = ()
) -> set[str]:
    """The USCCs whose grades may count: in the transition zone only (R07)."""
    if not _grades_count(parcels, filings):
        return set()
    return {uscc for uscc in (*applicants, *(use.uscc for use in uses), *(filing.uscc for filing in filings)) if uscc is not None}


def _grades_count(parcels: Mapping[str, Parcel], filings: Iterable[Filing]) -> bool:
    zone = LandVerdict.TRANSITION
    if any(zone in (parcel.verdict, *parcel.units.values()) for parcel in parcels.values()):
        return True
    return any(filing.judged is not None and filing.judged.verdict is zone for filing in filings)
