"""The same loads on Apache Kafka and PostgreSQL: each service a process of its own, in one or two replicas, all on this machine."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Generator, Iterator
from contextlib import ExitStack, contextmanager
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.table import Table
from sqlalchemy.engine import make_url

from benchmarks import distributed_floor
from benchmarks.client import Connection
from benchmarks.load import bulk_posts, bulk_to_the_end, one_by_one, record_parcels
from benchmarks.system import memory
from benchmarks.table import speeds
from tests.deploy.fleet import NAMES, Fleet, Replica
from tests.parts import kafka, postgresql

PARCELS = 2_000
WAITING = 200_000


class Distributed:
    """A fleet without the door: calls go to the replicas of a service in turn, so that no proxy is measured."""

    def __init__(self, fleet: Fleet) -> None:
        self.fleet = fleet
        self._turn = count()

    def connect(self, service: str, role: str) -> Connection:
        replicas = self.fleet.of(service)
        token = self.fleet.issuer.token(f"bench-{role}", roles=[role])
        return Connection(replicas[next(self._turn) % len(replicas)].port, token)

    def databases(self) -> dict[str, str]:
        """The name of each service's database."""
        return {name: str(make_url(self.fleet.environment[f"SLUICEGATE_{name.upper()}_DATABASE"]).database) for name in NAMES}

    def memory(self) -> dict[str, float]:
        """MiB of the largest process of each service."""
        return {name: max(memory(replica.process.pid) for replica in self.fleet.of(name)) for name in NAMES}


def figures(filings: int) -> Iterator[Table]:
    """Speeds with one and with two replicas of every service, then memory."""
    for replicas in (1, 2):
        with running(replicas) as (system, broker):
            asyncio.run(record_parcels(system, 0, PARCELS))
            asyncio.run(bulk_posts(system, 500, PARCELS))  # warm
            bulk = asyncio.run(bulk_to_the_end(system, filings, PARCELS))
            floor = distributed_floor.raw_floor(system.fleet.server, system.databases(), broker, filings + 500)
            others = asyncio.run(one_by_one(system, filings // 3, PARCELS))
            used = system.memory()
        yield speeds(f"Kafka and PostgreSQL, {replicas} replica(s) of each service", [*bulk, *others], floor, distributed_floor.NAME)
    table = Table("memory of one process, MiB", *NAMES)
    table.add_row("after all loads", *(f"{used[name]:.0f}" for name in NAMES))
    yield table
    yield catch_up()


def catch_up() -> Table:
    """power_grid is away while parcels are recorded and changed, comes back, and works off what waits."""
    with running(1) as (system, _):
        for replica in system.fleet.of("power_grid"):
            replica.end()
        for day in ("2026-01-01", "2026-01-02"):
            asyncio.run(record_parcels(system, 0, WAITING // 2, day))
        replica = system.fleet.serve("power_grid").ready()
        started, most = time.perf_counter(), [memory(replica.process.pid)]
        while _behind(replica):
            most.append(memory(replica.process.pid))
            time.sleep(0.2)
        seconds = time.perf_counter() - started
    table = Table("catch-up", "events a second", "MiB at the start", "MiB at most", title=f"{WAITING:,} events waiting for power_grid")
    table.add_row("worked off by one replica", f"{WAITING / seconds:,.0f}", f"{most[0]:.0f}", f"{max(most):.0f}")
    return table


def _behind(replica: Replica) -> bool:
    """Whether something waits for it, or it cannot say."""
    lag: dict[str, int] | None = replica.parts()["consumer"]["details"]["lag"]
    return lag is None or sum(lag.values()) > 0


@contextmanager
def running(replicas: int) -> Generator[tuple[Distributed, str]]:
    """The fleet, and the address of its broker. Its PostgreSQL has its log laid out, as the stack in ``deploy``."""
    with ExitStack() as parts:
        folder = Path(parts.enter_context(TemporaryDirectory(prefix="sluicegate-bench-")))
        server = parts.enter_context(postgresql.server())
        server.lay_out_log()
        broker = parts.enter_context(kafka.running_kafka())
        fleet = Fleet(folder, server, broker)
        parts.callback(fleet.close)
        fleet.prepare()
        for replica in [fleet.serve(name) for name in NAMES for _ in range(replicas)]:
            replica.ready()
        yield Distributed(fleet), broker.address
