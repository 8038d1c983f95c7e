"""A unit's word on a hold, through all services: it counts for what it was given for, and the end of a dispute leads to a statement."""

from __future__ import annotations

import pytest

from deploy.demo.city import LAND, REGISTRATION, City, Record
from tests.journeys.vocabulary import HOMESTEAD, XINPU, ZHOUXIANG, filed, filing, parcel, statement

DAY = "2026-01-01"


def codes(made: Record) -> list[str]:
    return [reason["code"] for reason in made["decision"]["reasons"]]


def now(city: City, made: Record) -> Record:
    """The filing once everything on its way has arrived."""
    seen: Record = city.steady(lambda: city.filing(made["filing_id"]))
    return seen


def held_for(city: City, made: Record, *wanted: str) -> Record:
    """The filing once it is held for exactly these reasons; otherwise as it is when patience ends."""
    seen: Record = city.until(lambda: city.filing(made["filing_id"]), lambda one: codes(one) == list(wanted))
    assert (seen["status"], codes(seen)) == ("held", list(wanted))
    return seen


def cleared(city: City, made: Record, unit: str, code: str) -> Record:
    role = "map_officer" if unit == "NRP" else "reviewer"
    path, seen = f"{REGISTRATION}/filings/{made['filing_id']}:review", now(city, made)
    word = {"code": code, "result": "clear", "reason": "已核实", "document_sha256": None}
    return city.call(role, "POST", path, word, unit=unit, headers={"If-Match": seen["etag"]})


def by_the_map_office(city: City, method: str, path: str, body: Record) -> Record:
    return city.call("map_officer", method, f"{LAND}/{path}", body, unit="NRP")


def listed(city: City, place: Record, kind: str) -> str:
    body = {"list": kind, "enterprise_name": "旧厂", "parcel_code": place["parcel_code"], "found_on": DAY, "due": None}
    return str(by_the_map_office(city, "POST", "list-entries", body)["entry_id"])


def pending(city: City, made: Record) -> Record:
    """The statement request that waits for an answer."""
    path = f"{LAND}/statement-requests"
    asked: list[Record] = city.until(lambda: city.call("clerk", "GET", path, filing_id=made["filing_id"], status="pending")["items"], bool)
    assert len(asked) == 1
    return asked[0]


def answered(city: City, made: Record, town: str, verb: str, body: Record) -> None:
    city.until(lambda: pending(city, made)["township_code"], lambda code: code == town)
    asked = pending(city, made)["statement_request_id"]
    city.call("township_officer", "POST", f"{LAND}/statement-requests/{asked}:{verb}", body, township=town)


def returned(city: City, made: Record, town: str) -> None:
    answered(city, made, town, "return", {"reason": "不在辖区"})


@pytest.mark.parametrize("second", ["low_scattered", "inefficient"])
@pytest.mark.parametrize("first_is_closed", [True, False])
def test_an_entry_opened_after_the_review_holds_until_it_is_reviewed_too(city: City, second: str, first_is_closed: bool) -> None:
    place = parcel(HOMESTEAD)
    city.record_parcel(place)
    first = listed(city, place, "inefficient")
    held = held_for(city, filed(city, filing(place)), "statement_missing", "open_list_review")
    assert codes(cleared(city, held, "MGO", "open_list_review")) == ["statement_missing"]
    if first_is_closed:
        by_the_map_office(city, "POST", f"list-entries/{first}:close", {"result": "delisted", "reason": "达标销号"})
    listed(city, place, second)
    held_for(city, held, "statement_missing", "open_list_review")

    city.issue_statement(held["filing_id"], XINPU, statement())
    held_for(city, held, "open_list_review")
    assert cleared(city, held, "MGO", "open_list_review")["status"] == "accepted"


def test_a_parks_word_counts_for_that_park_and_what_it_had_decided_then(city: City) -> None:
    place = parcel(HOMESTEAD)
    parks = [f"park-{number}-{place['parcel_code']}" for number in (1, 2)]
    for park in parks:
        by_the_map_office(city, "PUT", f"parks/{park}", {"name": "小微园", "kind": "small_enterprise", "township_code": XINPU})
    city.record_parcel(place | {"park_id": parks[0]})
    held = held_for(city, filed(city, filing(place)), "statement_missing", "park_admission_missing")
    assert codes(cleared(city, held, "PARK", "park_admission_missing")) == ["statement_missing"]

    word = {"enterprise_name": held["enterprise_name"], "status": "refused", "decided_on": DAY}
    by_the_map_office(city, "POST", f"parks/{parks[0]}/admissions", word)
    held_for(city, held, "statement_missing", "park_admission_missing")
    assert codes(cleared(city, held, "PARK", "park_admission_missing")) == ["statement_missing"]

    city.record_parcel(place | {"park_id": parks[1]})
    held_for(city, held, "statement_missing", "park_admission_missing")
    city.issue_statement(held["filing_id"], XINPU, statement())
    held_for(city, held, "park_admission_missing")
    assert cleared(city, held, "PARK", "park_admission_missing")["status"] == "accepted"


def test_a_township_that_is_the_right_one_after_all_is_asked_again_and_issues(city: City) -> None:
    place = parcel(HOMESTEAD)
    city.record_parcel(place)
    held = filed(city, filing(place))
    for _ in range(2):  # it returns the request, and returns the next one too
        returned(city, held, XINPU)
        held_for(city, held, "statement_missing", "township_disputed")
        assert codes(cleared(city, held, "NRP", "township_disputed")) == ["statement_missing"]
    answered(city, held, XINPU, "issue", statement())
    assert city.until(lambda: city.filing(held["filing_id"])["status"], lambda status: status != "held") == "accepted"


def test_a_dispute_that_was_ended_is_another_one_with_the_township_named_next(city: City) -> None:
    place = parcel(HOMESTEAD)
    city.record_parcel(place)
    held = filed(city, filing(place))
    returned(city, held, XINPU)
    held_for(city, held, "statement_missing", "township_disputed")
    cleared(city, held, "NRP", "township_disputed")
    by_the_map_office(city, "POST", f"filings/{held['filing_id']}:set-township", {"township_code": ZHOUXIANG, "reason": "按界线"})
    returned(city, held, ZHOUXIANG)
    held_for(city, held, "statement_missing", "township_disputed")
    cleared(city, held, "NRP", "township_disputed")
    assert pending(city, held)["township_code"] == ZHOUXIANG
