"""What was seen in the field: manufacturing nobody filed for, a transformer nobody cleared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from chassis.auth import Principal
from chassis.database import Transaction
from chassis.identifiers import new_id
from chassis.messages import Command, Message, Result
from chassis.policies import in_force
from chassis.problems import Problem
from contracts.reference import codes_of
from contracts.values import dataclass
from contracts.vocabulary import Role
from services.power_grid import errors, tables
from services.power_grid.domain import Finding, SiteKey
from services.power_grid.handlers.saying import finding_event, unlawful_connection_event
from services.power_grid.handlers.settling import Touched, settle


@dataclass(frozen=True, slots=True)
class RecordFinding:
    kind: str
    site: SiteKey
    industry_code: str | None
    capacity_kva: float | None
    observed_on: date
    note: str | None
    document_sha256: str | None


@dataclass(frozen=True, slots=True)
class CloseFinding:
    finding_id: str
    reason: str | None


def record_findings(batch: Sequence[Command[RecordFinding]], tx: Transaction) -> Result:
    """Keep the findings. Manufacturing makes the site a manufacturing site; an uncleared transformer is a breach."""
    result = Result()
    townships = _townships(tx, {command.data.site.parcel_code for command in batch})
    for command in batch:
        township = townships.get(command.data.site.parcel_code)
        if not _is_theirs(command.principal, township):
            result.answers.append(errors.other_township(township))
            continue
        finding = _finding(command, tx)
        tables.save_findings(tx, [finding])
        result.answers.append(finding)
        result.messages += _what_follows(command, finding, township, tx)
    return result


def close_findings(batch: Sequence[Command[CloseFinding]], tx: Transaction) -> Result:
    """End a finding: what it made of the site ends with it."""
    result = Result()
    for command in batch:
        messages, answer = _close(command, tx)
        result.messages += messages
        result.answers.append(answer)
    return result


def _close(command: Command[CloseFinding], tx: Transaction) -> tuple[list[Message], Finding | Problem]:
    finding = tables.finding_of(tx, command.data.finding_id)
    if finding is None:
        return [], errors.finding_not_found()
    township = _townships(tx, {finding.site.parcel_code}).get(finding.site.parcel_code)
    if not _is_theirs(command.principal, township):
        return [], errors.finding_not_found()
    if finding.state == "closed":
        return [], errors.already_closed()
    finding = replace(finding, state="closed", closed_at=tx.now, closed_reason=command.data.reason)
    tables.save_findings(tx, [finding])
    return _what_follows(command, finding, township, tx), finding


def _what_follows(
    command: Command[RecordFinding] | Command[CloseFinding], finding: Finding, township: str | None, tx: Transaction
) -> list[Message]:
    messages = [Message.because(command, finding_event(finding, township))]
    if finding.kind == "manufacturing_use":
        messages += settle(tx, in_force(tx), Touched(parcels={finding.site.parcel_code: command}), {})
    elif finding.state == "open" and not _was_cleared(tx, finding):
        messages.append(Message.because(command, unlawful_connection_event(finding, township)))
    return messages


def _was_cleared(tx: Transaction, finding: Finding) -> bool:
    """Whether a clearance for that place, or for the whole parcel it lies on, was committed."""
    site = finding.site
    return any(
        clearance.committed_at is not None
        and clearance.site is not None
        and (site.unit_number is None or clearance.site.unit_number in (None, site.unit_number))
        for clearance in tables.clearances_at(tx, [site.parcel_code])
    )


def _finding(command: Command[RecordFinding], tx: Transaction) -> Finding:
    data = command.data
    return Finding(
        finding_id=new_id("fnd_"),
        kind=data.kind,
        state="open",
        site=data.site,
        industry_code=data.industry_code,
        capacity_kva=data.capacity_kva,
        observed_on=data.observed_on,
        note=data.note,
        document_sha256=data.document_sha256,
        recorded_by=command.principal.sub,
        recorded_at=tx.now,
    )


def _townships(tx: Transaction, parcel_codes: set[str]) -> dict[str, str]:
    return {code: parcel.township_code for code, parcel in tables.load_parcels(tx, sorted(parcel_codes)).items()}


def _is_theirs(principal: Principal, township_code: str | None) -> bool:
    """A township officer acts in its own townships, and where a parcel is in no register; map office and power company everywhere."""
    if principal.has(Role.MAP_OFFICER, Role.GRID):
        return True
    own = {each for code in principal.townships for each in codes_of(code)}
    return bool(own) if township_code is None else township_code in own
