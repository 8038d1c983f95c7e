"""What falls due, and what ends it, as the events tell. Each event says anew how its items stand: the last word of a stream counts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, timedelta, timezone
from typing import Any

from chassis.deadlines import escalates_from
from contracts import land_check, power_grid, registration
from contracts.vocabulary import FilingStatus, LandVerdict, StatementOutcome, Unit
from services.notifier.domain import Item, ItemState, Kind, Word

OWNERS_OF_BLOCKS = (Unit.PSC, Unit.AMR)
"""The two lead units of 000 annex 2, tasks 18 and 19: each acknowledges for itself."""

CITY = timezone(timedelta(hours=8))
"""The city's zone, as long as there are blocks."""


def noted(event: Any, seq: int) -> Iterable[Item]:
    """The items that an event, the ``seq``-th of its stream, opens, moves or ends."""
    note = NOTES.get(type(event))
    return () if note is None else note(event, seq)


def word_on(event: Any, seq: int) -> Word | None:
    """The word an event has on its filing; None for what is not said by registration."""
    return Word(event.filing_id, seq, _may_ask(event)) if isinstance(event, registration.FilingEvent) else None


def _may_ask(event: registration.FilingEvent) -> int:
    """0: the township is asked for nothing, whatever was asked before."""
    if not isinstance(event, registration.DecidedEvent):
        return int(bool(event.deadlines))
    decided, is_held = event.decision, event.status is FilingStatus.HELD
    return int(is_held and decided.land_verdict is LandVerdict.NON_INDUSTRIAL and decided.statement is not StatementOutcome.NOT_REQUIRED)


def _filing(event: registration.FilingEvent, seq: int) -> Iterator[Item]:
    """A kind that a later publisher names and nobody here knows is passed over."""
    for each in event.deadlines:
        if each.kind not in (Kind.REGISTRATION, Kind.CORRECTION):
            continue
        state = ItemState.RUNNING if each.paused_since is None else ItemState.PAUSED
        yield _item(event, seq, Kind(each.kind), event.filing_id, each.owner, each.due, state)


def _asked(event: land_check.StatementRequested, seq: int) -> Iterator[Item]:
    yield _item(event, seq, Kind.STATEMENT_REQUEST, event.statement_request_id, Unit.TWN, event.due, subject=event.filing_id)


def _answered(event: land_check.StatementDeclined | land_check.StatementReturned, seq: int) -> Iterator[Item]:
    yield _no_longer_asked(event, event.statement_request_id, seq)


def _issued(event: land_check.StatementIssued, seq: int) -> Iterator[Item]:
    """A paper that does not hold, brought by the applicant, leaves the township asked."""
    if event.statement_request_id is not None or event.state == "valid":
        yield _no_longer_asked(event, event.statement_request_id or event.filing_id, seq)


def _no_longer_asked(event: land_check.LandEvent, record_id: str, seq: int) -> Item:
    return _item(event, seq, Kind.STATEMENT_REQUEST, record_id, Unit.TWN, None, ItemState.ENDED, subject=event.filing_id)


def _listed(event: land_check.ListEntryOpened, seq: int) -> Iterator[Item]:
    if event.due is not None:
        yield _item(event, seq, Kind.LIST_ENTRY, event.entry_id, Unit.TWN, event.due)


def _delisted(event: land_check.ListEntryClosed, seq: int) -> Iterator[Item]:
    yield _item(event, seq, Kind.LIST_ENTRY, event.entry_id, Unit.TWN, None, ItemState.ENDED)


def _imposed(event: power_grid.BlockEvent, seq: int) -> Iterator[Item]:
    for owner in OWNERS_OF_BLOCKS:
        yield _of_block(event, event.block_id, seq, owner, event.acknowledge_by, ItemState.RUNNING, event.at.astimezone(CITY).date())


def _lifted(event: power_grid.BlockEvent, seq: int) -> Iterator[Item]:
    for owner in OWNERS_OF_BLOCKS:
        yield _of_block(event, event.block_id, seq, owner, None, ItemState.ENDED)


def _acknowledged(event: power_grid.BlockAcknowledged, seq: int) -> Iterator[Item]:
    yield _of_block(event, event.block_id, seq, event.unit, None, ItemState.ENDED)


def _of_block(
    event: power_grid.SiteEvent,
    block_id: str,
    seq: int,
    owner: Unit,
    due: date | None,
    state: ItemState,
    since: date | None = None,
) -> Item:
    return _item(event, seq, Kind.ACKNOWLEDGEMENT, block_id, owner, due, state, subject=f"{block_id} {owner}", since=since)


def _item(
    event: Any,
    seq: int,
    kind: Kind,
    record_id: str,
    owner: Unit,
    due: date | None,
    state: ItemState = ItemState.RUNNING,
    *,
    subject: str | None = None,
    since: date | None = None,
) -> Item:
    return Item(
        item=f"{kind}:{subject or record_id}",
        kind=kind,
        record_id=record_id,
        filing_id=event.filing_id,
        parcel_code=event.parcel_code,
        unit_number=event.unit_number,
        township_code=event.township_code,
        owner=owner,
        since=since,
        due=due,
        state=state,
        look_on=escalates_from(due) if due is not None and state is ItemState.RUNNING else None,
        seq=seq,
    )


Note = Callable[[Any, int], Iterator[Item]]

NOTES: Mapping[type, Note] = {
    registration.FilingAmended: _filing,
    registration.FilingWithdrawn: _filing,
    registration.FilingHeld: _filing,
    registration.FilingAccepted: _filing,
    registration.FilingRefused: _filing,
    registration.FilingClosed: _filing,
    registration.FilingReferred: _filing,
    registration.FilingReviewed: _filing,
    registration.FilingAppealed: _filing,
    land_check.StatementRequested: _asked,
    land_check.StatementIssued: _issued,
    land_check.StatementDeclined: _answered,
    land_check.StatementReturned: _answered,
    land_check.ListEntryOpened: _listed,
    land_check.ListEntryClosed: _delisted,
    power_grid.BlockImposed: _imposed,
    power_grid.HoldImposed: _imposed,
    power_grid.BlockLifted: _lifted,
    power_grid.HoldLifted: _lifted,
    power_grid.BlockAcknowledged: _acknowledged,
}
