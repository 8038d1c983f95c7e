"""The growing pause after a failure, the same for everything that tries for ever."""

from __future__ import annotations

import asyncio
import random

FIRST_PAUSE, LONGEST_PAUSE = 0.1, 10.0

_JITTER = random.Random()  # noqa: S311 - spreads retries, guards nothing; its own, for tests that watch the shared one


class Backoff:
    """Doubles from ``FIRST_PAUSE`` to ``LONGEST_PAUSE`` seconds. ``seconds``: the next pause, of which each try waits half to all."""

    def __init__(self) -> None:
        self.seconds = FIRST_PAUSE

    async def pause(self) -> None:
        """Wait, and longer the next time."""
        await asyncio.sleep(self.seconds * _JITTER.uniform(0.5, 1.0))
        self.seconds = min(self.seconds * 2, LONGEST_PAUSE)

    def reset(self) -> None:
        """It worked: the next failure waits briefly again."""
        self.seconds = FIRST_PAUSE
