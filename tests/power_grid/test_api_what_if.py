"""What another setting of the switches would answer the power company, over HTTP; nothing changes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from chassis.clock import FixedClock
from chassis.service import Service
from chassis.testing import NOON
from chassis.what_if import Question, Sets
from contracts.land_check import LandFindings
from contracts.policy import CURRENT
from contracts.vocabulary import LandVerdict, PolicyRef, StatementOutcome
from contracts.what_if import LandReading, LandTrial
from services.power_grid.api import what_if
from tests.power_grid.events import HOUSE, LATER, MAKER, SHOP, TRADER, Filed, parcel
from tests.power_grid.test_api import body, hear
from tests.power_grid.vocabulary import caller, running

PATH = "/power-grid/v1/decisions:what-if"
SCOPE = {"three_phase_ban_scope": "without_statement"}
WAREHOUSE = {"warehouse_counts_as_industrial": True}
STRANGE = "330282112001GB00077"


class Land:
    """The land side as it answers: what it reads now, and once warehouses are industrial land. Unknown places are left out."""

    def __init__(self) -> None:
        self.parcels: dict[str, tuple[LandReading, LandReading]] = {}
        self.filings: dict[str, tuple[LandFindings, LandFindings]] = {}
        self.version = CURRENT.ref.version
        self.headers: list[httpx.Headers] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.headers.append(request.headers)
        asked = orjson.loads(request.content)
        sets = Question(asked["switches"], asked["policy_set"]).sets(CURRENT)
        readings: list[LandReading] = []
        findings: list[LandFindings] = []
        parcels = [(code, _places(self.parcels[code], sets, readings)) for code in asked["parcel_codes"] if code in self.parcels]
        filings = [(each, 1, _places(self.filings[each], sets, findings)) for each in asked["filing_ids"] if each in self.filings]
        trial = LandTrial(
            policy=PolicyRef(id=CURRENT.ref.id, version=self.version),
            switches=sets.alone,
            findings=tuple(findings),
            filings=tuple(filings),
            readings=tuple(readings),
            parcels=tuple(parcels),
        )
        return httpx.Response(200, json=trial.model_dump(mode="json"))

    @property
    def peers(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(transport=httpx.MockTransport(self), base_url="http://peers")


def _places(found: tuple[Any, Any], sets: Sets, values: list[Any]) -> tuple[int, ...]:
    values += [found[int(policy.switches.warehouse_counts_as_industrial)] for policy in sets.policies]
    return tuple(range(len(values) - len(sets.policies), len(values)))


def read(verdict: LandVerdict, then: LandVerdict | None = None) -> tuple[LandReading, LandReading]:
    return LandReading(land_verdict=verdict), LandReading(land_verdict=then or verdict)


@pytest.fixture
def land() -> Land:
    return Land()


@pytest.fixture
async def power(tmp_path: Path, land: Land) -> AsyncIterator[Service]:
    """A maker with a good statement is blocked at the house; a trader may have his transformer at the shop."""
    async with running(tmp_path, FixedClock(NOON), land.peers) as service:
        filing = Filed()
        judged = filing.judged(LandVerdict.NON_INDUSTRIAL, statement=StatementOutcome.REQUIRED_VALID)
        land.parcels = {HOUSE: read(LandVerdict.NON_INDUSTRIAL), SHOP: read(LandVerdict.NON_INDUSTRIAL)}
        land.filings = {filing.filing_id: (judged.land, judged.land)}
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
    assert (found["total"], flip["reason"], flip["group"]) == (2, "non_industrial_site", "SG1")
    assert found["summary"]["by_rule"] == {"R04": 1}
    assert (found["summary"]["by_reason"], found["summary"]["by_group"]) == ({"non_industrial_site": 1}, {"SG1": 1})
    assert stored(power) == before


async def test_a_whole_candidate_set_is_known_by_its_rules_and_names_no_switch(power: Service) -> None:
    found = await tried(power, CURRENT.with_switches(SCOPE).set.model_dump(mode="json"))
    assert [(flip["would_be"], flip["switch"]) for flip in found["items"]] == [("allow", None)]


@pytest.mark.parametrize("sent", [{}, CURRENT.switches.model_dump(mode="json")])
async def test_where_no_switch_is_turned_nothing_flips(power: Service, sent: dict[str, Any]) -> None:
    found = await tried(power, {"switches": sent})
    assert (found["checked"], found["items"], found["summary"]["flips"]) == (2, [], 0)


async def test_a_switch_about_land_is_read_by_the_land_side_and_flips_the_answer(power: Service, land: Land) -> None:
    land.parcels[HOUSE] = read(LandVerdict.NON_INDUSTRIAL, LandVerdict.INDUSTRIAL)
    now = land.filings["fil-1"][0]
    land.filings["fil-1"] = (now, now.model_copy(update={"land_verdict": LandVerdict.INDUSTRIAL}))
    found = await tried(power, {"switches": WAREHOUSE | {"withdrawn_watch_days": 10}})
    (flip,) = found["items"]
    assert (flip["was"], flip["would_be"], flip["switch"]) == ("block", "allow", "warehouse_counts_as_industrial")
    assert land.headers[-1]["authorization"].startswith("Bearer ")


async def test_a_place_on_which_the_land_side_has_said_more_than_was_heard_is_not_judged(power: Service, land: Land) -> None:
    land.parcels[HOUSE] = read(LandVerdict.INDUSTRIAL)
    late = await tried(power, {"switches": SCOPE})
    del land.parcels[HOUSE]
    unknown = await tried(power, {"switches": SCOPE})
    for found in (late, unknown):
        assert (found["checked"], found["summary"]["not_judged"], found["items"]) == (2, 1, [])


async def test_a_verdict_of_before_the_land_changed_stays_as_it_was_given(power: Service, land: Land) -> None:
    async with caller(power, "grid") as grid:
        filing = Filed("fil-2", STRANGE, name="慈溪乙电器有限公司")
        await hear(
            power, parcel(STRANGE, LandVerdict.INDUSTRIAL), filing.submitted(), filing.judged(LandVerdict.INDUSTRIAL), filing.accepted()
        )
        await hear(power, parcel(STRANGE, version=2, at=LATER))
        await grid.post("/power-grid/v1/install-requests", json=body("C", STRANGE, MAKER, filing_id="fil-2"))
    land.parcels[STRANGE] = read(LandVerdict.NON_INDUSTRIAL)
    now = filing.judged(LandVerdict.NON_INDUSTRIAL).land
    land.filings["fil-2"] = (now, now)
    found = await tried(power, {"switches": {"on_reclassification": "grandfather"}})
    assert [(flip["was"], flip["would_be"]) for flip in found["items"]] == [("block", "allow")]


async def test_trades_that_count_as_manufacturing_by_the_candidate_make_their_place_a_site(power: Service, land: Land) -> None:
    trader = Filed("fil-3", SHOP, industry=TRADER, name="慈溪丙商贸有限公司")
    judged = trader.judged(LandVerdict.NON_INDUSTRIAL)
    await hear(power, trader.submitted(), judged, trader.accepted())
    land.filings["fil-3"] = (judged.land, judged.land)
    found = await tried(power, {"switches": {"manufacturing_sections": ["C", "F"]}})
    assert [(flip["was"], flip["would_be"]) for flip in found["items"]] == [("allow", "block")]


async def test_without_the_land_side_there_is_no_half_answer(power: Service, land: Land) -> None:
    land.version = 2
    behind = await tried(power, {"switches": SCOPE})
    power.app.state.peers = None
    silent = await tried(power, {"switches": SCOPE})
    for answer in (behind, silent):
        assert (answer["status"], answer["code"]) == (503, "land-check-unreachable")


async def test_a_line_a_chunk_shows_how_far_it_is(power: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(what_if, "CHUNK", 1)
    async with caller(power, "auditor") as someone:
        answer = await someone.post(PATH, json={"switches": SCOPE}, headers={"Accept": "application/x-ndjson"})
    lines = [orjson.loads(line) for line in answer.text.splitlines()]
    assert [(line["checked"], line["total"], len(line["items"])) for line in lines] == [(1, 2, 1), (2, 2, 0), (2, 2, 0)]
    assert lines[-1]["summary"]["flips"] == 1


async def test_a_merged_township_is_asked_about_under_either_of_its_codes(power: Service) -> None:
    await power.database.write(
        lambda tx: tx.sql("UPDATE clearance SET body = replace(body, '330282112\",\"answer', '330282402\",\"answer')")
    )
    counted = [await tried(power, {"switches": SCOPE, "township_code": code}) for code in ("330282123", "330282402", "330282112")]
    assert [(each["checked"], each["total"]) for each in counted] == [(2, 2), (2, 2), (0, 0)]
    assert [each["summary"]["by_township"] for each in counted] == [{"330282123": 1}, {"330282123": 1}, {}]


async def test_days_of_the_city_bound_what_is_looked_through(power: Service) -> None:
    day = NOON.date().isoformat()
    assert (await tried(power, {"switches": SCOPE, "from": day, "to": day}))["checked"] == 2
    early = await tried(power, {"switches": SCOPE, "to": "2026-01-01"})
    assert (early["checked"], early["total"]) == (0, 0)


async def test_every_bad_switch_is_named_and_only_advisers_may_ask(power: Service) -> None:
    bad = await tried(power, {"switches": {"three_phase_ban_scope": "never", "no_such": 1}})
    assert (bad["status"], {error["pointer"] for error in bad["errors"]}) == (422, {"/switches/three_phase_ban_scope", "/switches/no_such"})
    assert (await tried(power, {"switches": {}, "township_code": "999999999"}))["errors"][0]["code"] == "unknown-township"
    assert (await tried(power, {"switches": {}, "from": "2026-02-02", "to": "2026-02-01"}))["status"] == 422
    assert (await tried(power, {}))["errors"][0]["pointer"] == "/switches"
    assert (await tried(power, {"switches": {}}, "clerk"))["status"] == 403
