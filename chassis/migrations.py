"""Schema history: one shared Alembic environment, run once for each service. Several processes may migrate at the same moment."""

from __future__ import annotations

import threading
from pathlib import Path

from alembic import command, context, op
from alembic.config import Config
from sqlalchemy import MetaData

from chassis import tables
from chassis.dialects import dialect_of

_ALEMBIC_IS_GLOBAL = threading.Lock()


def create_chassis_tables() -> None:
    """For a service's first revision: the tables of ``chassis.tables``, in the database being migrated."""
    tables.metadata.create_all(op.get_bind())


def create_all(database_url: str, *metadata: MetaData) -> None:
    """Make the tables that do not exist, without a history: for files that one version of one program owns, and for tests."""
    dialect = dialect_of(database_url)
    engine = dialect.engine(database_url)
    with engine.connect() as connection:
        cursor = dialect.cursor(connection, writing=True)
        dialect.begin(cursor, writing=True)
        for each in metadata:
            each.create_all(connection)
        cursor.execute("COMMIT")
    engine.dispose()


def migrate(database_url: str, migrations: Path) -> None:
    """Bring a database to the newest revision in the folder ``migrations``; whoever comes second waits and finds nothing to do.

    Everything happens in one transaction: a revision that fails leaves the schema as it was.
    """
    config = Config()
    config.set_main_option("script_location", str(migrations).replace("%", "%%"))
    config.attributes["database_url"] = database_url
    with _ALEMBIC_IS_GLOBAL:
        command.upgrade(config, "head")


def run_env(metadata: MetaData | None = None) -> None:
    """The body of a service's ``env.py``. ``metadata`` are its tables, for comparing them with the history."""
    url = context.config.attributes["database_url"]
    dialect = dialect_of(url)
    engine = dialect.engine(url)
    try:
        with engine.connect() as connection:
            cursor = dialect.cursor(connection, writing=True)
            dialect.begin(cursor, writing=True)
            context.configure(connection=connection, target_metadata=metadata, transactional_ddl=True)
            try:
                context.run_migrations()
            except BaseException:
                cursor.execute("ROLLBACK")
                raise
            cursor.execute("COMMIT")
    finally:
        engine.dispose()
