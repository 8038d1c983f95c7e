"""Letting a batch wait for company without anybody noticing: who asks the service ends the wait and is answered after what waited."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from chassis.broadcast import Broadcast

LINGER_SECONDS = 0.1
SLICE_SECONDS = 0.01
"""How soon a wait notices that somebody asks."""
PATIENCE_SECONDS = 0.05
"""Longest that a caller waits for what lingers: a long batch is not worth more."""


class Lingering:
    """When the batches of one consumer may wait. ``seconds``: until so long after the last one, so never after a quiet time."""

    def __init__(self, seconds: float = LINGER_SECONDS) -> None:
        self.seconds = seconds
        self._last_at = 0.0
        self._waits = False
        self._asked = False
        self._over = Broadcast()

    @contextmanager
    def batch(self) -> Iterator[None]:
        """Around one batch, from its first record until it is applied."""
        try:
            yield
            self._last_at = time.monotonic()
        finally:
            waited, self._waits, self._asked = self._waits, False, False
            if waited:
                self._over.ring()

    def slice(self) -> float:
        """Seconds to wait now before looking again; 0 or less: no more."""
        left = self._last_at + self.seconds - time.monotonic()
        if left <= 0 or self._asked:
            return 0.0
        self._waits = True
        return min(left, SLICE_SECONDS)

    async def over(self) -> None:
        """Return once what waits is applied, at once if nothing does. May be called from any event loop."""
        seen = self._over.count  # before the look: a batch that ends in between is not missed
        if self._waits:
            self._asked = True
            await self._over.wait(seen, PATIENCE_SECONDS)
