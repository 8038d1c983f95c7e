"""The part of the bus suite about outages: what keeps the records is killed and started again, for real."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable
from uuid import uuid4

import pytest

from chassis.bus import Bus, Fetched, Subscription
from chassis.errors import TemporaryError
from chassis.testing import eventually
from tests.chassis.bus_suite_opening import Opening
from tests.chassis.bus_vocabulary import Reader, in_order, letter, read

LONGEST_SECONDS = 12.0
"""What a call may take that cannot be answered."""


class OutageSuite(Opening):
    async def test_what_was_acknowledged_survives_a_kill(self, bus: Bus, topic: str) -> None:
        await bus.publish([letter(topic, f"k{n}", str(n).encode()) for n in range(500)])
        await self.break_down()
        await self.repair()
        subscription = await bus.subscribe("durable" + topic, [topic], Reader())
        assert sorted(int(one.value) for one in await read(subscription, 500, 30)) == list(range(500))
        await subscription.close(5)

    async def test_killed_under_load_it_loses_nothing_and_everyone_goes_on_by_themselves(self, bus: Bus, topic: str) -> None:
        subscription = await bus.subscribe("outage" + topic, [topic], Reader())
        await subscription.fetch(1, 0.5)
        failures: list[str] = []

        async def write(key: str) -> None:
            for n in range(150):
                record = letter(topic, key, str(n).encode())
                while True:  # as the relay does
                    try:
                        await bus.publish([record])
                        break
                    except TemporaryError as error:
                        failures.append(str(error))
                        await asyncio.sleep(0.2)
                await asyncio.sleep(0.005)

        writing = asyncio.gather(*(write(f"k{key}") for key in range(6)))
        reading = asyncio.create_task(_read_on(subscription, 900, 90))
        await asyncio.sleep(0.4)
        await self.break_down()
        await eventually(lambda: failures, LONGEST_SECONDS)
        await self.repair()
        await asyncio.wait_for(writing, 60)
        records = await reading
        assert in_order(records + await read(subscription, 1, 1.0)) == {f"k{key}": list(range(150)) for key in range(6)}
        await subscription.close(5)

    async def test_says_within_bounded_time_that_it_cannot_be_reached(self, bus: Bus, topic: str) -> None:
        await bus.publish([letter(topic, "one")])
        subscription = await bus.subscribe("bounded" + topic, [topic], Reader())
        assert len(await read(subscription, 1)) == 1
        other = await self.open()
        await self.break_down()
        try:
            for asked in (bus, other):
                await _refused_in_time(asked.publish([letter(topic, "two")]))
                await _refused_in_time(asked.bounds([topic]))
                await _refused_in_time(asked.check())
                await _refused_in_time(asked.subscribe(uuid4().hex, [topic], Reader()))
            started = time.monotonic()
            await subscription.close(1)
            await other.close(1)
            assert time.monotonic() - started < LONGEST_SECONDS
        finally:
            await self.repair()
        await bus.check()
        await bus.publish([letter(topic, "three")])


async def _read_on(subscription: Subscription, number: int, seconds: float) -> list[Fetched]:
    """As a consumer does: what fails is tried again."""
    records: list[Fetched] = []
    deadline = time.monotonic() + seconds
    while len(records) < number and time.monotonic() < deadline:
        try:
            records += await subscription.fetch(500, 0.2)
        except TemporaryError:
            await asyncio.sleep(0.2)
    return records


async def _refused_in_time(question: Awaitable[object]) -> None:
    started = time.monotonic()
    with pytest.raises(TemporaryError):
        await question
    assert time.monotonic() - started < LONGEST_SECONDS
