"""What a filing costs, from an empty store to a hundred times as many filings as the bulk load has and 100,000 parcels."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from statistics import mean
from tempfile import TemporaryDirectory

from rich.table import Table

from benchmarks.load import Speed, bulk_to_the_end, install_requests, record_parcels, single_posts, steady_posts, until_quiet
from benchmarks.system import Running, processor_seconds, running
from benchmarks.table import console, ms

TIMES, PARCELS, STEPS = 100, 100_000, 10
PAIRS, TURN = 4, 4_000
COLUMNS = (
    "filings",
    "parcels",
    "bulk/s",
    "heard everywhere/s",
    "CPU ms each",
    "in turns: here",
    "in a new store",
    "ratio",
    "single/s",
    "to decision p50 ms",
    "p99 ms",
    "install p99 ms",
    "MiB",
)


def figures(filings: int) -> Iterator[Table]:
    """One table, a row after each tenth of the way; each row is printed too when it is known.

    A machine gets slower and faster by itself over such a time, and gives one process worse memory than another, often the one that
    was started first: after each step the grown store and a new one are loaded in turns, by ``PAIRS`` pairs of new processes, either
    side first in half of them. Filings of these turns come on top of those counted.
    """
    table = Table(*COLUMNS)
    with TemporaryDirectory(prefix="sluicegate-bench-") as folder:
        for step in range(1, STEPS + 1):
            row = _step(Path(folder), step, filings * TIMES // STEPS)
            table.add_row(*row)
            console.print(f"{step}/{STEPS}: {', '.join(row)}", style="dim")
    yield table


def _step(data: Path, step: int, filings: int) -> list[str]:
    parcels = PARCELS * step // STEPS
    with running(data) as system:
        filled = asyncio.run(_filled(system, PARCELS * (step - 1) // STEPS, parcels, filings))
    turns = _in_turns(data, parcels)
    with running(data) as system:
        return [f"{filings * step:,}", f"{parcels:,}", *filled, *turns, *asyncio.run(_probed(system, parcels, f"curve-{step}"))]


async def _filled(system: Running, first: int, parcels: int, filings: int) -> list[str]:
    await _recorded(system, first, parcels)
    (bulk, whole), cost = await _bulk(system, filings, parcels)
    return [f"{bulk.rate:,.0f}", f"{whole.rate:,.0f}", f"{cost:.2f}"]


async def _recorded(system: Running, first: int, last: int) -> None:
    await record_parcels(system, first, last)
    await until_quiet(system)


async def _bulk(system: Running, filings: int, parcels: int) -> tuple[list[Speed], float]:
    """``bulk_to_the_end``, and what each filing cost of processor time until then, in ms."""
    before = processor_seconds(system.pid)
    speeds = await bulk_to_the_end(system, filings, parcels)
    return speeds, (processor_seconds(system.pid) - before) / filings * 1000


def _in_turns(data: Path, parcels: int) -> list[str]:
    """What a filing costs in the grown store and in a new one with the parcels of the first step, in ms, and the ratio of the two."""
    with TemporaryDirectory(prefix="sluicegate-bench-") as folder:
        grown, new = (data, parcels), (Path(folder), PARCELS // STEPS)
        with running(new[0]) as system:
            asyncio.run(_recorded(system, 0, new[1]))
        costs = [_pair(grown, new) if turn % 2 else _pair(new, grown)[::-1] for turn in range(PAIRS)]
    here, there = (mean(side) for side in zip(*costs, strict=True))
    return [f"{here:.2f}", f"{there:.2f}", f"{here / there:.2f}"]


def _pair(first: tuple[Path, int], second: tuple[Path, int]) -> tuple[float, float]:
    """What a filing costs in two stores, each with a process started just now and a number of parcels, after a load to warm them up."""
    with running(first[0]) as one, running(second[0]) as other:
        turns = [(one, first[1]), (other, second[1])]
        asyncio.run(_costs(turns))
        costs = asyncio.run(_costs(turns + turns[::-1]))
    return mean((costs[0], costs[3])), mean((costs[1], costs[2]))


async def _costs(turns: list[tuple[Running, int]]) -> list[float]:
    return [(await _bulk(system, TURN, parcels))[1] for system, parcels in turns]


async def _probed(system: Running, parcels: int, prefix: str) -> list[str]:
    single = await single_posts(system, 2_000, parcels)
    steady = await steady_posts(system, 5, parcels)
    idle = await install_requests(system, 500, 1, parcels, prefix)
    return [f"{single.rate:,.0f}", ms(steady.p50), ms(steady.p99), ms(idle.p99), f"{system.memory():.0f}"]
