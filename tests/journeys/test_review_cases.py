"""A policy set is activated that would decide otherwise what is decided: cases appear, and nothing of what was decided changes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from deploy.demo.city import LAND, POWER, REGISTRATION, City
from deploy.running import Embedded
from deploy.services import SERVICES
from tests.journeys.test_policies import activated, candidate
from tests.journeys.vocabulary import HOMESTEAD, XINPU, answered, connected, filed, filing, parcel, statement, transformer

WAREHOUSE = "0604"
TURNED: dict[str, Any] = {"warehouse_counts_as_industrial": True, "village_strict_mode": "refuse", "control_line_mode": "decide"}
CASES = f"{REGISTRATION}/review-cases"


@pytest.fixture
def town() -> Iterator[City]:
    with Embedded(SERVICES) as system:
        offices = City(system.url, system.token)
        yield offices
        offices.close()


def recorded(town: City, use: str, **changes: Any) -> dict[str, Any]:
    place = parcel(use) | changes
    town.record_parcel(place)
    return place


def test_what_was_decided_stays_and_is_listed_for_review_as_the_what_if_foretold(town: City) -> None:
    home, store, plant = recorded(town, HOMESTEAD), recorded(town, WAREHOUSE), recorded(town, "0601", inside_control_line=False)
    village = filed(town, filing(home))
    town.issue_statement(village["filing_id"], XINPU, statement())
    village = town.changed(village)
    refused = town.act(filed(town, filing(store)), "declare-no-statement")
    factory = filed(town, filing(plant))
    assert [one["status"] for one in (village, refused, factory)] == ["accepted", "refused", "accepted"]
    clearance = town.until(lambda: answered(town, transformer(plant, factory)), lambda one: one["decision"] == "allow")
    committed = connected(town, clearance)
    asked = candidate(2, **TURNED)
    foretold = town.until(
        lambda: town.call("auditor", "POST", f"{REGISTRATION}/decisions:what-if", asked, limit=500),
        lambda found: found["checked"] == 3 and found["summary"]["not_judged"] == 0,
    )["items"]
    assert town.call("clerk", "GET", CASES)["items"] == []

    activated(town, 2, **TURNED)

    opened = town.until(lambda: town.call("clerk", "GET", CASES, state="open")["items"], lambda items: len(items) == 3)
    assert {(case["filing_id"], case["was"], case["would_be"]) for case in opened} == {
        (flip["filing_id"], flip["was"], flip["would_be"]) for flip in foretold
    } == {
        (village["filing_id"], "accept_flagged", "refuse"),
        (refused["filing_id"], "refuse", "accept"),
        (factory["filing_id"], "accept", "hold"),
    }  # fmt: skip
    for flip in foretold:
        (case,) = (case for case in opened if case["filing_id"] == flip["filing_id"])
        assert [reason["code"] for reason in case["reasons"]["would_be"]] == flip["reasons"]["would_be"]
        assert (case["policy"]["version"], case["flags"]) == (2, flip["flags"])

    (site,) = town.until(lambda: town.call("auditor", "GET", f"{POWER}/review-cases", state="open")["items"], bool)
    assert (site["clearance_id"], site["was"], site["would_be"]) == (clearance["clearance_id"], "allow", "block")
    assert town.call("auditor", "GET", f"{LAND}/list-entries", list="source_control")["items"] == [], "another reading is no breach"

    mine = town.call("clerk", "GET", CASES, filing_id=village["filing_id"])["items"][0]
    path = f"{town.url}{CASES}/{mine['review_case_id']}:close"
    headers = {"Authorization": f"Bearer {town.token('reviewer', unit='MGO')}", "If-Match": '"1"'}
    closed = httpx.post(path, json={"result": "stands", "reason": "已按当时规定办理"}, headers=headers)
    assert (closed.status_code, closed.json()["state"], closed.json()["version"]) == (200, "closed", 2)
    for one in (village, refused, factory):
        assert town.filing(one["filing_id"]) == one
    assert town.clearance(clearance["clearance_id"])["decision"] == committed["decision"] == "allow"
    swept = town.call("auditor", "GET", f"{REGISTRATION}/policies/cixi-source-control/2")
    assert swept["review_cases"] == {"open": 2, "closed": 1}
    parts = httpx.get(f"{town.url}/land-check/readyz").json()["services"]["land-check"]["parts"]
    (sweeps,) = (part["details"]["sweeps"] for part in parts if part["name"] == "policy_sweeps")
    assert {sweep["task"] for sweep in sweeps} == {"decided_filings", "filings", "parcels"}
