"""Every service's schema on both databases: its history ends where its rows are, and its role may do what it needs and no more."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import MetaData, create_engine
from sqlalchemy.engine import make_url

from chassis import tables, testing
from chassis.migrations import migrate
from chassis.tables import Rights
from services.land_check.tables import rows as land_check
from services.notifier import tables as notifier
from services.power_grid import tables as power_grid
from services.registration import tables as registration
from tests.architecture.vocabulary import ROOT, SERVICES
from tests.parts.databases import Databases
from tests.parts.postgresql import Server

EVERYTHING = {"SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER"}


KEPT: Mapping[str, tuple[MetaData, Rights]] = {
    "registration": (registration.RegistrationRow.metadata, registration.RIGHTS),
    "land_check": (land_check.LandRow.metadata, land_check.RIGHTS),
    "power_grid": (power_grid.METADATA, power_grid.RIGHTS),
    "notifier": (notifier.NotifierRow.metadata, notifier.RIGHTS),
}
"""The tables of each service and what its role may do with them."""


def migrations(service: str) -> Path:
    return ROOT / "services" / service / "migrations"


@pytest.mark.parametrize("service", SERVICES)
def test_the_history_ends_where_the_rows_are(service: str, backend: str, tmp_path: Path) -> None:
    url = testing.places.named(tmp_path, service)
    migrate(url, migrations(service))
    wanted = MetaData()
    for source in (tables.metadata, KEPT[service][0]):
        for table in source.tables.values():
            table.to_metadata(wanted)
    engine = create_engine(url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences = compare_metadata(context, wanted)
    engine.dispose()
    assert differences == []


@pytest.fixture
def service(request: pytest.FixtureRequest, databases: Databases, tmp_path: Path) -> Iterator[psycopg.Connection]:
    """A connection as the role of the service ``request.param``, to its own database."""
    name: str = request.param
    url = databases.migrated(tmp_path, name, migrations(name))
    with psycopg.connect(make_url(url).set(drivername="postgresql").render_as_string(hide_password=False), autocommit=True) as connection:
        yield connection
    databases.forget_named()


@pytest.mark.parametrize(("service", "name"), [(name, name) for name in SERVICES], indirect=["service"])
def test_a_service_may_do_what_it_needs_and_no_more(service: psycopg.Connection, name: str) -> None:
    metadata, rights = KEPT[name]
    append_only, emptied = rights.append_only | tables.RIGHTS.append_only, rights.emptied | tables.RIGHTS.emptied
    assert append_only | emptied <= {*metadata.tables, *tables.metadata.tables}, "no table of that name"
    for table in (*metadata.tables, *tables.metadata.tables):
        wanted = {"SELECT", "INSERT"} | (set() if table in append_only else {"UPDATE"}) | ({"DELETE"} if table in emptied else set())
        held = {each for each in EVERYTHING if service.execute("SELECT has_table_privilege(%s, %s)", (table, each)).fetchall()[0][0]}
        assert held == wanted, table


SPOILING = {
    "registration": ("outbox", "filing_history"),
    "land_check": ("outbox", "parcel_history", "park_admission"),
    "power_grid": ("outbox", "feed", "recorded"),
    "notifier": ("outbox", "notice"),
}


@pytest.mark.parametrize(("service", "spoilt"), SPOILING.items(), indirect=["service"], ids=SPOILING)
def test_what_was_said_and_decided_can_be_neither_changed_nor_taken_back(service: psycopg.Connection, spoilt: tuple[str, ...]) -> None:
    for table in spoilt:
        columns = "SELECT column_name::text FROM information_schema.columns WHERE table_name = %s ORDER BY ordinal_position DESC"
        (column,) = service.execute(columns, (table,)).fetchall()[0]
        change = f"UPDATE {table} SET {column} = {column}"  # noqa: S608 - names of ours
        for statement in (change, f"DELETE FROM {table}", f"TRUNCATE {table}", f"DROP TABLE {table}"):  # noqa: S608
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                service.execute(statement.encode())
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        service.execute("CREATE TABLE mine (id int)")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        service.execute("UPDATE alembic_version SET version_num = '0'")


def test_granting_again_takes_back_what_is_too_much(databases: Databases, postgresql: Server, tmp_path: Path) -> None:
    url = databases.migrated(tmp_path, "registration", migrations("registration"))
    database = make_url(url).database
    postgresql.run(f"GRANT ALL ON outbox, filing TO {databases.role}", database=database)
    migrate(postgresql.address(database), migrations("registration"), databases.role)
    held = postgresql.run(f"SELECT has_table_privilege('{databases.role}', 'outbox', 'DELETE')", database=database)
    assert held == [(False,)]
    with pytest.raises(ValueError, match="one of its own"):
        migrate(postgresql.address(database), migrations("registration"), postgresql.url.username)
    databases.forget_named()
