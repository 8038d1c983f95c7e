"""A batch waits for company until somebody asks; then the next one may wait again."""

from __future__ import annotations

import asyncio
import contextlib

from chassis.lingering import Lingering


async def test_nothing_waits_after_a_quiet_time() -> None:
    lingering = Lingering(60)
    with lingering.batch():
        assert lingering.slice() == 0
    await lingering.over()


async def test_who_asks_ends_the_wait_of_this_batch_and_of_no_other() -> None:
    lingering = Lingering(60)
    with lingering.batch():
        pass
    with lingering.batch():
        assert lingering.slice() > 0
        asking = asyncio.create_task(lingering.over())
        await asyncio.sleep(0)
        assert (lingering.slice(), asking.done()) == (0, False)
    await asking
    with lingering.batch():
        assert lingering.slice() > 0


async def test_a_batch_that_fails_keeps_nobody_waiting() -> None:
    lingering = Lingering(60)
    with lingering.batch():
        pass
    with contextlib.suppress(OSError), lingering.batch():
        assert lingering.slice() > 0
        asking = asyncio.create_task(lingering.over())
        await asyncio.sleep(0)
        raise OSError("the disk is full")
    for _ in range(5):
        await asyncio.sleep(0)
    assert asking.done(), "at once, not when its patience is over"
