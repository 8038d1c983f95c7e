"""One whole system for the stories, and its offices."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from deploy.demo.city import City
from deploy.demo.receiver import Receiver
from deploy.running import Embedded
from deploy.services import SERVICES
from tests.journeys.vocabulary import told_at


@pytest.fixture(scope="session")
def system() -> Iterator[Embedded]:
    with Embedded(SERVICES, notifier_allow_private_addresses=True) as running:
        yield running


@pytest.fixture(scope="session")
def city(system: Embedded) -> Iterator[City]:
    offices = City(system.url, system.token)
    yield offices
    offices.close()


@pytest.fixture(scope="session")
def receiver(city: City) -> Iterator[Receiver]:
    with Receiver() as listening:
        told_at(city, listening, "AMR", "PSC", "TWN", "EEB", "EMB", "CLE", "MGO")
        yield listening
