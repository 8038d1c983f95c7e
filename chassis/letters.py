"""Rows of quarantine: an event that could not be processed, or that waits behind one, raw as received."""

from __future__ import annotations

import traceback
from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import orjson

from chassis.bus import Fetched
from chassis.clock import rfc3339
from chassis.errors import PermanentError, TemporaryError
from chassis.transaction import Transaction
from contracts.values import dataclass

MAX_TEXT = 4096
TEMPORARY_TRIES = 5
RETRIES = (timedelta(seconds=30), timedelta(minutes=2), timedelta(minutes=10), timedelta(hours=1), timedelta(hours=6))
"""After a handler's own error, a parked event is tried again by itself this long after each try; then an operator must."""
_LONGEST_DELAY = 30.0


class Status(StrEnum):
    RETRYING = "retrying"  # a TemporaryError: tried again by itself soon
    PARKED = "parked"
    HELD = "held"  # nothing wrong with it but what is before it
    REPLAYED = "replayed"
    DISCARDED = "discarded"
    SUPERSEDED = "superseded"


class Reason(StrEnum):
    TEMPORARY = "temporary"
    HANDLER = "handler"
    PERMANENT = "permanent"
    DECODE = "decode"
    HEADERS = "headers"
    CONFLICT = "conflict"
    GAP = "gap"
    BEHIND = "behind"


class ImpossibleError(PermanentError):
    """The bytes are not the event their type promises, headers are missing, or the number was used before. Its text quotes no body."""

    def __init__(self, reason: Reason, text: str) -> None:
        super().__init__(text)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of an event whose processing failed for the ``attempts``-th time."""

    status: Status
    reason: Reason
    next_attempt_at: datetime | None
    error_class: str
    error_text: str


def verdict(error: BaseException, attempts: int, now: datetime) -> Verdict:
    """Try again soon, try again by schedule, or wait for an operator."""
    name, text = type(error).__name__, _text(error)
    if isinstance(error, ImpossibleError):
        return Verdict(Status.PARKED, error.reason, None, name, text)
    if isinstance(error, PermanentError):
        return Verdict(Status.PARKED, Reason.PERMANENT, None, name, text)
    if isinstance(error, TemporaryError) and attempts <= TEMPORARY_TRIES:
        delay = min(error.delay * 2.0 ** (attempts - 1), max(_LONGEST_DELAY, error.delay))
        return Verdict(Status.RETRYING, Reason.TEMPORARY, now + timedelta(seconds=delay), name, text)
    if isinstance(error, TemporaryError):
        tries, reason = attempts - TEMPORARY_TRIES, Reason.TEMPORARY
    else:
        tries, reason = attempts, Reason.HANDLER
    wait = RETRIES[tries - 1] if tries <= len(RETRIES) else None
    return Verdict(Status.PARKED, reason, now + wait if wait else None, name, text)


def _text(error: BaseException) -> str:
    """What happened and where, without the values of statements: they may hold what does not belong here."""
    cause = getattr(error, "orig", None) or error
    frames = traceback.extract_tb(error.__traceback__)
    where = f" ({frames[-1].filename.rsplit('/', 1)[-1]}:{frames[-1].lineno})" if frames else ""
    return f"{cause}{where}"[:MAX_TEXT]


@dataclass(frozen=True, slots=True)
class Letter:
    """One event for quarantine."""

    record: Fetched
    seq: int | None
    event_id: str | None
    type: str | None
    status: Status
    reason: Reason
    attempts: int = 0
    next_attempt_at: datetime | None = None
    error_class: str | None = None
    error_text: str | None = None


def store(tx: Transaction, group: str, letters: Sequence[Letter]) -> None:
    """Keep each letter once: the place in the log is unique."""
    now = rfc3339(tx.now)
    tx.many(
        "INSERT INTO dead_letter (grp, topic, part, off, key, seq, event_id, type, headers, body, status, reason, error_class, error_text,"
        " attempts, next_attempt_at, first_seen_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (grp, topic, part, off) DO NOTHING",
        [_row(group, letter, now) for letter in letters],
    )


def make_due(tx: Transaction, group: str, topic: str, key: str) -> None:
    """Have the running consumer replay what is kept of this key, at once."""
    tx.many(
        "UPDATE dead_letter SET next_attempt_at = ? WHERE id ="
        " (SELECT min(id) FROM dead_letter WHERE grp = ? AND topic = ? AND key = ? AND status IN ('retrying', 'parked', 'held'))",
        [(rfc3339(tx.now), group, topic, key)],
    )


def _row(group: str, letter: Letter, now: str) -> tuple[Any, ...]:
    record = letter.record
    return (
        group,
        record.topic,
        record.partition,
        record.offset,
        record.key,
        letter.seq,
        letter.event_id,
        letter.type,
        orjson.dumps(dict(record.headers)).decode(),
        record.value,
        letter.status,
        letter.reason,
        letter.error_class,
        letter.error_text,
        letter.attempts,
        rfc3339(letter.next_attempt_at) if letter.next_attempt_at else None,
        now,
    )
