"""``make bench``, or ``python -m benchmarks [embedded | distributed | curve] [--filings N]``: prints what this machine does."""

from __future__ import annotations

import argparse
import os
import platform
from collections.abc import Callable, Iterator

from rich.table import Table

from benchmarks import curve, embedded
from benchmarks.table import console


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("what", nargs="?", choices=TABLES, help="default: the first two")
    parser.add_argument("--filings", type=int, default=10_000, help="filings of the bulk load; of the whole curve: a hundred times as many")
    arguments = parser.parse_args()
    console.print(f"{platform.platform()}, Python {platform.python_version()}, {os.cpu_count()} CPU", style="dim")
    for what in (arguments.what,) if arguments.what else ("embedded", "distributed"):
        for table in TABLES[what](arguments.filings):
            console.print(table)


def _distributed(filings: int) -> Iterator[Table]:
    from benchmarks import distributed  # needs what only a set-up for development has

    return distributed.figures(filings)


TABLES: dict[str, Callable[[int], Iterator[Table]]] = {"embedded": embedded.figures, "distributed": _distributed, "curve": curve.figures}

main()
