"""The limits of the register: a split parcel, one reclassified while its township is asked, a merged township, leap days."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from chassis.problems import Problem
from chassis.testing import command, principal
from contracts.policy import CURRENT
from services.land_check.api.parcel_bodies import ParcelSent
from services.land_check.domain import ParcelRecord
from services.land_check.handlers.answering import Decline, requests_answered
from services.land_check.handlers.parcels import PutParcel, put_parcels
from services.land_check.rules.statements import last_day
from services.land_check.tables.search import find_parcels, find_requests
from tests.land_check.papers import answer, record
from tests.land_check.vocabulary import (
    INDUSTRIAL,
    LONGSHAN,
    SHOP,
    VILLAGE_LAND,
    Office,
    facts,
    map_officer,
    office,
    officer,
    parcel_sent,
    place,
)

BINHAI = "330282402"
"""Merged into 龙山镇: read as its code."""
NEW_CODE = "330282112001JB00003"


@pytest.fixture
def land() -> Iterator[Office]:
    with office() as at:
        yield at


def shop_land(**changes: Any) -> dict[str, Any]:
    return parcel_sent(VILLAGE_LAND, **{"registered_use": [SHOP], **changes})


SPLIT = {"superseded_by": [NEW_CODE, "330282112001JB00004"]}


def test_a_split_parcel_is_unknown_and_names_the_parcels_of_today(land: Office) -> None:
    land.put(shop_land())
    assert land.submit(filed=facts(VILLAGE_LAND)).land_verdict == "non_industrial"
    land.put(shop_land(**SPLIT))
    found = land.findings()
    assert (found.land_verdict, found.statement.outcome) == ("unknown", "undetermined")
    told = next(fact.value for fact in found.facts if fact.name == "superseded_by")
    assert NEW_CODE in told
    assert land.requests("pending") == []


def test_a_statement_for_a_parcel_that_was_split_holds_for_no_premises(land: Office) -> None:
    land.put(shop_land())
    land.submit(filed=facts(VILLAGE_LAND, park_id="P1"))
    assert answer(land).state == "valid"
    land.put(shop_land(**SPLIT))
    assert land.findings().statement.findings == ("other_premises",)


def test_a_statement_for_the_old_code_does_not_carry_the_new_one(land: Office) -> None:
    land.put(shop_land(**SPLIT))
    land.put(parcel_sent(NEW_CODE, registered_use=[SHOP]))
    assert record(land, parcel_code=VILLAGE_LAND, second_officer="陈七").findings == ("other_premises",)
    assert land.submit(filed=facts(NEW_CODE)).statement.outcome == "required_missing"
    assert record(land, parcel_code=VILLAGE_LAND, filing_id="F1", second_officer="陈七").findings == ("other_premises",)


def test_a_homestead_that_was_split_is_unknown_too(land: Office) -> None:
    land.put(parcel_sent(superseded_by=[NEW_CODE]))
    assert land.submit().land_verdict == "unknown"


@pytest.mark.parametrize(
    "changes",
    [
        {"superseded_by": [VILLAGE_LAND]},
        {"superseded_by": [NEW_CODE, NEW_CODE]},
        {"superseded_by": [NEW_CODE], "addresses": ["新浦镇某村1号"]},
        {"superseded_by": [NEW_CODE], "units": [{"unit_number": "A"}]},
    ],
)
def test_what_is_no_place_any_more_holds_nothing(changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match=r"superseded_by|现宗地|today"):
        ParcelSent.model_validate(shop_land(**changes))


def test_a_record_from_before_the_field_is_equal_to_the_same_one_sent_now(land: Office) -> None:
    land.put(shop_land())
    assert not land.put(shop_land(superseded_by=[])).changed


def test_a_reclassified_parcel_takes_the_request_back_and_asks_again_by_the_same_day(land: Office) -> None:
    land.put(shop_land())
    land.submit(filed=facts(VILLAGE_LAND))
    first = land.requests("pending")[0]
    land.put(shop_land(registered_use=[INDUSTRIAL]))
    assert (land.findings().statement.outcome, land.requests("pending")) == ("not_required", [])
    land.put(shop_land())
    again = land.requests("pending")[0]
    assert again.statement_request_id != first.statement_request_id
    assert again.due == first.due


def test_a_request_taken_back_can_be_answered_no_more(land: Office) -> None:
    land.put(shop_land())
    land.submit(filed=facts(VILLAGE_LAND))
    request = land.requests("pending")[0]
    land.put(shop_land(registered_use=[INDUSTRIAL]))
    decline = Decline(request.statement_request_id, "无法提供")
    refused = land.run(requests_answered, command(decline, officer)).answers[0]
    assert (refused.status, refused.code) == (409, "not-pending")


@pytest.fixture
def merged(land: Office) -> Office:
    """A parcel and a request of 滨海, stored under its own code before it was read as 龙山镇."""
    stored = ParcelSent.model_validate(shop_land(township_code=BINHAI)).record()
    land.run(put_parcels, command(PutParcel(ParcelRecord(stored.body | {"township_code": BINHAI}, None, None)), map_officer))
    land.submit(filed=facts(premises=place(VILLAGE_LAND, township_code=BINHAI)))
    return land


def longshan_officer() -> Any:
    return principal("township_officer", sub="officer-9", name="钱八", townships=[LONGSHAN])


def test_the_requests_of_a_merged_township_are_its_successors_to_answer(merged: Office) -> None:
    assert merged.requests("pending")[0].township_code == BINHAI
    assert merged.db.read_sync(lambda tx: find_requests(tx, None, 10, None, township_code=LONGSHAN))
    assert merged.db.read_sync(lambda tx: find_parcels(tx, None, 10, box=None, township_code=LONGSHAN, text=None))
    statement = answer(merged, by=longshan_officer())
    assert (statement.state, merged.findings().statement.outcome) == ("valid", "required_valid")


def test_a_token_of_the_merged_township_still_opens_its_requests(merged: Office) -> None:
    old = principal("township_officer", sub="officer-9", name="钱八", townships=[BINHAI])
    assert answer(merged, by=old).state == "valid"


def test_no_other_township_answers_for_it(merged: Office) -> None:
    assert isinstance(answer(merged), Problem)


def test_the_successors_paper_holds_for_premises_stored_under_the_old_code(merged: Office) -> None:
    issuer = {"type": "township", "township_code": LONGSHAN, "name": "龙山镇人民政府"}
    paper = record(merged, by=longshan_officer(), filing_id="F1", parcel_code=VILLAGE_LAND, second_officer="陈七", issuer=issuer)
    assert paper.findings == ()


def test_a_parcel_recorded_anew_under_the_successor_is_not_asked_for_twice(merged: Office) -> None:
    merged.put(shop_land(township_code=LONGSHAN))
    assert [row.status for row in merged.requests()] == ["pending"]


@pytest.mark.parametrize(
    ("issued", "until"),
    [
        (date(2027, 9, 2), date(2028, 2, 29)),
        (date(2028, 2, 29), date(2028, 8, 27)),
        (date(2026, 9, 2), date(2027, 3, 1)),
        (date(2026, 12, 31), date(2027, 6, 29)),
    ],
)
def test_a_statement_is_good_for_180_calendar_days_across_leap_days_and_years(issued: date, until: date) -> None:
    assert last_day(issued, None, CURRENT) == until
