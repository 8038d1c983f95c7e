"""How each part of the bus suite gets its bus and its topic, and which features it goes by."""

from __future__ import annotations

from collections.abc import AsyncIterator
from uuid import uuid4

import pytest

from chassis.bus import Bus, Features


class Opening:
    """Topics are made fresh for each test, so a shared broker will do."""

    features: Features

    async def open(self) -> Bus:
        """A bus over the same stored records, each time it is called within one test."""
        raise NotImplementedError

    async def break_down(self) -> None:
        """Kill what keeps the records, as a loss of power would."""
        pytest.skip("this bus has no process of its own that could be killed")

    async def repair(self) -> None:
        """Start it again over what it had stored."""

    @pytest.fixture
    async def bus(self) -> AsyncIterator[Bus]:
        bus = await self.open()
        yield bus
        await bus.close(5)

    @pytest.fixture
    async def topic(self, bus: Bus) -> str:
        name = f"suite.{uuid4().hex}"
        await bus.create_topics([name])
        return name

    def need(self, feature: str) -> None:
        if not getattr(self.features, feature):
            pytest.skip(f"this bus does not promise {feature}")
