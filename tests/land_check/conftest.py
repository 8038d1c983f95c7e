"""A running land check for the tests that call it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from chassis.service import Service
from tests.land_check.vocabulary import (
    land_check,
)


@pytest_asyncio.fixture
async def service(tmp_path: Path) -> AsyncIterator[Service]:
    async with land_check(tmp_path) as running:
        yield running
