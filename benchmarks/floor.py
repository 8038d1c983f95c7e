"""The raw floor: the very rows and messages the system wrote for its filings, written again with sqlite3 alone, in batches."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path

BATCH = 500


def raw_floor(data: Path, folder: Path, filings: int) -> float:
    """Filings per second at which all rows of the databases in ``data`` can be written into ``folder``, on the same disk.

    Same tables, same indexes, same durability (WAL, ``synchronous=FULL``), one transaction per database for every ``BATCH`` filings.
    """
    stores = [_Store(path, folder / path.name, -(-filings // BATCH)) for path in sorted(data.glob("*.db"))]
    started = time.perf_counter()
    for number in range(-(-filings // BATCH)):
        for store in stores:
            store.write(number)
    seconds = time.perf_counter() - started
    for store in stores:
        store.close()
    return filings / seconds


class _Store:
    def __init__(self, source: Path, target: Path, batches: int) -> None:
        self._target = sqlite3.connect(target, isolation_level=None)
        self._target.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;")
        self._work: list[tuple[str, list[list[tuple[object, ...]]]]] = []
        with sqlite3.connect(f"file:{source}?mode=ro", uri=True) as database:
            query = "SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY type DESC"
            for kind, name, sql in database.execute(query).fetchall():
                self._target.execute(sql)
                if kind == "table":
                    self._add(name, database.execute(f'SELECT * FROM "{name}"').fetchall(), batches)  # noqa: S608 - our own tables
        database.close()

    def _add(self, table: str, rows: list[tuple[object, ...]], batches: int) -> None:
        if rows:
            size = -(-len(rows) // batches)
            marks = ", ".join("?" * len(rows[0]))
            pieces = [rows[start : start + size] for start in range(0, len(rows), size)]
            self._work.append((f'INSERT INTO "{table}" VALUES ({marks})', pieces))  # noqa: S608 - our own tables

    def write(self, number: int) -> None:
        self._target.execute("BEGIN IMMEDIATE")
        for statement, pieces in self._work:
            if number < len(pieces):
                self._target.executemany(statement, pieces[number])
        self._target.execute("COMMIT")

    def close(self) -> None:
        self._target.close()
