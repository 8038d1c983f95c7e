"""``make bench``, or ``python -m benchmarks [--curve] [--filings N]``: prints what this machine does."""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.table import Table

from benchmarks.floor import raw_floor
from benchmarks.load import Speed, bulk_posts, install_requests, record_parcels, single_posts, steady_posts
from benchmarks.system import Running, running

PARCELS = 2_000
STEADY_SECONDS = 15.0
CURVE_FILINGS, CURVE_PARCELS, CURVE_STEPS = 1_000_000, 100_000, 10

console = Console()
if not console.is_terminal:
    console.width = 140


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--filings", type=int, default=10_000, help="filings of the bulk load; the single posts are a third of it")
    parser.add_argument("--curve", action="store_true", help="cost per filing up to 1,000,000 filings and 100,000 parcels")
    arguments = parser.parse_args()
    console.print(f"{platform.platform()}, Python {platform.python_version()}, {os.cpu_count()} CPU", style="dim")
    for line in curve() if arguments.curve else figures(arguments.filings):
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
            bulk = asyncio.run(bulk_posts(system, filings, PARCELS))
            written = 500 + filings
        floor = raw_floor(data, copy, written)
        with running(data) as system:
            asyncio.run(single_posts(system, 200, PARCELS))
            single = asyncio.run(single_posts(system, filings // 3, PARCELS))
            steady = asyncio.run(steady_posts(system, STEADY_SECONDS, PARCELS))
            asyncio.run(install_requests(system, 200, 1, PARCELS, "warm"))
            idle = asyncio.run(install_requests(system, 1_000, 1, PARCELS, "idle"))
            busy = asyncio.run(install_requests(system, 4_000, 16, PARCELS, "busy"))
            after = system.memory()
    yield speeds(
        {
            "POST /filings:batch, submit to last decision": bulk,
            "POST /filings, 16 clients, submit to last decision (times: the call)": single,
            "POST /filings at a steady 50/s (times: submit to decision)": steady,
            "POST /install-requests, one client, idle system": idle,
            "POST /install-requests, 16 clients": busy,
        },
        floor,
    )
    table = Table("memory of the one process", "MiB")
    table.add_row("with 2,000 parcels, before any filing", f"{before:.0f}")
    table.add_row("after all loads", f"{after:.0f}")
    yield table


def speeds(measured: dict[str, Speed], floor: float) -> Table:
    table = Table("load", "per second", "p50 ms", "p99 ms", "share of the floor")
    for name, one in measured.items():
        share = f"{one.rate / floor:.2f}" if "/filings" in name and "steady" not in name else ""
        table.add_row(name, f"{one.rate:,.0f}", _ms(one.p50), _ms(one.p99), share)
    table.add_row("raw floor: the same rows and messages, sqlite3, batches of 500", f"{floor:,.0f}", "", "", "1")
    return table


def curve() -> Iterator[Table]:
    """One table: the speeds after every tenth of the way."""
    table = Table("filings", "parcels", "bulk/s", "single/s", "submit to decision p50 ms", "p99 ms", "install p99 ms", "MiB")
    with TemporaryDirectory(prefix="sluicegate-bench-") as folder, running(Path(folder)) as system:
        for step in range(1, CURVE_STEPS + 1):
            table.add_row(*asyncio.run(_step(system, step)))
            console.print(table.rows and f"{step}/{CURVE_STEPS}", style="dim")
    yield table


async def _step(system: Running, step: int) -> list[str]:
    parcels = CURVE_PARCELS * step // CURVE_STEPS
    await record_parcels(system, CURVE_PARCELS * (step - 1) // CURVE_STEPS, parcels)
    bulk = await bulk_posts(system, CURVE_FILINGS // CURVE_STEPS, parcels)
    single = await single_posts(system, 2_000, parcels)
    steady = await steady_posts(system, 5, parcels)
    idle = await install_requests(system, 500, 1, parcels, f"curve-{step}")
    filings = f"{CURVE_FILINGS * step // CURVE_STEPS:,}"
    rates = [f"{bulk.rate:,.0f}", f"{single.rate:,.0f}"]
    return [filings, f"{parcels:,}", *rates, _ms(steady.p50), _ms(steady.p99), _ms(idle.p99), f"{system.memory():.0f}"]


def _ms(value: float | None) -> str:
    return "" if value is None else f"{value:.1f}"


main()
