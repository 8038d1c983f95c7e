"""What only a shared database has: writers of several processes one at a time, publishers in turn, keys used by two replicas at once."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import psycopg
import pytest
from sqlalchemy.exc import DBAPIError

from chassis.clock import SystemClock
from chassis.database import Database, Transaction
from chassis.dialects import Outgoing, dialect_of
from chassis.dialects.publishing import Publisher
from chassis.errors import StorageUnavailableError
from chassis.inbox import load_heads, save_heads
from chassis.testing import client
from tests.chassis.counting import Counted, effect, say
from tests.chassis.notes_service import notes_service
from tests.parts.postgresql import Server

pytestmark = [pytest.mark.usefixtures("backend"), pytest.mark.parametrize("backend", ["postgresql"], indirect=True)]


def publisher(database: Database) -> Outgoing:
    found = dialect_of(database.url).outgoing(dialect_of(database.url).engine(database.url))
    assert isinstance(found, Publisher)
    return found


def count_up(tx: Transaction) -> int:
    """Reads, thinks, writes: wrong as soon as two do it at once."""
    ((last,),) = tx.sql("SELECT coalesce(max(n), 0) FROM effect")
    tx.insert(effect, [{"type": "", "key": "", "n": last + 1}])
    return int(last) + 1


async def test_writers_of_several_replicas_are_one_at_a_time(db: Database, replica: Database) -> None:
    given = await asyncio.gather(*(each.write(count_up) for each in (db, replica) for _ in range(40)))
    assert sorted(given) == list(range(1, 81)), "everybody read what the one before had written"


async def test_numbers_of_a_key_are_dense_and_in_the_order_of_ids_whoever_says_them(db: Database, replica: Database) -> None:
    await asyncio.gather(*(each.write(lambda tx: say(tx, *(Counted(name="a", n=n) for n in range(7)))) for each in (db, replica) * 20))
    rows = await db.read(lambda tx: tx.sql("SELECT seq FROM outbox ORDER BY id"))
    assert [seq for (seq,) in rows] == list(range(1, 281))
    assert await db.read(lambda tx: tx.sql("SELECT count(*) FROM outbox_pending")) == [(280,)]


async def test_a_writer_that_stands_still_is_ended_and_keeps_nothing(
    db: Database, replica: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chassis.dialects.postgresql.IDLE_SECONDS", 0.3)
    begun, go_on = threading.Event(), threading.Event()

    def stopped(tx: Transaction) -> None:
        count_up(tx)
        begun.set()
        go_on.wait(10)
        count_up(tx)

    standing = asyncio.create_task(db.write(stopped))
    await asyncio.to_thread(begun.wait, 5)
    assert await replica.write(count_up) == 1, "nobody waits for it longer than that"
    go_on.set()
    with pytest.raises(StorageUnavailableError):
        await standing
    assert await db.write(count_up) == 2


def test_publishers_take_turns(db: Database) -> None:
    db.write_sync(lambda tx: say(tx, *(Counted(name="a", n=n) for n in range(5))))
    first, second = publisher(db), publisher(db)
    taken = first.take(3)
    assert taken is not None
    assert [row[1:3] for row in taken] == [(Counted.topic, "a")] * 3
    assert second.take(3) is None, "another publishes"
    db.write_sync(lambda tx: say(tx, Counted(name="b", n=1)))  # writers do not wait for publishers
    first.release()
    assert second.take(3) == taken, "nothing was forgotten"
    second.forget([row[0] for row in taken])
    rest = first.take(10)
    assert rest is not None
    assert [row[2] for row in rest] == ["a", "a", "b"]
    first.forget([row[0] for row in rest])
    assert first.take(10) == []
    assert second.take(10) == []
    first.close()
    second.close()


def test_a_publisher_that_dies_leaves_its_events_to_the_next(db: Database, postgresql: Server) -> None:
    db.write_sync(lambda tx: say(tx, Counted(name="a", n=1)))
    first, second = publisher(db), publisher(db)
    taken = first.take(10)
    assert taken
    _terminate(postgresql, "%outbox_pending%")
    with pytest.raises(StorageUnavailableError):
        first.forget([row[0] for row in taken])
    assert second.take(10) == taken, "published twice is what readers know"
    second.forget([row[0] for row in taken])
    assert first.take(10) == [], "and it goes on by itself"
    first.close()
    second.close()


def _terminate(server: Server, query: str) -> None:
    assert server.run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE %s AND pid <> pg_backend_pid()", query)


async def test_two_replicas_given_one_key_at_once_do_it_once(tmp_path: Path) -> None:
    replicas = [notes_service(tmp_path), notes_service(tmp_path)]
    for each in replicas:
        await each.start()
    try:
        for number in range(8):
            async with client(replicas[0], ["clerk"]) as here, client(replicas[1], ["clerk"]) as there:
                calls = [
                    http.post("/notes/v1/notes", json={"text": f"n{number}"}, headers={"Idempotency-Key": str(number)})
                    for http in (here, there)
                ]
                answers = await asyncio.gather(*calls)
            assert [answer.status_code for answer in answers] == [201, 201]
            assert answers[0].content == answers[1].content
            assert sorted("idempotency-replayed" in answer.headers for answer in answers) == [False, True]
        async with client(replicas[0], ["clerk"]) as http:
            listed = (await http.get("/notes/v1/notes")).json()["items"]
        assert [item["text"] for item in listed] == [f"n{number}" for number in range(8)]
    finally:
        for each in replicas:
            await each.stop()


async def test_heads_are_looked_up_by_key_in_a_table_that_was_never_analysed(db: Database) -> None:
    def heads(tx: Transaction, batch: int) -> int:
        found = load_heads(tx, "group", [(Counted.topic, f"{batch}-{n}") for n in range(200)])
        save_heads(tx, "group", found)
        ((rows,),) = tx.sql("SELECT idx_tup_fetch FROM pg_stat_xact_user_tables WHERE relname = 'inbox_head'")
        return int(rows)

    for batch in range(10):
        await db.write(partial(heads, batch=batch))
    assert await db.write(partial(heads, batch=3)) <= 2 * 200, "every key is compared with every head"


STATES = {"53100": "disk is full", "40P01": "in the way", "53300": "too many", "57P01": "shutting down", "58030": "disk reports"}


@pytest.mark.parametrize(("state", "told"), STATES.items())
async def test_what_the_server_says_of_itself_is_an_outage_and_work_goes_on(
    db: Database, postgresql: Server, state: str, told: str
) -> None:
    database = db.url.rsplit("/", 1)[1]
    postgresql.run(
        f"CREATE FUNCTION trouble() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION USING ERRCODE = '{state}'; END $$",
        database=database,
    )
    postgresql.run("CREATE TRIGGER trouble BEFORE INSERT ON effect EXECUTE FUNCTION trouble()", database=database)
    with pytest.raises(StorageUnavailableError, match=told):
        await db.write(count_up)
    postgresql.run("DROP TRIGGER trouble ON effect", database=database)
    assert await db.write(count_up) == 1


async def test_what_a_statement_did_wrong_is_its_own_fault(db: Database) -> None:
    wrong: Sequence[tuple[str, type[Exception]]] = (
        ("SELECT 1 / 0", psycopg.errors.DivisionByZero),
        ("SELECT * FROM nowhere", psycopg.errors.UndefinedTable),
        ("SELECT 'a' || nothing", psycopg.errors.UndefinedColumn),
    )
    for text, error in wrong:
        with pytest.raises(error):
            await db.write(lambda tx, text=text: tx.sql(text))  # type: ignore[misc]
    with pytest.raises(DBAPIError):
        await db.write(lambda tx: tx.execute(effect.insert(), {"n": "no number"}))
    assert await db.write(count_up) == 1


async def test_the_only_unit_of_a_commit_cannot_swallow_an_error_and_be_called_stored(db: Database) -> None:
    def swallows(tx: Transaction) -> None:
        count_up(tx)
        try:
            tx.sql("SELECT 1 / 0")
        except psycopg.errors.DivisionByZero:
            return

    with pytest.raises(RuntimeError, match="swallowed an error"):
        await db.write(swallows)
    assert await db.write(count_up) == 1


async def test_the_settings_that_durability_needs_are_made(db: Database) -> None:
    def shown(tx: Transaction) -> list[str]:
        return [tx.sql(f"SHOW {name}")[0][0] for name in ("synchronous_commit", "timezone", "application_name", "transaction_isolation")]

    assert await db.write(shown) == ["on", "UTC", "sluicegate", "read committed"]
    assert await db.read(shown) == ["on", "UTC", "sluicegate", "repeatable read"]


def test_the_urls_own_parameters_count(db: Database) -> None:
    named = Database(f"{db.url}?application_name=mine&connect_timeout=2", SystemClock())
    assert named.read_sync(lambda tx: tx.sql("SHOW application_name")) == [("mine",)]
    named.close()


async def test_pages_are_in_the_order_of_code_points(db: Database) -> None:
    words = ["b", "B", "a", "_", "中", "é", "Z", "~"]
    await db.write(lambda tx: tx.insert(effect, [{"type": "", "key": word, "n": 1} for word in words]))
    rows = await db.read(lambda tx: tx.sql("SELECT key FROM effect ORDER BY key"))
    assert [key for (key,) in rows] == sorted(words)
