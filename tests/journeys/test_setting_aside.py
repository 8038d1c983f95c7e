"""A decision is set aside: through all services, what was allowed is held, what is connected becomes a case, everyone is told."""

from __future__ import annotations

import pytest

from deploy.demo.city import LAND, NOTIFIER, POWER, REGISTRATION, City, Record, UnexpectedAnswer
from deploy.demo.receiver import Receiver
from tests.journeys.vocabulary import HOMESTEAD, INDUSTRIAL, XINPU, answered, connected, fed, filed, filing, parcel, statement, transformer


def by_the_governance_office(city: City, made: Record, verb: str, body: Record) -> Record:
    path = f"{REGISTRATION}/filings/{made['filing_id']}:{verb}"
    return city.call("reviewer", "POST", path, body, unit="MGO", headers={"If-Match": made["etag"]})


def set_aside(city: City, made: Record) -> Record:
    return by_the_governance_office(city, made, "set-aside", {"reason": "准予登记所依据的事实有误", "document_sha256": None})


def cleared(city: City, held: Record) -> Record:
    """The office's word, once the land side has judged the filing anew."""

    def said() -> Record | None:
        try:
            word = {"code": "set_aside_review", "result": "clear", "reason": "已核实", "document_sha256": None}
            return by_the_governance_office(city, city.filing(held["filing_id"]), "review", word)
        except UnexpectedAnswer as error:
            if "land-verdict-awaited" in str(error) or "stale-version" in str(error):
                return None
            raise

    made: Record = city.until(said, bool)
    return made


def codes(record: Record) -> list[str]:
    return [reason["code"] for reason in record["reasons"]]


def commit(city: City, clearance: Record) -> Record:
    return city.call("grid", "POST", f"{POWER}/clearances/{clearance['clearance_id']}:commit", {"token": clearance["token"]})


def on_hold(city: City, clearance: Record) -> Record:
    now: Record = city.until(lambda: city.clearance(clearance["clearance_id"]), lambda one: one["decision"] == "hold")
    return now


def told_of(city: City, made: Record, unit: str, event: str) -> Record:
    """The first delivery of that event to a unit."""
    query = {"recipient": unit, "filing_id": made["filing_id"]}

    def deliveries() -> list[Record]:
        items = city.call("auditor", "GET", f"{NOTIFIER}/deliveries", **query)["items"]
        return [each for each in items if each["event_type"] == event]

    found: list[Record] = city.until(deliveries, bool)
    assert found, f"{unit} was not told of {event}"
    return found[0]


def test_what_was_allowed_and_not_connected_is_refused_at_the_last_moment_until_it_is_decided_anew(city: City, receiver: Receiver) -> None:
    place = parcel(INDUSTRIAL)
    city.record_parcel(place)
    accepted = filed(city, filing(place))
    clearance = answered(city, transformer(place, accepted))
    assert (accepted["status"], clearance["decision"]) == ("accepted", "allow")

    held = set_aside(city, accepted)
    assert (held["status"], [each["decision"]["outcome"] for each in held["set_aside"]]) == ("held", ["accept"])
    now = on_hold(city, clearance)
    assert (codes(now), now["token"]) == (["set_aside_review"], None)
    with pytest.raises(UnexpectedAnswer, match="site-changed"):
        commit(city, clearance)
    (hold,) = fed(city, place, "hold_imposed")
    assert codes(hold) == ["set_aside_review"]
    for unit in ("AMR", "PSC", "TWN", "MGO"):
        told_of(city, accepted, unit, "registration.filing_held.v1")
    assert city.steady(lambda: city.filing(held["filing_id"]))["status"] == "held"

    again = cleared(city, held)
    assert (again["status"], again["decision"]["outcome"], len(again["set_aside"])) == ("accepted", "accept", 1)
    fed(city, place, "hold_imposed", "hold_lifted")
    allowed = city.until(lambda: city.clearance(clearance["clearance_id"]), lambda one: one["decision"] == "allow")
    assert connected(city, allowed)["decision"] == "allow"
    assert receiver.told.forged == 0


def test_what_is_connected_already_becomes_a_case(city: City) -> None:
    place = parcel(INDUSTRIAL)
    city.record_parcel(place)
    accepted = filed(city, filing(place))
    connected(city, answered(city, transformer(place, accepted)))

    set_aside(city, accepted)
    path, code = f"{LAND}/list-entries", place["parcel_code"]
    entries = city.until(lambda: city.call("map_officer", "GET", path, list="source_control", parcel_code=code)["items"], bool)
    assert [entry["cause"] for entry in entries] == ["breach"]
    for unit in ("AMR", "PSC", "TWN"):
        query = {"recipient": unit, "parcel_code": code}
        events = city.until(
            lambda query=query: {each["event_type"] for each in city.call("auditor", "GET", f"{NOTIFIER}/deliveries", **query)["items"]},  # type: ignore[misc]
            lambda seen: "power_grid.breach_found.v1" in seen,
        )
        assert "power_grid.breach_found.v1" in events


def test_a_registration_on_a_statement_is_held_and_the_ban_on_its_land_stays(city: City) -> None:
    place = parcel(HOMESTEAD)
    city.record_parcel(place)
    held = filed(city, filing(place))
    city.issue_statement(held["filing_id"], XINPU, statement())
    accepted = city.changed(held)
    set_aside(city, accepted)
    settled = city.steady(lambda: city.filing(held["filing_id"]))
    assert (settled["status"], codes(settled["decision"]), settled["decision"]["statement"]) == (
        "held",
        ["set_aside_review"],
        "required_valid",
    )
    assert answered(city, transformer(place, settled))["decision"] == "block"
    assert cleared(city, settled)["status"] == "accepted"


def test_a_refusal_set_aside_asks_the_township_again_and_its_paper_alone_accepts_nothing(city: City) -> None:
    place = parcel(HOMESTEAD)
    city.record_parcel(place)
    refused = city.act(filed(city, filing(place)), "declare-no-statement")
    path = f"{LAND}/statement-requests"
    city.until(lambda: city.call("clerk", "GET", path, filing_id=refused["filing_id"], status="pending")["items"], lambda left: left == [])
    again = set_aside(city, city.filing(refused["filing_id"]))
    assert (again["status"], codes(again["decision"])) == ("held", ["statement_missing", "set_aside_review"])
    (asked,) = city.until(lambda: city.call("clerk", "GET", path, filing_id=again["filing_id"], status="pending")["items"], bool)
    city.call("township_officer", "POST", f"{path}/{asked['statement_request_id']}:issue", statement(), township=XINPU)
    left = city.until(
        lambda: city.filing(again["filing_id"]),
        lambda one: codes(one["decision"]) == ["set_aside_review"],
    )
    assert left["status"] == "held"
    assert cleared(city, left)["status"] == "accepted"
