"""Who gets a delivery, and what follows an attempt."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from services.notifier.domain import Attempt, Channel, ChannelType, DeliveryStatus, Endpoint, Notice
from services.notifier.rules import LONGEST_RETRY_AFTER, after, targets

NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
DELAYS = (0.0, 5.0, 300.0)
REFUSED = "registration.filing_refused.v1"
XINPU, ZHOUXIANG = "330282112", "330282121"


def endpoint(name: str, recipient: str = "AMR", events: tuple[str, ...] = (REFUSED,), townships: list[str] | None = None) -> Endpoint:
    places = None if townships is None else frozenset(townships)
    return Endpoint(name, recipient, Channel(ChannelType.WEBHOOK, "https://hooks.example/"), frozenset(events), places, "zh")


def notice(*recipients: str, township: str | None = XINPU, event_type: str = REFUSED) -> Notice:
    return Notice("e1", event_type, "registration.events f1", 3, "f1", None, township, recipients)


def test_every_endpoint_of_a_named_unit_gets_its_own_delivery() -> None:
    first, second = endpoint("a"), endpoint("b")
    assert list(targets(notice("AMR"), [first, second])) == [("AMR", first), ("AMR", second)]


def test_a_named_unit_without_endpoint_is_kept_as_such() -> None:
    assert list(targets(notice("AMR", "PSC"), [])) == [("AMR", None), ("PSC", None)]


def test_a_unit_that_is_not_named_is_not_told() -> None:
    assert list(targets(notice("PSC"), [endpoint("a", "AMR")])) == [("PSC", None)]


@pytest.mark.parametrize(
    "misses",
    [
        endpoint("other type", events=("registration.filing_accepted.v1",)),
        endpoint("other place", townships=[ZHOUXIANG]),
    ],
    ids=lambda one: one.endpoint_id,
)
def test_an_endpoint_hears_only_of_its_types_and_townships(misses: Endpoint) -> None:
    assert list(targets(notice("AMR"), [misses])) == [("AMR", None)]


def test_an_event_without_place_reaches_only_endpoints_for_everywhere() -> None:
    everywhere, here = endpoint("everywhere"), endpoint("here", townships=[XINPU])
    assert list(targets(notice("AMR", township=None), [everywhere, here])) == [("AMR", everywhere)]


def test_a_unit_named_twice_is_told_once() -> None:
    only = endpoint("a")
    assert list(targets(notice("AMR", "AMR"), [only])) == [("AMR", only)]


def test_success_ends_a_delivery() -> None:
    assert after(Attempt(NOW, 204, None), 1, DELAYS, 0).status is DeliveryStatus.DELIVERED


def test_a_failure_waits_for_the_next_delay_stretched_by_at_most_a_tenth() -> None:
    waits = [after(Attempt(NOW, 500, "bad-status"), 1, DELAYS, jitter).due for jitter in (0.0, 1.0)]
    assert waits == [NOW + timedelta(seconds=5), NOW + timedelta(seconds=5.5)]


def test_the_last_failure_exhausts() -> None:
    outcome = after(Attempt(NOW, None, "timeout"), len(DELAYS), DELAYS, 0)
    assert (outcome.status, outcome.due) == (DeliveryStatus.EXHAUSTED, None)


def test_gone_exhausts_at_once_and_takes_the_endpoint_with_it() -> None:
    outcome = after(Attempt(NOW, 410, "bad-status"), 1, DELAYS, 0)
    assert (outcome.status, outcome.endpoint_gone) == (DeliveryStatus.EXHAUSTED, True)


@pytest.mark.parametrize(("asked", "waits"), [(60.0, 60.0), (1.0, 5.0), (1e9, LONGEST_RETRY_AFTER)])
def test_retry_after_lengthens_the_wait_but_not_without_end(asked: float, waits: float) -> None:
    assert after(Attempt(NOW, 429, "bad-status", asked), 1, DELAYS, 0).due == NOW + timedelta(seconds=waits)
