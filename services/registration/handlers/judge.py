"""Land verdicts arrive and correction notices run out: filings are decided."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from chassis.database import Transaction
from chassis.identifiers import new_id
from chassis.messages import Message, Received, Result
from chassis.policies import activations, named
from contracts.land_check import LandVerdictIssued
from contracts.vocabulary import FilingStatus
from services.registration.domain import OPEN, Filing
from services.registration.handlers import published
from services.registration.handlers.ledger import LAND_CHECK, SYSTEM, Change, filed_facts, judged, keep, moment_of
from services.registration.tables import by_ids, filing_of, overdue, undo_of

OVERDUE_CHUNK = 500


def hear_land_verdicts(batch: Sequence[Received[LandVerdictIssued]], tx: Transaction) -> Result:
    """Decide the filings whose land findings came; those of an earlier revision or of a filing no longer open are passed over."""
    rows = {row.filing_id: row for row in by_ids(tx, [received.event.filing_id for received in batch])}
    result, changes, now = Result(), list[Change](), moment_of(tx.now)
    activations(tx)
    for received in batch:
        row = rows.get(received.event.filing_id)
        if row is None or row.revision != received.event.revision or row.status not in OPEN:
            continue
        before = filing_of(row)
        facts = filed_facts(before)
        policy = named(received.event.policy)  # one set throughout: that of the findings
        filing = judged(before, facts, policy, now, received.event.land)
        moved = filing.place != before.place
        undo = undo_of(before, filing)
        if filing.pending:
            changes.append(
                Change(
                    replace(filing, version=before.version, decision=before.decision),
                    None,
                    LAND_CHECK,
                    moved,
                    undo=undo_of(before, filing) if moved else None,
                )
            )
        elif before.pending or not filing.decision.says_the_same_as(before.decision):
            result.messages.append(Message.because(received, published.decided(filing, facts, policy)))
            changes.append(Change(filing, f"filing_{filing.status}", LAND_CHECK, moved, undo=undo))
        elif _differs(filing, before):
            changes.append(Change(filing, "land_verdict_issued", LAND_CHECK, moved, undo=undo))
        else:
            changes.append(
                Change(
                    replace(filing, version=before.version, decision=before.decision),
                    None,
                    LAND_CHECK,
                    moved,
                    undo=undo_of(before, filing) if moved else None,
                )
            )
    keep(tx, changes)
    return result


def _differs(filing: Filing, before: Filing) -> bool:
    """Whether the same answer stands on other evidence."""
    now, then = filing.decision, before.decision
    return (now.facts, now.policy, filing.matched_by) != (then.facts, then.policy, before.matched_by)


def refuse_overdue(tx: Transaction) -> Result:
    """Refuse held filings whose day to bring a statement is over in the city; each once, however often this runs."""
    result, changes, now = Result(), list[Change](), moment_of(tx.now)
    activations(tx)
    for row in overdue(tx, now.today.isoformat(), OVERDUE_CHUNK):
        before = filing_of(row)
        facts = filed_facts(before)
        policy = named(before.decision.policy)
        filing = judged(before, facts, policy, now)
        changes.append(Change(filing, f"filing_{filing.status}", SYSTEM, undo=undo_of(before, filing)))
        if filing.status is not FilingStatus.HELD:
            result.messages.append(Message(published.decided(filing, facts, policy), new_id(), None))
    keep(tx, changes)
    return result
