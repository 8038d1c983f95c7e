"""The transaction a handler is given: SQLAlchemy Core for its statements, the driver itself for the hot ones."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from typing import Any, Literal, NamedTuple

from sqlalchemy import Column, ColumnElement, Connection, CursorResult, Executable, Float, Row, Select, Table, bindparam, delete, select
from sqlalchemy.engine import Dialect as AlchemyDialect
from sqlalchemy.engine import IteratorResult, Result
from sqlalchemy.engine.result import SimpleResultMetaData

from chassis.dialects import Cursor, Dialect


class Transaction:
    """One unit of work. ``now`` (aware, UTC) stands still for its whole length. ``outgoing``: the keys of what it put into the outbox.

    Never kept after the unit ends, never shared by threads.
    """

    __slots__ = ("_connection", "_cursor", "_depth", "backend", "now", "outgoing")

    def __init__(self, connection: Connection, cursor: Cursor, backend: Dialect, now: datetime) -> None:
        self._connection = connection
        self._cursor = cursor
        self._depth = 0
        self.backend = backend
        self.now = now
        self.outgoing: set[str] = set()

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
        keys = list(keys)
        return self._load(_load(table, column, len(keys) == 1, self.backend, self._connection.dialect), keys)

    def lock(self, table: Table, column: Column[Any], keys: Iterable[Any]) -> Sequence[Row[Any]]:
        """As ``load``, the rows kept from other writers until COMMIT: a unit that writes is alone in its database."""
        return self.load(table, column, keys)

    def insert(self, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
        """Insert all rows, which name the same columns. No rows: nothing happens."""
        self._write(table, rows, "fail")

    def insert_new(self, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
        """As ``insert``, leaving out the rows that a unique key already knows."""
        self._write(table, rows, "skip")

    def upsert(self, table: Table, rows: Sequence[Mapping[str, Any]], *, newest: str | None = None) -> None:
        """Insert all rows; where the primary key is taken, replace the other given columns. Rows name every required column.

        ``newest``: a column that only grows; a row whose value there is not greater than the kept one's is passed over.
        """
        if newest is not None and self.backend.as_sets:
            rows = sorted(rows, key=lambda row: row[newest])
        self._write(table, rows, "replace", newest)

    def update(self, table: Table, columns: tuple[str, ...], rows: Sequence[Sequence[Any]]) -> int:
        """Set ``columns`` but the last, which finds the rows; each of ``rows`` holds their values in that order, as the driver takes them.

        The number of rows touched.
        """
        if not rows:
            return 0
        return self.backend.run(self._cursor, _update(table, columns, len(rows) == 1, self.backend, self._connection.dialect), rows)

    def delete(self, table: Table, column: Column[Any], keys: Iterable[Any]) -> None:
        """Delete the rows of ``table`` whose ``column`` is one of ``keys``."""
        keys = list(keys)
        self._for_keys(_delete(table, column, len(keys) == 1, self.backend, self._connection.dialect), keys)

    def sql(self, text: str, parameters: Sequence[Any] = ()) -> list[Any]:
        """Rows of a text statement of the chassis, with ``?`` (and nowhere else) for parameters; [] for one that answers none."""
        self._cursor.execute(self.backend.sql(text), parameters)
        return self._cursor.fetchall()

    def many(self, text: str, rows: Sequence[Sequence[Any]]) -> int:
        """Run a text statement of the chassis for each row; the number of rows it touched. For few rows: see ``insert`` and ``update``."""
        if not rows:
            return 0
        if len(rows) == 1:
            self._cursor.execute(self.backend.sql(text), rows[0])
        else:
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
            self._cursor.execute(f"RELEASE {name}")  # fails if an error inside was swallowed that spoilt the transaction
        except BaseException:
            if self.backend.in_transaction(self._connection):
                self._cursor.execute(f"ROLLBACK TO {name}")
                self._cursor.execute(f"RELEASE {name}")
            raise
        finally:
            self._depth -= 1

    def stands(self) -> bool:
        """False once an error of the database has ended the whole transaction."""
        return self.backend.stands(self._connection)

    def _for_keys(self, query: _Query, keys: Sequence[Any]) -> list[Any]:
        bound = keys[0] if len(keys) == 1 else self.backend.keys(keys)
        self._cursor.execute(query.text, (bound,) if query.positional else {"keys": bound})
        return self._cursor.fetchall()

    def _load(self, query: _Query, keys: Sequence[Any]) -> Sequence[Row[Any]]:
        rows = self._for_keys(query, keys)
        if query.converters:
            rows = [list(row) for row in rows]
            for row in rows:
                for place, convert in query.converters:
                    row[place] = convert(row[place])
        result: Result[Any] = IteratorResult(query.columns, iter(rows))
        return result.all()

    def _write(self, table: Table, rows: Sequence[Mapping[str, Any]], taken: _Taken, newest: str | None = None) -> None:
        if not rows:
            return
        if taken == "replace" and self.backend.as_sets:
            key = [column.name for column in table.primary_key]
            rows = list({tuple([row[name] for name in key]): row for row in rows}.values())
        text, bind = _statement(table, tuple(rows[0]), len(rows) == 1, taken, newest, self.backend, self._connection.dialect)
        self.backend.run(self._cursor, text, [bind(row) for row in rows])


_Taken = Literal["fail", "skip", "replace"]
"""What happens to a row whose key is taken."""


class _Query(NamedTuple):
    """A compiled query for rows of one table; ``converters``: the places whose driver's value is not the column's value."""

    text: str
    positional: bool
    columns: SimpleResultMetaData
    converters: tuple[tuple[int, Callable[[Any], Any]], ...]


def _one_of(column: Column[Any], one: bool, backend: Dialect) -> ColumnElement[bool]:
    return column == bindparam("keys", type_=column.type) if one else backend.one_of_keys(column)


@cache
def _load(table: Table, column: Column[Any], one: bool, backend: Dialect, alchemy: AlchemyDialect) -> _Query:
    return _compiled(select(table).where(_one_of(column, one, backend)), table, alchemy)


@cache
def _delete(table: Table, column: Column[Any], one: bool, backend: Dialect, alchemy: AlchemyDialect) -> _Query:
    compiled = delete(table).where(_one_of(column, one, backend)).compile(dialect=alchemy)
    return _Query(str(compiled), alchemy.positional, SimpleResultMetaData([]), ())


@cache
def _update(table: Table, columns: tuple[str, ...], one: bool, backend: Dialect, alchemy: AlchemyDialect) -> str:
    quote = alchemy.identifier_preparer.quote
    return backend.changing(
        quote(table.name), [quote(name) for name in columns], [_type(table.columns[name], alchemy) for name in columns], one=one
    )


def _compiled(query: Select[Any], table: Table, alchemy: AlchemyDialect) -> _Query:
    compiled = query.compile(dialect=alchemy)
    every = [_converter(column, alchemy) for column in table.columns]
    converters = tuple((place, convert) for place, convert in enumerate(every) if convert is not None)
    names = SimpleResultMetaData([column.key for column in table.columns])
    return _Query(str(compiled), alchemy.positional, names, converters)


def _converter(column: Column[Any], alchemy: AlchemyDialect) -> Callable[[Any], Any] | None:
    """From the driver's value to the column's; None where they are the same, as for floats with either driver."""
    return None if isinstance(column.type, Float) else column.type.dialect_impl(alchemy).result_processor(alchemy, None)


@cache
def _statement(
    table: Table, names: tuple[str, ...], one: bool, taken: _Taken, newest: str | None, backend: Dialect, alchemy: AlchemyDialect
) -> tuple[str, Callable[[Mapping[str, Any]], list[Any]]]:
    """The text of an insert or upsert of those columns, and the function that turns a row into its parameters."""
    columns = [table.columns[name] for name in names]
    fixed = [column for column in table.columns if column.default is not None and column.default.is_scalar and column.name not in names]
    quote = alchemy.identifier_preparer.quote
    every = [*columns, *fixed]
    source = backend.source([_type(column, alchemy) for column in every], one=one)
    text = f"INSERT INTO {quote(table.name)} ({', '.join(quote(c.name) for c in every)}) {source}"
    if taken == "replace":
        target = ", ".join(quote(column.name) for column in table.primary_key)
        changes = ", ".join(f"{quote(c.name)} = excluded.{quote(c.name)}" for c in columns if not c.primary_key)
        text += f" ON CONFLICT ({target}) DO UPDATE SET {changes}" if changes else f" ON CONFLICT ({target}) DO NOTHING"
        if newest is not None:
            text += f" WHERE excluded.{quote(newest)} > {quote(table.name)}.{quote(newest)}"
    elif taken == "skip":
        text += " ON CONFLICT DO NOTHING"
    processors = [column.type.dialect_impl(alchemy).bind_processor(alchemy) for column in columns]
    extra = [_scalar(column, alchemy) for column in fixed]
    if any(processors):
        converters = list(zip(names, [p or _same for p in processors], strict=True))
        return text, lambda row: [convert(row[name]) for name, convert in converters] + extra
    return text, lambda row: [row[name] for name in names] + extra


def _type(column: Column[Any], alchemy: AlchemyDialect) -> str:
    return alchemy.type_compiler_instance.process(column.type)


def _same(value: Any) -> Any:
    return value


def _scalar(column: Column[Any], alchemy: AlchemyDialect) -> Any:
    value = getattr(column.default, "arg", None)
    convert = column.type.dialect_impl(alchemy).bind_processor(alchemy)
    return convert(value) if convert else value
