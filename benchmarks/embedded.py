"""The loads on the embedded system, as ``make up`` starts it: one process, no server."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from rich.table import Table

from benchmarks.floor import raw_floor
from benchmarks.load import Speed, bulk_posts, bulk_to_the_end, one_by_one, record_parcels
from benchmarks.system import running
from benchmarks.table import speeds

PARCELS = 2_000
ROUNDS = 3
"""Loads in bulk, each on a store and a process of its own and with a floor of its own: either moves by a quarter from one to the next."""


class Round(NamedTuple):
    """``bulk`` to the last decision and until everything is heard; ``floor`` in filings per second; ``memory`` before any filing, MiB."""

    bulk: list[Speed]
    floor: float
    memory: float

    @property
    def share(self) -> float:
        return self.bulk[0].rate / self.floor


def figures(filings: int) -> Iterator[Table]:
    """The table of the speeds, then that of memory."""
    with TemporaryDirectory(prefix="sluicegate-bench-") as folder:
        rounds = []
        for number in range(ROUNDS):
            data = Path(folder, str(number))
            data.mkdir()
            rounds.append(_round(data, filings))
        os.sync()  # what the floors wrote, and took away, is not flushed beside the loads that follow
        with running(data) as system:
            others = asyncio.run(one_by_one(system, filings // 3, PARCELS))
            after = system.memory()
    middle = sorted(rounds, key=lambda each: each.share)[ROUNDS // 2]
    table = speeds(
        "embedded: one process",
        [*middle.bulk, *others],
        middle.floor,
        "raw floor: the same rows and messages, sqlite3, batches of 500",
    )
    shares = ", ".join(f"{each.share:.2f}" for each in rounds)
    table.caption = f"in bulk: the middle one of {ROUNDS} rounds, whose shares of the floor were {shares}"
    yield table
    table = Table("memory of the one process", "MiB")
    table.add_row("with 2,000 parcels, before any filing", f"{middle.memory:.0f}")
    table.add_row("after all loads", f"{after:.0f}")
    yield table


def _round(data: Path, filings: int) -> Round:
    with running(data) as system:
        asyncio.run(record_parcels(system, 0, PARCELS))
        memory = system.memory()
        asyncio.run(bulk_posts(system, 500, PARCELS))  # warm
        bulk = asyncio.run(bulk_to_the_end(system, filings, PARCELS))
    with TemporaryDirectory(prefix="sluicegate-bench-") as folder:
        return Round(bulk, raw_floor(data, Path(folder), 500 + filings), memory)
