"""The loads on the embedded system, as ``make up`` starts it: one process, no server."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.table import Table

from benchmarks.floor import raw_floor
from benchmarks.load import bulk_posts, bulk_to_the_end, one_by_one, record_parcels
from benchmarks.system import running
from benchmarks.table import speeds

PARCELS = 2_000


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
