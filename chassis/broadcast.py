"""A bell on the event loop that threads may ring: everyone who waits wakes, and a ring between two looks is never missed."""

from __future__ import annotations

import asyncio


class Broadcast:
    """Counts rings. ``wait(seen, timeout)`` returns as soon as there were more than ``seen``."""

    def __init__(self) -> None:
        self.count = 0
        self._loop: asyncio.AbstractEventLoop | None = None
        self._waiting: set[asyncio.Future[None]] = set()

    async def wait(self, seen: int, timeout: float) -> int:  # noqa: ASYNC109 - running out of time is a normal answer here, not an error
        """The number of rings, after it passed ``seen`` or ``timeout`` seconds."""
        self._loop = asyncio.get_running_loop()
        if self.count > seen:
            return self.count
        waiter: asyncio.Future[None] = self._loop.create_future()
        handle = self._loop.call_later(timeout, _release, waiter)
        self._waiting.add(waiter)
        try:
            await waiter
        finally:
            handle.cancel()
            self._waiting.discard(waiter)
        return self.count

    def ring(self) -> None:
        """Wake everyone. May be called from any thread."""
        self.count += 1
        loop = self._loop
        if loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(self._wake)

    def _wake(self) -> None:
        for waiter in self._waiting:
            _release(waiter)


def _release(waiter: asyncio.Future[None]) -> None:
    if not waiter.done():
        waiter.set_result(None)
