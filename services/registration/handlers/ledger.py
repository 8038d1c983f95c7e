"""How changes of filings are kept: the filing as it stands now, and one line of history for each version."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from chassis.clock import rfc3339, today
from chassis.database import Transaction
from contracts.land_check import LandFindings
from contracts.policy import Policy
from contracts.registration import FilingFacts
from contracts.values import dataclass
from contracts.vocabulary import FilingStatus, LandVerdict, StatementOutcome
from services.registration.domain import OPEN, STATUS_OF, Decision, Filing, Keys, Moment, Place, Said, facts_of
from services.registration.handlers.falling_due import due_days
from services.registration.rules import DECLINED, decide
from services.registration.rules.pauses import paused
from services.registration.rules.period import stands_still
from services.registration.tables import FILED, FILINGS, HISTORY, PLACED, STANDING, row_of, save, undo_of

JUDGED_AGAIN = OPEN | {FilingStatus.REFUSED}
"""Held filings are judged again by whatever comes, refused ones on appeal."""

LAND_CHECK = "land_check"
SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Change:
    """One new version of a filing: ``event`` says what happened, ``by`` who did it. ``keys`` only where what is filed changed.

    ``event`` None: nothing that anyone can see changed, so the version and the history stay.
    """

    before: Filing
    filing: Filing
    event: str | None
    by: str
    keys: Keys | None = None

    @property
    def moved(self) -> bool:
        return self.filing.place != self.before.place


def keep_new(tx: Transaction, filings: Sequence[tuple[Filing, Keys, str]]) -> None:
    """Store filings that have just come in, each with its keys and the event of its first version."""
    rows = [_row(filing, keys) for filing, keys, _ in filings]
    tx.insert(FILINGS, rows)
    history = ((row, filing, event) for row, (filing, _, event) in zip(rows, filings, strict=True))
    tx.insert(HISTORY, [_line(row, filing.submitted_at, filing.submitted_by, event, None) for row, filing, event in history])


def keep(tx: Transaction, changes: Sequence[Change]) -> None:
    """Store changes, in the order they were made. A filing changed twice is written once, as it stands last."""
    if not changes:
        return
    at = rfc3339(tx.now)
    rows = [_row(change.filing, change.keys) for change in changes]
    lines = ((row, change) for row, change in zip(rows, changes, strict=True) if change.event)
    tx.insert(HISTORY, [_line(row, at, change.by, str(change.event), undo_of(change.before, change.filing)) for row, change in lines])
    last = {row["filing_id"]: row for row in rows}
    save(tx, list(last.values()), STANDING)
    save(tx, [row for row, change in zip(rows, changes, strict=True) if change.moved and not change.keys], PLACED)
    save(tx, [row for row, change in zip(rows, changes, strict=True) if change.keys], FILED)


def _row(filing: Filing, keys: Keys | None) -> dict[str, Any]:
    return row_of(filing, due_days(filing.status, filing.submitted_at, filing.decision, filing.said), keys)


def _line(row: dict[str, Any], at: str, by: str, event: str, undo: str | None) -> dict[str, Any]:
    return {
        "filing_id": row["filing_id"],
        "version": row["version"],
        "at": at,
        "by": by,
        "event": event,
        "decision": row["decision"],
        "undo": undo,
    }


def moment_of(now: datetime) -> Moment:
    return Moment(rfc3339(now), today(now))


def judged(filing: Filing, facts: FilingFacts, policy: Policy, now: Moment, heard: LandFindings | None = None) -> Filing:
    """The filing with the decision of now on what is known of it, or on what was just ``heard``, one version on."""
    land, said = heard or filing.land, filing.said
    if land is None:
        return filing
    said = still_overruled(said, land)
    return with_decision(filing, decide(facts, land, said, policy, now.today, now.at), said, land)


def still_overruled(said: Said, land: LandFindings) -> Said:
    """The township was asked again after an appeal: should it decline once more, that counts."""
    if DECLINED not in said.overruled or land.statement.declined:
        return said
    return replace(said, overruled=tuple(word for word in said.overruled if word != DECLINED))


def with_decision(filing: Filing, decision: Decision, said: Said, land: LandFindings) -> Filing:
    """One version on, in the status the decision leads to; findings are remembered as long as they may be needed.

    So is the clock of the notice, until that is answered: a statement that is wanted after a valid one is another matter.
    """
    status = FilingStatus.UNDER_REVIEW if decision.land_verdict is LandVerdict.PENDING else STATUS_OF[decision.outcome]
    clock = None if decision.statement is StatementOutcome.REQUIRED_VALID else decision.clock or said.clock
    still = stands_still(status, decision.reasons)
    pauses = paused(said.pauses, still, today(datetime.fromisoformat(decision.decided_at))) if still or said.pauses else said.pauses
    return replace(
        filing,
        version=filing.version + 1,
        status=status,
        place=_place_now(filing, land),
        matched_by=land.matched_by,
        decision=decision,
        land=land if status in JUDGED_AGAIN else None,
        said=said if clock is said.clock and pauses is said.pauses else replace(said, clock=clock, pauses=pauses),
    )


def _place_now(filing: Filing, land: LandFindings) -> Place:
    """Where the land side finds it; where it finds no place, or none any more, the one that is filed."""
    if land.parcel_code is not None:
        return Place(land.township_code, land.parcel_code, land.unit_number)
    filed = filing.place if filing.place.parcel_code is None else place_of(filed_facts(filing))
    return Place(land.township_code, filed.parcel_code, filed.unit_number)


def filed_facts(filing: Filing) -> FilingFacts:
    """What is filed, with the USCC known now."""
    return facts_of({**filing.request, "uscc": filing.uscc}, filing.submitted_at)


def place_of(facts: FilingFacts) -> Place:
    premises = facts.place
    return Place(premises.township_code, premises.parcel_code, premises.unit_number)
