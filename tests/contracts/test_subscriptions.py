"""The catalogue and the card of each service say exactly what the service hears."""

import re
from importlib import import_module

import pytest

from contracts.catalogue import EVENTS, STREAMS
from contracts.envelope import Event
from tests.architecture.vocabulary import ROOT, SERVICES

TOPIC_OF = {stream.topic: stream.topic for stream in STREAMS} | {name.removesuffix(".v1"): event.topic for name, event in EVENTS.items()}
"""What a card may call it by: the topic, or one of its events."""


def heard_by(service: str) -> set[type[Event]]:
    return {subscription.event for subscription in import_module(f"services.{service}.consumers").SUBSCRIPTIONS}


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_hears_exactly_the_events_the_catalogue_gives_it(service: str) -> None:
    assert heard_by(service) == {event for stream in STREAMS for event, consumers in stream.events.items() if service in consumers}


@pytest.mark.parametrize("service", SERVICES)
def test_the_card_of_a_service_names_every_topic_it_hears_and_no_other(service: str) -> None:
    card = (ROOT / "services" / service / "README.md").read_text(encoding="utf-8")
    said = next(line for line in card.splitlines() if line.startswith("| hears |"))
    named = {TOPIC_OF[name] for name in re.findall(r"`([a-z_]+\.[a-z_]+)`", said)}
    assert named == {event.topic for event in heard_by(service)}
