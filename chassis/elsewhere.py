"""What other replicas said: their commits ring no bell in this process, so while somebody waits it looks for them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial

from chassis.database import Database, Transaction

TICK_SECONDS = 0.005
IDLE_SECONDS = 1.0
MANY = 500
"""After so many events since the last look everyone is woken, whatever they wait for."""


class Elsewhere:
    """Rings ``told`` of a database that other replicas write to: one look a tick, however many wait, and none while nobody does.

    ``in_company``: whether there are other replicas now.
    """

    def __init__(self, database: Database, in_company: Callable[[], bool]) -> None:
        self._database = database
        self._in_company = in_company

    async def run(self) -> None:
        """Look until cancelled. Raises StorageUnavailableError when the database is gone."""
        told = self._database.told
        last = 0
        while True:
            begun = told.begun.count
            if not (told.awaited and self._in_company()):
                await told.begun.wait(begun, IDLE_SECONDS)
                continue
            rows = await self._database.look(partial(_since, last=last))
            if rows:
                last = rows[0][0]
                told.ring(None if len(rows) == MANY else {key for _, key in rows})
            await asyncio.sleep(TICK_SECONDS)


def _since(tx: Transaction, last: int) -> list[tuple[int, str]]:
    """Newest first. Ids grow in the order of commits: a database has one writer at a time."""
    return tx.sql("SELECT id, key FROM outbox WHERE id > ? ORDER BY id DESC LIMIT ?", (last, MANY))
