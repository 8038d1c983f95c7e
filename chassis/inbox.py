"""Which event of a key comes next. One head for each (topic, key): it shows repeats, loss and order, and needs no window of time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum, IntEnum

from chassis.tables import inbox_head
from chassis.transaction import Transaction


class State(IntEnum):
    """Of a key. Everything but OPEN makes the events that follow wait in quarantine, in order."""

    OPEN = 0
    PARKED = 1  # an event of it could not be processed
    GAP = 2  # an event of it is missing: the ones behind wait for it
    REBASED = 3  # an event without a number was given up: the next one counts, whatever its number


class Standing(Enum):
    """What an event is to its key."""

    NEXT = "next"
    REPEAT = "repeat"
    CONFLICT = "conflict"
    BEHIND = "behind"
    GAP = "gap"


@dataclass(slots=True)
class Head:
    """The last event of a key that took effect: its ``seq`` (0: none yet) and id."""

    seq: int = 0
    event_id: str | None = None
    state: State = State.OPEN

    def advance(self, seq: int, event_id: str) -> None:
        """The event took effect."""
        self.seq, self.event_id = seq, event_id
        if self.state is State.REBASED:
            self.state = State.OPEN

    def standing(self, seq: int, event_id: str, *, history_cut: bool) -> Standing:
        """``history_cut``: this group began to read where older events were already deleted, so a key may begin after 1."""
        if seq <= self.seq:
            return Standing.CONFLICT if seq == self.seq and event_id != self.event_id else Standing.REPEAT
        if self.state is State.REBASED:
            return Standing.NEXT
        following = seq == self.seq + 1 or (history_cut and self.seq == 0)
        if self.state is State.OPEN:
            return Standing.NEXT if following else Standing.GAP
        if self.state is State.GAP and following:
            return Standing.NEXT
        return Standing.BEHIND


_STATES = tuple(State)

Stream = tuple[str, str]
"""(topic, key)"""


def load_heads(tx: Transaction, group: str, streams: Iterable[Stream]) -> dict[Stream, Head]:
    """The head of each stream, new ones at 0; kept from other writers until COMMIT."""
    wanted = sorted(streams)
    stored = tx.backend.inbox_heads(tx.cursor, group, wanted)
    heads = {(topic, key): Head(seq, event_id, _STATES[state]) for topic, key, seq, event_id, state in stored}
    for stream in wanted:
        if stream not in heads:
            heads[stream] = Head()
    return heads


def save_heads(tx: Transaction, group: str, heads: dict[Stream, Head]) -> None:
    rows = [
        {"grp": group, "topic": topic, "key": key, "seq": head.seq, "event_id": head.event_id, "state": int(head.state)}
        for (topic, key), head in sorted(heads.items())
    ]
    tx.upsert(inbox_head, rows)
