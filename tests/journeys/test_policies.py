"""A policy set is handed in, signed by two units, and decides from its day on; what was decided before stays as it was."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import httpx
import pytest

from chassis.clock import CITY, SystemClock
from contracts.policy import CURRENT
from deploy.demo.city import REGISTRATION, City
from deploy.running import Embedded
from deploy.services import SERVICES
from tests.journeys.vocabulary import answered, connected, fed, filed, filing, parcel, statement, transformer

WAREHOUSE = "0604"
POLICIES = f"{REGISTRATION}/policies"
VERSION_1 = {"id": "cixi-source-control", "version": 1}


def today() -> date:
    return SystemClock().now().astimezone(CITY).date()


def candidate(version: int, **switches: Any) -> dict[str, Any]:
    whole = CURRENT.set.model_dump(mode="json")
    return {**whole, "version": version, "switches": {**whole["switches"], **switches}}


@pytest.fixture
def town() -> Iterator[City]:
    with Embedded(SERVICES) as system:
        offices = City(system.url, system.token)
        yield offices
        offices.close()


def sign(city: City, version: int, unit: str, day: date, reason: str = "市政府会议纪要", **who: Any) -> httpx.Response:
    token = city.token("admin", unit=unit, **who)
    body = {"effective_from": day.isoformat(), "reason": reason}
    path = f"{POLICIES}/cixi-source-control/{version}:activate"
    return httpx.post(city.url + path, json=body, headers={"Authorization": f"Bearer {token}"})


def handed_in(city: City, body: dict[str, Any]) -> httpx.Response:
    return httpx.post(city.url + POLICIES, json=body, headers={"Authorization": f"Bearer {city.token('admin', unit='MGO')}"})


def activated(city: City, version: int, day: date | None = None, **switches: Any) -> None:
    assert handed_in(city, candidate(version, **switches)).status_code == 201
    assert sign(city, version, "MGO", day or today()).status_code == 202
    assert sign(city, version, "AMR", day or today()).status_code == 200


def codes(decided: dict[str, Any]) -> list[str]:
    return [reason["code"] for reason in decided["reasons"]]


def test_a_set_signed_by_two_units_decides_what_is_open_and_what_comes_and_leaves_what_was_decided(town: City) -> None:
    place, other = parcel(WAREHOUSE), parcel(WAREHOUSE)
    town.record_parcel(place)
    town.record_parcel(other)
    held, refused = filed(town, filing(place)), filed(town, filing(other))
    refused = town.act(refused, "declare-no-statement")
    assert (held["status"], refused["status"], held["decision"]["policy"]) == ("held", "refused", VERSION_1)
    assert held["decision"]["policy_confirmed"] is False
    blocked = answered(town, transformer(place))
    assert (blocked["decision"], blocked["policy"]) == ("block", VERSION_1)

    activated(town, 2, warehouse_counts_as_industrial=True)

    accepted = town.until(lambda: town.filing(held["filing_id"]), lambda one: one["status"] == "accepted")
    assert (accepted["status"], accepted["decision"]["land_verdict"], accepted["decision"]["policy"]["version"]) == (
        "accepted",
        "industrial",
        2,
    )
    assert town.filing(refused["filing_id"])["decision"] == refused["decision"]
    allowed = town.until(lambda: town.clearance(blocked["clearance_id"]), lambda one: one["decision"] == "allow")
    assert (allowed["decision"], allowed["policy"]["version"]) == ("allow", 2)
    assert [(past["decision"], past["policy"]["version"]) for past in allowed["history"]] == [("block", 1)]
    assert [entry["policy"]["version"] for entry in fed(town, place, "block_imposed", "block_lifted")] == [1, 2]
    again = filed(town, filing(other))
    assert (again["status"], again["decision"]["policy"]["version"]) == ("accepted", 2)


def test_a_token_given_under_the_old_set_opens_nothing_that_the_new_one_holds(town: City) -> None:
    place = parcel(WAREHOUSE)
    town.record_parcel(place)
    activated(town, 2, three_phase_ban_scope="without_statement")
    held = filed(town, filing(place))
    town.issue_statement(held["filing_id"], place["township_code"], statement())
    accepted = town.changed(held)
    allowed = town.until(lambda: answered(town, transformer(place, accepted)), lambda one: one["decision"] == "allow")
    assert (accepted["status"], allowed["decision"], allowed["policy"]["version"]) == ("accepted", "allow", 2)

    tomorrow = today() + timedelta(days=1)
    assert handed_in(town, candidate(3, three_phase_ban_scope="all_non_industrial")).status_code == 201
    assert sign(town, 3, "MGO", tomorrow).status_code == 202
    assert sign(town, 3, "AMR", tomorrow).status_code == 200
    assert [one["in_force"] for one in town.call("auditor", "GET", POLICIES)["items"]] == [False, True, False]
    assert connected(town, allowed)["decision"] == "allow", "tomorrow is not today"


def test_two_people_of_two_units_sign_the_same_thing(town: City) -> None:
    assert handed_in(town, candidate(2)).status_code == 201
    assert handed_in(town, candidate(2)).status_code == 200
    other = handed_in(town, candidate(2, statement_valid_days=90))
    assert (other.status_code, other.json()["code"]) == (409, "policy-version-exists")
    day = today()
    first = sign(town, 2, "MGO", day)
    assert (first.status_code, first.json()["state"], first.json()["signed"]) == (202, "one_signature", ["MGO"])
    for second, code in (
        (sign(town, 2, "MGO", day, sub="another"), "second-unit-needed"),
        (sign(town, 2, "AMR", day, sub="dev-admin-MGO"), "second-unit-needed"),
        (sign(town, 2, "AMR", day + timedelta(days=1)), "signed-otherwise"),
        (sign(town, 2, "AMR", day, reason="another reason"), "signed-otherwise"),
    ):
        assert (second.status_code, second.json()["code"]) == (409, code)
    done = sign(town, 2, "AMR", day)
    assert (done.status_code, done.json()["state"], done.json()["signed"]) == (200, "activated", ["MGO", "AMR"])
    assert sign(town, 2, "PSC", day).json()["code"] == "policy-already-activated"
    listed = town.call("auditor", "GET", POLICIES)["items"]
    assert [(one["version"], one["state"], one["in_force"]) for one in listed] == [(1, "shipped", False), (2, "activated", True)]
    assert town.call("auditor", "GET", f"{POLICIES}/cixi-source-control/2")["policy_set"]["version"] == 2


@pytest.mark.parametrize(
    ("day", "status", "code"),
    [
        (timedelta(days=-1), 422, "effective-from-past"),
        (timedelta(days=40_000), 422, "outside-policy-period"),
        (timedelta(days=0), 409, "policy-dates-overlap"),
    ],
)
def test_the_day_is_not_past_within_the_sets_period_and_no_other_sets(town: City, day: timedelta, status: int, code: str) -> None:
    activated(town, 2)
    assert handed_in(town, {**candidate(3), "effective_to": "2099-12-31"}).status_code == 201
    answer = sign(town, 3, "MGO", today() + day)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_every_bad_switch_and_every_foreign_quote_is_named(town: City) -> None:
    answer = handed_in(town, candidate(2, three_phase_ban_scope="sometimes", statement_valid_days=0, block_key="village"))
    pointers = {error["pointer"] for error in answer.json()["errors"]}
    assert answer.status_code == 422
    assert pointers == {"/switches/three_phase_ban_scope", "/switches/statement_valid_days", "/switches/block_key"}
    rules = CURRENT.set.model_dump(mode="json")["rules"]
    rules[0]["clauses"][-1]["quote"] = "严禁一切"
    rules[1]["effective_to"] = "2027-01-01"
    answer = handed_in(town, {**candidate(2), "rules": rules})
    assert answer.status_code == 422


def test_sets_are_for_admins_to_change_and_auditors_to_read(town: City) -> None:
    for role, unit, status in (("auditor", None, 200), ("admin", "MGO", 200), ("clerk", None, 403), ("grid", "PSC", 403)):
        headers = {"Authorization": f"Bearer {town.token(role, unit=unit)}"}
        assert httpx.get(town.url + POLICIES, headers=headers).status_code in (status, 404 if status == 403 else status)
    assert httpx.get(town.url + POLICIES).status_code == 401
    headers = {"Authorization": f"Bearer {town.token('auditor')}"}
    assert httpx.post(town.url + POLICIES, json=candidate(2), headers=headers).status_code == 403
    missing = httpx.get(f"{town.url}{POLICIES}/cixi-source-control/9", headers=headers)
    assert (missing.status_code, missing.json()["code"]) == (404, "not-found")
