"""Places filed without a parcel code: found by unit number, point or address, lost again, found on another parcel."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from chassis.testing import command
from contracts.vocabulary import LandVerdict
from services.land_check.domain import Part
from services.land_check.handlers.rulings import ResolveUnit, units_resolved
from tests.land_check.papers import answer, record
from tests.land_check.test_handlers_requests import later
from tests.land_check.vocabulary import (
    HOMESTEAD,
    INDUSTRIAL,
    SHOP,
    SQUARE,
    VILLAGE_LAND,
    XINPU,
    ZHOUXIANG,
    Office,
    factory_sent,
    facts,
    map_officer,
    office,
    parcel_sent,
    place,
)

pytestmark = pytest.mark.usefixtures("backend")

HALL = "厂房2"
OTHER_LAND = "330282112001JB00003"


@pytest.mark.parametrize(
    ("how", "where"),
    [
        ("unit_number", {"unit_number": HOMESTEAD + "F00010001"}),
        ("point", {"point": (121.2005, 30.1005)}),
        ("address", {"address": "新浦镇 某村１号"}),
    ],
)
def test_place_without_a_code_is_matched(how: str, where: dict[str, Any]) -> None:
    with office() as at:
        at.put(parcel_sent(geometry=SQUARE, addresses=["新浦镇某村1号"]))
        found = at.submit("F1", facts(premises=place(None, **{"address": "别处", **where})))
        assert (found.matched_by, found.parcel_code, found.land_verdict) == (how, HOMESTEAD, "non_industrial")


def test_place_that_matches_two_parcels_is_unknown_until_one_is_left() -> None:
    with office() as at:
        at.put(parcel_sent(addresses=["新浦镇某村1号"]))
        at.put(parcel_sent(VILLAGE_LAND, addresses=["新浦镇某村1号"]))
        assert at.submit("F1", facts(premises=place(None))).land_verdict == "unknown"
        at.put(parcel_sent(VILLAGE_LAND, addresses=["新浦镇某村2号"]))
        assert at.findings().parcel_code == HOMESTEAD


def test_a_house_number_finds_no_parcel_of_another_township() -> None:
    with office() as at:
        at.put(parcel_sent(addresses=["新浦镇某村1号"]))
        at.put(factory_sent(units=[{"unit_number": "101", "registered_use": [INDUSTRIAL]}]))
        found = at.submit("F1", facts(premises=place(None, unit_number="101")))
        assert (found.matched_by, found.parcel_code, found.land_verdict) == ("address", HOMESTEAD, "non_industrial")


def test_a_house_number_finds_the_parcel_of_its_township_that_has_it() -> None:
    with office() as at:
        at.put(parcel_sent(VILLAGE_LAND, units=[{"unit_number": "101", "registered_use": [SHOP]}]))
        at.put(factory_sent(units=[{"unit_number": "101", "registered_use": [INDUSTRIAL]}]))
        found = at.submit("F1", facts(premises=place(None, unit_number="101")))
        assert (found.matched_by, found.parcel_code, found.land_verdict) == ("unit_number", VILLAGE_LAND, "non_industrial")


def test_a_place_whose_official_unit_number_lies_elsewhere_is_not_found_by_its_address() -> None:
    with office() as at:
        at.put(factory_sent(addresses=["新浦镇某村1号"]))
        found = at.submit("F1", facts(premises=place(None, unit_number=HOMESTEAD + "F00010001")))
        assert (found.matched_by, found.parcel_code, found.land_verdict) == (None, None, "unknown")
        at.put(parcel_sent())
        assert (at.findings().matched_by, at.findings().parcel_code) == ("unit_number", HOMESTEAD)


def found_by_address_then_by_unit(at: Office, *uses: dict[str, str]) -> None:
    """A filing found on one parcel by its address; then the register gets another one that has its unit."""
    at.put(parcel_sent(OTHER_LAND, registered_use=list(uses), units=[{"unit_number": HALL, "registered_use": list(uses)}]))
    assert (at.findings().parcel_code, at.findings().matched_by) == (OTHER_LAND, "unit_number")


def filed_by_address(at: Office, *uses: dict[str, str]) -> None:
    at.put(parcel_sent(VILLAGE_LAND, registered_use=list(uses), addresses=["新浦镇某村1号"]))
    found = at.submit("F1", facts(premises=place(None, unit_number=HALL)))
    assert (found.parcel_code, found.matched_by) == (VILLAGE_LAND, "address")


def test_the_township_is_asked_anew_about_the_parcel_where_a_filing_is_found_now() -> None:
    with office() as at:
        filed_by_address(at, SHOP)
        found_by_address_then_by_unit(at, SHOP)
        assert [(row.status, row.parcel_code) for row in at.requests()] == [("cancelled", VILLAGE_LAND), ("pending", OTHER_LAND)]
        paper = answer(at)
        assert (paper.state, paper.parcel_code, at.findings().statement.outcome) == ("valid", OTHER_LAND, "required_valid")


def test_a_statement_about_the_parcel_where_a_filing_was_found_before_brings_a_new_request() -> None:
    with office() as at:
        filed_by_address(at, SHOP)
        answer(at)
        found_by_address_then_by_unit(at, SHOP)
        assert at.findings().statement.findings == ("other_premises",)
        assert [(row.status, row.parcel_code) for row in at.requests()] == [("issued", VILLAGE_LAND), ("pending", OTHER_LAND)]


def test_the_part_named_on_one_mixed_parcel_is_not_the_part_of_another() -> None:
    with office() as at:
        filed_by_address(at, INDUSTRIAL, SHOP)
        at.run(units_resolved, command(ResolveUnit("F1", Part.INDUSTRIAL, "在厂房部分"), map_officer))
        assert at.findings().land_verdict == "industrial"
        found_by_address_then_by_unit(at, INDUSTRIAL, SHOP)
        assert at.findings().land_verdict == "mixed"


def test_a_request_has_the_day_of_the_notice_that_began_on_unknown_land() -> None:
    with office() as at:
        at.submit()
        record(at, filing_id="F1", issuer={"type": "village_committee", "township_code": XINPU, "name": "某村村民委员会"})
        at.hold(land=LandVerdict.UNKNOWN, due=date(2026, 11, 27))
        at.put(parcel_sent())
        assert [row.due for row in at.requests("pending")] == ["2026-11-27"]


def test_a_notice_answered_in_time_does_not_shorten_the_next_one() -> None:
    with office() as at:
        at.put(parcel_sent())
        at.submit()
        answer(at)
        later(at, 16)
        at.put(parcel_sent(township_code=ZHOUXIANG))
        assert at.findings().statement.findings == ("wrong_township",)
        assert [(row.township_code, row.due) for row in at.requests("pending")] == [(ZHOUXIANG, "2026-12-22")]
