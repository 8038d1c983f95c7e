"""The shipped test kit: a real database of its own, a clock that stands still, one handler run as the chassis runs it."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable, Hashable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol, TypeVar, overload

import httpx
from sqlalchemy import MetaData

from chassis import outbox, tables
from chassis.auth import DevelopmentIssuer, Principal
from chassis.clock import Clock, FixedClock, rfc3339
from chassis.database import Database
from chassis.identifiers import new_id
from chassis.messages import Command, Handler, Received, Result
from chassis.migrations import create_all, migrate
from chassis.service import Service
from contracts.envelope import Envelope, Event

T = TypeVar("T")
E = TypeVar("E", bound=Event)

NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
"""Noon in the city, on a Sunday."""


class Places(Protocol):
    """Where databases of tests are."""

    @property
    def role(self) -> str | None:
        """As whom a service is connected that another has migrated for; None: it owns its tables."""
        ...

    def fresh(self, key: Hashable, prepare: Callable[[str], None]) -> AbstractContextManager[str]:
        """The URL of a database nobody else uses, as ``prepare(url)`` leaves an empty one; ``key`` stands for what it does."""
        ...

    def named(self, folder: Path, name: str) -> str:
        """The URL of a database that is the same whenever it is asked for, empty at first. It ends with the test."""
        ...


class Files:
    """SQLite databases in temporary folders: the default."""

    role: str | None = None

    def __init__(self) -> None:
        self._prepared: dict[Hashable, bytes] = {}

    @contextmanager
    def fresh(self, key: Hashable, prepare: Callable[[str], None]) -> Iterator[str]:
        with tempfile.TemporaryDirectory(prefix="sluicegate-") as folder:
            url, file = self.named(Path(folder), "test"), Path(folder) / "test.db"
            if key in self._prepared:
                file.write_bytes(self._prepared[key])
            else:
                prepare(url)
                self._prepared[key] = file.read_bytes()
            yield url

    def named(self, folder: Path, name: str) -> str:
        return f"sqlite:///{folder}/{name}.db"


places: Places = Files()
"""Set by a test suite that runs the same tests on another kind of database."""


def create_tables(url: str, *metadata: MetaData) -> None:
    """The chassis' tables and those of ``metadata``, without a migration history."""
    create_all(url, tables.metadata, *metadata)


@contextmanager
def database(*metadata: MetaData, migrations: Path | None = None, clock: Clock | None = None) -> Iterator[Database]:
    """A temporary database with the chassis' tables and those of ``metadata``, or with the history in ``migrations``.

    Its clock stands at ``NOON`` unless one is given.
    """

    def prepare(url: str) -> None:
        if migrations is None:
            create_tables(url, *metadata)
        else:
            migrate(url, migrations, places.role)

    with places.fresh((metadata, migrations), prepare) as url:
        db = Database(url, clock or FixedClock(NOON))
        try:
            yield db
        finally:
            db.close()


def run_handler(db: Database, handler: Handler, batch: Sequence[Any], source: str = "/test") -> Result:
    """Run a handler as the chassis does: one transaction, its messages into the outbox, COMMIT. Raises what the handler raises."""

    def work(tx: Any) -> Result:
        result = handler(batch, tx)
        outbox.append(tx, result.messages, source)
        return result

    return db.write_sync(work)


def principal(*roles: str, sub: str = "tester", name: str = "测试员", townships: Sequence[str] = (), unit: str | None = None) -> Principal:
    """A caller with these roles."""
    return Principal(sub=sub, name=name, roles=frozenset(roles), townships=frozenset(townships), unit=unit)


def client(
    service: Service,
    roles: Sequence[str] = (),
    *,
    sub: str = "tester",
    name: str = "测试员",
    townships: Sequence[str] = (),
    unit: str | None = None,
) -> httpx.AsyncClient:
    """A client of ``service`` without a network, carrying a token of its development issuer with these roles; without roles, no token."""
    issuer = DevelopmentIssuer(service.settings.data)
    token = issuer.token(sub, name=name, roles=list(roles), townships=list(townships), unit=unit)
    headers = {"Authorization": f"Bearer {token}"} if roles else {}
    return httpx.AsyncClient(transport=httpx.ASGITransport(service.app), base_url="http://sluicegate", headers=headers)


def command(data: T, by: Principal | None = None) -> Command[T]:
    """``data`` as a command of ``by`` (default: a caller without roles)."""
    return Command(data, by or principal(), correlation_id=new_id(), id=new_id())


def received(event: E, seq: int = 1, *, source: str = "/test", at: datetime = NOON) -> Received[E]:
    """``event`` as it would reach a consumer, the ``seq``-th of its key."""
    key = event.key()
    envelope = Envelope(
        id=new_id(),
        source=source,
        type=event.type,
        subject=key,
        time=rfc3339(at),
        key=key,
        seq=seq,
        correlation_id=new_id(),
        causation_id=None,
        data=event.model_dump_json().encode(),
    )
    return Received(event, envelope)


@overload
async def eventually(question: Callable[[], Awaitable[T]], seconds: float = 5.0) -> T: ...
@overload
async def eventually(question: Callable[[], T], seconds: float = 5.0) -> T: ...
async def eventually(question: Callable[[], Any], seconds: float = 5.0) -> Any:
    """The first true answer to ``question``, asked again and again. Raises AssertionError when ``seconds`` are over."""
    deadline = time.monotonic() + seconds
    while True:
        answer = question()
        value = await answer if isinstance(answer, Awaitable) else answer
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s; last answer: {value!r}")
        await asyncio.sleep(0.01)
