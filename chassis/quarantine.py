"""What an operator can do with parked events: look, replay, discard, supersede. Each verb is one function on a transaction.

A running consumer picks up what was asked within a second; the asking may come from another process (command line).
"""

from __future__ import annotations

from typing import Any

import orjson

from chassis import letters
from chassis.clock import rfc3339
from chassis.errors import QuarantineError
from chassis.inbox import Head, State, load_heads, save_heads
from chassis.letters import Status
from chassis.transaction import Transaction
from contracts.values import dataclass

_COLUMNS = (
    "id, grp, topic, part, off, key, seq, event_id, type, status, reason, error_class, error_text, attempts,"
    " next_attempt_at, first_seen_at, resolved_at, resolved_by, resolution_note"
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One quarantined event, without headers and body. ``partition`` and ``offset`` say where in the topic it came from."""

    id: int
    group: str
    topic: str
    partition: int
    offset: int
    key: str
    seq: int | None
    event_id: str | None
    type: str | None
    status: str
    reason: str
    error_class: str | None
    error_text: str | None
    attempts: int
    next_attempt_at: str | None
    first_seen_at: str
    resolved_at: str | None
    resolved_by: str | None
    resolution_note: str | None


@dataclass(frozen=True, slots=True)
class Content:
    """An entry with its headers and bodies, raw as received; ``original_body`` is set once ``body`` was superseded."""

    entry: Entry
    headers: dict[str, str]
    body: bytes
    original_body: bytes | None


def waiting(tx: Transaction, *, after: int = 0, limit: int = 100) -> list[Entry]:
    """What is parked, held or being retried, in the order it arrived; ``after`` is the last id of the page before."""
    rows = tx.sql(
        f"SELECT {_COLUMNS} FROM dead_letter WHERE status IN ('retrying', 'parked', 'held') AND id > ? ORDER BY id LIMIT ?",  # noqa: S608
        (after, limit),
    )
    return [Entry(*row) for row in rows]


def counts(tx: Transaction) -> dict[str, int]:
    """How many events wait, by status."""
    found = dict(tx.sql("SELECT status, count(*) FROM dead_letter WHERE status IN ('retrying', 'parked', 'held') GROUP BY status"))
    return {status: found.get(status, 0) for status in (Status.RETRYING, Status.PARKED, Status.HELD)}


def show(tx: Transaction, number: int) -> Content:
    """One entry, whatever its status. Raises QuarantineError if there is none."""
    rows = tx.sql(f"SELECT {_COLUMNS}, headers, body, original_body FROM dead_letter WHERE id = ?", (number,))  # noqa: S608
    if not rows:
        raise QuarantineError(f"没有编号为 {number} 的隔离消息", f"there is no entry {number}")
    *entry, headers, body, original = rows[0]
    return Content(Entry(*entry), orjson.loads(headers), body, original)


def replay(tx: Transaction, number: int, by: str) -> Entry:
    """Ask for the entry's whole key to be run again, from its first waiting event on."""
    entry = _open(tx, number)
    _note(tx, number, by, "replay")
    letters.make_due(tx, entry.group, entry.topic, entry.key)
    return entry


def discard(tx: Transaction, number: int, by: str, reason: str) -> Entry:
    """Give the entry up; what is behind it runs. Only the first waiting event of a key can be given up."""
    if not reason.strip():
        raise QuarantineError("丢弃消息必须说明理由", "giving an event up needs a reason")
    entry = _open(tx, number)
    stream = (entry.topic, entry.key)
    others = tx.sql(
        "SELECT id, seq FROM dead_letter WHERE grp = ? AND topic = ? AND key = ? AND status IN ('retrying', 'parked', 'held') ORDER BY id",
        (entry.group, *stream),
    )
    ahead = [other for other, seq in others if _before(other, seq, entry)]
    if ahead:
        raise QuarantineError(f"同一键在前的消息 {ahead[0]} 须先处理", f"entry {ahead[0]} of the same key comes first")
    tx.many(
        "UPDATE dead_letter SET status = ?, next_attempt_at = NULL, resolved_at = ?, resolved_by = ?, resolution_note = ? WHERE id = ?",
        [(Status.DISCARDED, rfc3339(tx.now), by, reason, number)],
    )
    head = load_heads(tx, entry.group, [stream])[stream]
    _step_over(head, entry, [seq for other, seq in others if other != number])
    save_heads(tx, entry.group, {stream: head})
    letters.make_due(tx, entry.group, *stream)
    return entry


def supersede(tx: Transaction, number: int, by: str, reason: str, body: bytes) -> Entry:
    """Replace the entry's body by a corrected event, keep the original beside it, and ask for a replay."""
    if not reason.strip():
        raise QuarantineError("更正消息必须说明理由", "correcting an event needs a reason")
    entry = _open(tx, number)
    tx.many("UPDATE dead_letter SET original_body = coalesce(original_body, body), body = ? WHERE id = ?", [(body, number)])
    _note(tx, number, by, reason)
    letters.make_due(tx, entry.group, entry.topic, entry.key)
    return entry


def _open(tx: Transaction, number: int) -> Entry:
    entry = show(tx, number).entry
    if entry.status not in (Status.RETRYING, Status.PARKED, Status.HELD):
        raise QuarantineError(f"消息 {number} 已处理完毕（{entry.status}）", f"entry {number} is already settled ({entry.status})")
    return entry


def _note(tx: Transaction, number: int, by: str, note: str) -> None:
    tx.many("UPDATE dead_letter SET resolved_by = ?, resolution_note = ? WHERE id = ?", [(by, note, number)])


def _before(other: int, seq: int | None, entry: Entry) -> bool:
    """By sequence number where both have one, else by arrival."""
    if other == entry.id:
        return False
    if seq is None or entry.seq is None or seq == entry.seq:
        return other < entry.id
    return seq < entry.seq


def _step_over(head: Head, entry: Entry, behind: list[Any]) -> None:
    """Move the head past a discarded event, so that the next one of its key follows it."""
    if entry.seq is not None:
        if entry.seq > head.seq:
            head.seq, head.event_id = entry.seq, entry.event_id
        if not behind:
            head.state = State.OPEN
    elif numbered := [seq for seq in behind if seq is not None]:
        head.seq, head.event_id = max(head.seq, min(numbered) - 1), None
    elif not behind:
        head.state = State.REBASED
