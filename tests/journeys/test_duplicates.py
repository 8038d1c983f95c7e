"""The same filed twice, one directly after the other: the second is closed with the verdict of the first, and nobody is told twice."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from deploy.demo.city import NOTIFIER, POWER, REGISTRATION, City, Record
from deploy.running import Embedded
from tests.journeys.vocabulary import HOMESTEAD, INDUSTRIAL, filing, parcel


@contextmanager
def before_any_verdict(system: Embedded) -> Iterator[None]:
    """The land side is slow."""
    system.pause("land_check")
    try:
        yield
    finally:
        system.resume("land_check")


def comes_to(city: City, filing_id: str) -> tuple[str, str, str, str]:
    seen = city.filing(filing_id, wait=15)
    decision = seen["decision"]
    return seen["status"], decision["outcome"], decision["land_verdict"], decision["statement"]


def told(city: City, filing_id: str) -> list[str]:
    """The units told of a filing, each as often as it was told, once everything on its way has arrived."""
    deliveries: list[Record] = city.steady(lambda: city.call("auditor", "GET", f"{NOTIFIER}/deliveries", filing_id=filing_id)["items"])
    return sorted(recipient for recipient, _ in {(each["recipient"], each["event_id"]) for each in deliveries})


@pytest.mark.parametrize(
    ("use", "land"), [(INDUSTRIAL, ("industrial", "not_required")), (HOMESTEAD, ("non_industrial", "required_missing"))]
)
def test_the_same_filing_again_has_the_verdict_of_the_first(city: City, system: Embedded, use: str, land: tuple[str, str]) -> None:
    place = parcel(use)
    city.record_parcel(place)
    city.until(lambda: city.site_verdict(place["parcel_code"]), lambda verdict: verdict == land[0])
    with before_any_verdict(system):
        first, second = (city.call("clerk", "POST", f"{REGISTRATION}/filings", same) for same in [filing(place)] * 2)
    assert comes_to(city, second["filing_id"]) == ("closed_duplicate", "closed", *land)
    assert city.filing(first["filing_id"])["decision"]["land_verdict"] == land[0]
    assert told(city, second["filing_id"]) == ["AMR", "PSC"]
    manufacturing = city.call("grid", "GET", f"{POWER}/sites/{place['parcel_code']}")["manufacturing"]
    assert [each["filing_id"] for each in manufacturing] == [first["filing_id"]]


def test_one_amended_into_the_same_has_it_too(city: City, system: Embedded) -> None:
    place, elsewhere = parcel(INDUSTRIAL), parcel(INDUSTRIAL)
    for each in (place, elsewhere):
        city.record_parcel(each)
    body = filing(place)
    with before_any_verdict(system):
        city.call("clerk", "POST", f"{REGISTRATION}/filings", body)
        other = city.call("clerk", "POST", f"{REGISTRATION}/filings", body | {"premises": filing(elsewhere)["premises"]})
        assert city.act(other, "amend", {"premises": body["premises"]})["status"] == "closed_duplicate"
    assert comes_to(city, other["filing_id"]) == ("closed_duplicate", "closed", "industrial", "not_required")
    assert told(city, other["filing_id"]) == ["AMR", "PSC"]
