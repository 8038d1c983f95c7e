"""Land verdicts arrive and correction notices run out: filings are decided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Row

from chassis.database import Transaction
from chassis.identifiers import new_id
from chassis.messages import Itself, Message, Received, Result
from chassis.policies import activations, named
from contracts.land_check import LandVerdictIssued
from contracts.vocabulary import FilingStatus
from services.registration import rules
from services.registration.domain import OPEN, Filing
from services.registration.handlers import published
from services.registration.handlers.ledger import LAND_CHECK, SYSTEM, Change, filed_facts, judged, keep, moment_of
from services.registration.handlers.review_cases import look_again
from services.registration.tables import FILINGS, by_ids, filing_of, overdue

OVERDUE_CHUNK = 500


def hear_land_verdicts(batch: Sequence[Received[LandVerdictIssued]], tx: Transaction) -> Result:
    """Decide the filings whose land findings came, with the duplicates that wait for them; those of an earlier revision are passed over.

    On a filing no longer open they decide nothing; if they are of another set than its decision, they may open a review case.
    """
    rows = {row.filing_id: row for row in by_ids(tx, [received.event.filing_id for received in batch])}
    result, changes, now = Result(), list[Change](), moment_of(tx.now)
    decided: list[tuple[LandVerdictIssued, Row[Any]]] = []
    first_verdicts: dict[str, tuple[Received[LandVerdictIssued], Filing]] = {}
    activations(tx)
    for received in batch:
        row = rows.get(received.event.filing_id)
        if row is None or row.revision != received.event.revision:
            continue
        if row.status not in OPEN:
            decided.append((received.event, row))
            continue
        before = filing_of(row)
        facts = filed_facts(before)
        policy = named(received.event.policy)  # one set throughout: that of the findings
        filing = judged(before, facts, policy, now, received.event.land)
        event: str | None = None
        if before.pending and not filing.pending:
            first_verdicts[filing.filing_id] = (received, filing)
        if not filing.pending and (before.pending or not filing.decision.says_the_same_as(before.decision)):
            event = f"filing_{filing.status}"
            result.messages.append(Message.because(received, published.decided(filing, facts, policy)))
        elif not filing.pending and (before.land is None or _differs(filing, before)):
            event = "land_verdict_issued"
        else:
            filing = replace(filing, version=before.version, decision=before.decision)
        changes.append(Change(before, filing, event, LAND_CHECK))
    for received, change in _duplicates_of(tx, first_verdicts):
        result.messages.append(Message.because(received, published.closed_still(change.filing, named(change.filing.decision.policy))))
        changes.append(change)
    keep(tx, changes)
    look_again(tx, decided)
    return result


def _duplicates_of(
    tx: Transaction, firsts: Mapping[str, tuple[Received[LandVerdictIssued], Filing]]
) -> list[tuple[Received[LandVerdictIssued], Change]]:
    """Those closed beside ``firsts`` before these had the verdict they have now, and which they share."""
    found = []
    for row in tx.load(FILINGS, FILINGS.c.duplicate_of, firsts) if firsts else ():
        before = filing_of(row)
        if before.awaits_the_first:
            received, first = firsts[row.duplicate_of]
            decision = rules.with_the_verdict_of(first.decision, before.decision)
            filing = replace(before, version=before.version + 1, decision=decision)
            found.append((received, Change(before, filing, "land_verdict_issued", LAND_CHECK)))
    return found


def _differs(filing: Filing, before: Filing) -> bool:
    """Whether the same answer stands on other evidence, or a word on it would now be given for something else."""
    now, then = filing.decision, before.decision
    if (now.facts, now.policy, filing.matched_by) != (then.facts, then.policy, before.matched_by):
        return True
    return any(getattr(filing.land, name) != getattr(before.land, name) for name in rules.GIVEN_FOR)


def refuse_overdue(tx: Transaction) -> Result:
    """Refuse held filings whose day to bring a statement is over in the city; each once, however often this runs."""
    result, changes, now = Result(), list[Change](), moment_of(tx.now)
    activations(tx)
    for row in overdue(tx, now.today.isoformat(), OVERDUE_CHUNK):
        before = filing_of(row)
        facts = filed_facts(before)
        policy = named(before.decision.policy)
        filing = judged(before, facts, policy, now)
        changes.append(Change(before, filing, f"filing_{filing.status}", SYSTEM))
        if filing.status is not FilingStatus.HELD:
            result.messages.append(Message.because(Itself(new_id()), published.decided(filing, facts, policy)))
    keep(tx, changes)
    return result
