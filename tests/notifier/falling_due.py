"""Words about what falls due: events that open, move and end it, days of the city, what was said."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import select

from chassis import tables as chassis_tables
from chassis.clock import CITY, FixedClock
from chassis.database import Database
from chassis.deadlines import working_days_after
from chassis.messages import Received
from chassis.testing import received, run_handler
from contracts.land_check import (
    ListEntryClosed,
    ListEntryOpened,
    StatementDeclined,
    StatementIssued,
    StatementRequested,
    StatementReturned,
)
from contracts.notifier import ReminderIssued
from contracts.power_grid import BlockAcknowledged, BlockEvent, BlockImposed, BlockLifted, BreachFound, HoldImposed
from contracts.registration import (
    DecidedEvent,
    DecisionSummary,
    FilingAccepted,
    FilingAmended,
    FilingFacts,
    FilingHeld,
    FilingRefused,
    FilingWithdrawn,
)
from contracts.vocabulary import (
    Action,
    DueRef,
    FilingStatus,
    LandVerdict,
    ListStatus,
    ListType,
    Outcome,
    PolicyRef,
    Premises,
    StatementOutcome,
    SubjectType,
    Unit,
)
from services.notifier import handlers, tables
from services.notifier.domain import Item
from tests.notifier.vocabulary import XINPU, notifier_database

POLICY = PolicyRef(id="cixi-source-control", version=1)
PARCEL = "330282112001JC00001"
NAMED = (Unit.AMR, Unit.PSC)


def at(text: str) -> datetime:
    """A time of the city; a day alone is its noon."""
    return datetime.fromisoformat(text if "T" in text else f"{text}T12:00:00").replace(tzinfo=CITY)


def day(text: str) -> date:
    return date.fromisoformat(text)


@contextmanager
def notifier_on(text: str) -> Iterator[tuple[Database, FixedClock]]:
    with notifier_database() as (db, clock):
        clock.set(at(text))
        yield db, clock


def hear(db: Database, *events: Received[Any]) -> None:
    """Each by itself, as they come."""
    for event in events:
        run_handler(db, handlers.hear, [event])


def reminded(db: Database) -> list[tuple[str, str, str, str]]:
    """What is said now about what falls due: kind, day, step, who is told."""
    messages = run_handler(db, lambda _, tx: handlers.remind(tx), [], "/notifier").messages
    said = [message.event for message in messages if isinstance(message.event, ReminderIssued)]
    assert len(said) == len(messages)
    return sorted((event.kind, event.due.isoformat(), event.escalation, str(event.recipient)) for event in said)


def issued(db: Database) -> list[Any]:
    """The digests that are issued now."""
    return [message.event for message in run_handler(db, lambda _, tx: handlers.issue_digests(tx), [], "/notifier").messages]


def open_items(db: Database) -> dict[str, Item]:
    return {item.item: item for item in db.read_sync(tables.open_items)}


def published(db: Database) -> list[tuple[str, str, int]]:
    """Every event said: id, type, number in its stream."""
    outbox = chassis_tables.outbox
    return [(row.event_id, row.type, row.seq) for row in db.read_sync(lambda tx: tx.rows(select(outbox).order_by(outbox.c.id)))]


def body_in_ledger(db: Database, event_id: str) -> dict[str, Any]:
    rows = db.read_sync(lambda tx: tx.load(tables.NOTICES, tables.NOTICES.c.event_id, [event_id]))
    return dict(orjson.loads(rows[0].body))


def period(due: str | None, *, paused: str | None = None) -> DueRef:
    """The registration period."""
    return _due("registration", due, paused)


def correction(due: str | None, *, paused: str | None = None) -> DueRef:
    return _due("correction", due, paused)


def _due(kind: str, due: str | None, paused: str | None) -> DueRef:
    return DueRef(kind=kind, due=due and day(due), owner=Unit.AMR, paused_since=paused and day(paused))


def held(*deadlines: DueRef, seq: int = 1, land: LandVerdict = LandVerdict.NON_INDUSTRIAL, **where: Any) -> Received[FilingHeld]:
    return received(_decided(FilingHeld, FilingStatus.HELD, Outcome.HOLD, land, deadlines=deadlines, **where), seq)


def accepted(seq: int = 2, **where: Any) -> Received[FilingAccepted]:
    return received(_decided(FilingAccepted, FilingStatus.ACCEPTED, Outcome.ACCEPT, LandVerdict.INDUSTRIAL, **where), seq)


def refused(seq: int = 2, **where: Any) -> Received[FilingRefused]:
    return received(_decided(FilingRefused, FilingStatus.REFUSED, Outcome.REFUSE, LandVerdict.NON_INDUSTRIAL, **where), seq)


def _decided(kind: type[DecidedEvent], status: FilingStatus, outcome: Outcome, land: LandVerdict, **where: Any) -> Any:
    wants = land is LandVerdict.NON_INDUSTRIAL
    decision = DecisionSummary(
        outcome=outcome,
        land_verdict=land,
        statement=StatementOutcome.REQUIRED_MISSING if wants else StatementOutcome.NOT_REQUIRED,
        policy=POLICY,
        decided_at=at("2026-11-23"),
    )
    return kind(**_filing(**where), status=status, action=Action.ESTABLISH, industry_code="3851", manufacturing=True, decision=decision)


def _filing(filing_id: str = "f1", notify: tuple[Unit, ...] = NAMED, township: str = XINPU, **more: Any) -> dict[str, Any]:
    named = {"filing_id": filing_id, "version": 2, "revision": 1, "enterprise_name": "慈溪某某电器有限公司", "uscc": None}
    return {**named, "township_code": township, "parcel_code": PARCEL, "unit_number": None, "notify": notify, **more}


def withdrawn(seq: int = 2, **where: Any) -> Received[FilingWithdrawn]:
    return received(FilingWithdrawn(**_filing(**{"notify": (), **where}), manufacturing=True, withdrawn_at=at("2026-11-24")), seq)


def amended(*deadlines: DueRef, seq: int = 2, **where: Any) -> Received[FilingAmended]:
    facts = FilingFacts(
        action=Action.ESTABLISH,
        subject_type=SubjectType.COMPANY,
        enterprise_name="慈溪某某电器有限公司",
        uscc=None,
        industry_code="3851",
        premises=Premises(township_code=XINPU, address="新浦镇某村1号"),
        submitted_at=at("2026-11-23"),
    )
    return received(FilingAmended(**_filing(notify=(), deadlines=deadlines, **where), filing=facts), seq)


def _land(filing_id: str = "f1", township: str = XINPU) -> dict[str, Any]:
    named = {"filing_id": filing_id, "enterprise_name": "慈溪某某电器有限公司", "township_code": township}
    return {**named, "parcel_code": PARCEL, "unit_number": None, "notify": (Unit.TWN,)}


def requested(due: str | None, seq: int = 1, request: str = "sr-1", **where: Any) -> Received[StatementRequested]:
    return received(StatementRequested(**_land(**where), statement_request_id=request, due=due and day(due)), seq)


def statement(seq: int = 2, state: str = "valid", request: str | None = "sr-1", **where: Any) -> Received[StatementIssued]:
    given = {"statement_id": "st-1", "statement_request_id": request, "result": "supports", "state": state}
    return received(StatementIssued(**_land(**where), **given, issued_on=day("2026-11-24"), valid_to=day("2027-05-01")), seq)


def declined(seq: int = 2, **where: Any) -> Received[StatementDeclined]:
    return received(StatementDeclined(**_land(**where), statement_request_id="sr-1"), seq)


def returned(seq: int = 2, **where: Any) -> Received[StatementReturned]:
    return received(StatementReturned(**_land(**where), statement_request_id="sr-1"), seq)


def listed(due: str | None, entry: str = "le-1") -> Received[ListEntryOpened]:
    given = {"list": ListType.INEFFICIENT, "status": ListStatus.FOUND, "cause": None, "enterprise_name": "某厂", "uscc": None}
    where = {"parcel_code": PARCEL, "township_code": XINPU, "notify": (Unit.MGO,)}
    return received(ListEntryOpened(entry_id=entry, **given, **where, due=due and day(due)), 1)


def delisted(entry: str = "le-1", seq: int = 2) -> Received[ListEntryClosed]:
    where = {"parcel_code": PARCEL, "township_code": XINPU, "notify": (Unit.MGO,)}
    return received(ListEntryClosed(entry_id=entry, list=ListType.INEFFICIENT, status=ListStatus.DELISTED, **where), seq)


def imposed(
    on: str, block: str = "blk-1", seq: int = 1, kind: type[BlockEvent] = BlockImposed, township: str = XINPU
) -> Received[BlockEvent]:
    """A block, by its own rule to be acknowledged within three working days; its site is in a parcel of its own."""
    return received(kind(**_block(block, township), at=at(on), acknowledge_by=working_days_after(day(on), 3)), seq)


def lifted(on: str, block: str = "blk-1", seq: int = 9, township: str = XINPU) -> Received[BlockEvent]:
    return received(BlockLifted(**_block(block, township), at=at(on)), seq)


def _block(block: str, township: str) -> dict[str, Any]:
    where = {"parcel_code": f"parcel of {block}", "unit_number": None, "township_code": township, "notify": NAMED}
    return {**where, "block_id": block, "block_streamseq": 1, "reasons": (), "policy": POLICY}


def acknowledged(unit: Unit, block: str = "blk-1", seq: int = 5) -> Received[BlockAcknowledged]:
    where = {"parcel_code": f"parcel of {block}", "unit_number": None, "township_code": XINPU}
    return received(BlockAcknowledged(**where, block_id=block, unit=unit, at=at("2026-11-24")), seq)


def breach(township: str = XINPU, seq: int = 1) -> Received[BreachFound]:
    where = {"parcel_code": PARCEL, "unit_number": None, "township_code": township, "notify": (Unit.MGO,)}
    return received(BreachFound(**where, breach_id="brc-1", cause="hold_after_commit"), seq)


HOLD = HoldImposed
WEEK = timedelta(days=7)
