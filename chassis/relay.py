"""From outbox to bus: publish what is pending in the order of its ids, then forget that it was pending.

A pending *set*, not a cursor: an event committed late by a slow transaction is still in it. A crash between publish and
delete publishes twice; readers recognise the repeat by its sequence number.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime

import orjson
import structlog

from chassis.backoff import Backoff
from chassis.bus import Bus, Record
from chassis.database import Database, Transaction
from chassis.dialects import Pending
from chassis.failpoints import failpoint
from chassis.pending import pending_set

BATCH = 2000
POLL_SECONDS = 1.0
QUIET_SECONDS = 0.05
"""What the bus confirmed is forgotten with whatever is written next, or by itself after this long."""
BUSY_SECONDS, BUSIER_SECONDS = 0.002, 0.05
"""How soon to look again when another replica was publishing, twice as late each time: it may not have seen what came meanwhile."""

_log = structlog.get_logger(__name__)


class Relay:
    """Publishes one database's outbox. ``published`` counts events confirmed by the bus, ``failing`` says why the last try did not work."""

    def __init__(self, database: Database, bus: Bus) -> None:
        self._outgoing = database.outgoing
        self._pending = pending_set(database)
        self._bus = bus
        self.published = 0
        self.failing: str | None = None

    async def run(self) -> None:
        """Publish until cancelled."""
        backoff, busy = Backoff(), BUSY_SECONDS
        try:
            while True:
                seen = self._outgoing.count
                try:
                    rest = POLL_SECONDS if await self.drain() else busy
                    busy = BUSY_SECONDS if rest == POLL_SECONDS else min(2 * busy, BUSIER_SECONDS)
                    if await self._outgoing.wait(seen, rest if self._pending.settled else QUIET_SECONDS) == seen:
                        await self._pending.settle()
                except Exception as error:
                    self.failing = f"{type(error).__name__}: {error}"
                    _log.warning("relay.failing", error=self.failing, pause=backoff.seconds)
                    await backoff.pause()
                else:
                    self.failing = None
                    backoff.reset()
        finally:
            await self._pending.close()

    async def drain(self) -> bool:
        """Publish until nothing is pending, or another replica is at it (False). Raises what the bus or the database raises."""
        while True:
            seen = self._outgoing.count
            rows = await self._pending.take(BATCH)
            if not rows:
                return rows is not None
            await self._publish(rows)
            if len(rows) < BATCH and self._outgoing.count == seen:
                return True
            await asyncio.sleep(0)  # on an engine nothing else makes room for the others

    async def settle(self) -> None:
        """Take what is confirmed out of the pending set now, unless a later write has already done it."""
        await self._pending.settle()

    async def _publish(self, rows: Sequence[Pending]) -> None:
        try:
            failpoint("relay.after_read")
            await self._bus.publish([Record(topic, key, orjson.loads(headers), body) for _, topic, key, headers, body in rows])
            failpoint("relay.after_publish")
        except BaseException:
            await self._pending.release()
            raise
        await self._pending.confirm([row[0] for row in rows])
        failpoint("relay.after_delete")
        self.published += len(rows)


def oldest_pending(tx: Transaction) -> datetime | None:
    """When the oldest event that the bus has not confirmed was stored; None if all are confirmed."""
    rows = tx.sql("SELECT created_at FROM outbox WHERE id = (SELECT min(id) FROM outbox_pending)")
    return datetime.fromisoformat(rows[0][0]) if rows else None


def republish(tx: Transaction, topic: str, key: str, first: int, last: int) -> int:
    """Publish the events ``first`` to ``last`` of a key again, as when a bus lost them; how many. Safe at any time."""
    return tx.many(
        "INSERT INTO outbox_pending (id) SELECT id FROM outbox WHERE topic = ? AND key = ? AND seq BETWEEN ? AND ? ON CONFLICT DO NOTHING",
        [(topic, key, first, last)],
    )
