"""Who is to look at what falls due: the step is that of ``chassis.deadlines``, the unit at each step stands here."""

from __future__ import annotations

from datetime import date
from hashlib import sha256

from chassis.deadlines import Escalation, escalation_of, state_of
from contracts import reference
from contracts.notifier import ReminderIssued
from contracts.vocabulary import Unit
from services.notifier.domain import Item


def reminder_of(item: Item, today: date) -> ReminderIssued | None:
    """What is to be said about an open item on ``today``; None while nobody need look. Its id is that of the item, the day and the step."""
    step = escalation_of(item.due, today)
    if item.due is None or step is None:
        return None
    recipient = {Escalation.OWNER: item.owner, Escalation.TOWNSHIP: Unit.TWN, Escalation.SUPERVISION_GROUP: Unit.SG}[step]
    township = None if item.township_code is None else reference.canonical_code(item.township_code) or item.township_code
    group = reference.group_of(township) if recipient is Unit.SG and township is not None else None
    said_once = f"{item.item} {item.record_id} {item.due} {step}"
    return ReminderIssued(
        reminder_id=f"rem_{sha256(said_once.encode()).hexdigest()[:32]}",
        kind=item.kind,
        record_id=item.record_id,
        filing_id=item.filing_id,
        parcel_code=item.parcel_code,
        unit_number=item.unit_number,
        township_code=township,
        due=item.due,
        state=state_of(item.due, today),
        owner=item.owner,
        escalation=step,
        recipient=recipient,
        group=group,
        notify=(recipient,),
    )
