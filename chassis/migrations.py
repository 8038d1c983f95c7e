"""Schema history: one shared Alembic environment, run once for each service. Several processes may migrate at the same moment."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import structlog
from alembic import command, context, op
from alembic.config import Config
from sqlalchemy import Connection, Engine, MetaData

from chassis import tables
from chassis.dialects import Cursor, Dialect, dialect_of
from chassis.errors import StorageUnavailableError
from chassis.tables import Rights

WAIT_SECONDS = 60.0
"""How long a migration waits for a database that does not answer, or for the owner to have migrated."""

_PAUSE = 0.5
_ALEMBIC_IS_GLOBAL = threading.Lock()
_log = structlog.get_logger(__name__)


def create_chassis_tables() -> None:
    """For a service's first revision, and one for each time they grow: those tables of ``chassis.tables`` that are not there yet."""
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


def migrate(database_url: str, migrations: Path, role: str | None = None) -> None:
    """Bring a database to the newest revision in the folder ``migrations``; whoever comes second waits and finds nothing to do.

    Everything happens in one transaction: a revision that fails leaves the schema as it was. ``role`` is then given what the service
    needs and no more. A database that does not answer yet is waited for, and so is the owner by a user who may not define tables.
    Raises StorageUnavailableError when ``WAIT_SECONDS`` are over.
    """
    config = Config()
    config.set_main_option("script_location", str(migrations).replace("%", "%%"))
    config.attributes.update(database_url=database_url, role=role)
    with _ALEMBIC_IS_GLOBAL:
        command.upgrade(config, "head")


def run_env(metadata: MetaData | None = None, rights: Rights | None = None) -> None:
    """The body of a service's ``env.py``: its tables, and what its role may do with them."""
    url = context.config.attributes["database_url"]
    dialect = dialect_of(url)
    engine = dialect.engine(url)
    granted = _granted(metadata or MetaData(), rights or Rights())
    deadline = time.monotonic() + WAIT_SECONDS
    try:
        while not _upgraded(engine, dialect, metadata, granted, deadline):
            _wait(deadline, "the tables are not there yet, and this user may not define them: sluicegate migrate must run as their owner")
    finally:
        engine.dispose()


def _upgraded(engine: Engine, dialect: Dialect, metadata: MetaData | None, granted: Mapping[str, Sequence[str]], deadline: float) -> bool:
    """Whether the schema is the newest after one transaction. False: another one has to do it."""
    with _connected(engine, dialect, deadline) as (connection, cursor):
        dialect.migrating(cursor)
        dialect.begin(cursor, writing=True)
        try:
            context.configure(connection=connection, target_metadata=metadata, transactional_ddl=True)
            behind = context.get_context().get_current_revision() != context.get_head_revision()
            if behind and not dialect.may_define(cursor):
                cursor.execute("ROLLBACK")
                return False
            if behind:
                context.run_migrations()
            if (role := context.config.attributes.get("role")) is not None:
                dialect.grant(cursor, role, granted)
        except BaseException:
            cursor.execute("ROLLBACK")
            raise
        cursor.execute("COMMIT")
        return True


@contextmanager
def _connected(engine: Engine, dialect: Dialect, deadline: float) -> Iterator[tuple[Connection, Cursor]]:
    while True:
        try:
            connection = engine.connect()
            break
        except Exception as error:
            outage = dialect.outage(error, writing=True)
            if outage is None:
                raise
            _wait(deadline, outage, error)
    with connection:
        yield connection, dialect.cursor(connection, writing=True)


def _wait(deadline: float, reason: str, error: Exception | None = None) -> None:
    if time.monotonic() > deadline:
        raise StorageUnavailableError(reason) from error
    _log.warning("migrate.waiting", reason=reason)
    time.sleep(_PAUSE)


def _granted(metadata: MetaData, rights: Rights) -> dict[str, Sequence[str]]:
    """The privileges of the service's role on each table of the chassis and of the service."""
    found: dict[str, Sequence[str]] = {"alembic_version": ("SELECT",)}
    for names, allowed in ((tables.metadata.tables, tables.RIGHTS), (metadata.tables, rights)):
        for name in names:
            update = () if name in allowed.append_only else ("UPDATE",)
            delete = ("DELETE",) if name in allowed.emptied else ()
            found[name] = ("SELECT", "INSERT", *update, *delete)
    return found
