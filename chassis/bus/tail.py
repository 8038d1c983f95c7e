"""The newest rows of the event log, kept in memory so that readers who keep up need not read the file again."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from chassis.broadcast import Broadcast
from chassis.bus import Fetched

MAX_ROWS = 16_384
MAX_BYTES = 32 * 1024 * 1024


class Tail:
    """Rows with consecutive ids; ``grown`` rings when there are more. A hole (another process wrote, a publisher was cancelled)
    empties it: then the file answers."""

    def __init__(self) -> None:
        self.grown = Broadcast()
        self._lock = threading.Lock()
        self._first = 0
        self._rows: list[Fetched] = []
        self._bytes = 0

    def extend(self, first: int, rows: Sequence[Fetched]) -> None:
        """Committed rows with the ids ``first``, ``first + 1``, ..."""
        with self._lock:
            self._extend(first, rows)

    def after(self, row: int, limit: int) -> Sequence[Fetched] | None:
        """The rows that follow ``row``, [] if it is the newest known here; None if the file must be asked."""
        with self._lock:
            start = row + 1 - self._first
            if start < 0 or start > len(self._rows) or not self._rows:
                return None
            return self._rows[start : start + limit]

    def _extend(self, first: int, rows: Sequence[Fetched]) -> None:
        if first != self._first + len(self._rows):
            self._first, self._rows, self._bytes = first, [], 0
        self._rows += rows
        self._bytes += sum(len(row.value) for row in rows)
        if len(self._rows) > MAX_ROWS or self._bytes > MAX_BYTES:
            dropped = self._rows[: len(self._rows) // 2]
            self._rows = self._rows[len(dropped) :]
            self._first += len(dropped)
            self._bytes -= sum(len(row.value) for row in dropped)
