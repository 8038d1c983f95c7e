"""A real PostgreSQL for tests, benchmarks and chaos: the one named in the environment, a container, or local binaries; fsync stays on.

``with server() as it, it.database() as url: ...``. Raises ``Unavailable`` with the reason when there is none.
"""

from __future__ import annotations

import itertools
import os
import secrets
import time
from collections.abc import Callable, Hashable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any, Protocol

import psycopg
from psycopg import sql
from sqlalchemy.engine import URL, make_url

from tests.parts.docker import docker_answers
from tests.parts.postgresql_binaries import Binaries, find_binaries
from tests.parts.unavailable import Unavailable

GIVEN = "SLUICEGATE_TEST_POSTGRESQL"
"""The URL of a superuser: ``postgresql://postgres:...@host:5432/postgres``. Databases and roles are made and dropped there, no more."""

IMAGE = "postgres:17-trixie"
LOG_FILES = Path(__file__).parents[2] / "deploy" / "database" / "wal.sql"
START_SECONDS = 60.0


class Engine(Protocol):
    """What runs the server. ``kill`` is SIGKILL to all of it; ``start`` after that recovers what was committed."""

    def start(self) -> None: ...
    def kill(self) -> None: ...
    def close(self) -> None: ...


class Server:
    """One running server. ``engine`` is None where it is not ours to kill."""

    def __init__(self, url: URL, engine: Engine | None, how: str) -> None:
        self.url = url.set(drivername="postgresql+psycopg")
        self.engine = engine
        self.how = how
        self._numbers = itertools.count(1)
        self._templates: dict[Hashable, str] = {}
        self._stamp = secrets.token_hex(4)

    def address(self, database: str | None = None, user: str | None = None, password: str | None = None) -> str:
        """The URL of a database for SQLAlchemy, of the superuser unless another user is named."""
        url = self.url if database is None else self.url.set(database=database)
        if user is not None:
            url = url.set(username=user, password=password)
        return url.render_as_string(hide_password=False)

    @contextmanager
    def database(self, template: str = "template0") -> Iterator[str]:
        """The URL of a new database, dropped afterwards whoever is still connected."""
        name = self.create(template)
        try:
            yield self.address(name)
        finally:
            self.drop(name)

    def create(self, template: str = "template0") -> str:
        """The name of a new database that orders text by code points, as SQLite does."""
        name = f"sluicegate_test_{self._stamp}_{next(self._numbers)}"
        rest = "ENCODING 'UTF8' LOCALE 'C'" if template == "template0" else ""
        self.run(f"CREATE DATABASE {name} TEMPLATE {template} {rest}")
        return name

    def drop(self, name: str) -> None:
        self.run(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def template(self, key: Hashable, prepare: Callable[[str], None]) -> str:
        """The name of a database that ``prepare(url)`` made ready, once for each ``key``: copying it is the quickest way to a fresh one."""
        if key not in self._templates:
            name = self.create()
            prepare(self.address(name))
            self._templates[key] = name
        return self._templates[key]

    def run(self, statement: str, *parameters: Any, database: str | None = None) -> list[Any]:
        """Run one statement as superuser; its rows, if it has any."""
        with self.connect(database) as connection:
            cursor = connection.execute(sql.SQL(statement), parameters or None)
            return cursor.fetchall() if cursor.description else []

    def lay_out_log(self) -> None:
        """Make the files of the write-ahead log as the stack in ``deploy`` does on its first start; for whoever measures."""
        self.run(LOG_FILES.read_text())

    def connect(self, database: str | None = None) -> psycopg.Connection[Any]:
        """A superuser's connection in autocommit mode."""
        url = self.url if database is None else self.url.set(database=database)
        return psycopg.connect(url.set(drivername="postgresql").render_as_string(hide_password=False), autocommit=True)

    def wait(self) -> None:
        """Returns once it answers."""
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                self.run("SELECT 1")
                return
            except psycopg.OperationalError as error:
                if time.monotonic() > deadline:
                    raise Unavailable(f"PostgreSQL ({self.how}) does not answer: {error}") from error
                time.sleep(0.05)

    def forget(self) -> None:
        """Drop what was made as a template."""
        for name in self._templates.values():
            with suppress(psycopg.Error):
                self.drop(name)
        self._templates.clear()


class _Container:
    def __init__(self) -> None:
        from testcontainers.core.container import DockerContainer

        self.password = secrets.token_urlsafe(16)
        self.port = free_port()
        made = DockerContainer(IMAGE).with_bind_ports(5432, self.port).with_env("POSTGRES_PASSWORD", self.password)
        self._container = made.with_env("POSTGRES_INITDB_ARGS", "--encoding=UTF8 --locale=C").with_command(
            "postgres -c max_connections=200 -c min_wal_size=512MB -c wal_compression=lz4"
        )
        self._container.start()

    def start(self) -> None:
        self._container.get_wrapped_container().start()

    def kill(self) -> None:
        self._container.get_wrapped_container().kill("SIGKILL")

    def close(self) -> None:
        self._container.stop()


@contextmanager
def server() -> Iterator[Server]:
    """A running server, for as long as the block lasts. Raises Unavailable."""
    with ExitStack() as cleaning:
        found = _given() or _in_container() or _local()
        if found.engine is not None:
            cleaning.callback(found.engine.close)
        cleaning.callback(found.forget)
        found.wait()
        yield found


def free_port() -> int:
    """A port nobody listens on now."""
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _given() -> Server | None:
    url = os.environ.get(GIVEN)
    return Server(make_url(url), None, GIVEN) if url else None


def _in_container() -> Server | None:
    """None where no Docker engine answers or it cannot get the image."""
    if not docker_answers():
        return None
    try:
        engine = _Container()
    except Exception:  # no image, for instance: a reason to look further
        return None
    url = URL.create("postgresql", "postgres", engine.password, "127.0.0.1", engine.port, "postgres")
    return Server(url, engine, IMAGE)


def _local() -> Server:
    folder = find_binaries()
    if folder is None:
        raise Unavailable(f"no PostgreSQL: {GIVEN} is not set, no Docker engine gives {IMAGE}, and there are no local binaries (initdb)")
    engine = Binaries(folder, free_port())
    url = URL.create("postgresql", "postgres", engine.password, "127.0.0.1", engine.port, "postgres")
    return Server(url, engine, str(folder))
