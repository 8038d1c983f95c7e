"""The events of power_grid, made from what was decided."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from chassis.clock import today
from chassis.identifiers import new_id
from contracts.policy import Policy
from contracts.power_grid import (
    BlockAcknowledged,
    BlockEvent,
    BlockImposed,
    BlockLifted,
    BreachFound,
    ClearanceEvent,
    ClearanceReviewed,
    FindingRecorded,
    HoldImposed,
    HoldLifted,
    InstallCleared,
    InstallCommitted,
    InstallDenied,
)
from contracts.vocabulary import PowerDecision, ReasonRef, Unit
from services.power_grid import rules
from services.power_grid.domain import Block, Clearance, FeedEntry, Finding, Reason

FEED_EVENTS: dict[str, type[BlockEvent]] = {
    "block_imposed": BlockImposed,
    "block_lifted": BlockLifted,
    "hold_imposed": HoldImposed,
    "hold_lifted": HoldLifted,
}
OPEN_GATES = (PowerDecision.ALLOW, PowerDecision.NOT_RESTRICTED)
TOLD_OF_FINDINGS = (Unit.AMR, Unit.PSC, Unit.TWN)
TOLD_OF_BREACHES = (Unit.AMR, Unit.PSC, Unit.TWN, Unit.EEB, Unit.EMB, Unit.MGO)
TOLD_OF_COMMITS = (Unit.AMR, Unit.PSC)
TOLD_OF_APPEALS = (Unit.AMR, Unit.PSC, Unit.MGO)


def _refs(policy: Policy, reasons: Iterable[Reason]) -> tuple[ReasonRef, ...]:
    return tuple(policy.reason(reason.code, reason.variant).ref(reason.due) for reason in reasons)


def block_event(policy: Policy, entry: FeedEntry, notify: tuple[Unit, ...], township_code: str | None) -> BlockEvent:
    """The event of a feed entry."""
    return FEED_EVENTS[entry.type](
        parcel_code=entry.site.parcel_code,
        unit_number=entry.site.unit_number,
        township_code=township_code,
        notify=notify,
        block_id=entry.block_id,
        block_streamseq=entry.streamseq,
        reasons=_refs(policy, entry.reasons),
        policy=policy.ref,
        at=entry.at,
        acknowledge_by=rules.seen_by(today(entry.at)) if entry.type.endswith("_imposed") else None,
    )


def acknowledged_event(block: Block, owner: Unit, at: datetime, township_code: str | None) -> BlockAcknowledged:
    return BlockAcknowledged(
        parcel_code=block.site.parcel_code,
        unit_number=block.site.unit_number,
        township_code=township_code,
        block_id=block.block_id,
        unit=owner,
        at=at,
    )


def answer_event(policy: Policy, clearance: Clearance) -> ClearanceEvent:
    """Cleared or denied, by the present answer."""
    opened = clearance.answer.decision in OPEN_GATES
    return _clearance_event(InstallCleared if opened else InstallDenied, policy, clearance, clearance.answer.notify)


def commit_event(policy: Policy, clearance: Clearance) -> ClearanceEvent:
    return _clearance_event(InstallCommitted, policy, clearance, TOLD_OF_COMMITS)


def _clearance_event(kind: type[ClearanceEvent], policy: Policy, clearance: Clearance, notify: tuple[Unit, ...]) -> ClearanceEvent:
    answer, request, site = clearance.answer, clearance.request, clearance.site
    return kind(
        filing_id=request.filing_id,
        parcel_code=request.parcel_code if site is None else site.parcel_code,
        unit_number=request.unit_number if site is None else site.unit_number,
        township_code=clearance.township_code,
        notify=notify,
        clearance_id=clearance.clearance_id,
        request_id=request.request_id,
        kind=request.kind,
        decision=answer.decision,
        proposed=answer.proposed,
        land_verdict=answer.land,
        reasons=_refs(policy, answer.reasons),
        site_epoch=clearance.site_epoch,
        policy=policy.ref,
        at=clearance.decided_at if clearance.committed_at is None else clearance.committed_at,
    )


def appeal_event(block: Block, unit: Unit, township_code: str | None) -> ClearanceReviewed:
    """An appeal against a block was filed or decided, by ``unit``."""
    return ClearanceReviewed(
        parcel_code=block.site.parcel_code,
        unit_number=block.site.unit_number,
        township_code=township_code,
        notify=TOLD_OF_APPEALS,
        clearance_id="",
        code="appeal",
        result="open" if block.appeal is None else block.appeal.state,
        unit=unit,
        block_id=block.block_id,
    )


def breach_event(clearance: Clearance, cause: str, notify: tuple[Unit, ...]) -> BreachFound:
    """A connection that the rules no longer, or never, allowed."""
    site = clearance.site
    return BreachFound(
        filing_id=clearance.request.filing_id,
        parcel_code=None if site is None else site.parcel_code,
        unit_number=None if site is None else site.unit_number,
        township_code=clearance.township_code,
        notify=tuple(unit for unit in Unit if unit in TOLD_OF_BREACHES or unit in notify),
        breach_id=new_id("brc_"),
        cause=cause,
        clearance_id=clearance.clearance_id,
    )


def finding_event(finding: Finding, township_code: str | None) -> FindingRecorded:
    return FindingRecorded(
        parcel_code=finding.site.parcel_code,
        unit_number=finding.site.unit_number,
        township_code=township_code,
        notify=TOLD_OF_FINDINGS,
        finding_id=finding.finding_id,
        kind=finding.kind,
        state=finding.state,
        industry_code=finding.industry_code,
        observed_on=finding.observed_on,
    )


def unlawful_connection_event(finding: Finding, township_code: str | None) -> BreachFound:
    return BreachFound(
        parcel_code=finding.site.parcel_code,
        unit_number=finding.site.unit_number,
        township_code=township_code,
        notify=TOLD_OF_BREACHES,
        breach_id=new_id("brc_"),
        cause="connected_without_clearance",
        finding_id=finding.finding_id,
    )
