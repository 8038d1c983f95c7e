"""``make bench``, or ``python -m benchmarks [embedded | distributed | curve] [--filings N]``: prints what this machine does."""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.table import Table

from benchmarks.floor import raw_floor
from benchmarks.load import (
    Speed,
    bulk_posts,
    bulk_to_the_end,
    install_requests,
    one_by_one,
    record_parcels,
    single_posts,
    steady_posts,
    until_quiet,
)
from benchmarks.system import Running, processor_seconds, running
from benchmarks.table import ms, speeds

PARCELS = 2_000
CURVE_TIMES, CURVE_PARCELS, CURVE_STEPS = 100, 100_000, 10
TURNS, TURN_PART = 5, 20

console = Console()
if not console.is_terminal:
    console.width = 140


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("what", nargs="?", choices=TABLES, help="default: the first two")
    parser.add_argument("--filings", type=int, default=10_000, help="filings of the bulk load; of the whole curve: a hundred times as many")
    arguments = parser.parse_args()
    console.print(f"{platform.platform()}, Python {platform.python_version()}, {os.cpu_count()} CPU", style="dim")
    for what in (arguments.what,) if arguments.what else ("embedded", "distributed"):
        for line in TABLES[what](arguments.filings):
            console.print(line)


def figures(filings: int) -> Iterator[Table]:
    """The table of the speeds, then that of memory."""
    with TemporaryDirectory(prefix="sluicegate-bench-") as folder:
        data, copy = Path(folder, "data"), Path(folder, "floor")
        data.mkdir()
        copy.mkdir()
        with running(data) as system:
            asyncio.run(record_parcels(system, 0, PARCELS))
            before = system.memory()
            asyncio.run(bulk_posts(system, 500, PARCELS))  # warm
            bulk = asyncio.run(bulk_to_the_end(system, filings, PARCELS))
            written = 500 + filings
        floor = raw_floor(data, copy, written)
        with running(data) as system:
            others = asyncio.run(one_by_one(system, filings // 3, PARCELS))
            after = system.memory()
    yield speeds(
        "embedded: one process",
        [*bulk, *others],
        floor,
        "raw floor: the same rows and messages, sqlite3, batches of 500",
    )
    table = Table("memory of the one process", "MiB")
    table.add_row("with 2,000 parcels, before any filing", f"{before:.0f}")
    table.add_row("after all loads", f"{after:.0f}")
    yield table


def curve(filings: int) -> Iterator[Table]:
    """One table: what a filing costs after every tenth of the way to ``CURVE_TIMES`` times as many filings and 100,000 parcels.

    A machine gets slower and faster by itself over such a time, and gives one process better memory than another: after each step
    the grown store, with a new process, and a new store are loaded in turns.
    """
    table = Table(
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
    with TemporaryDirectory(prefix="sluicegate-bench-") as folder:
        for step in range(1, CURVE_STEPS + 1):
            row = _step(Path(folder), step, filings * CURVE_TIMES // CURVE_STEPS)
            table.add_row(*row)
            console.print(f"{step}/{CURVE_STEPS}: {', '.join(row)}", style="dim")
    yield table


def _step(data: Path, step: int, filings: int) -> list[str]:
    parcels = CURVE_PARCELS * step // CURVE_STEPS
    with running(data) as system:
        asyncio.run(record_parcels(system, CURVE_PARCELS * (step - 1) // CURVE_STEPS, parcels))
        asyncio.run(until_quiet(system))
        filled = asyncio.run(_filled(system, filings, parcels))
    with running(data) as system:
        return [f"{filings * step:,}", f"{parcels:,}", *filled, *asyncio.run(_probed(system, filings, parcels, f"curve-{step}"))]


async def _filled(system: Running, filings: int, parcels: int) -> list[str]:
    (bulk, whole), cost = await _bulk(system, filings, parcels)
    return [f"{bulk.rate:,.0f}", f"{whole.rate:,.0f}", f"{cost:.2f}"]


async def _probed(system: Running, filings: int, parcels: int, prefix: str) -> list[str]:
    turns = await _in_turns(system, filings // TURN_PART, parcels)
    single = await single_posts(system, 2_000, parcels)
    steady = await steady_posts(system, 5, parcels)
    idle = await install_requests(system, 500, 1, parcels, prefix)
    return [*turns, f"{single.rate:,.0f}", ms(steady.p50), ms(steady.p99), ms(idle.p99), f"{system.memory():.0f}"]


async def _bulk(system: Running, filings: int, parcels: int) -> tuple[list[Speed], float]:
    """``bulk_to_the_end``, and what each filing cost of processor time until then, in ms."""
    before = processor_seconds(system.pid)
    speeds = await bulk_to_the_end(system, filings, parcels)
    return speeds, (processor_seconds(system.pid) - before) / filings * 1000


async def _in_turns(system: Running, filings: int, parcels: int) -> list[str]:
    """Medians of ``TURNS`` loads here and in a new system with the parcels of the first step, in ms a filing, and that of their ratios."""
    few = CURVE_PARCELS // CURVE_STEPS
    with TemporaryDirectory(prefix="sluicegate-bench-") as folder, running(Path(folder)) as new:
        await record_parcels(new, 0, few)
        await _bulk(system, filings, parcels)
        await _bulk(new, filings, few)
        costs = [((await _bulk(system, filings, parcels))[1], (await _bulk(new, filings, few))[1]) for _ in range(TURNS)]
    here, there = (median(side) for side in zip(*costs, strict=True))
    return [f"{here:.2f}", f"{there:.2f}", f"{median(one / other for one, other in costs):.2f}"]


def distributed_figures(filings: int) -> Iterator[Table]:
    from benchmarks.distributed import figures  # needs what only a set-up for development has

    return figures(filings)


TABLES: dict[str, Callable[[int], Iterator[Table]]] = {"embedded": figures, "distributed": distributed_figures, "curve": curve}

main()
