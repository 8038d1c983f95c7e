"""SQLite: one file, one writer, for one process."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import Column, ColumnElement, Connection, Engine, bindparam, create_engine, func, select
from sqlalchemy.engine import make_url
from sqlalchemy.pool import NullPool

from chassis.dialects import Cursor, Outgoing

BUSY_SECONDS = 5.0


class Sqlite:
    """SQLite in WAL mode, ``synchronous=FULL``. BEGIN IMMEDIATE takes the one write lock, so no writer fails half-way for being late."""

    name = "sqlite"

    _OUTAGES: Mapping[int, str] = {
        sqlite3.SQLITE_BUSY: "the database is locked by another process",
        sqlite3.SQLITE_LOCKED: "the database is locked",
        sqlite3.SQLITE_NOMEM: "out of memory",
        sqlite3.SQLITE_IOERR: "the disk reports an error",
        sqlite3.SQLITE_FULL: "the disk is full",
        sqlite3.SQLITE_CANTOPEN: "the database file cannot be opened",
        sqlite3.SQLITE_PROTOCOL: "the database is locked",
    }

    def engine(self, url: str) -> Engine:
        file = make_url(url).database
        if not file or file == ":memory:":
            raise ValueError("the chassis needs a database file: several connections must see the same data")
        Path(file).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return create_engine(
            url,
            poolclass=NullPool,
            isolation_level="AUTOCOMMIT",
            hide_parameters=True,  # an error in the log must not show whose filing it was
            connect_args={"check_same_thread": False, "timeout": BUSY_SECONDS, "cached_statements": 512},
        )

    def cursor(self, connection: Connection, *, writing: bool) -> Cursor:
        raw = self._raw(connection)
        raw.isolation_level = None
        cursor = raw.cursor()
        if writing:
            cursor.execute("PRAGMA journal_mode=WAL")
            cursor.execute("PRAGMA synchronous=FULL")
            cursor.execute("PRAGMA wal_autocheckpoint=4000")
        else:
            cursor.execute("PRAGMA query_only=ON")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.execute(f"PRAGMA cache_size=-{16_000 if writing else 4_000}")  # KiB
        cursor.execute("PRAGMA temp_store=MEMORY")
        return cursor

    def begin(self, cursor: Cursor, *, writing: bool) -> None:
        cursor.execute("BEGIN IMMEDIATE" if writing else "BEGIN")

    def in_transaction(self, connection: Connection) -> bool:
        return self._raw(connection).in_transaction

    def stands(self, connection: Connection) -> bool:
        return self._raw(connection).in_transaction

    def sql(self, text: str) -> str:
        return text

    def one_of_keys(self, column: Column[Any]) -> ColumnElement[bool]:
        return column.in_(select(func.json_each(bindparam("keys")).table_valued("value").c.value))

    def keys(self, keys: Iterable[Any]) -> Any:
        return orjson.dumps(list(keys)).decode()

    def source(self, types: Sequence[str], *, one: bool) -> str:
        return f"VALUES ({', '.join('?' for _ in types)})"

    def changing(self, table: str, columns: Sequence[str], types: Sequence[str], *, one: bool) -> str:
        *changed, key = columns
        return f"UPDATE {table} SET {', '.join(f'{name} = ?' for name in changed)} WHERE {key} = ?"  # noqa: S608 - names of columns

    def run(self, cursor: Cursor, text: str, rows: Sequence[Sequence[Any]]) -> int:
        cursor.executemany(text, rows)
        return cursor.rowcount

    @property
    def as_sets(self) -> bool:
        return False

    def advance_streams(self, cursor: Cursor, counts: Mapping[tuple[str, str], int]) -> dict[tuple[str, str], int]:
        wanted = orjson.dumps([(topic, key, counts[topic, key]) for topic, key in sorted(counts)]).decode()
        cursor.execute(
            "INSERT INTO stream_head (topic, key, seq)"
            " SELECT value ->> 0, value ->> 1, value ->> 2 FROM json_each(?) WHERE true"
            " ON CONFLICT (topic, key) DO UPDATE SET seq = stream_head.seq + excluded.seq RETURNING topic, key, seq",
            (wanted,),
        )
        return {(topic, key): seq for topic, key, seq in cursor.fetchall()}

    def insert_outbox(self, cursor: Cursor, rows: Sequence[Sequence[Any]]) -> None:
        cursor.execute("SELECT coalesce(max(id), 0) FROM outbox")
        before = cursor.fetchall()[0][0]
        cursor.executemany(
            "INSERT INTO outbox (event_id, topic, key, seq, type, headers, body, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows
        )
        cursor.execute("INSERT INTO outbox_pending (id) SELECT id FROM outbox WHERE id > ?", (before,))

    def inbox_heads(self, cursor: Cursor, group: str, keys: Sequence[tuple[str, str]]) -> list[tuple[str, str, int, str | None, int]]:
        cursor.execute(  # CROSS JOIN: SQLite keeps the order of the tables, so it looks up each key instead of reading all heads
            "SELECT h.topic, h.key, h.seq, h.event_id, h.state FROM json_each(?) AS wanted"
            " CROSS JOIN inbox_head AS h ON h.grp = ? AND h.topic = wanted.value ->> 0 AND h.key = wanted.value ->> 1",
            (orjson.dumps(keys).decode(), group),
        )
        return cursor.fetchall()

    def outgoing(self, engine: Engine) -> Outgoing | None:
        return None

    def migrating(self, cursor: Cursor) -> None:
        pass

    def may_define(self, cursor: Cursor) -> bool:
        return True

    def grant(self, cursor: Cursor, role: str, rights: Mapping[str, Sequence[str]]) -> None:
        pass  # whoever can read the file can do anything

    def outage(self, error: BaseException, *, writing: bool) -> str | None:
        cause = getattr(error, "orig", None) or error
        if not isinstance(cause, sqlite3.Error):
            return None
        code = getattr(cause, "sqlite_errorcode", None)
        if code is None:
            return None
        if writing and code & 0xFF == sqlite3.SQLITE_READONLY:
            return "the database is read-only"
        return self._OUTAGES.get(code & 0xFF)

    @staticmethod
    def _raw(connection: Connection) -> sqlite3.Connection:
        raw = connection.connection.driver_connection
        assert isinstance(raw, sqlite3.Connection)  # noqa: S101 - tells the type checker what the engine above makes
        return raw
