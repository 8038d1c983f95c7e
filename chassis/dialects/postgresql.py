"""PostgreSQL through psycopg: one writer of a database at a time, whatever the number of processes; readers never wait."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any, cast

import psycopg
from psycopg import sql
from psycopg.pq import ConnStatus, ExecStatus, TransactionStatus
from sqlalchemy import Column, ColumnElement, Connection, Engine, any_, bindparam, create_engine
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.engine import make_url
from sqlalchemy.pool import NullPool

from chassis.dialects import Cursor, Outgoing
from chassis.dialects.publishing import Publisher
from chassis.dialects.statements import ADVANCE, APPEND, HEADS, parameters_of, rows_of, several
from chassis.errors import StorageUnavailableError

WRITER_LOCK = 0x5348_5549_0001
"""The advisory lock of whoever writes to a database. Numbers of locks are the database's own: two databases never meet."""

LOCK_SECONDS = 10.0
"""How long a writer waits for the writer before it."""

IDLE_SECONDS = 30.0
"""A writer that holds its transaction and says nothing for so long (stopped, cut off) is ended by the server."""

STATEMENT_SECONDS = 60.0
MIGRATION_SECONDS = 600.0

_DEFAULTS: Mapping[str, Any] = {
    "connect_timeout": 5,
    "fallback_application_name": "sluicegate",
    "client_encoding": "utf8",
    "tcp_user_timeout": 15_000,  # ms: a server that vanished is not waited for until the operating system gives up
}


_PLAIN = frozenset({"COMMIT", "ROLLBACK"})
"""Nothing is gained by preparing these, and a connection cut between preparing and executing a COMMIT would leave its lock behind."""


class _SafeCursor(psycopg.Cursor[Any]):
    """Its errors do not quote values of rows (DETAIL: Key (name)=(...)): they go to logs. After a statement without rows: [].

    The server answers the COMMIT of a transaction that an error spoilt with ROLLBACK and no error: here that is one.
    """

    def execute(self, query: Any, *args: Any, **kwargs: Any) -> Any:
        if query in _PLAIN:
            kwargs["prepare"] = False
        try:
            super().execute(query, *args, **kwargs)
        except psycopg.Error as error:
            raise _without_values(error)  # noqa: B904 - the same error
        if query == "COMMIT" and self.statusmessage == "ROLLBACK":
            raise psycopg.errors.InFailedSqlTransaction("an error that somebody swallowed has undone the transaction")
        return self

    def executemany(self, *args: Any, **kwargs: Any) -> None:
        try:
            super().executemany(*args, **kwargs)
        except psycopg.Error as error:
            raise _without_values(error)  # noqa: B904 - the same error

    def fetchall(self) -> list[Any]:
        result = self.pgresult
        return super().fetchall() if result is not None and result.status == ExecStatus.TUPLES_OK else []


class Postgresql:
    """READ COMMITTED behind an advisory lock for writers, ``synchronous_commit=on``; REPEATABLE READ READ ONLY for readers."""

    name = "postgresql"

    def engine(self, url: str) -> Engine:
        target = make_url(url).set(drivername="postgresql+psycopg")
        given = {name: value for name, value in _DEFAULTS.items() if name not in target.query}
        return create_engine(
            target,
            poolclass=NullPool,
            pool_reset_on_return=None,  # transactions are the chassis' own; a lost connection has nothing to be reset
            isolation_level="AUTOCOMMIT",
            hide_parameters=True,  # an error in the log must not show whose filing it was
            use_native_hstore=False,
            connect_args={**given, "cursor_factory": _SafeCursor},
        )

    def cursor(self, connection: Connection, *, writing: bool) -> Cursor:
        raw = _raw(connection)
        raw.prepared_max = 500
        cursor = cast(Cursor, raw.cursor(binary=True))
        settings = {
            "synchronous_commit": "on",
            "timezone": "UTC",
            "default_transaction_read_only": "off" if writing else "on",
            "lock_timeout": _ms(LOCK_SECONDS),
            "statement_timeout": _ms(STATEMENT_SECONDS),
            "idle_in_transaction_session_timeout": _ms(IDLE_SECONDS),
            "jit": "off",
            # a plan made while a table was small must not read all of it once it is large: everything here is looked up by a key
            "enable_seqscan": "off",
            "enable_hashjoin": "off",
            "enable_mergejoin": "off",
            "enable_material": "off",
        }
        several(cursor, *(f"SET {name} = '{value}'" for name, value in settings.items()))
        return cursor

    def begin(self, cursor: Cursor, *, writing: bool) -> None:
        if writing:  # one round trip; the lock is taken before anything is read, so that everything read is what the writer before left
            several(cursor, "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE", f"SELECT pg_advisory_xact_lock({WRITER_LOCK})")
        else:
            cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")

    def in_transaction(self, connection: Connection) -> bool:
        return _status(connection) in (TransactionStatus.INTRANS, TransactionStatus.INERROR)

    def stands(self, connection: Connection) -> bool:
        return _status(connection) == TransactionStatus.INTRANS

    def sql(self, text: str) -> str:
        return _marked(text)

    def one_of_keys(self, column: Column[Any]) -> ColumnElement[bool]:
        return column == any_(bindparam("keys", type_=ARRAY(column.type)))

    def keys(self, keys: Iterable[Any]) -> Any:
        return list(keys)

    def source(self, types: Sequence[str], *, one: bool) -> str:
        return f"SELECT * FROM {rows_of(types, one=one)} AS new"  # noqa: S608 - types of columns

    def changing(self, table: str, columns: Sequence[str], types: Sequence[str], *, one: bool) -> str:
        *changed, key = columns
        values = ", ".join(f"{name} = new.{name}" for name in changed)
        new = f"{rows_of(types, one=one)} AS new({', '.join(columns)})"
        return f"UPDATE {table} SET {values} FROM {new} WHERE {table}.{key} = new.{key}"  # noqa: S608 - names and types of columns

    def run(self, cursor: Cursor, text: str, rows: Sequence[Sequence[Any]]) -> int:
        cursor.execute(text, parameters_of(rows))
        return cursor.rowcount

    @property
    def as_sets(self) -> bool:
        return True

    def advance_streams(self, cursor: Cursor, counts: Mapping[tuple[str, str], int]) -> dict[tuple[str, str], int]:
        rows = [(topic, key, counts[topic, key]) for topic, key in sorted(counts)]
        cursor.execute(ADVANCE[len(rows) == 1], parameters_of(rows))
        return {(topic, key): seq for topic, key, seq in cursor.fetchall()}

    def insert_outbox(self, cursor: Cursor, rows: Sequence[Sequence[Any]]) -> None:
        cursor.execute(APPEND[len(rows) == 1], parameters_of(rows))

    def inbox_heads(self, cursor: Cursor, group: str, keys: Sequence[tuple[str, str]]) -> list[tuple[str, str, int, str | None, int]]:
        if not keys:
            return []
        cursor.execute(HEADS[len(keys) == 1], (*parameters_of(keys), group))
        return cursor.fetchall()

    def outgoing(self, engine: Engine) -> Outgoing | None:
        return Publisher(self, engine)

    def migrating(self, cursor: Cursor) -> None:
        patience = f"SET lock_timeout = {_ms(MIGRATION_SECONDS)}"
        several(cursor, patience, "SET statement_timeout = 0", "SET idle_in_transaction_session_timeout = 0")
        cursor.execute("SELECT 'B' < 'a' AND 'Z' < '_' AND '~' < 'é' AND 'é' < '中', current_setting('server_encoding') = 'UTF8'")
        if cursor.fetchall() != [(True, True)]:
            hint = "CREATE DATABASE ... TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C'"
            raise StorageUnavailableError(
                f"数据库须以 UTF-8 编码并按码位排序文本 / the database must be UTF-8 and order text by code points: {hint}"
            )

    def may_define(self, cursor: Cursor) -> bool:
        cursor.execute("SELECT has_schema_privilege(current_schema(), 'CREATE')")
        return bool(cursor.fetchall()[0][0])

    def grant(self, cursor: Cursor, role: str, rights: Mapping[str, Sequence[str]]) -> None:
        cursor.execute("SELECT current_schema()::text, current_user::text")
        ((schema, owner),) = cursor.fetchall()
        if role == owner:
            raise ValueError(f"the role {role} owns the tables: the service needs one of its own")
        name, space = sql.Identifier(role).as_string(), sql.Identifier(schema).as_string()
        cursor.execute(f"GRANT USAGE ON SCHEMA {space} TO {name}")
        cursor.execute(f"REVOKE ALL ON ALL TABLES IN SCHEMA {space} FROM {name}")
        for table, privileges in sorted(rights.items()):
            cursor.execute(f"GRANT {', '.join(privileges)} ON {space}.{sql.Identifier(table).as_string()} TO {name}")

    def outage(self, error: BaseException, *, writing: bool) -> str | None:
        cause = getattr(error, "orig", None) or error
        if not isinstance(cause, psycopg.Error):
            return None
        state = cause.sqlstate
        if state is None:
            lost = isinstance(cause, psycopg.OperationalError | psycopg.InterfaceError)
            return "the connection to the database was lost or refused" if lost else None
        if state == "25006":
            return "the database is read-only" if writing else None
        return _OUTAGES.get(state) or _OUTAGES.get(state[:2])


_OUTAGES: Mapping[str, str] = {
    # by SQLSTATE, else by its class
    "40001": "another transaction was in the way",
    "40P01": "another transaction was in the way",
    "55P03": "the database is locked by another process",
    "57014": "the database did not finish a statement in time",
    "53100": "the disk is full",
    "53200": "the database is out of memory",
    "53300": "the database has too many connections",
    "53": "the database is out of resources",
    "08": "the connection to the database was lost or refused",
    "25P03": "the transaction stood still too long",
    "25P04": "the transaction took too long",
    "57": "the database is shutting down or not ready",
    "58": "the disk reports an error",
    "28": "the database refuses the user",
    "3D": "there is no such database",
}


@cache
def _marked(text: str) -> str:
    return text.replace("%", "%%").replace("?", "%s")


def _ms(seconds: float) -> int:
    return int(seconds * 1000)


def _without_values(error: psycopg.Error) -> psycopg.Error:
    if error.diag.message_primary:
        error.args = (error.diag.message_primary,)
    return error


def _raw(connection: Connection) -> psycopg.Connection[Any]:
    raw = connection.connection.driver_connection
    assert isinstance(raw, psycopg.Connection)  # noqa: S101 - tells the type checker what the engine above makes
    return raw


def _status(connection: Connection) -> TransactionStatus | None:
    """None once the connection is gone."""
    if connection.closed or connection.invalidated:
        return None
    pgconn = _raw(connection).pgconn
    return TransactionStatus(pgconn.transaction_status) if pgconn.status == ConnStatus.OK else None
