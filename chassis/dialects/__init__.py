"""The only place where two databases differ: how to connect, to begin, to write and load many rows, to number, to read an error.

Statements elsewhere are written once, with ``?`` for a parameter; ``sql`` turns them into what the driver wants.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any, Protocol

from sqlalchemy import Column, ColumnElement, Connection, Engine
from sqlalchemy.engine import make_url

Pending = tuple[int, str, str, str, bytes]
"""An event the bus has not confirmed: id, topic, key, headers (JSON), body."""


class Cursor(Protocol):
    """What the chassis needs of a driver's cursor (PEP 249). ``fetchall`` gives [] after a statement that answers no rows."""

    @property
    def rowcount(self) -> int: ...
    def execute(self, operation: str, parameters: Sequence[Any] | Mapping[str, Any] = ..., /) -> Any: ...
    def executemany(self, operation: str, parameters: Iterable[Sequence[Any]], /) -> Any: ...
    def fetchall(self) -> list[Any]: ...


class Outgoing(Protocol):
    """The pending set as its one publisher sees it, where several processes share a database. Every method may wait for the database.

    ``take``, publish, ``forget``; ``release`` instead of ``forget`` when the bus failed. Whoever dies in between has published and not
    forgotten: the next one repeats, and readers know a repeat. Each method raises StorageUnavailableError when the database is gone.
    """

    def take(self, limit: int) -> list[Pending] | None:
        """The oldest pending events, theirs alone until ``forget`` or ``release``; [] if there are none, None while another publishes."""
        ...

    def forget(self, ids: Sequence[int]) -> None:
        """The bus has confirmed these: they are pending no more, and the next may publish."""
        ...

    def release(self) -> None:
        """Let the next one publish; nothing is forgotten. Never raises."""
        ...

    def close(self) -> None:
        """Give the connection back. Safe to call twice."""
        ...


class Dialect(Protocol):
    """One kind of database. Methods that take a cursor run inside the caller's transaction."""

    name: str

    def __hash__(self) -> int: ...

    def engine(self, url: str) -> Engine:
        """An engine whose connections are left in driver autocommit: the chassis says BEGIN and COMMIT itself."""
        ...

    def cursor(self, connection: Connection, *, writing: bool) -> Cursor:
        """A driver cursor on a fresh connection, after its session settings are made."""
        ...

    def begin(self, cursor: Cursor, *, writing: bool) -> None:
        """Start a transaction. A writing one is alone until it ends: what it reads stays true, and no writer can fail for being late."""
        ...

    def in_transaction(self, connection: Connection) -> bool:
        """Whether a transaction is open, be it spoilt by an error, so that it can be rolled back to a savepoint."""
        ...

    def stands(self, connection: Connection) -> bool:
        """Whether the transaction is open and can go on: some errors end it, and one that was not rolled back spoils it."""
        ...

    def sql(self, text: str) -> str:
        """``text`` with the driver's parameter mark."""
        ...

    def one_of_keys(self, column: Column[Any]) -> ColumnElement[bool]:
        """``column`` is one of the bound parameter ``keys``, as one statement whatever their number."""
        ...

    def keys(self, keys: Iterable[Any]) -> Any:
        """The value to bind to ``keys``."""
        ...

    def source(self, types: Sequence[str], *, one: bool) -> str:
        """Where a statement for ``run`` takes its rows from: ``INSERT INTO t (a, b) {source}``. ``types`` are those of the columns.

        A statement is either for ``one`` row or for several.
        """
        ...

    def changing(self, table: str, columns: Sequence[str], types: Sequence[str], *, one: bool) -> str:
        """An UPDATE for ``run`` that finds its rows by the last of ``columns`` and sets the others. Names are quoted already."""
        ...

    def run(self, cursor: Cursor, text: str, rows: Sequence[Sequence[Any]]) -> int:
        """Run a statement made with ``source`` or ``changing`` for that many rows; how many it touched."""
        ...

    @property
    def as_sets(self) -> bool:
        """Whether ``run`` is one statement over all rows, which therefore must not name one primary key twice."""
        ...

    def advance_streams(self, cursor: Cursor, counts: Mapping[tuple[str, str], int]) -> dict[tuple[str, str], int]:
        """Allocate that many sequence numbers for each (topic, key), under a row lock held to COMMIT; the last one allocated of each."""
        ...

    def insert_outbox(self, cursor: Cursor, rows: Sequence[Sequence[Any]]) -> None:
        """Append rows (event_id, topic, key, seq, type, headers, body, created_at) and mark them pending, in that order."""
        ...

    def inbox_heads(self, cursor: Cursor, group: str, keys: Sequence[tuple[str, str]]) -> list[tuple[str, str, int, str | None, int]]:
        """The heads (topic, key, seq, event_id, state) of those (topic, key) that have one."""
        ...

    def outgoing(self, engine: Engine) -> Outgoing | None:
        """The pending set on a connection of its own; None where one process owns the database and needs no lock to publish."""
        ...

    def migrating(self, cursor: Cursor) -> None:
        """Prepare a writing cursor for a migration, which may wait and run long. Raises StorageUnavailableError for an unfit database."""
        ...

    def may_define(self, cursor: Cursor) -> bool:
        """Whether this user may make tables."""
        ...

    def grant(self, cursor: Cursor, role: str, rights: Mapping[str, Sequence[str]]) -> None:
        """Let ``role`` do exactly that: table to privileges. A table that is not named: nothing."""
        ...

    def outage(self, error: BaseException, *, writing: bool) -> str | None:
        """What is wrong with the database if this error says so (locked, full, gone), else None: then it is the statement's fault."""
        ...


def dialect_of(url: str) -> Dialect:
    """The dialect of a database URL. Raises ValueError for a database the chassis does not know."""
    return _dialect(make_url(url).get_backend_name())


@cache
def _dialect(backend: str) -> Dialect:
    if backend == "sqlite":
        from chassis.dialects.sqlite import Sqlite

        return Sqlite()
    if backend == "postgresql":
        from chassis.dialects.postgresql import Postgresql  # its driver is not loaded where it is not used

        return Postgresql()
    raise ValueError(f"no such database: {backend}")
