"""Where the small system runs: all of it in one process over SQLite. Operators correct what was parked, and say events again."""

from __future__ import annotations

import json
import random
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

import orjson

from chassis import quarantine
from chassis.clock import SystemClock
from chassis.database import Database
from chassis.errors import ChassisError
from chassis.tokens import DevelopmentIssuer
from chassis.transaction import Transaction
from tests.parts.postgresql import free_port
from tests.proof.load import Client, ask
from tests.proof.playing import Books
from tests.proof.running import Member
from tests.proof.schedule import PLACES, Fault
from tests.proof.world import READS

CLIENTS, NAMES = 4, 40
OPERATOR_SECONDS = 0.3
SAID_AGAIN = 50


class EmbeddedWorld:
    """One process, SQLite files."""

    name = "chassis, embedded"
    checker = "tests.proof.ledger"
    places = PLACES
    kinds = ("kill", "kill", "failpoint", "failpoint", "failpoint", "stop", "disk", "clock", "duplicates", "say_again")

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._data = folder / "data"
        self._data.mkdir()
        port = free_port()
        environment = {"SLUICEGATE_DATA": str(self._data), "SLUICEGATE_LOG_LEVEL": "warning"}
        self._url = f"http://127.0.0.1:{port}"
        self.members = [Member("world", "world", [str(port)], environment, folder)]
        self._books = {name: f"sqlite:///{self._data}/{name}.db" for name in READS}

    @contextmanager
    def running(self) -> Iterator[None]:
        with self.members[0] as member:
            member.wait_ready()
            with operator(self._books["middle"]):
                yield

    def clients(self, books: Books) -> Sequence[Callable[[], None]]:
        token = DevelopmentIssuer(self._data).token("proof", roles=["clerk"])
        return asking(lambda: self._url, token, books)

    def suffer(self, fault: Fault) -> None:
        if fault.kind == "duplicates":
            copy_records(self._data / "bus.db")
        elif fault.kind == "say_again":
            say_again(self._books)
        else:
            self.members[0].suffer(fault)

    def write_books(self) -> None:
        write_books(self._folder, self._books)


def asking(url: Callable[[], str], token: str, books: Books) -> list[Callable[[], None]]:
    clients = [Client(url, token, books.given_up) for _ in range(CLIENTS)]
    return [partial(ask, client, number, books.seed, NAMES, books.acknowledged, books.stop) for number, client in enumerate(clients)]


def copy_records(log: Path) -> None:
    """Put the newest records into the log a second time, as a bus may that does not keep each once."""
    with closing(sqlite3.connect(log, timeout=5, isolation_level=None)) as store, suppress(sqlite3.OperationalError):
        store.execute("BEGIN IMMEDIATE")
        newest = store.execute(
            "SELECT topic, part, key, headers, value, appended_at FROM event_log ORDER BY id DESC LIMIT ?", (SAID_AGAIN,)
        ).fetchall()
        for topic, part, *rest in reversed(newest):
            (place,) = store.execute("SELECT next_offset FROM bus_partition WHERE topic = ? AND part = ?", (topic, part)).fetchone()
            store.execute(
                "INSERT INTO event_log (topic, part, off, event_id, key, headers, value, appended_at) VALUES (?, ?, ?, NULL, ?, ?, ?, ?)",
                (topic, part, place, *rest),
            )
            store.execute("UPDATE bus_partition SET next_offset = ? WHERE topic = ? AND part = ?", (place + 1, topic, part))
        store.execute("COMMIT")


def say_again(books: dict[str, str]) -> None:
    """Old and new events become pending once more, as ``sluicegate republish`` makes them."""
    chance = random.Random()  # noqa: S311 - any will do

    def work(tx: Transaction) -> None:
        newest = tx.sql("SELECT coalesce(max(id), 0) FROM outbox")[0][0]
        start = chance.randint(0, newest)
        tx.sql("INSERT INTO outbox_pending (id) SELECT id FROM outbox WHERE id > ? AND id <= ? ON CONFLICT DO NOTHING", (start, start + 50))

    for url in books.values():
        with _database(url) as database, suppress(ChassisError):
            database.write_sync(work, "operator")


@contextmanager
def operator(url: str) -> Iterator[None]:
    """While it lasts, every parked event of that database is corrected."""
    ending = threading.Event()

    def watch() -> None:
        while not ending.wait(OPERATOR_SECONDS):
            with suppress(ChassisError), _database(url) as database:
                for entry in database.read_sync(quarantine.waiting):
                    if entry.status == "parked" and entry.resolved_by is None:
                        database.write_sync(partial(_correct, number=entry.id), "operator")

    thread = threading.Thread(target=watch, name="operator")
    thread.start()
    try:
        yield
    finally:
        ending.set()
        thread.join()


def _correct(tx: Transaction, number: int) -> None:
    content = quarantine.show(tx, number)
    if content.entry.status == "parked":
        body = orjson.dumps({**orjson.loads(content.body), "poison": False})
        quarantine.supersede(tx, number, "operator", "corrected", body)


@contextmanager
def _database(url: str) -> Iterator[Database]:
    database = Database(url, SystemClock())
    try:
        yield database
    finally:
        database.close()


def write_books(folder: Path, books: dict[str, str]) -> None:
    named: dict[str, Any] = {name: {"url": url, "topics": READS[name]} for name, url in books.items()}
    (folder / "books.json").write_text(json.dumps(named), encoding="utf-8")
