"""Filings as registration tells of them: judged when they come and change, left alone once they are decided."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import orjson

from chassis.clock import rfc3339, today
from chassis.database import Transaction
from chassis.messages import Message, Received, Result
from chassis.policies import in_force
from contracts.registration import (
    DecidedEvent,
    FilingAccepted,
    FilingAmended,
    FilingClosed,
    FilingEvent,
    FilingFacts,
    FilingHeld,
    FilingSubmitted,
    FilingWithdrawn,
)
from contracts.vocabulary import FilingStatus, Flag, LandVerdict
from services.land_check.domain import Filing, PaperEvent, Parcel, Statement, StatementState
from services.land_check.handlers.judging import Case, judge
from services.land_check.handlers.lists import open_by_the_system
from services.land_check.handlers.statements import case_for_supervision
from services.land_check.rules.statements import paper_that_counts
from services.land_check.tables.filings import decided_among, end_filings, lock_filings, save_filings
from services.land_check.tables.parcels import lock_parcels, parcel_of
from services.land_check.tables.statements import Change, cancel_requests, papers_of_filings, save_statements

REGISTRATION = "registration"
"""Who takes a request back, or uses a statement up, by deciding the filing."""


def filings_submitted(batch: Sequence[Received[FilingSubmitted]], tx: Transaction) -> Result:
    """Place and judge new filings."""
    known = _parcels_of(tx, [received.event.filing for received in batch])
    return Result(judge(tx, [Case(_new(received.event), received) for received in batch], in_force(tx), known).messages)


def filings_amended(batch: Sequence[Received[FilingAmended]], tx: Transaction) -> Result:
    """A new revision is placed and judged again; the same revision brought only a USCC."""
    known = _parcels_of(tx, [received.event.filing for received in batch])
    filings = lock_filings(tx, [received.event.filing_id for received in batch])
    cases, kept = [], []
    for received in batch:
        event = received.event
        filing = filings.get(event.filing_id)
        if filing is None:
            cases.append(Case(_new(event), received))
            continue
        _amend(filing, event)
        if filing.is_open:
            cases.append(Case(filing, received))
        else:
            kept.append(filing)
    save_filings(tx, [(filing, ()) for filing in kept])
    return Result(judge(tx, cases, in_force(tx), known).messages)


def filings_held(batch: Sequence[Received[FilingHeld]], tx: Transaction) -> Result:
    """A hold on a filing that was decided before means that it was reopened: by an appeal, or because its decision was set aside.

    Its findings are told anew, since registration passed over those told while it was decided. Of any other hold only the notice's day
    is news, where it began before a township could be asked.
    """
    reopened = set(decided_among(tx, [received.event.filing_id for received in batch]))
    noticed = {received.event.filing_id: due for received in batch if (due := _notice_before_any_request(received.event)) is not None}
    if not reopened and not noticed:
        return Result()
    filings = lock_filings(tx, sorted(reopened | set(noticed)))
    cases = []
    for received in batch:
        filing = filings.get(received.event.filing_id)
        if filing is None:
            continue
        if filing.filing_id in reopened:
            _reopen(filing)
        elif filing.filing_id not in noticed or filing.rulings.due is not None:
            continue
        filing.rulings.due = noticed.get(filing.filing_id)
        cases.append(Case(filing, received))
    return Result(judge(tx, cases, in_force(tx)).messages)


def _reopen(filing: Filing) -> None:
    """Open again: the township is asked anew."""
    filing.status, filing.digest = FilingStatus.HELD, None
    filing.rulings.declined, filing.rulings.request_status, filing.rulings.disputed_on = False, None, None


def _notice_before_any_request(event: FilingHeld) -> date | None:
    """The day by which a paper must be mended that was brought for land on which no township is asked; such a notice goes on."""
    if event.decision.land_verdict not in (LandVerdict.UNKNOWN, LandVerdict.MIXED):
        return None
    return next((reason.due for reason in event.decision.reasons if reason.due is not None), None)


def filings_ended(batch: Sequence[Received[FilingEvent]], tx: Transaction) -> Result:
    """Accepted, refused, referred, withdrawn or closed: no longer judged, and no township need answer any more."""
    end_filings(tx, [(received.event.filing_id, _status_of(received.event)) for received in batch])
    cancel_requests(tx, [received.event.filing_id for received in batch], REGISTRATION)
    relying = [received for received in batch if _relies_on_a_statement(received.event)]
    return Result(_spent(tx, relying) if relying else [])


def _relies_on_a_statement(event: FilingEvent) -> bool:
    return isinstance(event, FilingAccepted) and Flag.STATEMENT_RELIED_ON in event.decision.flags


def _spent(tx: Transaction, accepted: Sequence[Received[FilingEvent]]) -> list[Message]:
    """The statements relied on are used up. One revoked while its filing was being accepted is a case, as if revoked a moment later."""
    papers: dict[str, list[Statement]] = {}
    for paper in papers_of_filings(tx, [received.event.filing_id for received in accepted]):
        papers.setdefault(str(paper.filing_id), []).append(paper)
    used: list[Change] = []
    messages: list[Message] = []
    for received in accepted:
        counting = paper_that_counts(papers.get(received.event.filing_id, ()))
        if counting is None:
            continue
        if counting.spent_at is None:
            counting.spent_at, counting.version = rfc3339(tx.now), counting.version + 1
            used.append(Change(counting, PaperEvent.SPENT, REGISTRATION))
        if counting.state is StatementState.REVOKED:
            messages += open_by_the_system(tx, received, [case_for_supervision(counting)])
    save_statements(tx, used)
    return messages


def _status_of(event: FilingEvent) -> FilingStatus:
    match event:
        case DecidedEvent():
            return event.status
        case FilingWithdrawn():
            return FilingStatus.WITHDRAWN
        case FilingClosed():
            return FilingStatus.CLOSED_DUPLICATE
    raise ValueError(f"{event.type} does not end a filing")


def _new(event: FilingSubmitted | FilingAmended) -> Filing:
    return Filing(event.filing_id, event.revision, event.filing, today(event.filing.submitted_at))


def _amend(filing: Filing, event: FilingAmended) -> None:
    """Take over what was filed. What people settled belongs to the place; a township is asked anew about another place or name."""
    before, after, settled = filing.facts, event.filing, filing.rulings
    if event.revision > filing.revision:
        if before.place != after.place:
            filing.rulings = settled.elsewhere()
        elif before.enterprise_name != after.enterprise_name:
            settled.request_township = None
        filing.digest = None
    filing.revision, filing.facts = event.revision, after


def _parcels_of(tx: Transaction, filed: Sequence[FilingFacts]) -> dict[str, Parcel]:
    """The parcels named in the filings, locked: one that changes meanwhile is seen either here or by whoever changes it."""
    places = [facts.place for facts in filed]
    rows = lock_parcels(tx, {place.parcel_code for place in places if place.parcel_code is not None})
    return {code: parcel_of(orjson.loads(row.body), row.version) for code, row in rows.items()}
