"""The sender: takes due deliveries from the ledger, makes the attempts, writes down how they went.

A crash between an attempt and its record repeats the attempt under the same webhook id; nothing is ever skipped.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import cast

from chassis.database import Transaction
from chassis.failpoints import failpoint
from chassis.jobs import log
from chassis.messages import Result
from chassis.service import Service
from services.notifier import handlers
from services.notifier.clients import Channels
from services.notifier.domain import Attempt, Errand
from services.notifier.handlers.deliveries import Retries
from services.notifier.settings import NotifierSettings

CLAIMED_AT_ONCE = 32
"""Deliveries taken from the ledger in one go for an endpoint that answers."""
LEASE_MARGIN = 15.0
"""Seconds a claim lasts beyond two attempts: what a dead sender had claimed waits no longer than that for another one."""

IDLE_SECONDS = 0.5
"""How long a retry that has come due may wait when nothing else happens."""
LINGER = 0.02
"""Seconds that a result waits for others to be written with it."""
BREATH = 0.05
"""Seconds between two looks into the ledger: a busy consumer commits far more often than that is worth."""

Job = Callable[[Transaction], Result]

JITTER = random.Random()  # noqa: S311 - spreads load, guards nothing


@dataclass(slots=True)
class Lane:
    """What was taken for one endpoint and not sent yet. ``slow``: its last attempt ran into the time limit."""

    waiting: deque[Errand] = field(default_factory=deque)
    running: int = 0
    slow: bool = False
    lease_ends: float = 0.0

    @property
    def busy(self) -> bool:
        return bool(self.waiting or self.running)


class Sender:
    """One per process. Endpoints that hang share half of the places, so those that answer always find one."""

    def __init__(self, service: Service, settings: NotifierSettings) -> None:
        self._service = service
        self._settings = settings
        self._channels = Channels(service.clock, settings)
        self._lanes: dict[str, Lane] = {}
        self._running: set[asyncio.Task[None]] = set()
        self._results: list[tuple[Errand, Attempt]] = []
        self._news = asyncio.Event()
        self._lease = 2 * settings.notifier_send_timeout + LEASE_MARGIN  # what is not begun by then is claimed again, see _start

    async def run(self) -> None:
        """Send until cancelled."""
        if self._service.database.url.startswith("sqlite"):
            await self._write(handlers.release)  # one process owns this file: whoever held a claim is dead
        await self._write(partial(handlers.hasten, lease=self._lease))
        recorder = asyncio.create_task(self._record_results())
        try:
            while not recorder.done():
                seen = self._service.database.changed.count
                await self._claim()
                self._start()
                await self._service.database.changed.wait(seen, IDLE_SECONDS)
                await asyncio.sleep(BREATH)
            await recorder
        finally:
            recorder.cancel()
            for task in self._running:
                task.cancel()
            await asyncio.gather(recorder, *self._running, return_exceptions=True)
            await self._channels.aclose()

    async def _claim(self) -> None:
        busy = {endpoint_id for endpoint_id, lane in self._lanes.items() if lane.busy}
        cautious = {endpoint_id for endpoint_id, lane in self._lanes.items() if lane.slow}
        if not await self._service.read(lambda tx: handlers.wanting(tx, busy)):
            return
        ends = time.monotonic() + self._lease
        errands = await self._service.database.write(
            lambda tx: handlers.claim(tx, busy, cautious, CLAIMED_AT_ONCE, self._lease), "notifier.claim"
        )
        for errand in errands:
            lane = self._lanes.setdefault(errand.endpoint.endpoint_id, Lane())
            lane.waiting.append(errand)
            lane.lease_ends = ends

    def _start(self) -> None:
        """Begin as many attempts as there are places: per endpoint, in all, and for slow endpoints together."""
        for lane in list(self._lanes.values()):
            while lane.waiting and lane.running < self._settings.notifier_endpoint_concurrency and self._has_place(lane):
                errand = lane.waiting.popleft()
                if time.monotonic() + self._settings.notifier_send_timeout > lane.lease_ends:
                    continue  # too late to be sure that it is still ours: it will be claimed again
                lane.running += 1
                task = asyncio.create_task(self._attempt(errand, lane))
                self._running.add(task)
                task.add_done_callback(self._running.discard)

    def _has_place(self, lane: Lane) -> bool:
        most = self._settings.notifier_concurrency
        slow = sum(other.running for other in self._lanes.values() if other.slow)
        return len(self._running) < most and not (lane.slow and slow >= max(1, most // 2))

    async def _attempt(self, errand: Errand, lane: Lane) -> None:
        try:
            attempt = await self._channels.send(errand)
        except Exception as error:  # nobody foresaw it: an attempt all the same, or its lane would stand still for ever
            attempt = Attempt(self._service.clock.now(), None, type(error).__name__)
            log.error("attempt failed unforeseen", delivery_id=errand.delivery_id, error=attempt.error)  # its text may name someone
        finally:
            lane.running -= 1
        failpoint("notifier.after_send")
        lane.slow = attempt.error == "timeout"
        self._results.append((errand, attempt))
        self._news.set()
        self._start()

    async def _record_results(self) -> None:
        """Write results as they come; those that come within a moment share a transaction."""
        while True:
            await self._news.wait()
            await asyncio.sleep(LINGER)
            self._news.clear()
            results, self._results = self._results, []
            retries = Retries(self._settings.notifier_retry_delays, JITTER.random())
            await self._write(partial(handlers.record, results=results, retries=retries))

    async def _write(self, job: Job) -> None:
        def work(tx: Transaction) -> None:
            self._service.publish(tx, job(tx).messages)

        await self._service.database.write(work, "notifier.record")


async def send_what_is_due(service: Service) -> None:
    """Background task of the service."""
    await Sender(service, cast(NotifierSettings, service.settings)).run()
