"""The same systems as replicas on a real Kafka and PostgreSQL: the small one of the chassis, and ``sluicegate serve``."""

from __future__ import annotations

import asyncio
import json
import random
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from chassis.bus.kafka import KafkaBus
from chassis.bus.kafka_settings import KafkaSettings
from chassis.migrations import migrate
from deploy.demo.city import Record
from tests.deploy.fleet import NAMES, Fleet
from tests.parts.gate import Gate
from tests.parts.kafka import Broker, running_kafka
from tests.parts.postgresql import Server, free_port, server
from tests.proof.playing import Books
from tests.proof.product import ENVIRONMENT, OFFICES, Office, city_told
from tests.proof.running import Member
from tests.proof.schedule import NOTIFIER_PLACES, WITHOUT_BUS, Fault
from tests.proof.world import MIGRATIONS, READS, TOPICS
from tests.proof.worlds import asking, operator, say_again, write_books

CUTS = 3
OURS_ONLY = ("broker", "database")
KINDS = ("kill", "kill", "failpoint", "failpoint", "failpoint", "stop", "long_stop", "clock", "say_again", "cut", "commit", "commit")


class Parts(NamedTuple):
    """What distributed systems stand on. The gate is before the database."""

    server: Server
    broker: Broker
    gate: Gate


@contextmanager
def parts() -> Iterator[Parts]:
    """Raises Unavailable."""
    with server() as database, running_kafka() as broker, gated(database, broker) as found:
        yield found


@contextmanager
def gated(database: Server, broker: Broker) -> Iterator[Parts]:
    gate = Gate(database.address())
    gate.open()
    try:
        yield Parts(database, broker, gate)
    finally:
        gate.close()


class _Place(NamedTuple):
    """A replica as the door sees it."""

    port: int


class _Fleet(Fleet):
    """Settings, issuer and door for members of ours; the services reach their databases through the gate."""

    def __init__(self, folder: Path, parts: Parts) -> None:
        self._parts = parts
        self.ports: dict[str, list[int]] = {}
        self.databases: list[str] = []
        super().__init__(folder, parts.server, parts.broker)

    def of(self, name: str) -> list[Any]:
        """In any order: a caller that tries again meets another one."""
        return [_Place(port) for port in random.sample(self.ports[name], len(self.ports[name]))]

    def _database(self, role: str) -> str:
        self.databases.append(self.server.create())
        return f"postgresql+psycopg://{role}@127.0.0.1:{self._parts.gate.port}/{self.databases[-1]}"


class _Distributed:
    """What both systems have in common: members behind a door, and faults of what they stand on."""

    def __init__(self, folder: Path, parts: Parts, replicas: Mapping[str, int]) -> None:
        self._folder = folder
        self._parts = parts
        self._fleet = _Fleet(folder, parts)
        self._one_at_a_time = threading.Lock()
        ours = parts.server.engine is not None and parts.broker.ours
        self.kinds = (*KINDS, *(OURS_ONLY if ours else ()))
        self.members: list[Member] = []
        for name, count in replicas.items():
            self._fleet.ports[name] = [free_port() for _ in range(count)]
            for number, port in enumerate(self._fleet.ports[name]):
                self.members.append(self._member(name, number, port))

    def _member(self, name: str, number: int, port: int) -> Member:
        raise NotImplementedError

    @contextmanager
    def _started(self) -> Iterator[None]:
        with ExitStack() as stack:
            stack.callback(self._fleet.close)
            for member in self.members:
                stack.enter_context(member)
            for member in self.members:
                member.wait_ready()
            yield

    def suffer(self, fault: Fault) -> None:
        if fault.kind == "cut":
            self._parts.gate.cut()
        elif fault.kind == "commit":
            self._parts.gate.cut_at_commit(CUTS)
        elif fault.kind == "say_again":
            say_again(self._books())
        elif fault.kind in OURS_ONLY:
            self._go_away(fault.kind, float(fault.how))
        else:
            next(member for member in self.members if member.name == fault.target).suffer(fault)

    def _go_away(self, part: str, seconds: float) -> None:
        """SIGKILL to all of it; it comes back with what it had made durable."""
        found = self._parts.broker if part == "broker" else self._parts.server.engine
        assert found is not None
        with self._one_at_a_time:
            found.kill()
            time.sleep(seconds)
            found.start()

    def _books(self) -> dict[str, str]:
        raise NotImplementedError

    def url(self) -> str:
        return self._fleet.url

    def token(self, role: str, /, *, townships: tuple[str, ...] = (), unit: str | None = None) -> str:
        return self._fleet.issuer.token(f"proof-{role}", roles=[role], townships=list(townships), unit=unit)


class DistributedWorld(_Distributed):
    """Two replicas of each of the three services."""

    name = "chassis, distributed"
    checker = "tests.proof.ledger"
    places = WITHOUT_BUS

    def __init__(self, folder: Path, parts: Parts) -> None:
        self._databases = {name: parts.server.create() for name in READS}
        super().__init__(folder, parts, dict.fromkeys(READS, 2))
        for url in self._books().values():
            migrate(url, MIGRATIONS)
        asyncio.run(_make_topics(parts.broker.address))

    def _member(self, name: str, number: int, port: int) -> Member:
        gate = self._parts.gate.address(self._databases[name])
        environment = {**self._fleet.environment, "SLUICEGATE_DATABASE": gate, "SLUICEGATE_DATABASE_PASSWORD_FILE": ""}
        return Member(f"{name}-{number}", "replica", [name, str(port)], environment, self._folder)

    def _books(self) -> dict[str, str]:
        return {name: self._parts.server.address(database) for name, database in self._databases.items()}

    @contextmanager
    def running(self) -> Iterator[None]:
        with self._started(), operator(self._books()["middle"]):
            yield

    def clients(self, books: Books) -> Sequence[Callable[[], None]]:
        return asking(self.url, self.token("clerk"), books)

    def write_books(self) -> None:
        write_books(self._folder, self._books())


class DistributedProduct(_Distributed):
    """``sluicegate serve``: the four services, two replicas of the one that guards the sites."""

    name = "Sluicegate, distributed"
    checker = "tests.proof.offices"
    places = (*WITHOUT_BUS, *NOTIFIER_PLACES)

    def __init__(self, folder: Path, parts: Parts) -> None:
        super().__init__(folder, parts, {**dict.fromkeys(NAMES, 1), "power_grid": 2})
        self._places: Sequence[Record] = ()
        self._fleet.prepare()

    def _member(self, name: str, number: int, port: int) -> Member:
        environment = {**self._fleet.environment, **ENVIRONMENT}
        return Member(f"{name}-{number}", "sluicegate", ["serve", name, "--port", str(port)], environment, self._folder)

    def _books(self) -> dict[str, str]:
        return {name: self._parts.server.address(database) for name, database in zip(NAMES, self._fleet.databases, strict=True)}

    @contextmanager
    def running(self) -> Iterator[None]:
        with self._started(), city_told(self, self._folder) as self._places:
            yield

    def clients(self, books: Books) -> Sequence[Callable[[], None]]:
        return [partial(Office(self, number, books).work, self._places) for number in range(OFFICES)]

    def write_books(self) -> None:
        (self._folder / "books.json").write_text(json.dumps(self._books()), encoding="utf-8")


class DistributedGrid(_Distributed):
    """Two replicas of power_grid alone, and no faults. ``book``: the URL of their database."""

    def __init__(self, folder: Path, parts: Parts) -> None:
        super().__init__(folder, parts, {"power_grid": 2})
        self._fleet.prepare()
        self.book = parts.server.address(self._fleet.databases[NAMES.index("power_grid")])

    def _member(self, name: str, number: int, port: int) -> Member:
        return Member(f"{name}-{number}", "sluicegate", ["serve", name, "--port", str(port)], self._fleet.environment, self._folder)

    @contextmanager
    def running(self) -> Iterator[DistributedGrid]:
        with self._started():
            yield self


async def _make_topics(address: str) -> None:
    bus = KafkaBus(KafkaSettings(bootstrap_servers=address, replication_factor=1))
    await bus.create_topics(TOPICS)
    await bus.close(5)
