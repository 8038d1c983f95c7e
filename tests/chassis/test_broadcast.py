"""Bells rung from any thread: who has gone away does not silence them."""

from __future__ import annotations

import asyncio

from chassis.broadcast import KeyedBroadcast


async def test_a_bell_rings_for_the_living_though_the_loop_of_another_has_ended() -> None:
    bell = KeyedBroadcast()

    async def hear() -> None:
        bell.hear("a").__enter__()

    def live_and_end() -> None:
        asyncio.run(hear())

    await asyncio.to_thread(live_and_end)
    with bell.hear("a") as news:
        bell.ring(["a"])
        await asyncio.wait_for(news.wait(), 5)
