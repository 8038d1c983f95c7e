"""The schema history ends where the rows are."""

from __future__ import annotations

from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine

from chassis import tables
from chassis.migrations import migrate
from services.land_check.tables.rows import LandRow
from tests.land_check.vocabulary import MIGRATIONS


def test_migrated_database_has_every_column_and_index_of_the_rows(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/land_check.db"
    migrate(url, MIGRATIONS)
    engine = create_engine(url)
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"include_object": lambda thing, name, kind, *_: name not in tables.metadata.tables}
        )
        differences = [step for step in compare_metadata(context, LandRow.metadata) if not _is_of_the_chassis(step)]
    engine.dispose()
    assert differences == []


def _is_of_the_chassis(step: object) -> bool:
    kind, what, *_ = step if isinstance(step, tuple) else ("", None)
    return kind == "remove_index" and getattr(getattr(what, "table", None), "name", None) in tables.metadata.tables
