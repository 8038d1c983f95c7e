"""A schema comes to its newest form once, whoever asks and however many ask at the same moment."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from sqlalchemy import create_engine, inspect

from chassis import migrations, tables, testing
from chassis.errors import StorageUnavailableError
from chassis.migrations import migrate
from tests.chassis.processes import processes
from tests.parts.gate import Gate
from tests.parts.postgresql import Server, free_port

REVISION = """
revision = "{revision}"
down_revision = {before!r}
branch_labels = depends_on = None

def upgrade():
    from alembic import op
    import sqlalchemy as sa
    from chassis.migrations import create_chassis_tables
    {body}
"""
FIRST = 'create_chassis_tables(); op.create_table("book", sa.Column("id", sa.Text, primary_key=True))'
SECOND = 'op.add_column("book", sa.Column("title", sa.Text))'
BROKEN = 'op.create_table("page", sa.Column("id", sa.Text)); op.execute("INSERT INTO nowhere VALUES (1)")'


@pytest.fixture
def history(tmp_path: Path) -> Path:
    folder = tmp_path / "migrations"
    (folder / "versions").mkdir(parents=True)
    (folder / "env.py").write_text("from chassis.migrations import run_env\n\nrun_env()\n")
    add(folder, "0001", None, FIRST)
    return folder


def add(folder: Path, revision: str, before: str | None, body: str) -> None:
    (folder / "versions" / f"{revision}.py").write_text(REVISION.format(revision=revision, before=before, body=body))


@pytest.fixture
def url(tmp_path: Path, backend: str) -> str:
    return testing.places.named(tmp_path, "books")


def schema(url: str) -> dict[str, list[str]]:
    engine = create_engine(url)
    with engine.connect() as connection:
        found = inspect(connection)
        columns = {name: [column["name"] for column in found.get_columns(name)] for name in found.get_table_names()}
    engine.dispose()
    return {name: names for name, names in columns.items() if not name.startswith("sqlite")}


def test_a_new_database_gets_the_chassis_tables_and_the_services_own(history: Path, url: str) -> None:
    migrate(url, history)
    found = schema(url)
    assert {*tables.metadata.tables, "book", "alembic_version"} == set(found)
    for table in tables.metadata.sorted_tables:
        assert found[table.name] == [column.name for column in table.columns]
    migrate(url, history)
    assert schema(url) == found


def test_a_later_revision_is_added_to_what_is_there(history: Path, url: str) -> None:
    migrate(url, history)
    add(history, "0002", "0001", SECOND)
    migrate(url, history)
    assert schema(url)["book"] == ["id", "title"]


def test_a_revision_that_fails_leaves_the_schema_as_it_was(history: Path, url: str) -> None:
    migrate(url, history)
    before = schema(url)
    add(history, "0002", "0001", BROKEN)
    with pytest.raises(Exception, match="nowhere"):
        migrate(url, history)
    assert schema(url) == before


def test_processes_that_migrate_at_the_same_moment_do_it_once(history: Path, url: str) -> None:
    add(history, "0002", "0001", SECOND)
    running = [processes.Process(target=migrate, args=(url, history)) for _ in range(5)]
    for process in running:
        process.start()
    for process in running:
        process.join(60)
    assert [process.exitcode for process in running] == [0] * 5
    assert schema(url)["book"] == ["id", "title"]


def test_a_server_that_is_not_up_is_waited_for_and_not_for_ever(history: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(migrations, "WAIT_SECONDS", 0.7)
    nobody = f"postgresql+psycopg://nobody@127.0.0.1:{free_port()}/books"
    with pytest.raises(StorageUnavailableError, match="lost or refused"):
        migrate(nobody, history)


def test_a_server_that_comes_up_meanwhile_is_migrated(history: Path, postgresql: Server) -> None:
    name, gate = postgresql.create(), Gate(postgresql.address())
    late = threading.Timer(1.2, gate.open)
    late.start()
    try:
        migrate(gate.address(name), history)
        assert "book" in schema(postgresql.address(name))
    finally:
        late.join()
        gate.close()
        postgresql.drop(name)


def test_a_database_that_orders_text_by_a_language_is_refused(history: Path, postgresql: Server) -> None:
    postgresql.run("CREATE DATABASE sluicegate_test_icu TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'en' LOCALE 'C' ENCODING 'UTF8'")
    try:
        with pytest.raises(StorageUnavailableError, match="LOCALE 'C'"):
            migrate(postgresql.address("sluicegate_test_icu"), history)
    finally:
        postgresql.drop("sluicegate_test_icu")


def test_a_user_who_may_not_define_tables_waits_for_the_owner(history: Path, postgresql: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    name = postgresql.create()
    postgresql.run("CREATE ROLE sluicegate_test_reader LOGIN PASSWORD 'made-up'")
    service = postgresql.address(name, "sluicegate_test_reader", "made-up")
    try:
        monkeypatch.setattr(migrations, "WAIT_SECONDS", 0.7)
        with pytest.raises(StorageUnavailableError, match="as their owner"):
            migrate(service, history)
        assert schema(postgresql.address(name)) == {}
        waiting = processes.Process(target=migrate, args=(service, history))
        waiting.start()
        migrate(postgresql.address(name), history, "sluicegate_test_reader")
        waiting.join(30)
        assert waiting.exitcode == 0
    finally:
        postgresql.drop(name)
        postgresql.run("DROP ROLE sluicegate_test_reader")
