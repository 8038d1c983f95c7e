"""Which revision a database is at, and whether this code can work with it."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import NamedTuple

from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from chassis.dialects import dialect_of


class Schema(NamedTuple):
    """``found`` in the database (None: nothing yet), ``wanted`` by this code."""

    found: str | None
    wanted: str
    known: frozenset[str]

    @property
    def fits(self) -> bool:
        """The newest this code knows, or a later one: revisions only add, so that old replicas work on while new ones start."""
        return self.found is not None and (self.found == self.wanted or self.found not in self.known)

    @property
    def reason(self) -> str:
        have = self.found or "无 none"
        return f"数据库结构为 {have}，需要 {self.wanted}：请运行 sluicegate migrate / the schema is {have}, {self.wanted} is needed: run it"


def schema_of(database_url: str, migrations: Path) -> Schema:
    """Look into the database itself, over a connection of its own. Raises what the driver raises."""
    engine = dialect_of(database_url).engine(database_url)
    try:
        with engine.connect() as connection:
            return schema(MigrationContext.configure(connection).get_current_revision(), migrations)
    finally:
        engine.dispose()


def schema(found: str | None, migrations: Path) -> Schema:
    """What a revision found in a database means for the code whose history is in ``migrations``."""
    known = _history(migrations)
    return Schema(found, known[0], frozenset(known))


@cache
def _history(migrations: Path) -> tuple[str, ...]:
    """Every revision, the newest first."""
    return tuple(script.revision for script in ScriptDirectory(str(migrations)).walk_revisions())
