"""The same tests on SQLite and PostgreSQL: ``backend`` says where ``chassis.testing`` makes its databases."""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from chassis import testing
from chassis.migrations import migrate
from chassis.settings import ServiceSettings
from tests.parts.postgresql import Server, server
from tests.parts.unavailable import Unavailable, skip_or_fail

SERVICES = Path(__file__).parents[2] / "services"

_KEEP = """
CREATE SCHEMA kept;
DO $$ DECLARE name text; rows bool; BEGIN
  FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
    EXECUTE format('CREATE TABLE kept.%1$I AS TABLE public.%1$I', name);
  END LOOP;
END $$
"""
_EMPTY = """
DO $$ DECLARE name text; BEGIN
  FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
    EXECUTE format('DELETE FROM public.%1$I', name);
    IF to_regclass(format('kept.%1$I', name)) IS NOT NULL THEN
      EXECUTE format('INSERT INTO public.%1$I OVERRIDING SYSTEM VALUE SELECT * FROM kept.%1$I', name);
    END IF;
  END LOOP;
  PERFORM setval(format('%1$I.%2$I', schemaname, sequencename), start_value, false) FROM pg_sequences WHERE schemaname = 'public';
END $$
"""


class Databases:
    """Databases of one PostgreSQL server, see ``chassis.testing.Places``. Those that are given back are emptied and given again.

    Where a migration has granted ``role`` its rights, the URL is that role's: the test does what a service may do, and no more.
    """

    def __init__(self, server: Server) -> None:
        self._server = server
        self._free: dict[Hashable, list[str]] = defaultdict(list)
        self._named: dict[tuple[Path, str], str] = {}
        self._password = secrets.token_urlsafe(16)
        self.role = f"sluicegate_test_{secrets.token_hex(4)}"
        server.run(f"CREATE ROLE {self.role} LOGIN PASSWORD '{self._password}'")

    @contextmanager
    def fresh(self, key: Hashable, prepare: Callable[[str], None]) -> Iterator[str]:
        name = self._free[key].pop() if self._free[key] else self._server.create(self._template(key, prepare))
        yield self._address(name)
        self._server.run(_EMPTY, database=name)
        self._free[key].append(name)

    def named(self, folder: Path, name: str) -> str:
        if (folder, name) not in self._named:
            self._named[folder, name] = self._server.create()
        return self._address(self._named[folder, name])

    def migrated(self, folder: Path, name: str, migrations: Path) -> str:
        """As ``named``, and migrated."""
        if (folder, name) not in self._named:
            template = self._template(migrations, lambda url: migrate(url, migrations, self.role))
            self._named[folder, name] = self._server.create(template)
        return self._address(self._named[folder, name])

    def forget_named(self) -> None:
        while self._named:
            self._server.drop(self._named.popitem()[1])

    def close(self) -> None:
        self.forget_named()
        for names in self._free.values():
            for name in names:
                self._server.drop(name)
        self._server.forget()
        self._server.run(f"DROP ROLE {self.role}")

    def _template(self, key: Hashable, prepare: Callable[[str], None]) -> str:
        def made(url: str) -> None:
            prepare(url)
            self._server.run(_KEEP, database=make_url(url).database)

        return self._server.template(key, made)

    def _address(self, name: str) -> str:
        ((granted,),) = self._server.run(
            f"SELECT has_table_privilege('{self.role}', to_regclass('alembic_version'), 'SELECT')",
            database=name,
        )
        return self._server.address(name, self.role, self._password) if granted else self._server.address(name)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Server]:
    """A running PostgreSQL."""
    try:
        running = server()
        found = running.__enter__()
    except Unavailable as reason:
        skip_or_fail(reason)
    try:
        yield found
    finally:
        running.__exit__(None, None, None)


@pytest.fixture(scope="session")
def databases(postgresql: Server) -> Iterator[Databases]:
    made = Databases(postgresql)
    yield made
    made.close()


@contextmanager
def _used(places: testing.Places, address: Callable[[ServiceSettings, str], str]) -> Iterator[None]:
    """Whoever asks for a database in this block, a service or a test, gets one of these."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(testing, "places", places)
        patch.setattr(ServiceSettings, "database_url", address)
        yield


@contextmanager
def _on_postgresql(databases: Databases) -> Iterator[None]:
    def address(settings: ServiceSettings, name: str) -> str:
        if name == "bus":
            return _FILE(settings, name)
        history, folder = SERVICES / name / "migrations", settings.data.absolute()
        return databases.migrated(folder, name, history) if history.exists() else databases.named(folder, name)

    with _used(databases, address):
        yield
    databases.forget_named()


_FILE = ServiceSettings.database_url


@pytest.fixture(params=["sqlite", "postgresql"])
def backend(request: pytest.FixtureRequest) -> Iterator[str]:
    """Runs a test twice; the name of the database it runs on."""
    name: str = request.param
    used = _used(testing.Files(), _FILE) if name == "sqlite" else _on_postgresql(request.getfixturevalue("databases"))
    with used:
        yield name


@pytest.fixture(scope="session", autouse=True)
def all_on_postgresql(request: pytest.FixtureRequest) -> Iterator[None]:
    """``pytest --postgresql``: tests that would take SQLite without asking run on PostgreSQL."""
    if request.config.getoption("--postgresql"):
        with _on_postgresql(request.getfixturevalue("databases")):
            yield
    else:
        yield
