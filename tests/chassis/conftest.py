"""A database that two processes share, as each of them has it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from chassis.database import Database
from tests.chassis.counting import open_database


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    db = open_database(tmp_path, "shared")
    yield db
    db.close()


@pytest.fixture
def replica(tmp_path: Path) -> Iterator[Database]:
    """The same database, as another process has it."""
    replica = open_database(tmp_path, "shared")
    yield replica
    replica.close()
