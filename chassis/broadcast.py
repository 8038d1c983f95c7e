"""A bell that threads may ring: everyone who waits wakes, on whatever loop, and a ring between two looks is never missed."""

from __future__ import annotations

import asyncio

Loop = asyncio.AbstractEventLoop


class Broadcast:
    """Counts rings. ``wait(seen, timeout)`` returns as soon as there were more than ``seen``."""

    def __init__(self) -> None:
        self.count = 0
        self._waiting: dict[Loop, set[asyncio.Future[None]]] = {}

    async def wait(self, seen: int, timeout: float) -> int:  # noqa: ASYNC109 - running out of time is a normal answer here, not an error
        """The number of rings, after it passed ``seen`` or ``timeout`` seconds."""
        loop = asyncio.get_running_loop()
        waiting = self._waiting.setdefault(loop, set())
        waiter: asyncio.Future[None] = loop.create_future()
        waiting.add(waiter)  # before the count is read: whoever rings after that finds it
        handle = loop.call_later(timeout, _release, waiter)
        try:
            if self.count <= seen:
                await waiter
        finally:
            handle.cancel()
            waiting.discard(waiter)
        return self.count

    def ring(self) -> None:
        """Wake everyone. May be called from any thread."""
        self.count += 1
        for loop, waiting in tuple(self._waiting.items()):
            if loop.is_closed():
                self._waiting.pop(loop, None)
            elif not waiting:
                continue
            elif asyncio._get_running_loop() is loop:
                self._wake(loop)
            else:
                loop.call_soon_threadsafe(self._wake, loop)

    def _wake(self, loop: Loop) -> None:
        for waiter in self._waiting.get(loop, ()):
            _release(waiter)


def _release(waiter: asyncio.Future[None]) -> None:
    if not waiter.done():
        waiter.set_result(None)
