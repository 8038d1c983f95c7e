"""From outbox to bus: publish what is pending in the order of its ids, then forget that it was pending.

A pending *set*, not a cursor: an event committed late by a slow transaction is still in it. A crash between publish and
delete publishes twice; readers recognise the repeat by its sequence number.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any

import orjson
import structlog

from chassis.bus import Bus, Record
from chassis.database import Database, Transaction
from chassis.failpoints import failpoint

BATCH = 500
POLL_SECONDS = 1.0
QUIET_SECONDS = 0.05
"""What the bus confirmed is forgotten with whatever is written next, or by itself after this long."""
_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 10.0

_JITTER = random.Random()  # noqa: S311 - spreads retries, guards nothing; its own, for tests that watch the shared one
_log = structlog.get_logger(__name__)


class Relay:
    """Publishes one database's outbox. ``published`` counts events confirmed by the bus, ``failing`` says why the last try did not work."""

    def __init__(self, database: Database, bus: Bus) -> None:
        self._database = database
        self._bus = bus
        self._confirmed: set[int] = set()  # and perhaps not forgotten yet
        self.published = 0
        self.failing: str | None = None

    async def run(self) -> None:
        """Publish until cancelled."""
        pause = _FIRST_PAUSE
        while True:
            seen = self._database.outgoing.count
            try:
                await self.drain()
                quiet = await self._database.outgoing.wait(seen, QUIET_SECONDS if self._confirmed else POLL_SECONDS) == seen
                if quiet:
                    await self.forget()
            except Exception as error:
                self.failing = f"{type(error).__name__}: {error}"
                _log.warning("relay.failing", error=self.failing, pause=pause)
                await asyncio.sleep(pause * _JITTER.uniform(0.5, 1.0))
                pause = min(pause * 2, _LONGEST_PAUSE)
            else:
                self.failing = None
                pause = _FIRST_PAUSE

    async def drain(self) -> None:
        """Publish until nothing is pending. Raises what the bus or the database raises; nothing is forgotten then."""
        while rows := await self._take():
            failpoint("relay.after_read")
            await self._bus.publish([Record(topic, key, orjson.loads(headers), body) for _, topic, key, headers, body in rows])
            failpoint("relay.after_publish")
            ids = [row[0] for row in rows]
            self._confirmed.update(ids)
            self._database.write_later(partial(_forget, ids=ids), label="relay")
            failpoint("relay.after_delete")
            self.published += len(rows)
            await asyncio.sleep(0)  # on an engine nothing else makes room for the others

    async def forget(self) -> None:
        """Take what is confirmed out of the pending set now, unless a later write has already done it."""
        if self._confirmed:
            await self._database.write(partial(_forget, ids=sorted(self._confirmed)), label="relay")
            self._confirmed.clear()

    async def _take(self) -> list[Any]:
        """The next rows that are pending and not confirmed."""
        rows = await self._database.read(partial(_pending, limit=BATCH + len(self._confirmed)))
        self._confirmed.intersection_update([row[0] for row in rows])
        return [row for row in rows if row[0] not in self._confirmed]


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


def _pending(tx: Transaction, limit: int) -> list[Any]:
    return tx.sql(
        "SELECT o.id, o.topic, o.key, o.headers, o.body FROM outbox_pending AS p JOIN outbox AS o ON o.id = p.id ORDER BY p.id LIMIT ?",
        (limit,),
    )


def _forget(tx: Transaction, ids: Sequence[int]) -> None:
    tx.many("DELETE FROM outbox_pending WHERE id = ?", [(number,) for number in ids])
