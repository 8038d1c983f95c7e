"""What other services tell: facts are kept first, then the touched sites are judged again from all facts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from chassis.clock import today
from chassis.database import Transaction
from chassis.messages import Received, Result
from chassis.policies import in_force
from contracts.land_check import (
    GradeRecorded,
    LandEvent,
    LandFindings,
    LandVerdictIssued,
    ParcelChanged,
    StatementFoundForged,
    StatementIssued,
    StatementRevoked,
)
from contracts.policy import Policy
from contracts.registration import DecidedEvent, FilingAmended, FilingClosed, FilingEvent, FilingSubmitted, FilingWithdrawn
from contracts.vocabulary import Action, FilingReason, FilingStatus, LandVerdict, StatementFinding, StatementOutcome
from services.power_grid import rules, tables
from services.power_grid.domain import Filing, Judged, Parcel, Registered
from services.power_grid.handlers.settling import Touched, settle


def hear_filings(batch: Sequence[Received[FilingEvent | LandEvent]], tx: Transaction) -> Result:
    """Keep what either stream tells of each filing, registration's half and land_check's; judge the places it was and is at, once for both.

    What is said for review only changes nothing.
    """
    policy = in_force(tx)
    before = tables.claim_filings(tx, [received.event.filing_id for received in batch])
    filings = dict(before)
    causes: dict[str, Received[Any]] = {}
    for received in batch:
        filing_id = received.event.filing_id
        filings[filing_id] = _told(policy, filings[filing_id], received.event)
        causes[filing_id] = received
    changed = {filing_id: filing for filing_id, filing in filings.items() if filing != before[filing_id]}
    tables.save_filings(tx, changed.values(), before)
    telling = {filing_id: filing for filing_id, filing in changed.items() if not rules.means_the_same(before[filing_id], filing)}
    if not telling:
        return Result()
    touched = Touched(filings={filing_id: causes[filing_id] for filing_id in telling})
    pressing: set[str] = set()
    for filing_id, filing in telling.items():
        places = {site.parcel_code for site in (before[filing_id].site, filing.site) if site is not None}
        touched.parcels |= dict.fromkeys(places, causes[filing_id])
        if not rules.comes_newly(before[filing_id], filing):
            pressing |= places
    touched.may_wait = set(touched.parcels) - pressing
    _touch_old_premises(tx, touched, before, telling)
    return Result(settle(tx, policy, touched, telling))


def hear_parcels(batch: Sequence[Received[ParcelChanged]], tx: Transaction) -> Result:
    """Keep the parcels and judge every site on them."""
    codes = {received.event.parcel_code: received for received in batch}
    tables.claim_sites(tx, list(codes))
    parcels = tables.load_parcels(tx, list(codes))
    for received in batch:
        parcels[received.event.parcel_code] = _parcel(parcels.get(received.event.parcel_code), received.event, tx.now)
    tables.save_parcels(tx, parcels.values())
    return Result(settle(tx, in_force(tx), Touched(parcels=dict(codes)), {}))


def hear_grades(batch: Sequence[Received[GradeRecorded]], tx: Transaction) -> Result:
    """Keep the grades; judge the places of those enterprises and whatever they have asked for."""
    tables.save_grades(tx, [(r.event.uscc, r.event.year, r.event.grade) for r in batch])
    causes = {r.event.uscc: r for r in batch}
    filings = tables.filings_of_enterprises(tx, list(causes))
    touched = Touched(applicants=dict(causes))
    for filing in filings:
        if filing.site is not None and filing.uscc is not None:
            touched.parcels[filing.site.parcel_code] = causes[filing.uscc]
    return Result(settle(tx, in_force(tx), touched, {filing.filing_id: filing for filing in filings}))


def _told(policy: Policy, filing: Filing, event: FilingEvent | LandEvent) -> Filing:
    if isinstance(event, FilingEvent):
        return Filing(filing.filing_id, _registered(policy, filing.registered, event), filing.judged)
    return Filing(filing.filing_id, filing.registered, _judged(filing.judged, event))


def _touch_old_premises(tx: Transaction, touched: Touched, before: dict[str, Filing], changed: dict[str, Filing]) -> None:
    """An accepted change of premises ends the manufacturing use of the enterprise's earlier places."""
    moves = {
        uscc: filing_id
        for filing_id, filing in changed.items()
        if (uscc := filing.uscc) is not None and (_is_accepted_move(filing) or _is_accepted_move(before[filing_id]))
    }
    for filing in tables.filings_of_enterprises(tx, sorted(moves)):
        if filing.site is not None and filing.uscc is not None:
            touched.parcels.setdefault(filing.site.parcel_code, touched.filings[moves[filing.uscc]])
            touched.may_wait.discard(filing.site.parcel_code)


def _is_accepted_move(filing: Filing) -> bool:
    registered = filing.registered
    return registered is not None and registered.action is Action.AMEND_PREMISES and registered.status is FilingStatus.ACCEPTED


def _registered(policy: Policy, known: Registered | None, event: FilingEvent) -> Registered:
    if known is not None and event.version < known.version:
        return known
    registered = _first(event) if known is None else _newer(known, event)
    match event:
        case FilingSubmitted() | FilingAmended():
            return _as_filed(policy, registered, event)
        case DecidedEvent():
            return replace(
                registered,
                status=event.status,
                action=event.action,
                industry_code=event.industry_code,
                manufacturing=event.manufacturing,
                decided_at=event.decision.decided_at,
                set_aside=any(reason.code == FilingReason.SET_ASIDE_REVIEW for reason in event.decision.reasons)
                and event.status is FilingStatus.HELD,
            )
        case FilingWithdrawn():
            return replace(
                registered,
                status=FilingStatus.WITHDRAWN,
                manufacturing=event.manufacturing,
                withdrawn_at=event.withdrawn_at,
                withdrawn_on=today(event.withdrawn_at),
                set_aside=False,
            )
        case FilingClosed():
            return replace(registered, status=FilingStatus.CLOSED_DUPLICATE, set_aside=False, duplicate_of=event.duplicate_of)
    return registered


def _first(event: FilingEvent) -> Registered:
    return Registered(
        version=event.version,
        revision=event.revision,
        status=FilingStatus.UNDER_REVIEW,
        action=None,
        enterprise_name=event.enterprise_name,
        uscc=event.uscc,
        township_code=event.township_code,
        parcel_code=event.parcel_code,
        unit_number=event.unit_number,
        industry_code=None,
        manufacturing=False,
        has_place=True,
        submitted_at=None,
    )


def _newer(known: Registered, event: FilingEvent) -> Registered:
    """What every event of a filing tells."""
    return replace(
        known,
        version=event.version,
        revision=max(event.revision, known.revision),
        enterprise_name=event.enterprise_name,
        uscc=event.uscc,
        township_code=event.township_code,
    )


def _as_filed(policy: Policy, registered: Registered, event: FilingSubmitted | FilingAmended) -> Registered:
    filing = event.filing
    manufacturing = policy.is_manufacturing(filing.industry_code)
    place = policy.production_place(filing)
    filed = place or filing.premises
    return replace(
        registered,
        action=filing.action,
        industry_code=filing.industry_code,
        manufacturing=manufacturing,
        has_place=place is not None or not manufacturing,
        parcel_code=filed.parcel_code,  # as filed: where it was matched is land_check's to say
        unit_number=filed.unit_number,
        submitted_at=filing.submitted_at,
        parents_uscc=filing.uscc if isinstance(event, FilingSubmitted) and filing.action is Action.BRANCH else registered.parents_uscc,
    )


def _judged(known: Judged | None, event: LandEvent) -> Judged:
    judged = known or Judged(revision=0)
    match event:
        case LandVerdictIssued():
            land = event.land
            if event.revision < judged.revision or event.review is not None:
                return judged
            placed = replace(
                judged,
                revision=event.revision,
                parcel_code=land.parcel_code,
                unit_number=land.unit_number,
                township_code=land.township_code,
                judged_at=event.judged_at,
                newer_statements=(),
            )
            return judged_as_read(placed, land)
        case StatementIssued():
            # once a filing is decided no verdict follows its papers
            return replace(judged, newer_statements=(*judged.newer_statements, event.statement_id)) if event.state == "valid" else judged
        case StatementFoundForged():
            return replace(judged, void_statements=(*judged.void_statements, event.statement_id), forged=True)
        case StatementRevoked():
            return replace(judged, void_statements=(*judged.void_statements, event.statement_id))
    return judged


def judged_as_read(judged: Judged, land: LandFindings) -> Judged:
    """The verdict on the same place and revision, as these findings have it."""
    return replace(
        judged,
        verdict=land.land_verdict,
        planned_implementation=land.planned_implementation,
        survey_only=land.survey_only,
        statement_id=land.statement.statement_id,
        statement_valid=land.statement.outcome is StatementOutcome.REQUIRED_VALID,
        forged=judged.forged or StatementFinding.FORGED in land.statement.findings,
    )


def _parcel(known: Parcel | None, event: ParcelChanged, heard_at: datetime) -> Parcel:
    if known is not None and event.version < known.version:
        return known
    units: dict[str, LandVerdict] = {unit.unit_number: unit.land_verdict for unit in event.units}
    parcel = Parcel(
        parcel_code=event.parcel_code,
        version=event.version,
        township_code=event.township_code,
        verdict=event.land_verdict,
        since=event.changed_at,
        planned_implementation=event.planned_implementation,
        units=units,
        read_since=heard_at,
        survey_only=event.survey_only,
    )
    if known is None:
        return replace(parcel, units_since=dict.fromkeys(units, event.changed_at))
    if known.version == parcel.version:
        if (known.verdict, known.units) == (parcel.verdict, units):
            return known
        parcel = replace(parcel, read_before=(*known.read_before, replace(known, read_before=())))  # another policy set reads it otherwise
    since = known.since if known.verdict is parcel.verdict else event.changed_at
    units_since = {
        unit: known.since_of(unit) if known.verdict_of(unit) is parcel.verdict_of(unit) else event.changed_at
        for unit in (*known.units_since, *units)
    }
    return replace(parcel, since=since, units_since=units_since)
