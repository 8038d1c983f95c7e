"""Publishing from PostgreSQL: one replica at a time takes the pending set, under a lock that its connection holds."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence

from sqlalchemy import Connection, Engine

from chassis.dialects import Cursor, Dialect, Pending
from chassis.dialects.statements import several
from chassis.errors import StorageUnavailableError

RELAY_LOCK = 0x5348_5549_0002
"""The advisory lock of whoever publishes from a database. It never waits for the writer, nor the writer for it."""

PUBLISH_SECONDS = 60
"""A publisher that holds the lock and says nothing for so long is ended by the server; the next one repeats its events."""

_TRY = f"SELECT pg_try_advisory_xact_lock({RELAY_LOCK})"


class Publisher:
    """See ``chassis.dialects.Outgoing``. Between ``take`` and ``forget`` a transaction is open that holds the lock."""

    def __init__(self, dialect: Dialect, engine: Engine) -> None:
        self._dialect = dialect
        self._engine = engine
        self._connection: Connection | None = None
        self._cursor: Cursor | None = None
        self._holding = False

    def take(self, limit: int) -> list[Pending] | None:
        with self._trouble() as cursor:
            if not self._holding:
                ((mine,),) = several(cursor, "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE", _TRY)
                if not mine:
                    cursor.execute("COMMIT")
                    return None
                self._holding = True
            cursor.execute(
                "SELECT o.id, o.topic, o.key, o.headers, o.body FROM outbox_pending AS p JOIN outbox AS o ON o.id = p.id"
                " ORDER BY p.id LIMIT %s",
                (limit,),
            )
            rows = cursor.fetchall()
            if not rows:
                self._end(cursor)
            return rows

    def forget(self, ids: Sequence[int]) -> None:
        if not self._holding:
            raise RuntimeError("nothing was taken")
        with self._trouble() as cursor:
            several(cursor, f"DELETE FROM outbox_pending WHERE id = ANY('{{{','.join(map(str, ids))}}}')", "COMMIT")  # noqa: S608 - numbers
            self._holding = False

    def release(self) -> None:
        if self._holding:
            with contextlib.suppress(StorageUnavailableError), self._trouble() as cursor:
                self._end(cursor)

    def close(self) -> None:
        self._holding = False
        connection, self._connection, self._cursor = self._connection, None, None
        if connection is not None:
            with contextlib.suppress(Exception):  # it is thrown away: whatever it still complains of has no reader
                connection.invalidate()
            with contextlib.suppress(Exception):
                connection.close()

    def _end(self, cursor: Cursor) -> None:
        cursor.execute("COMMIT")
        self._holding = False

    @contextlib.contextmanager
    def _trouble(self) -> Iterator[Cursor]:
        """The cursor; after any error the connection, and with it the lock, is given up."""
        try:
            yield self._connected()
        except Exception as error:
            self.close()
            outage = self._dialect.outage(error, writing=True)
            if outage is None:
                raise
            raise StorageUnavailableError(outage) from error

    def _connected(self) -> Cursor:
        if self._cursor is None:
            self._connection = self._engine.connect()
            self._cursor = self._dialect.cursor(self._connection, writing=True)
            self._cursor.execute(f"SET idle_in_transaction_session_timeout = '{PUBLISH_SECONDS}s'")
        return self._cursor
