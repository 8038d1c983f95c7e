"""The transaction a handler is given: SQLAlchemy Core for its statements, the driver itself for the hot ones."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Column, Connection, CursorResult, Executable, Row, Select, Table, select
from sqlalchemy.engine import Dialect as AlchemyDialect
from sqlalchemy.engine import IteratorResult, Result
from sqlalchemy.engine.result import SimpleResultMetaData

from chassis.dialects import Cursor, Dialect


class Transaction:
    """One unit of work. ``now`` (aware, UTC) stands still for its whole length. ``outgoing``: it put something into the outbox.

    Never kept after the unit ends, never shared by threads.
    """

    __slots__ = ("_connection", "_cursor", "_depth", "backend", "now", "outgoing")

    def __init__(self, connection: Connection, cursor: Cursor, backend: Dialect, now: datetime) -> None:
        self._connection = connection
        self._cursor = cursor
        self._depth = 0
        self.backend = backend
        self.now = now
        self.outgoing = False

    @property
    def dialect(self) -> str:
        """``sqlite`` or ``postgresql``."""
        return self.backend.name

    @property
    def cursor(self) -> Cursor:
        """The driver's cursor, for the chassis' own statements."""
        return self._cursor

    def execute(
        self, statement: Executable, parameters: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None
    ) -> CursorResult[Any]:
        """Run a Core statement; a list of parameters runs it for each of them."""
        return self._connection.execute(statement, parameters)

    def rows(self, statement: Executable, parameters: Mapping[str, Any] | None = None) -> Sequence[Row[Any]]:
        """All rows of a Core query."""
        return self._connection.execute(statement, parameters).all()

    def load(self, table: Table, column: Column[Any], keys: Iterable[Any]) -> Sequence[Row[Any]]:
        """The rows of ``table`` whose ``column`` is one of ``keys``: one statement whatever their number, in no promised order."""
        return self._load(_load(table, column, self.backend, self._connection.dialect), keys)

    def lock(self, table: Table, column: Column[Any], keys: Iterable[Any]) -> Sequence[Row[Any]]:
        """As ``load``, the rows kept from other writers until COMMIT. Locked in the order of ``column``, so two units cannot deadlock."""
        if not self.backend.locking():  # the write lock of the whole database is already held
            return self.load(table, column, keys)
        return self._load(_lock(table, column, self.backend, self._connection.dialect), keys)

    def insert(self, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
        """Insert all rows, which name the same columns. No rows: nothing happens."""
        self._write(table, rows, replace=False)

    def upsert(self, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
        """Insert all rows; where the primary key is taken, replace the other given columns. Rows name every required column."""
        self._write(table, rows, replace=True)

    def sql(self, text: str, parameters: Sequence[Any] = ()) -> list[Any]:
        """Rows of a text statement of the chassis, with ``?`` for parameters; [] for one that answers none."""
        self._cursor.execute(self.backend.sql(text), parameters)
        return self._cursor.fetchall()

    def many(self, text: str, rows: Sequence[Sequence[Any]]) -> int:
        """Run a text statement of the chassis for each row; the number of rows it touched."""
        if not rows:
            return 0
        self._cursor.executemany(self.backend.sql(text), rows)
        return self._cursor.rowcount

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """What happens inside is undone alone if it raises; the error goes on."""
        self._depth += 1
        name = f"unit_{self._depth}"
        self._cursor.execute(f"SAVEPOINT {name}")
        try:
            yield
        except BaseException:
            if self.backend.in_transaction(self._connection):
                self._cursor.execute(f"ROLLBACK TO {name}")
                self._cursor.execute(f"RELEASE {name}")
            raise
        else:
            self._cursor.execute(f"RELEASE {name}")
        finally:
            self._depth -= 1

    def stands(self) -> bool:
        """False once an error of the database has ended the whole transaction."""
        return self.backend.in_transaction(self._connection)

    def _load(self, query: _Query, keys: Iterable[Any]) -> Sequence[Row[Any]]:
        bound = self.backend.keys(keys)
        self._cursor.execute(query.text, (bound,) if query.positional else {"keys": bound})
        rows = self._cursor.fetchall()
        if query.converters:
            rows = [list(row) for row in rows]
            for row in rows:
                for place, convert in query.converters:
                    row[place] = convert(row[place])
        result: Result[Any] = IteratorResult(query.columns, iter(rows))
        return result.all()

    def _write(self, table: Table, rows: Sequence[Mapping[str, Any]], *, replace: bool) -> None:
        if not rows:
            return
        text, bind = _statement(table, tuple(rows[0]), replace, self.backend, self._connection.dialect)
        self._cursor.executemany(text, [bind(row) for row in rows])


class _Query(NamedTuple):
    """A compiled query for rows of one table; ``converters``: the places whose driver's value is not the column's value."""

    text: str
    positional: bool
    columns: SimpleResultMetaData
    converters: tuple[tuple[int, Callable[[Any], Any]], ...]


@cache
def _load(table: Table, column: Column[Any], backend: Dialect, alchemy: AlchemyDialect) -> _Query:
    return _compiled(select(table).where(backend.one_of_keys(column)), table, alchemy)


@cache
def _lock(table: Table, column: Column[Any], backend: Dialect, alchemy: AlchemyDialect) -> _Query:
    return _compiled(select(table).where(backend.one_of_keys(column)).order_by(column).with_for_update(), table, alchemy)


def _compiled(query: Select[Any], table: Table, alchemy: AlchemyDialect) -> _Query:
    compiled = query.compile(dialect=alchemy)
    every = [column.type.dialect_impl(alchemy).result_processor(alchemy, None) for column in table.columns]
    converters = tuple((place, convert) for place, convert in enumerate(every) if convert is not None)
    names = SimpleResultMetaData([column.key for column in table.columns])
    return _Query(str(compiled), alchemy.positional, names, converters)


@cache
def _statement(
    table: Table, names: tuple[str, ...], replace: bool, backend: Dialect, alchemy: AlchemyDialect
) -> tuple[str, Callable[[Mapping[str, Any]], list[Any]]]:
    """The text of an insert or upsert of those columns, and the function that turns a row into its parameters."""
    columns = [table.columns[name] for name in names]
    fixed = [column for column in table.columns if column.default is not None and column.default.is_scalar and column.name not in names]
    quote = alchemy.identifier_preparer.quote
    every = [*columns, *fixed]
    text = f"INSERT INTO {quote(table.name)} ({', '.join(quote(c.name) for c in every)}) VALUES ({', '.join('?' for _ in every)})"  # noqa: S608
    if replace:
        target = ", ".join(quote(column.name) for column in table.primary_key)
        changes = ", ".join(f"{quote(c.name)} = excluded.{quote(c.name)}" for c in columns if not c.primary_key)
        text += f" ON CONFLICT ({target}) DO UPDATE SET {changes}" if changes else f" ON CONFLICT ({target}) DO NOTHING"
    processors = [column.type.dialect_impl(alchemy).bind_processor(alchemy) for column in columns]
    extra = [_scalar(column, alchemy) for column in fixed]
    if any(processors):
        converters = list(zip(names, [p or _same for p in processors], strict=True))
        return backend.sql(text), lambda row: [convert(row[name]) for name, convert in converters] + extra
    return backend.sql(text), lambda row: [row[name] for name in names] + extra


def _same(value: Any) -> Any:
    return value


def _scalar(column: Column[Any], alchemy: AlchemyDialect) -> Any:
    value = getattr(column.default, "arg", None)
    convert = column.type.dialect_impl(alchemy).bind_processor(alchemy)
    return convert(value) if convert else value
