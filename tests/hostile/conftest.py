"""One city for all attacks: what one breaks, the next would see."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from deploy.running import Embedded
from deploy.services import SERVICES
from tests.hostile.world import World, populate


@pytest.fixture(scope="session")
def world() -> Iterator[World]:
    with Embedded(SERVICES, notifier_allow_private_addresses=True) as system:
        city = World(system)
        populate(city)
        yield city
        city.close()
