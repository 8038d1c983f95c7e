"""Bells that threads may ring: who waits wakes, on whatever loop, and a ring between two looks is never missed."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import partial

Loop = asyncio.AbstractEventLoop

ANYTHING = ""
"""The key of who wants to hear every ring."""


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
                call_on(loop, partial(self._wake, loop))

    def _wake(self, loop: Loop) -> None:
        for waiter in self._waiting.get(loop, ()):
            _release(waiter)


class KeyedBroadcast:
    """Wakes only those who wait for what was rung: a thousand callers, each waiting for its own filing, do not look at every commit."""

    def __init__(self) -> None:
        self.begun = Broadcast()
        self._waiting: dict[str, set[tuple[Loop, asyncio.Event]]] = {}
        self._lock = threading.Lock()

    @property
    def awaited(self) -> bool:
        """Somebody waits. ``begun`` rings whenever one begins to."""
        return bool(self._waiting)

    @contextmanager
    def hear(self, key: str) -> Iterator[asyncio.Event]:
        """An event of the running loop that is set by every ring of ``key`` until the block ends."""
        place = (asyncio.get_running_loop(), asyncio.Event())
        with self._lock:
            self._waiting.setdefault(key, set()).add(place)
        self.begun.ring()
        try:
            yield place[1]
        finally:
            with self._lock:
                self._waiting[key].discard(place)
                if not self._waiting[key]:
                    del self._waiting[key]

    def ring(self, keys: Iterable[str] | None = None) -> None:
        """Wake who waits for one of ``keys``; None: everyone. May be called from any thread."""
        if not self._waiting:
            return
        with self._lock:
            wanted = tuple(self._waiting) if keys is None else {*keys, ANYTHING}
            found = [place for key in wanted for place in self._waiting.get(key, ())]
        for loop, event in found:
            call_on(loop, event.set)


def call_on(loop: Loop, work: Callable[[], None]) -> None:
    """Run ``work`` on another thread's loop; a loop that was closed meanwhile has nobody who waits."""
    with suppress(RuntimeError):
        loop.call_soon_threadsafe(work)


def _release(waiter: asyncio.Future[None]) -> None:
    if not waiter.done():
        waiter.set_result(None)
