"""The catalogue says of every event exactly who hears it."""

from importlib import import_module

import pytest

from contracts.catalogue import STREAMS


@pytest.mark.parametrize("service", ["registration", "land_check", "power_grid", "notifier"])
def test_a_service_hears_exactly_the_events_the_catalogue_gives_it(service: str) -> None:
    heard = {subscription.event for subscription in import_module(f"services.{service}.consumers").SUBSCRIPTIONS}
    assert heard == {event for stream in STREAMS for event, consumers in stream.events.items() if service in consumers}
