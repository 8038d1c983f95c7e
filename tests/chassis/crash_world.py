"""A small system in a process of its own, so that it can be killed: a source that counts and hears the echo, a sink that echoes.

``live`` is the whole life of one such process. It writes down in ``acknowledged`` what its caller was told is stored.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from chassis import failpoints, quarantine
from chassis.bus.sqlite import SqliteBus
from chassis.clock import SystemClock
from chassis.database import Transaction
from chassis.delivery import On
from chassis.messages import Received, Result
from tests.chassis.counting import Counted, Echoed, Node, open_database, say, write_down, write_down_and_echo

KEYS = tuple("abcdefgh")
POISON = "p"


def echo_unless_poison(batch: Sequence[Received[Any]], tx: Transaction) -> Result:
    """``p`` cannot be processed while its number is negative."""
    if any(one.event.name == POISON and one.event.n < 0 for one in batch):
        raise ValueError("below zero")
    return write_down_and_echo(batch, tx)


def live(folder: Path, plan: str, rounds: int) -> None:
    """Count ``rounds`` further on every key, then rest until everything has settled; ``plan`` are failpoints."""
    failpoints.arm(plan)
    asyncio.run(_live(folder, rounds))


async def _live(folder: Path, rounds: int) -> None:
    bus = SqliteBus(f"sqlite:///{folder}/bus.db", SystemClock())
    source = Node(open_database(folder, "source"), bus, "source", [On(Echoed, write_down)])
    sink = Node(open_database(folder, "sink"), bus, "sink", [On(Counted, echo_unless_poison)])
    async with source.running(), sink.running():
        await asyncio.gather(*(_count(source, folder, key, rounds) for key in KEYS))
        await source.say(Counted(name=POISON, n=-1), Counted(name=POISON, n=1))
        async with asyncio.timeout(20):
            while not await _settled(source, sink):
                await _correct(sink)
                await asyncio.sleep(0.01)
    source.database.close()
    sink.database.close()
    await bus.close(5)


async def _count(source: Node, folder: Path, key: str, rounds: int) -> None:
    """One client: says the next number of its key, waits for the answer, writes it down."""
    for _ in range(rounds):

        def work(tx: Transaction) -> int:
            (told,) = tx.sql("SELECT coalesce(max(seq), 0) FROM stream_head WHERE topic = ? AND key = ?", (Counted.topic, key))[0]
            say(tx, Counted(name=key, n=told + 1), source="/source")
            return int(told) + 1

        number = await source.database.write(work, label="api")
        with (folder / "acknowledged").open("a") as ledger:
            ledger.write(f"{key} {number}\n")
            ledger.flush()
            os.fsync(ledger.fileno())


async def _correct(sink: Node) -> None:
    """The operator: every parked event of ``p`` is superseded by 0."""
    for entry in await sink.database.read(quarantine.waiting):
        if entry.status == "parked" and entry.resolved_by is None:
            body = Counted(name=POISON, n=0).model_dump_json().encode()
            verb = partial(quarantine.supersede, number=entry.id, by="operator", reason="corrected", body=body)
            await sink.database.write(verb)


async def _settled(source: Node, sink: Node) -> bool:
    for node in (source, sink):
        if await node.database.read(lambda tx: tx.sql("SELECT 1 FROM outbox_pending LIMIT 1")):
            return False
        if await node.database.read(quarantine.waiting):
            return False
    return await source.effects() == await sink.effects() == await source.database.read(_said)


def _said(tx: Transaction) -> dict[str, list[int]]:
    """What every reader must have written down: all numbers of every key, poison corrected (-1 to 0)."""
    said: dict[str, list[int]] = {}
    for key, seq in tx.sql("SELECT key, seq FROM outbox WHERE topic = ? ORDER BY id", (Counted.topic,)):
        said.setdefault(key, []).append((seq + 1) % 2 if key == POISON else seq)
    return said
