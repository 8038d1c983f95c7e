"""A service's database: units of work that share commits, and a few reading threads that cannot write."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from sqlalchemy import Connection

from chassis.broadcast import Broadcast, KeyedBroadcast
from chassis.clock import Clock
from chassis.dialects import Cursor, Outgoing, dialect_of
from chassis.engine import may_wait
from chassis.errors import StorageUnavailableError
from chassis.transaction import Transaction
from chassis.writer import Unit, Writer

__all__ = ["Database", "Transaction"]

T = TypeVar("T")

_AT_ONCE = 1.0
"""Seconds within which a kept connection that was cut shows it. Whoever took longer had reached the database."""


class Database:
    """Durable when ``write`` returns. ``changed`` rings after every commit made through this object, ``outgoing`` when
    it put something into the outbox, ``told`` the keys of the events that it put there.

    ``url`` is an SQLAlchemy URL: ``sqlite:////var/lib/sluicegate/registration.db``.
    """

    def __init__(self, url: str, clock: Clock, *, readers: int = 2) -> None:
        self.url = url
        self.clock = clock
        self.changed = Broadcast()
        self.outgoing = Broadcast()
        self.told = KeyedBroadcast()
        self._dialect = dialect_of(url)
        self._engine = self._dialect.engine(url)
        self._writer = Writer(self._engine, self._dialect, clock, self._committed)
        self._readers = ThreadPoolExecutor(readers, thread_name_prefix=f"reader {self._engine.url.database}")
        self._local = threading.local()
        self._open: list[Connection] = []
        self._closed = False

    async def write(self, work: Callable[[Transaction], T], label: str = "write") -> T:
        """Run ``work(tx)`` in a transaction, on an engine at once, else on the writing thread; its value once the COMMIT is durable.

        Raises what ``work`` raises (nothing of it is kept), or StorageUnavailableError when the database is locked, full or gone.
        ``label`` names the failpoints around the COMMIT.
        """
        if may_wait():
            return self._writer.run(Unit(work, label))  # type: ignore[no-any-return]
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._writer.submit(Unit(work, label, future))
        return await future

    def write_later(self, work: Callable[[Transaction], object], label: str = "write") -> None:
        """Run ``work(tx)`` with whatever is written next. It may be lost with the process, and nobody hears of its failure."""
        self._writer.add(Unit(work, label))

    async def read(self, work: Callable[[Transaction], T]) -> T:
        """Run ``work(tx)`` on an engine at once, else on a reading thread, over one unchanging view of what was committed.

        Raises StorageUnavailableError as ``write``.
        """
        if may_wait():
            return self._read(work)
        return await asyncio.get_running_loop().run_in_executor(self._readers, self._read, work)

    async def look(self, work: Callable[[Transaction], T]) -> T:
        """As ``read``, without a transaction around it: each statement sees what was committed when it began."""
        return await asyncio.get_running_loop().run_in_executor(self._readers, self._look, work)

    def write_sync(self, work: Callable[[Transaction], T], label: str = "write") -> T:
        """As ``write``, for callers without an event loop (command line, tests)."""
        future: Future[T] = Future()
        self._writer.submit(Unit(work, label, future))
        return future.result()

    def read_sync(self, work: Callable[[Transaction], T]) -> T:
        """As ``read``, for callers without an event loop."""
        return self._readers.submit(self._read, work).result()

    def publisher(self) -> Outgoing | None:
        """The pending set on a connection of its own, where several processes share the database; see ``chassis.pending``."""
        return self._dialect.outgoing(self._engine)

    def close(self) -> None:
        """Finish what is queued, then close every connection. Safe to call twice."""
        self._closed = True
        self._writer.close()
        self._readers.shutdown()
        while self._open:
            self._open.pop().close()
        self._engine.dispose()

    def _committed(self, keys: set[str]) -> None:
        self.changed.ring()
        if keys:
            self.outgoing.ring()
            self.told.ring(keys)

    def _read(self, work: Callable[[Transaction], T]) -> T:
        def in_one_view(tx: Transaction) -> T:
            self._dialect.begin(tx.cursor, writing=False)
            ending = "ROLLBACK"
            try:
                value = work(tx)
                ending = "COMMIT"  # nothing was written, but after a ROLLBACK psycopg would prepare every statement anew
                return value
            finally:
                tx.cursor.execute(ending)

        return self._look(in_one_view)

    def _look(self, work: Callable[[Transaction], T]) -> T:
        kept, begun = getattr(self._local, "connection", None) is not None, time.monotonic()
        try:
            return self._try(work)
        except StorageUnavailableError:
            if not kept or time.monotonic() - begun > _AT_ONCE:
                raise
        return self._try(work)  # the connection was cut while nobody used it: nothing is known to be wrong with the database

    def _try(self, work: Callable[[Transaction], T]) -> T:
        try:
            connection, cursor = self._reader()
            return work(Transaction(connection, cursor, self._dialect, self.clock.now()))
        except Exception as error:
            outage = self._dialect.outage(error, writing=False)
            if outage is None:
                raise
            self._forget_reader()
            raise StorageUnavailableError(outage) from error

    def _reader(self) -> tuple[Connection, Cursor]:
        """This thread's own connection."""
        if getattr(self._local, "connection", None) is None:
            connection = self._engine.connect()
            try:
                self._local.cursor = self._dialect.cursor(connection, writing=False)
            except BaseException:
                connection.close()
                raise
            self._local.connection = connection
            self._open.append(connection)
        return self._local.connection, self._local.cursor

    def _forget_reader(self) -> None:
        connection = getattr(self._local, "connection", None)
        self._local.connection = None
        if connection is not None:
            self._open.remove(connection)
            with contextlib.suppress(Exception):  # thrown away because it already failed
                connection.close()
