"""Running quarantined events again, in order, until the key is open: by schedule, when a missing one came, or when an operator asks."""

from __future__ import annotations

from dataclasses import dataclass

import orjson

from chassis import letters
from chassis.bus import Fetched
from chassis.clock import rfc3339
from chassis.delivery import Delivery, Item, read_headers
from chassis.failpoints import failpoint
from chassis.inbox import Head, State, Stream, load_heads, save_heads
from chassis.letters import ImpossibleError, Reason, Status
from chassis.transaction import Transaction

AT_ONCE = 100
"""Events of one key in one transaction."""


@dataclass(slots=True)
class _Kept:
    id: int
    item: Item
    attempts: int
    superseded: bool


def due(tx: Transaction, group: str) -> list[Stream]:
    """Streams with something to try now, at most ``AT_ONCE``."""
    rows = tx.sql(
        "SELECT DISTINCT topic, key FROM dead_letter WHERE grp = ? AND next_attempt_at <= ? LIMIT ?", (group, rfc3339(tx.now), AT_ONCE)
    )
    return [(topic, key) for topic, key in rows]


def replay(tx: Transaction, delivery: Delivery, stream: Stream) -> None:
    """Run what is kept of one stream in order; open the key when nothing is left, stop at the first that fails again or is missing."""
    head = load_heads(tx, delivery.group, [stream])[stream]
    waiting = _waiting(tx, delivery.group, stream)
    for _ in range(AT_ONCE):
        if not waiting:
            failpoint("replay.before_open")
            if head.state is not State.REBASED:
                head.state = State.OPEN
            break
        kept = _following(waiting, head)
        if kept is None:
            head.state = State.GAP
            _rest(tx, waiting)
            break
        if not _attempt(tx, delivery, kept, head):
            head.state = State.PARKED
            _rest(tx, [other for other in waiting if other is not kept])
            break
        waiting.remove(kept)
    else:
        letters.make_due(tx, delivery.group, *stream)
    save_heads(tx, delivery.group, {stream: head})


def _waiting(tx: Transaction, group: str, stream: Stream) -> list[_Kept]:
    rows = tx.sql(
        "SELECT id, part, off, headers, body, attempts, original_body IS NOT NULL FROM dead_letter"
        " WHERE grp = ? AND topic = ? AND key = ? AND status IN ('retrying', 'parked', 'held') ORDER BY id",
        (group, *stream),
    )
    topic, key = stream
    return [
        _Kept(number, read_headers(Fetched(topic, part, off, key, orjson.loads(headers), body)), attempts, bool(superseded))
        for number, part, off, headers, body, attempts, superseded in rows
    ]


def _following(waiting: list[_Kept], head: Head) -> _Kept | None:
    """The first in order of arrival, unless it must wait for one that came later; None if that one is still missing."""
    first = waiting[0]
    if first.item.seq is None or first.item.seq <= head.seq + 1:
        return first
    return next((kept for kept in waiting if kept.item.seq == head.seq + 1), None)


def _attempt(tx: Transaction, delivery: Delivery, kept: _Kept, head: Head) -> bool:
    """Run one; keep what came of it. A repeat of what already took effect is done."""
    item = kept.item
    repeat = item.seq is not None and item.seq <= head.seq
    try:
        if repeat and item.seq == head.seq and item.event_id != head.event_id:
            raise ImpossibleError(Reason.CONFLICT, f"number {item.seq} of this key was another event")
        if not repeat:
            with tx.savepoint():
                delivery.attempt(tx, item)
    except Exception as error:
        if not tx.stands() or tx.backend.outage(error, writing=True):
            raise
        found = letters.verdict(error, kept.attempts + 1, tx.now)
        after = rfc3339(found.next_attempt_at) if found.next_attempt_at else None
        tx.many(
            "UPDATE dead_letter SET status = ?, reason = ?, attempts = ?, next_attempt_at = ?, error_class = ?, error_text = ?"
            " WHERE id = ?",
            [(found.status, found.reason, kept.attempts + 1, after, found.error_class, found.error_text, kept.id)],
        )
        return False
    if not repeat and item.seq is not None and item.event_id is not None:
        head.advance(item.seq, item.event_id)
    status = Status.SUPERSEDED if kept.superseded else Status.REPLAYED
    tx.many(
        "UPDATE dead_letter SET status = ?, attempts = attempts + 1, next_attempt_at = NULL, resolved_at = ? WHERE id = ?",
        [(status, rfc3339(tx.now), kept.id)],
    )
    return True


def _rest(tx: Transaction, waiting: list[_Kept]) -> None:
    """They wait for another one, not for a time."""
    tx.many("UPDATE dead_letter SET next_attempt_at = NULL WHERE id = ?", [(kept.id,) for kept in waiting])
