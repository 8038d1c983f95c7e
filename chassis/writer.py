"""Writing to one database: queued units of work share a COMMIT, and whoever holds the lock does the work of all who wait.

A unit that fails is undone alone. Nobody hears of success before the COMMIT. If the database itself fails, every unit
of that commit is answered with ``StorageUnavailableError`` and the connection is made anew for the next.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from queue import SimpleQueue
from typing import Any

from sqlalchemy import Connection, Engine

from chassis.broadcast import call_on
from chassis.clock import Clock
from chassis.dialects import Cursor, Dialect
from chassis.errors import StorageUnavailableError
from chassis.failpoints import failpoint
from chassis.transaction import Transaction

MAX_UNITS = 256
MAX_SECONDS = 0.02


@dataclass(slots=True, eq=False)
class Unit:
    """One function waiting for its transaction; ``label`` names its failpoints: ``<label>.before_commit``, ``<label>.after_commit``.

    ``future`` None: its caller waits for the lock itself, or does not wait at all.
    """

    work: Callable[[Transaction], Any]
    label: str
    future: asyncio.Future[Any] | Future[Any] | None = None
    value: Any = None
    error: BaseException | None = None
    outgoing: frozenset[str] | set[str] = frozenset()
    done: bool = False

    def settle(self) -> None:
        if self.future is None or self.future.done():  # its caller was cancelled meanwhile
            return
        if self.error is not None:
            self.future.set_exception(self.error)
        else:
            self.future.set_result(self.value)


class Writer:
    """Owns the writing connection. ``committed(keys of new events)`` is called after every COMMIT, once the callers are answered."""

    def __init__(self, engine: Engine, dialect: Dialect, clock: Clock, committed: Callable[[set[str]], None]) -> None:
        self._engine = engine
        self._dialect = dialect
        self._clock = clock
        self._committed = committed
        self._waiting: deque[Unit] = deque()
        self._bell: SimpleQueue[bool] = SimpleQueue()
        self._lock = threading.Lock()
        self._connection: Connection | None = None
        self._cursor: Cursor | None = None
        self._thread = threading.Thread(target=self._serve, name=f"writer {engine.url.database}", daemon=True)
        self._closed = False
        self._thread.start()

    def add(self, unit: Unit) -> None:
        """Leave it for whoever writes next. Raises StorageUnavailableError after ``close``."""
        if self._closed:
            raise StorageUnavailableError("the database is closed")
        self._waiting.append(unit)

    def submit(self, unit: Unit) -> None:
        """Have the writing thread do it, or who holds the lock now. Raises StorageUnavailableError after ``close``."""
        self.add(unit)
        self._bell.put(True)

    def run(self, unit: Unit) -> Any:
        """Do it on the calling thread, with what else waits; its value once the COMMIT is durable. Raises what it raised."""
        self.add(unit)
        with self._lock:
            while not unit.done:
                self._commit_together()
        if unit.error is not None:
            raise unit.error
        return unit.value

    def close(self) -> None:
        """Finish what is queued, then let go of the connection."""
        if not self._closed:
            self._closed = True
            self._bell.put(False)
        self._thread.join()

    def _serve(self) -> None:
        going_on = True
        while going_on:
            going_on = self._bell.get()
            with self._lock:
                while self._waiting:
                    self._commit_together()
        with self._lock:
            self._disconnect()

    def _commit_together(self) -> None:
        """One transaction of those who wait, in the order in which they came. The lock is held."""
        units: list[Unit] = []
        try:
            connection, cursor = self._connect()
            self._dialect.begin(cursor, writing=True)
            for unit in self._ready():
                units.append(unit)
                self._attempt(unit, connection, cursor, alone=len(units) == 1)
            labels = {unit.label for unit in units if unit.error is None}
            for label in labels:
                failpoint(f"{label}.before_commit")
            cursor.execute("COMMIT")
            for label in labels:
                failpoint(f"{label}.after_commit")
        except BaseException as error:
            self._fail(units or [self._waiting.popleft()], error)
            return
        _settle(units)
        self._committed(set().union(*[unit.outgoing for unit in units]))

    def _ready(self) -> Iterator[Unit]:
        """Those who wait, and who come meanwhile, within the bounds of one commit."""
        deadline = time.monotonic() + MAX_SECONDS
        for _ in range(MAX_UNITS):
            if not self._waiting:
                return
            yield self._waiting.popleft()
            if time.monotonic() > deadline:
                return

    def _attempt(self, unit: Unit, connection: Connection, cursor: Cursor, *, alone: bool) -> None:
        """Run one unit; its own failure is kept in it, a failure of the database is raised. ``alone``: nobody came before it."""
        tx = Transaction(connection, cursor, self._dialect, self._clock.now())
        try:
            if alone:  # nothing but its own work can be undone: that needs no savepoint
                unit.value = unit.work(tx)
                if not tx.stands():
                    raise RuntimeError("a unit of work swallowed an error that had ended its transaction")
            else:
                with tx.savepoint():
                    unit.value = unit.work(tx)
            unit.outgoing = tx.outgoing
        except BaseException as error:  # whatever it is, the caller hears it and the thread lives on
            if self._dialect.outage(error, writing=True) or not (alone or tx.stands()):
                raise
            unit.error = error
            if alone:
                self._begin_again(connection, cursor)

    def _begin_again(self, connection: Connection, cursor: Cursor) -> None:
        if self._dialect.in_transaction(connection):
            cursor.execute("ROLLBACK")
        self._dialect.begin(cursor, writing=True)

    def _fail(self, units: list[Unit], error: BaseException) -> None:
        outage = self._dialect.outage(error, writing=True)
        for unit in units:
            if unit.error is None:
                unit.error = StorageUnavailableError(outage or f"the transaction was lost: {error}")
                unit.error.__cause__ = error
        self._disconnect()
        _settle(units)

    def _connect(self) -> tuple[Connection, Cursor]:
        if self._connection is None or self._cursor is None:
            connection = self._engine.connect()
            try:
                self._cursor = self._dialect.cursor(connection, writing=True)
            except BaseException:
                connection.close()
                raise
            self._connection = connection
        return self._connection, self._cursor

    def _disconnect(self) -> None:
        """What was not committed is undone here and now: a failed statement that is still referred to would hold the lock of SQLite."""
        connection, cursor = self._connection, self._cursor
        self._connection = self._cursor = None
        if connection is None:
            return
        with contextlib.suppress(Exception):  # it is thrown away: whatever it still complains of has no reader
            if cursor is not None and self._dialect.in_transaction(connection):
                cursor.execute("ROLLBACK")
        with contextlib.suppress(Exception):
            connection.invalidate()
        with contextlib.suppress(Exception):
            connection.close()


def _settle(units: list[Unit]) -> None:
    """Answer the callers: one wake-up for each event loop, not one for each caller."""
    by_loop: dict[asyncio.AbstractEventLoop, list[Unit]] = {}
    for unit in units:
        unit.done = True
        if isinstance(unit.future, asyncio.Future):
            by_loop.setdefault(unit.future.get_loop(), []).append(unit)
        else:
            unit.settle()
    for loop, waiting in by_loop.items():
        call_on(loop, partial(_settle_here, waiting))


def _settle_here(units: list[Unit]) -> None:
    for unit in units:
        unit.settle()
