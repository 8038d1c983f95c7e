"""The thread that carries messages: relays, consumers, clocks and the bus of a process share its event loop.

On it a unit of work is done at once where it is asked for, disk and all: a filing passes through a dozen transactions, and handing
each of them to another thread and back costs more than the transaction. Calls over HTTP have a loop of their own and wait for nothing.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterable
from typing import Any, TypeVar

import uvloop

T = TypeVar("T")

_here = threading.local()


def may_wait() -> bool:
    """Whether the calling thread is an engine's: it may wait for a disk or a database."""
    return getattr(_here, "engine", False)


async def wait_for(work: Callable[[], T]) -> T:
    """Blocking ``work``, here on an engine, elsewhere on a thread."""
    return work() if may_wait() else await asyncio.to_thread(work)


class Engine:
    """A thread with an event loop. Made stopped; ``start`` and ``stop`` may be called from any thread, once each."""

    def __init__(self, name: str = "engine") -> None:
        self._loop = uvloop.new_event_loop()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    async def run(self, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """The result of ``work()``, run on the engine; awaited from any loop, the engine's own too."""
        if asyncio.get_running_loop() is self._loop:
            return await work()
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work(), self._loop))

    async def begin(self, work: Callable[[], Coroutine[Any, Any, None]], name: str) -> asyncio.Task[None]:
        """A task on the engine; only ``end`` may touch it."""

        async def make() -> asyncio.Task[None]:
            return asyncio.create_task(work(), name=name)

        return await self.run(make)

    async def end(self, tasks: Iterable[asyncio.Task[None]]) -> None:
        """Cancel the tasks and wait until they have let go of everything."""

        async def cancel() -> None:
            for task in ending:
                task.cancel()
            await asyncio.gather(*ending, return_exceptions=True)

        ending = list(tasks)
        if ending:
            await self.run(cancel)

    def stop(self) -> None:
        """End the loop and the thread, if they were started. What still runs on it is dropped: ``end`` it before."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
        self._loop.close()

    def _run(self) -> None:
        _here.engine = True
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()
