"""What the bus has not confirmed, as a relay sees it: alone with an SQLite file, or one of several replicas on PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Protocol

from chassis.database import Database, Transaction
from chassis.dialects import Outgoing, Pending
from chassis.engine import wait_for


class PendingSet(Protocol):
    """``take``, publish, ``confirm``; ``release`` when the bus failed. Raises StorageUnavailableError when the database is gone."""

    async def take(self, limit: int) -> list[Pending] | None:
        """The oldest pending events, theirs alone until ``confirm`` or ``release``; [] if there are none, None while another publishes."""
        ...

    async def confirm(self, ids: Sequence[int]) -> None:
        """The bus has them."""
        ...

    async def release(self) -> None:
        """The bus may not have them: they stay pending."""
        ...

    async def settle(self) -> None:
        """Nothing happens at the moment: write down what was put off."""
        ...

    async def close(self) -> None: ...

    @property
    def settled(self) -> bool:
        """Nothing was put off."""
        ...


def pending_set(database: Database) -> PendingSet:
    shared = database.publisher()
    return _Alone(database) if shared is None else _Shared(shared)


class _Alone:
    """What is confirmed leaves the set with whatever is written next: a transaction of its own would cost as much as publishing."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._confirmed: set[int] = set()  # and perhaps not forgotten yet

    @property
    def settled(self) -> bool:
        return not self._confirmed

    async def take(self, limit: int) -> list[Pending] | None:
        rows = await self._database.read(partial(_pending, limit=limit + len(self._confirmed)))
        self._confirmed.intersection_update([row[0] for row in rows])
        return [row for row in rows if row[0] not in self._confirmed]

    async def confirm(self, ids: Sequence[int]) -> None:
        self._confirmed.update(ids)
        self._database.write_later(partial(_forget, ids=ids), label="relay")

    async def release(self) -> None:
        pass

    async def settle(self) -> None:
        if self._confirmed:
            await self._database.write(partial(_forget, ids=sorted(self._confirmed)), label="relay")
            self._confirmed.clear()

    async def close(self) -> None:
        pass


class _Shared:
    """Replicas take turns, by a lock in the database."""

    settled = True

    def __init__(self, outgoing: Outgoing) -> None:
        self._outgoing = outgoing

    async def take(self, limit: int) -> list[Pending] | None:
        return await wait_for(partial(self._outgoing.take, limit))

    async def confirm(self, ids: Sequence[int]) -> None:
        await wait_for(partial(self._outgoing.forget, ids))

    async def release(self) -> None:
        await wait_for(self._outgoing.release)

    async def settle(self) -> None:
        pass

    async def close(self) -> None:
        await wait_for(self._outgoing.close)


def _pending(tx: Transaction, limit: int) -> list[Pending]:
    return tx.sql(
        "SELECT o.id, o.topic, o.key, o.headers, o.body FROM outbox_pending AS p JOIN outbox AS o ON o.id = p.id ORDER BY p.id LIMIT ?",
        (limit,),
    )


def _forget(tx: Transaction, ids: Sequence[int]) -> None:
    tx.many("DELETE FROM outbox_pending WHERE id = ?", [(number,) for number in ids])
