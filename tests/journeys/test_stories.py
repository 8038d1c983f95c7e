"""Whole-system stories, over HTTP."""

from __future__ import annotations

import httpx
import orjson
from sqlalchemy import text

from deploy.demo.city import LAND, NOTIFIER, POWER, City
from deploy.demo.receiver import Receiver
from deploy.running import Embedded
from services.notifier.domain import HEARD
from tests.journeys.vocabulary import (
    HOMESTEAD,
    INDUSTRIAL,
    XINPU,
    ZHOUXIANG,
    answered,
    connected,
    fed,
    filed,
    filing,
    parcel,
    statement,
    statements_of,
    transformer,
)


def test_a_clerk_walks_a_filing_from_the_counter_to_the_block(city: City, receiver: Receiver) -> None:
    place = parcel(HOMESTEAD)
    city.record_parcel(place)
    held = filed(city, filing(place))
    assert (held["status"], [reason["code"] for reason in held["decision"]["reasons"]]) == ("held", ["statement_missing"])
    reason = held["decision"]["reasons"][0]
    assert all((reason["clause"]["quote"], reason["due"], reason["remedy"]["zh"], reason["remedy"]["en"]))

    other_town = city.call("township_officer", "GET", f"{LAND}/statement-requests", township=ZHOUXIANG, filing_id=held["filing_id"])
    assert other_town["items"] == []
    city.issue_statement(held["filing_id"], XINPU, statement())
    accepted = city.changed(held)
    assert (accepted["status"], set(accepted["decision"]["flags"])) == ("accepted", {"statement_relied_on", "village_strict"})

    clearance = answered(city, transformer(place, accepted))
    assert (clearance["decision"], clearance["reasons"][0]["code"]) == ("block", "non_industrial_site")
    assert "一律不得" in clearance["reasons"][0]["clause"]["quote"]
    block = fed(city, place, "block_imposed")[0]
    city.call("grid", "POST", f"{POWER}/blocks/{block['block_id']}:acknowledge")
    for unit in ("AMR", "PSC"):
        city.until(lambda unit=unit: (unit, accepted["filing_id"]) in receiver.told.places, bool)  # type: ignore[misc]
        delivered = city.call("auditor", "GET", f"{NOTIFIER}/deliveries", recipient=unit, filing_id=accepted["filing_id"])["items"]
        assert delivered


def test_an_officer_of_another_township_finds_no_such_request(city: City) -> None:
    place = parcel(HOMESTEAD)
    city.record_parcel(place)
    held = filed(city, filing(place))
    path = f"{LAND}/statement-requests"
    asked = city.until(lambda: city.call("clerk", "GET", path, filing_id=held["filing_id"])["items"], bool)[0]
    token = city.token("township_officer", townships=(ZHOUXIANG,))
    answer = httpx.post(
        f"{city.url}{path}/{asked['statement_request_id']}:issue",
        json=statement(),
        headers={"Authorization": f"Bearer {token}"},
        timeout=30,
    )
    assert answer.status_code == 404


def test_what_cannot_be_proven_is_refused_and_everyone_is_told_once(city: City, receiver: Receiver) -> None:
    place = parcel(HOMESTEAD)
    city.record_parcel(place)
    refused = city.act(filed(city, filing(place)), "declare-no-statement")
    assert (refused["status"], refused["decision"]["reasons"][0]["code"]) == ("refused", "statement_missing")
    assert answered(city, transformer(place, refused))["decision"] == "block"
    for unit in ("AMR", "PSC", "TWN", "EEB", "EMB"):
        assert city.until(lambda unit=unit: (unit, refused["filing_id"]) in receiver.told.places, bool)  # type: ignore[misc]
    assert set(receiver.told.ids.values()) == {1}
    assert receiver.told.forged == 0


def test_a_parcel_that_becomes_industrial_lifts_the_block_and_opens_the_gate(city: City) -> None:
    place = parcel("0604")
    city.record_parcel(place)
    city.act(filed(city, filing(place)), "declare-no-statement")
    fed(city, place, "block_imposed")
    asked = answered(city, transformer(place))
    assert asked["decision"] == "block"

    city.record_parcel(place | {"registered_use": [{"scheme": "GB/T21010-2017", "code": INDUSTRIAL}]})
    first, second = fed(city, place, "block_imposed", "block_lifted")
    assert (second["block_id"], second["streamseq"]) == (first["block_id"], first["streamseq"] + 1)
    again = filed(city, filing(place))
    assert (again["status"], again["decision"]["land_verdict"]) == ("accepted", "industrial")
    assert city.until(lambda: city.clearance(asked["clearance_id"])["decision"], lambda decision: decision == "allow") == "allow"
    connected(city, asked)


def test_a_forged_statement_leaves_the_decision_and_opens_a_case(city: City, receiver: Receiver) -> None:
    place = parcel(HOMESTEAD)
    city.record_parcel(place)
    held = filed(city, filing(place))
    city.issue_statement(held["filing_id"], XINPU, statement())
    accepted = city.changed(held)
    city.denounce(statements_of(city, accepted)[0], "report-forged", XINPU)

    path, code = f"{LAND}/list-entries", place["parcel_code"]
    entries = city.until(lambda: city.call("map_officer", "GET", path, list="source_control", parcel_code=code)["items"], bool)
    assert [entry["cause"] for entry in entries] == ["forged_statement"]
    for unit in ("CLE", "MGO"):
        assert city.until(lambda unit=unit: (unit, accepted["filing_id"]) in receiver.told.places, bool)  # type: ignore[misc]
    assert city.steady(lambda: city.filing(accepted["filing_id"]))["status"] == "accepted"


def test_a_land_office_that_cannot_be_reached_means_hold_and_never_allow(city: City, system: Embedded) -> None:
    place = parcel(INDUSTRIAL)
    city.record_parcel(place)
    city.until(lambda: city.site_verdict(place["parcel_code"]), lambda verdict: verdict == "industrial")
    system.pause("land_check")
    try:
        waiting = city.file(filing(place), "unreachable", 0)
        assert (waiting["status"], waiting["decision"]["land_verdict"]) == ("under_review", "pending")
        clearance = city.ask_for_power(transformer(place, waiting))
        assert (clearance["decision"], clearance["reasons"][0]["code"]) == ("hold", "land_verdict_pending")
    finally:
        system.resume("land_check")
    assert city.changed(waiting)["status"] == "accepted"
    assert city.until(lambda: city.clearance(clearance["clearance_id"])["decision"], lambda decision: decision == "allow") == "allow"


def test_every_event_that_names_a_unit_is_heard_by_the_notifier(city: City, system: Embedded) -> None:
    place = parcel(HOMESTEAD)
    city.record_parcel(place)
    city.act(filed(city, filing(place)), "declare-no-statement")
    heard = {event.type for event in HEARD}
    for service in system.system.services.values():
        said = service.database.read_sync(lambda tx: tx.rows(text("SELECT type, body FROM outbox")))
        unheard = {row.type for row in said if orjson.loads(row.body).get("notify") and row.type not in heard}
        assert unheard == set()
