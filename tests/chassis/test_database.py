"""Units of work: alone in failure, together in commit, durable when answered, back at work after the disk is repaired."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import threading
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import Boolean, Column, Integer, MetaData, Table, Text, create_engine, func, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from chassis import failpoints, testing
from chassis.broadcast import ANYTHING, KeyedBroadcast
from chassis.clock import SystemClock
from chassis.database import Database, Transaction
from chassis.errors import FailpointReachedError, StorageUnavailableError
from chassis.testing import NOON, create_tables, database

pytestmark = pytest.mark.usefixtures("backend")

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
def url(tmp_path: Path) -> str:
    """A database that can be opened several times."""
    made = testing.places.named(tmp_path, "notes")
    create_tables(made, metadata)
    return made


only_sqlite = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)


def stored(tx: Transaction) -> dict[str, int]:
    return {row.id: row.n for row in tx.rows(select(note))}


def refuse(tx: Transaction) -> None:
    raise ValueError("refused")


def put(name: str, n: int = 0) -> Callable[[Transaction], None]:
    return lambda tx: tx.insert(note, [{"id": name, "n": n}])


async def test_a_unit_is_stored_when_its_write_returns(url: str) -> None:
    db = Database(url, SystemClock())
    await db.write(lambda tx: tx.insert(note, [{"id": "a", "n": 1}]))
    other = create_engine(url)
    with other.connect() as connection:
        assert connection.execute(text("SELECT id, n, done FROM note")).fetchall() == [("a", 1, False)]
    other.dispose()
    db.close()


async def test_the_clock_stands_still_in_a_unit(db: Database, backend: str) -> None:
    assert await db.write(lambda tx: (tx.now, tx.now, tx.dialect)) == (NOON, NOON, backend)


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


@pytest.mark.parametrize("way", [Database.read, Database.look])
async def test_a_reader_cannot_write(db: Database, way: Callable[..., Awaitable[object]]) -> None:
    with pytest.raises((sqlite3.OperationalError, psycopg.errors.ReadOnlySqlTransaction), match=r"read-?only"):
        await way(db, put("a"))
    with pytest.raises(DBAPIError, match=r"read-?only"):
        await way(db, lambda tx: tx.execute(note.insert(), {"id": "a", "n": 1}))
    assert await way(db, stored) == {}


async def test_a_look_holds_no_moment_and_leaves_no_transaction_behind(db: Database) -> None:
    def look_twice(tx: Transaction) -> tuple[dict[str, int], dict[str, int]]:
        first = stored(tx)
        db.write_sync(put("a"))
        return first, stored(tx)

    assert await db.look(look_twice) == ({}, {"a": 0})
    assert not await db.look(lambda tx: tx.stands())
    with pytest.raises(ValueError, match="refused"):
        await db.look(refuse)
    assert await db.look(stored) == {"a": 0}


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


@only_sqlite
async def test_a_full_disk_is_answered_clearly_and_work_goes_on_after_repair(db: Database) -> None:
    await db.write(lambda tx: tx.sql(f"PRAGMA max_page_count = {tx.sql('PRAGMA page_count')[0][0] + 5}"))
    await db.write(put("before"))
    with pytest.raises(StorageUnavailableError, match="the disk is full") as caught:
        await db.write(lambda tx: tx.insert(note, [{"id": "x" * 100_000, "n": 1}]))
    assert caught.value.delay > 0
    await db.write(lambda tx: tx.insert(note, [{"id": "x" * 100_000, "n": 1}]))  # a new connection has no page limit: the disk is repaired
    assert len(await db.read(stored)) == 2


async def test_a_locked_database_is_answered_clearly_and_work_goes_on_when_it_is_free(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chassis.dialects.sqlite.BUSY_SECONDS", 0.1)
    monkeypatch.setattr("chassis.dialects.postgresql.LOCK_SECONDS", 0.1)
    db, other = Database(url, SystemClock()), Database(url, SystemClock())
    held, release = threading.Event(), threading.Event()

    def hold(_: Transaction) -> None:
        held.set()
        release.wait(5)

    holding = asyncio.create_task(other.write(hold))
    await asyncio.to_thread(held.wait, 5)
    with pytest.raises(StorageUnavailableError, match="locked by another process"):
        await db.write(put("a"))
    assert await db.read(stored) == {}, "readers do not wait"
    release.set()
    await holding
    await db.write(put("b"))
    assert await db.read(stored) == {"b": 0}
    db.close()
    other.close()


async def test_waiters_hear_of_every_commit(db: Database) -> None:
    seen = db.changed.count
    waiting = asyncio.create_task(db.changed.wait(seen, 5))
    await asyncio.sleep(0)
    await db.write(put("a"))
    assert await waiting > seen
    now = db.changed.count
    assert await db.changed.wait(now, 0.01) == now, "nothing happened: the time ran out"
    assert await db.changed.wait(seen, 5) == now, "a ring before the wait is not missed"


async def test_who_waits_for_a_key_hears_of_that_key_only_on_every_loop() -> None:
    bells = KeyedBroadcast()
    bells.ring(["a"])  # nobody waits: nothing happens

    async def hear(key: str, ready: threading.Event) -> bool:
        with bells.hear(key) as news:
            ready.set()
            try:
                return await asyncio.wait_for(news.wait(), 0.5 if key == "b" else 30)
            except TimeoutError:
                return False

    keys = ("a", "b", "a", ANYTHING)
    ready = [threading.Event() for _ in keys]
    waiting = [asyncio.create_task(asyncio.to_thread(asyncio.run, hear(*each))) for each in zip(keys, ready, strict=True)]
    await asyncio.to_thread(lambda: [each.wait() for each in ready])
    bells.ring(["a", "c"])
    assert await asyncio.gather(*waiting) == [True, False, True, True]
    with bells.hear("b") as news:
        bells.ring()
        await asyncio.wait_for(news.wait(), 30)  # everyone is woken, as when the service stops


async def test_closing_finishes_what_is_queued_and_refuses_the_rest(url: str) -> None:
    db = Database(url, SystemClock())
    units = [asyncio.create_task(db.write(put(f"n{n}"))) for n in range(20)]
    await asyncio.sleep(0)
    await asyncio.to_thread(db.close)
    await asyncio.gather(*units)
    with pytest.raises(StorageUnavailableError, match="closed"):
        await db.write(put("late"))
    again = Database(url, SystemClock())
    assert len(await again.read(stored)) == 20
    again.close()


async def test_an_error_somebody_swallowed_fails_its_unit_and_no_other(db: Database, backend: str) -> None:
    def swallows(tx: Transaction) -> None:
        tx.insert(note, [{"id": "a", "n": 1}])
        with contextlib.suppress(sqlite3.IntegrityError, psycopg.IntegrityError):
            tx.insert(note, [{"id": "a", "n": 2}])

    outcomes = await asyncio.gather(db.write(put("b")), db.write(swallows), db.write(put("c")), return_exceptions=True)
    spoilt = backend == "postgresql"
    assert isinstance(outcomes[1], psycopg.errors.InFailedSqlTransaction) == spoilt
    assert set(await db.read(stored)) == ({"b", "c"} if spoilt else {"a", "b", "c"}), "never a success that was not stored"


async def test_an_error_does_not_quote_what_is_in_the_row(db: Database) -> None:
    await db.write(put("张三"))
    for work in (put("张三"), lambda tx: tx.execute(note.insert(), {"id": "张三", "n": 1})):
        with pytest.raises((sqlite3.IntegrityError, psycopg.IntegrityError, IntegrityError)) as caught:
            await db.write(work)
        assert "张三" not in str(caught.value)


def test_a_database_in_memory_is_refused() -> None:
    with pytest.raises(ValueError, match="database file"):
        Database("sqlite://", SystemClock())
