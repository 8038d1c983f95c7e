"""The same tests on SQLite and PostgreSQL: ``backend`` says where ``chassis.testing`` makes its databases."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from chassis import testing
from chassis.settings import ServiceSettings
from tests.parts.postgresql import Server, server
from tests.parts.unavailable import Unavailable, skip_or_fail

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
    """Databases of one PostgreSQL server, see ``chassis.testing.Places``. Those that are given back are emptied and given again."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._free: dict[Hashable, list[str]] = defaultdict(list)
        self._named: dict[tuple[Path, str], str] = {}

    @contextmanager
    def fresh(self, key: Hashable, prepare: Callable[[str], None]) -> Iterator[str]:
        if self._free[key]:
            name = self._free[key].pop()
        else:
            name = self._server.create(self._server.template(key, lambda url: self._prepare(url, prepare)))
        yield self._server.address(name)
        self._server.run(_EMPTY, database=name)
        self._free[key].append(name)

    def named(self, folder: Path, name: str) -> str:
        if (folder, name) not in self._named:
            self._named[folder, name] = self._server.create()
        return self._server.address(self._named[folder, name])

    def forget_named(self) -> None:
        while self._named:
            self._server.drop(self._named.popitem()[1])

    def close(self) -> None:
        self.forget_named()
        for names in self._free.values():
            for name in names:
                self._server.drop(name)

    def _prepare(self, url: str, prepare: Callable[[str], None]) -> None:
        prepare(url)
        self._server.run(_KEEP, database=url.rsplit("/", 1)[1])


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
        return _FILE(settings, name) if name == "bus" else databases.named(settings.data.absolute(), name)

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
