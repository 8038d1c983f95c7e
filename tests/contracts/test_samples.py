"""What was published once is read for ever: a sample of every type and version, made when it was new and never changed since."""

from __future__ import annotations

import json
from typing import Any

import pytest

from chassis.messages import Received
from contracts.envelope import Envelope, Event
from tests.contracts.make_samples import SAMPLES, published

NAMES = sorted(path.name.removesuffix(".json") for path in SAMPLES.glob("*.json"))


def test_every_published_event_has_a_sample_and_none_that_has_one_is_gone() -> None:
    assert sorted(published()) == NAMES, "python -m tests.contracts.make_samples makes those that are missing"


@pytest.mark.parametrize("name", NAMES)
def test_the_sample_is_read_and_every_field_of_it_is_understood(name: str) -> None:
    body = (SAMPLES / f"{name}.json").read_bytes()
    event = published()[name].model_validate_json(body)
    assert_holds(json.loads(event.model_dump_json()), json.loads(body), name)


@pytest.mark.parametrize("name", NAMES)
def test_a_consumer_reads_the_sample_with_a_field_of_a_later_version(name: str) -> None:
    kind: type[Event] = published()[name]
    body = json.dumps({**json.loads((SAMPLES / f"{name}.json").read_bytes()), "later": {"field": 1}}).encode()
    key = kind.model_validate_json(body).key()
    envelope = Envelope("id-1", "/sample", name, key, "2026-11-25T02:00:00Z", key, 1, "conversation", None, body)
    assert Received.read(kind, envelope.headers(), body).event.key() == key


def assert_holds(found: Any, wanted: Any, place: str) -> None:
    """Everything of ``wanted`` is in ``found``, which may hold more."""
    if isinstance(wanted, dict):
        assert isinstance(found, dict), place
        for name, value in wanted.items():
            assert name in found, f"{place}.{name} is not understood any more"
            assert_holds(found[name], value, f"{place}.{name}")
    elif isinstance(wanted, list):
        assert len(found) == len(wanted), place
        for number, (one, other) in enumerate(zip(found, wanted, strict=True)):
            assert_holds(one, other, f"{place}[{number}]")
    else:
        assert found == wanted, place
