"""What another setting of the switches would answer the power company, over HTTP; nothing changes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from chassis.clock import FixedClock
from chassis.service import Service
from chassis.testing import NOON
from contracts.policy import CURRENT
from contracts.vocabulary import LandVerdict, StatementOutcome
from tests.power_grid.events import HOUSE, MAKER, SHOP, Filed, parcel
from tests.power_grid.test_api import body, hear
from tests.power_grid.vocabulary import caller, running

PATH = "/power-grid/v1/decisions:what-if"
SCOPE = {"three_phase_ban_scope": "without_statement"}


@pytest.fixture
async def power(tmp_path: Path) -> AsyncIterator[Service]:
    """A maker with a good statement is blocked at the house; a trader may have his transformer at the shop."""
    async with running(tmp_path, FixedClock(NOON)) as service:
        filing = Filed()
        judged = filing.judged(LandVerdict.NON_INDUSTRIAL, statement=StatementOutcome.REQUIRED_VALID)
        await hear(service, parcel(), parcel(SHOP), filing.submitted(), judged, filing.accepted())
        async with caller(service, "grid") as grid:
            first = await grid.post("/power-grid/v1/install-requests", json=body("A", HOUSE, MAKER, filing_id=filing.filing_id))
            second = await grid.post("/power-grid/v1/install-requests", json=body("B", SHOP))
            assert (first.json()["decision"], second.json()["decision"]) == ("block", "allow")
        yield service


async def tried(service: Service, sent: Any, role: str = "auditor", **query: str) -> dict[str, Any]:
    async with caller(service, role) as someone:
        answer = await someone.post(PATH, json=sent, params=query)
    return {"status": answer.status_code, **answer.json()}


def stored(service: Service) -> list[Any]:
    return service.database.read_sync(lambda tx: [tx.sql(f"SELECT * FROM {name}") for name in ("clearance", "site", "outbox", "feed")])  # noqa: S608


async def test_the_narrow_reading_of_the_ban_flips_the_answer_to_the_maker_with_a_statement(power: Service) -> None:
    before = stored(power)
    found = await tried(power, {"switches": SCOPE, "from": None, "to": None, "township_code": None})
    assert (found["status"], found["checked"], found["next_cursor"]) == (200, 2, None)
    (flip,) = found["items"]
    assert (flip["was"], flip["would_be"], flip["switch"], flip["rule"]) == ("block", "allow", "three_phase_ban_scope", "R04")
    assert flip["clearance_id"].startswith("clr_")
    assert flip["reasons"] == {"was": ["non_industrial_site"], "would_be": []}
    assert found["summary"]["by_rule"] == {"R04": 1}
    assert stored(power) == before


async def test_a_whole_candidate_set_is_known_by_its_rules_and_names_no_switch(power: Service) -> None:
    found = await tried(power, CURRENT.with_switches(SCOPE).set.model_dump(mode="json"))
    assert [(flip["would_be"], flip["switch"]) for flip in found["items"]] == [("allow", None)]


@pytest.mark.parametrize("sent", [{}, CURRENT.switches.model_dump(mode="json")])
async def test_where_no_switch_is_turned_nothing_flips(power: Service, sent: dict[str, Any]) -> None:
    found = await tried(power, {"switches": sent})
    assert (found["checked"], found["items"], found["summary"]["flips"]) == (2, [], 0)


async def test_days_of_the_city_bound_what_is_looked_through(power: Service) -> None:
    day = NOON.date().isoformat()
    assert (await tried(power, {"switches": SCOPE, "from": day, "to": day}))["checked"] == 2
    assert (await tried(power, {"switches": SCOPE, "to": "2026-01-01"}))["checked"] == 0


async def test_every_bad_switch_is_named_and_only_advisers_may_ask(power: Service) -> None:
    bad = await tried(power, {"switches": {"three_phase_ban_scope": "never", "no_such": 1}})
    assert (bad["status"], {error["pointer"] for error in bad["errors"]}) == (422, {"/switches/three_phase_ban_scope", "/switches/no_such"})
    assert (await tried(power, {"switches": {}, "township_code": "999999999"}))["errors"][0]["code"] == "unknown-township"
    assert (await tried(power, {"switches": {}, "from": "2026-02-02", "to": "2026-02-01"}))["status"] == 422
    assert (await tried(power, {}))["errors"][0]["pointer"] == "/switches"
    assert (await tried(power, {"switches": {}}, "clerk"))["status"] == 403
