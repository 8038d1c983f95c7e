"""Units of work: alone in failure, together in commit, durable when answered, back at work after the disk is repaired."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Boolean, Column, Integer, MetaData, Table, Text, func, select
from sqlalchemy.exc import IntegrityError, OperationalError

from chassis import failpoints
from chassis.clock import SystemClock
from chassis.database import Database, Transaction
from chassis.errors import FailpointReachedError, StorageUnavailableError
from chassis.testing import NOON, create_tables, database

metadata = MetaData()
note = Table(
    "note",
    metadata,
    Column("id", Text, primary_key=True),
    Column("n", Integer, nullable=False),
    Column("done", Boolean, nullable=False, default=False),
    Column("order", Text),
)


@pytest.fixture
def db() -> Iterator[Database]:
    with database(metadata) as db:
        yield db


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "notes.db"
    create_tables(f"sqlite:///{path}", metadata)
    return path


def stored(tx: Transaction) -> dict[str, int]:
    return {row.id: row.n for row in tx.rows(select(note))}


def put(name: str, n: int = 0) -> Callable[[Transaction], None]:
    return lambda tx: tx.insert(note, [{"id": name, "n": n}])


async def test_a_unit_is_stored_when_its_write_returns(file: Path) -> None:
    db = Database(f"sqlite:///{file}", SystemClock())
    await db.write(lambda tx: tx.insert(note, [{"id": "a", "n": 1}]))
    with sqlite3.connect(file) as other:
        assert other.execute("SELECT id, n, done FROM note").fetchall() == [("a", 1, 0)]
    other.close()
    db.close()


async def test_the_clock_stands_still_in_a_unit(db: Database) -> None:
    assert await db.write(lambda tx: (tx.now, tx.now, tx.dialect)) == (NOON, NOON, "sqlite")


async def test_units_that_wait_share_commits_and_a_failing_one_is_undone_alone(db: Database) -> None:
    def fails(tx: Transaction) -> None:
        tx.insert(note, [{"id": "gone", "n": 1}])
        raise ValueError("refused")

    def breaks(tx: Transaction) -> None:
        tx.execute(note.insert(), {"id": "gone too", "n": 1})
        tx.execute(note.insert(), {"id": "3", "n": 1})
        tx.execute(note.insert(), {"id": "3", "n": 2})

    before = db.changed.count
    units = [db.write(put(f"n{n}", n)) for n in range(100)]
    outcomes = await asyncio.gather(*units[:50], db.write(fails), db.write(breaks), *units[50:], return_exceptions=True)

    assert isinstance(outcomes[50], ValueError)
    assert isinstance(outcomes[51], IntegrityError)
    assert [outcome for outcome in outcomes if outcome is not None] == outcomes[50:52]
    assert await db.read(stored) == {f"n{n}": n for n in range(100)}
    assert db.changed.count - before < 30


async def test_nobody_hears_of_success_when_the_commit_fails(db: Database) -> None:
    failpoints.arm("api.before_commit=raise")
    try:
        outcomes = await asyncio.gather(*(db.write(put(f"n{n}"), label="api") for n in range(3)), return_exceptions=True)
    finally:
        failpoints.arm("")
    kept = await db.read(stored)
    for n, outcome in enumerate(outcomes):
        assert (f"n{n}" in kept) == (outcome is None)
        assert outcome is None or isinstance(outcome.__cause__, FailpointReachedError)
    await db.write(put("after"))
    assert "after" in await db.read(stored)


async def test_a_savepoint_inside_a_unit_is_undone_alone(db: Database) -> None:
    def work(tx: Transaction) -> None:
        tx.insert(note, [{"id": "kept", "n": 1}])
        with contextlib.suppress(ValueError), tx.savepoint():
            tx.insert(note, [{"id": "undone", "n": 1}])
            with tx.savepoint():
                tx.insert(note, [{"id": "also undone", "n": 1}])
            raise ValueError
        tx.insert(note, [{"id": "kept too", "n": 1}])

    await db.write(work)
    assert set(await db.read(stored)) == {"kept", "kept too"}


async def test_rows_are_loaded_inserted_and_replaced_in_bulk(db: Database) -> None:
    def work(tx: Transaction) -> None:
        tx.insert(note, [])
        tx.insert(note, [{"id": str(n), "n": n, "order": "键'"} for n in range(1000)])
        tx.upsert(note, [{"id": "7", "n": 70, "done": True}, {"id": "new", "n": 1, "done": False}])

    await db.write(work)
    rows = await db.read(lambda tx: tx.load(note, note.c.id, [*(str(n) for n in range(5, 900)), "nobody"]))
    assert len(rows) == 895
    assert [(row.n, row.done, row.order) for row in rows if row.id in ("6", "7")] == [(6, False, "键'"), (70, True, "键'")]
    assert await db.read(lambda tx: tx.lock(note, note.c.n, [1, 70])) == await db.read(lambda tx: tx.load(note, note.c.n, [1, 70]))
    assert await db.read(lambda tx: tx.rows(select(func.count()).select_from(note))) == [(1001,)]
    assert await db.read(lambda tx: tx.load(note, note.c.id, [])) == []


async def test_a_reader_cannot_write(db: Database) -> None:
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        await db.read(put("a"))
    with pytest.raises(OperationalError, match="readonly"):
        await db.read(lambda tx: tx.execute(note.insert(), {"id": "a", "n": 1}))
    assert await db.read(stored) == {}


async def test_a_reader_sees_one_moment(db: Database) -> None:
    begun, written = threading.Event(), threading.Event()

    def look_twice(tx: Transaction) -> tuple[dict[str, int], dict[str, int]]:
        first = stored(tx)
        begun.set()
        written.wait(5)
        return first, stored(tx)

    looking = asyncio.create_task(db.read(look_twice))
    await asyncio.to_thread(begun.wait, 5)
    await db.write(put("a"))
    written.set()
    first, second = await looking
    assert first == second == {}


async def test_a_full_disk_is_answered_clearly_and_work_goes_on_after_repair(db: Database) -> None:
    await db.write(lambda tx: tx.sql(f"PRAGMA max_page_count = {tx.sql('PRAGMA page_count')[0][0] + 5}"))
    await db.write(put("before"))
    with pytest.raises(StorageUnavailableError, match="the disk is full") as caught:
        await db.write(lambda tx: tx.insert(note, [{"id": "x" * 100_000, "n": 1}]))
    assert caught.value.delay > 0
    await db.write(lambda tx: tx.insert(note, [{"id": "x" * 100_000, "n": 1}]))  # a new connection has no page limit: the disk is repaired
    assert len(await db.read(stored)) == 2


async def test_a_locked_database_is_answered_clearly_and_work_goes_on_when_it_is_free(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chassis.dialects.BUSY_SECONDS", 0.1)
    db = Database(f"sqlite:///{file}", SystemClock())
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StorageUnavailableError, match="locked by another process"):
        await db.write(put("a"))
    other.execute("ROLLBACK")
    other.close()
    await db.write(put("b"))
    assert await db.read(stored) == {"b": 0}
    db.close()


async def test_waiters_hear_of_every_commit(db: Database) -> None:
    seen = db.changed.count
    waiting = asyncio.create_task(db.changed.wait(seen, 5))
    await asyncio.sleep(0)
    await db.write(put("a"))
    assert await waiting > seen
    now = db.changed.count
    assert await db.changed.wait(now, 0.01) == now, "nothing happened: the time ran out"
    assert await db.changed.wait(seen, 5) == now, "a ring before the wait is not missed"


async def test_closing_finishes_what_is_queued_and_refuses_the_rest(file: Path) -> None:
    db = Database(f"sqlite:///{file}", SystemClock())
    units = [asyncio.create_task(db.write(put(f"n{n}"))) for n in range(20)]
    await asyncio.sleep(0)
    await asyncio.to_thread(db.close)
    await asyncio.gather(*units)
    with pytest.raises(StorageUnavailableError, match="closed"):
        await db.write(put("late"))
    again = Database(f"sqlite:///{file}", SystemClock())
    assert len(await again.read(stored)) == 20
    again.close()


def test_a_database_in_memory_is_refused() -> None:
    with pytest.raises(ValueError, match="database file"):
        Database("sqlite://", SystemClock())
