"""A schema comes to its newest form once, whoever asks and however many ask at the same moment."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from chassis import tables
from chassis.migrations import migrate
from tests.chassis.processes import processes

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


def schema(path: Path) -> dict[str, list[str]]:
    with closing(sqlite3.connect(path)) as db:
        names = [name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'")]
        return {name: [row[1] for row in db.execute(f"PRAGMA table_info({name})")] for name in names}


def test_a_new_database_gets_the_chassis_tables_and_the_services_own(history: Path, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/new.db"
    migrate(url, history)
    found = schema(tmp_path / "new.db")
    assert {*tables.metadata.tables, "book", "alembic_version"} == set(found)
    for table in tables.metadata.sorted_tables:
        assert found[table.name] == [column.name for column in table.columns]
    migrate(url, history)
    assert schema(tmp_path / "new.db") == found


def test_a_later_revision_is_added_to_what_is_there(history: Path, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/old.db"
    migrate(url, history)
    add(history, "0002", "0001", SECOND)
    migrate(url, history)
    assert schema(tmp_path / "old.db")["book"] == ["id", "title"]


def test_a_revision_that_fails_leaves_the_schema_as_it_was(history: Path, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/old.db"
    migrate(url, history)
    before = schema(tmp_path / "old.db")
    add(history, "0002", "0001", BROKEN)
    with pytest.raises(Exception, match="no such table: nowhere"):
        migrate(url, history)
    assert schema(tmp_path / "old.db") == before


def test_processes_that_migrate_at_the_same_moment_do_it_once(history: Path, tmp_path: Path) -> None:
    add(history, "0002", "0001", SECOND)
    url = f"sqlite:///{tmp_path}/shared.db"
    running = [processes.Process(target=migrate, args=(url, history)) for _ in range(4)]
    for process in running:
        process.start()
    for process in running:
        process.join(60)
    assert [process.exitcode for process in running] == [0, 0, 0, 0]
    assert schema(tmp_path / "shared.db")["book"] == ["id", "title"]
