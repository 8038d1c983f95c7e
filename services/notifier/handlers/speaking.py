"""What notifier itself has to tell: published as an event and put into the ledger in one transaction, as every other notice is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from chassis.clock import rfc3339
from chassis.database import Transaction
from chassis.identifiers import new_id
from chassis.messages import Message
from contracts import reference
from contracts.envelope import Envelope
from contracts.notifier import DigestIssued, ReminderIssued
from services.notifier import tables
from services.notifier.domain import Notice
from services.notifier.handlers.telling import enter, notice_of

SOURCE = "/notifier"


def say(tx: Transaction, events: Sequence[DigestIssued | ReminderIssued]) -> list[Message]:
    """The messages of those events that were not said yet. The id of each is its key, so it is the first and only one of its stream."""
    known = {row.event_id for row in tables.known_notices(tx, [event.key() for event in events])} if events else set()
    fresh = {event.key(): event for event in events if event.key() not in known}
    messages = [Message(event, new_id(), None, id=key) for key, event in fresh.items()]
    envelopes = [_envelope(message, event, rfc3339(tx.now)) for message, event in zip(messages, fresh.values(), strict=True)]
    enter(tx, [(_notice(event, envelope), envelope) for event, envelope in zip(fresh.values(), envelopes, strict=True)])
    return messages


def townships_of(group: str | None) -> frozenset[str]:
    """The townships of a supervision group; None: everywhere."""
    return frozenset(unit.code for unit in reference.townships() if group is None or unit.group == group)


def _notice(event: DigestIssued | ReminderIssued, envelope: Envelope) -> Notice:
    if isinstance(event, DigestIssued):
        return replace(notice_of(event, envelope), townships=townships_of(event.group))
    return notice_of(event, envelope)


def _envelope(message: Message, event: DigestIssued | ReminderIssued, time: str) -> Envelope:
    key = event.key()
    data = event.model_dump_json().encode()
    return Envelope(key, SOURCE, event.type, key, time, key, 1, message.correlation_id, None, data)
