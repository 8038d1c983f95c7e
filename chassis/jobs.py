"""Clocks: work a service does by itself, every so many seconds, in one transaction each time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, NamedTuple

import structlog

from chassis.database import Transaction
from chassis.messages import Result

log = structlog.get_logger("jobs")

AFTER_FAILURE = 1.0


class Every(NamedTuple):
    """Run ``job`` every ``seconds``, the first time at start; its messages are published. It must find nothing to do when run twice."""

    seconds: float
    job: Callable[[Transaction], Result]
    name: str


async def keep_running(name: str, service: str, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run ``work``; when it fails, log it and begin again. Ends when ``work`` ends by itself or is cancelled."""
    while True:
        try:
            await work()
            return
        except Exception:
            log.exception("background work failed, it begins again", service=service, work=name)
            await asyncio.sleep(AFTER_FAILURE)


async def repeat(every: Every, service: str, run: Callable[[Every], Coroutine[Any, Any, None]]) -> None:
    """Run one job for ever. A failed run is logged; the next comes at its time."""
    while True:
        try:
            await run(every)
        except Exception:
            log.exception("job failed", service=service, job=every.name)
        await asyncio.sleep(every.seconds)
