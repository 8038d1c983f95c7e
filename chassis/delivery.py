"""A batch of records and its effects in one transaction: repeats skipped, gaps and poison put aside with their followers, handlers called.

A batch that fails is halved until the guilty record stands alone; everything else takes effect.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from pydantic import ValidationError

from chassis import letters, outbox
from chassis.bus import Fetched
from chassis.failpoints import failpoint
from chassis.inbox import Head, Standing, State, Stream, load_heads, save_heads
from chassis.letters import ImpossibleError, Letter, Reason, Status
from chassis.messages import Handler, Message, Received
from chassis.transaction import Transaction
from contracts.envelope import Event

NO_HEADERS = "ce_id or ce_streamseq is missing or wrong"


class On(NamedTuple):
    """A line of ``SUBSCRIPTIONS``: this event is given to this handler; at once, if somebody waits for what comes of it."""

    event: type[Event]
    handler: Handler
    awaited: bool = False


@dataclass(slots=True)
class Item:
    """One record with what its headers say, and its event once it was parsed."""

    record: Fetched
    stream: Stream
    seq: int | None
    event_id: str | None
    type: str | None
    received: Received[Any] | None = None

    def letter(self, status: Status, reason: Reason) -> Letter:
        return Letter(self.record, self.seq, self.event_id, self.type, status, reason)

    def failed(self, error: BaseException, now: datetime) -> Letter:
        """The letter after its first try ended in ``error``."""
        found = letters.verdict(error, 1, now)
        return Letter(
            self.record,
            self.seq,
            self.event_id,
            self.type,
            found.status,
            found.reason,
            attempts=1,
            next_attempt_at=found.next_attempt_at,
            error_class=found.error_class,
            error_text=found.error_text,
        )


Cut = frozenset[tuple[str, int]]
"""Partitions (topic, number) whose beginning was already deleted when this group began to read them."""


class Delivery:
    """Knows who hears what in one group. Its methods run inside the caller's transaction.

    ``handled(handler name, batch size, seconds)`` is told of every handler that did its work.
    """

    def __init__(
        self,
        group: str,
        source: str,
        subscriptions: Sequence[On],
        handled: Callable[[str, int, float], None] | None = None,
    ) -> None:
        self.group = group
        self.source = source
        self.topics = sorted({on.event.topic for on in subscriptions})
        self.awaited = frozenset(on.event.type for on in subscriptions if on.awaited)
        self._events: dict[str, type[Event]] = {on.event.type: on.event for on in subscriptions}
        self._handlers: dict[str, list[Handler]] = {}
        for on in subscriptions:
            self._handlers.setdefault(on.event.type, []).append(on.handler)
        self._handled = handled

    def deliver_at_once(self, tx: Transaction, records: Sequence[Fetched], cut: Cut = frozenset()) -> None:
        """As ``deliver``, without a way back: raises what a handler raises, and the unit of work is to be done again with ``deliver``."""
        self._apply(tx, [read_headers(record) for record in records], cut)

    def deliver(self, tx: Transaction, records: Sequence[Fetched], cut: Cut = frozenset()) -> None:
        """Give ``records`` their effects, each once, in order within each key; put aside what cannot be processed."""
        self._deliver(tx, [read_headers(record) for record in records], cut)

    def attempt(self, tx: Transaction, item: Item) -> None:
        """Run the handlers of one record alone. Raises what they raise, ImpossibleError if it cannot be read."""
        if item.seq is None or item.event_id is None:
            raise ImpossibleError(Reason.HEADERS, NO_HEADERS)
        if item.type in self._handlers:
            self._parse(item)
            self._run(tx, [[item]])

    def _deliver(self, tx: Transaction, items: Sequence[Item], cut: Cut) -> None:
        try:
            with tx.savepoint():
                self._apply(tx, items, cut)
        except Exception as error:
            if not tx.stands() or tx.backend.outage(error, writing=True):
                raise
            if len(items) == 1:
                self._park(tx, items[0], error)
                return
            half = len(items) // 2
            self._deliver(tx, items[:half], cut)
            self._deliver(tx, items[half:], cut)

    def _apply(self, tx: Transaction, items: Sequence[Item], cut: Cut) -> None:
        heads = load_heads(tx, self.group, {item.stream for item in items})
        self._run(tx, self._sort(tx, items, heads, cut))
        save_heads(tx, self.group, heads)

    def _park(self, tx: Transaction, item: Item, error: Exception) -> None:
        heads = load_heads(tx, self.group, [item.stream])
        heads[item.stream].state = State.PARKED
        save_heads(tx, self.group, heads)
        self._put_aside(tx, [item.failed(error, tx.now)])

    def _sort(self, tx: Transaction, items: Sequence[Item], heads: dict[Stream, Head], cut: Cut) -> list[list[Item]]:
        """Move the heads, put aside what cannot run, and deal out the rest in rounds in which no stream comes twice."""
        rounds: list[list[Item]] = []
        taken: dict[Stream, int] = {}
        aside: list[Letter] = []
        found: set[Stream] = set()
        for item in items:
            head = heads[item.stream]
            if head.state is State.GAP and item.seq == head.seq + 1:
                found.add(item.stream)
            letter = self._admit(tx, item, head, cut)
            if letter is not None:
                aside.append(letter)
            elif item.received is not None:
                place = taken[item.stream] = taken.get(item.stream, -1) + 1
                if place == len(rounds):
                    rounds.append([])
                rounds[place].append(item)
        self._put_aside(tx, aside)
        for stream in sorted(found):  # what waited for the missing event may be among the letters stored just now
            letters.make_due(tx, self.group, *stream)
        return rounds

    def _admit(self, tx: Transaction, item: Item, head: Head, cut: Cut) -> Letter | None:
        """Move the head past the record and parse it if anyone hears it, or say why it is put aside."""
        item.received = None
        try:
            if item.seq is None or item.event_id is None:
                if head.state in (State.PARKED, State.GAP):
                    return item.letter(Status.HELD, Reason.BEHIND)
                raise ImpossibleError(Reason.HEADERS, NO_HEADERS)
            history_cut = bool(cut) and (item.record.topic, item.record.partition) in cut
            standing = head.standing(item.seq, item.event_id, history_cut=history_cut)
            if standing is Standing.REPEAT:
                return None
            if standing is Standing.BEHIND:
                return item.letter(Status.HELD, Reason.BEHIND)
            if standing is Standing.GAP:
                head.state = State.GAP
                return item.letter(Status.HELD, Reason.GAP)
            if standing is Standing.CONFLICT:
                raise ImpossibleError(Reason.CONFLICT, f"number {item.seq} of this key was another event")
            if item.type in self._handlers:
                self._parse(item)
        except ImpossibleError as error:
            head.state = State.PARKED
            return item.failed(error, tx.now)
        head.advance(item.seq, item.event_id)
        return None

    def _parse(self, item: Item) -> None:
        record = item.record
        try:
            item.received = Received.read(self._events[item.type or ""], record.headers, record.value)
        except KeyError as error:
            raise ImpossibleError(Reason.HEADERS, f"header {error} is missing") from None
        except ValidationError as error:
            places = ", ".join(f"/{'/'.join(map(str, e['loc']))}: {e['type']}" for e in error.errors(include_input=False)[:10])
            raise ImpossibleError(Reason.DECODE, places) from None  # where and what, never the value

    def _run(self, tx: Transaction, rounds: Sequence[Sequence[Item]]) -> None:
        messages: list[Message] = []
        for items in rounds:
            batches: dict[Handler, list[Received[Any]]] = {}
            for item in items:
                for handler in self._handlers[item.type or ""]:
                    batches.setdefault(handler, []).append(_parsed(item))
            for handler, batch in batches.items():
                started = time.perf_counter()
                messages += handler(batch, tx).messages
                if self._handled is not None:
                    self._handled(handler.__name__, len(batch), time.perf_counter() - started)
        outbox.append(tx, messages, self.source)

    def _put_aside(self, tx: Transaction, aside: Sequence[Letter]) -> None:
        if aside:
            letters.store(tx, self.group, aside)
            failpoint("park.before_commit")


def read_headers(record: Fetched) -> Item:
    """What the headers say; ``seq`` is None when they lack what order needs."""
    headers = record.headers
    number = headers.get("ce_streamseq", "")
    seq = int(number) if number.isascii() and number.isdigit() and len(number) < 19 else 0
    return Item(record, (record.topic, record.key), seq or None, headers.get("ce_id"), headers.get("ce_type"))


def _parsed(item: Item) -> Received[Any]:
    assert item.received is not None  # noqa: S101 - only parsed items are dealt out
    return item.received
