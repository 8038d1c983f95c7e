"""What falls due is noted as the events tell it, and whoever is to look at it is told when the day comes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from chassis.clock import today
from chassis.database import Transaction
from chassis.deadlines import Escalation, escalates_next, escalation_of
from chassis.messages import Received, Result
from services.notifier import rules, tables
from services.notifier.domain import Item, Kind
from services.notifier.handlers.speaking import say
from services.notifier.handlers.telling import tell

AT_ONCE = 200


def hear(batch: Sequence[Received[Any]], tx: Transaction) -> Result:
    """Tell whom the events name, and note what falls due."""
    events = [(received.event, received.envelope.seq) for received in batch]
    items = [item for event, seq in events for item in rules.noted(event, seq)]
    tables.note(tx, items, [word for event, seq in events if (word := rules.word_on(event, seq)) is not None])
    return tell(batch, tx)


def remind(tx: Transaction) -> Result:
    """Tell those who are to look at something from today on; the rest of a long list comes with the next run.

    Only the present step is said, however many passed while nobody ran this, and each once: it is known by item, day and step.
    """
    day = today(tx.now)
    looked = tables.to_look_at(tx, day, AT_ONCE)
    if not looked:
        return Result()
    due = [reminder for item, is_open in looked if is_open and (reminder := rules.reminder_of(item, day)) is not None]
    tables.look_again(tx, {item.item: _next_look(item, is_open, day) for item, is_open in looked})
    return Result(say(tx, due))


def _next_look(item: Item, is_open: bool, day: date) -> date | None:
    """Once a day where the next step is not known yet: no calendar tells, or the filing's other stream may."""
    tomorrow = day + timedelta(days=1)
    if not is_open:
        return tomorrow if item.kind is Kind.STATEMENT_REQUEST else None
    following = None if item.due is None else escalates_next(item.due, day)
    waits_for_calendar = following is None and escalation_of(item.due, day) is Escalation.TOWNSHIP
    return tomorrow if waits_for_calendar else following
