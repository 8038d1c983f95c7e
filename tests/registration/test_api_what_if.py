"""What another setting of the switches would decide, over HTTP; the land side's part is answered as it answers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from chassis.what_if import Question
from contracts.land_check import LandFindings
from contracts.policy import CURRENT
from contracts.vocabulary import PolicyRef
from contracts.what_if import LandTrial
from services.registration.api import what_if
from tests.registration.vocabulary import Door, door, land, sent

PATH = "/decisions:what-if"
WAREHOUSE = {"warehouse_counts_as_industrial": True}


class LandSide:
    """Answers the call for findings: what it found, and what it would find once warehouses are industrial land."""

    def __init__(self) -> None:
        self.found: dict[str, tuple[LandFindings, LandFindings]] = {}
        self.version = 1
        self.answers = 1_000_000
        self.headers: list[httpx.Headers] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.headers.append(request.headers)
        if len(self.headers) > self.answers:
            return httpx.Response(503)
        asked = orjson.loads(request.content)
        sets = Question(asked["switches"], asked["policy_set"]).sets(CURRENT)
        findings: list[LandFindings] = []
        filings = []
        for filing_id in asked["filing_ids"]:
            if filing_id in self.found:
                readings = [self.found[filing_id][int(policy.switches.warehouse_counts_as_industrial)] for policy in sets.policies]
                filings.append((filing_id, 1, tuple(range(len(findings), len(findings) + len(readings)))))
                findings += readings
        policy = PolicyRef(id=CURRENT.ref.id, version=self.version)
        trial = LandTrial(policy=policy, switches=sets.alone, findings=tuple(findings), filings=tuple(filings))
        return httpx.Response(200, json=trial.model_dump(mode="json"))

    @property
    def peers(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(transport=httpx.MockTransport(self), base_url="http://peers")


async def in_a_warehouse(at: Door, side: LandSide, name: str) -> str:
    """A held filing of a maker in a warehouse."""
    filing = (await at.caller("clerk", sub="c")("POST", "/filings", sent(enterprise_name=name))).json()
    now = land("non_industrial", "required_missing")
    await at.hear(filing, now)
    side.found[filing["filing_id"]] = (now, land("industrial", "not_required"))
    return str(filing["filing_id"])


async def tried(at: Door, body: Any, role: str = "auditor", query: str = "") -> dict[str, Any]:
    answer = await at.caller(role)("POST", PATH + query, body)
    return {"status": answer.status_code, "retry": answer.headers.get("Retry-After"), **answer.json()}


async def test_a_held_filing_in_a_warehouse_would_be_accepted_and_nothing_changes(tmp_path: Path) -> None:
    side = LandSide()
    async with door(tmp_path, side.peers) as at:
        filing_id = await in_a_warehouse(at, side, "慈溪甲电器有限公司")
        tables = ("filing", "filing_history", "outbox")
        before = await at.service.read(lambda tx: [tx.sql(f"SELECT * FROM {name}") for name in tables])  # noqa: S608
        found = await tried(at, {"switches": WAREHOUSE, "from": None, "to": None, "township_code": None})
        after = await at.service.read(lambda tx: [tx.sql(f"SELECT * FROM {name}") for name in tables])  # noqa: S608
    assert (found["status"], found["checked"], found["next_cursor"], before) == (200, 1, None, after)
    (flip,) = found["items"]
    assert (flip["filing_id"], flip["was"], flip["would_be"]) == (filing_id, "hold", "accept")
    assert (flip["switch"], flip["township_code"], flip["group"]) == ("warehouse_counts_as_industrial", "330282112", "SG1")
    assert (flip["rule"], flip["reason"]) == ("R03", "statement_missing")
    assert flip["reasons"] == {"was": ["statement_missing"], "would_be": []}
    assert (found["total"], found["summary"]["by_township"], found["summary"]["by_group"]) == (1, {"330282112": 1}, {"SG1": 1})
    assert (found["summary"]["by_rule"], found["summary"]["by_reason"]) == ({"R03": 1}, {"statement_missing": 1})
    assert found["summary"]["by_switch"] == {"warehouse_counts_as_industrial": 1}
    assert side.headers[0]["authorization"].startswith("Bearer ")


async def test_of_several_turned_switches_the_one_that_alone_makes_the_flip_is_named(tmp_path: Path) -> None:
    side = LandSide()
    async with door(tmp_path, side.peers) as at:
        await in_a_warehouse(at, side, "慈溪甲电器有限公司")
        both = await tried(at, {"switches": WAREHOUSE | {"three_phase_ban_scope": "without_statement"}})
        whole = await tried(at, CURRENT.with_switches(WAREHOUSE).set.model_dump(mode="json"))
    assert [flip["switch"] for flip in both["items"]] == ["warehouse_counts_as_industrial"]
    assert [(flip["would_be"], flip["switch"]) for flip in whole["items"]] == [("accept", None)]


async def test_flips_are_paged_and_the_first_page_counts_them_all(tmp_path: Path) -> None:
    side = LandSide()
    async with door(tmp_path, side.peers) as at:
        made = [await in_a_warehouse(at, side, f"慈溪{name}电器有限公司") for name in "甲乙丙"]
        first = await tried(at, {"switches": WAREHOUSE}, query="?limit=2")
        last = await tried(at, {"switches": WAREHOUSE}, query=f"?limit=2&cursor={first['next_cursor']}")
    assert [flip["filing_id"] for flip in (*first["items"], *last["items"])] == sorted(made)
    assert (first["summary"]["flips"], last["summary"], last["next_cursor"]) == (3, None, None)


async def test_days_and_townships_bound_what_is_looked_through(tmp_path: Path) -> None:
    side = LandSide()
    async with door(tmp_path, side.peers) as at:
        filing_id = await in_a_warehouse(at, side, "慈溪甲电器有限公司")
        day = (await at.caller("clerk")("GET", f"/filings/{filing_id}")).json()["submitted_at"][:10]
        counted = [
            (await tried(at, {"switches": WAREHOUSE, **more}))["checked"]
            for more in ({"from": day, "to": day}, {"to": "2026-01-01"}, {"township_code": "330282112"}, {"township_code": "330282121"})
        ]
    assert counted == [1, 0, 1, 0]


async def test_a_land_side_that_is_silent_or_decides_by_another_set_gives_no_half_answer(tmp_path: Path) -> None:
    side = LandSide()
    async with door(tmp_path, side.peers) as at:
        await in_a_warehouse(at, side, "慈溪甲电器有限公司")
        side.version = 2
        behind = await tried(at, {"switches": WAREHOUSE})
        at.service.app.state.peers = None
        silent = await tried(at, {"switches": WAREHOUSE})
    for answer in (behind, silent):
        assert (answer["status"], answer["code"], answer["retry"]) == (503, "land-check-unreachable", "5")


async def test_a_filing_the_land_side_does_not_know_is_counted_as_not_judged(tmp_path: Path) -> None:
    side = LandSide()
    async with door(tmp_path, side.peers) as at:
        await in_a_warehouse(at, side, "慈溪甲电器有限公司")
        side.found.clear()
        found = await tried(at, {"switches": WAREHOUSE})
    assert (found["checked"], found["items"], found["summary"]["not_judged"]) == (1, [], 1)


async def test_every_fault_is_named_and_only_advisers_may_ask(tmp_path: Path) -> None:
    async with door(tmp_path, LandSide().peers) as at:
        bad = await tried(at, {"switches": {"no_such": 1, "village_strict_mode": "never", "statement_valid_days": 0}})
        unknown = await tried(at, {"switches": {}, "township_code": "999999999"})
        broken = await tried(at, {"rules": []})
        assert (await tried(at, {"switches": {}}, "clerk"))["status"] == 403
        assert (await tried(at, [1]))["status"] == 422
        deep: list[Any] = []
        for _ in range(190):
            deep = [deep]
        assert (await tried(at, {"switches": {"qianwan_polygon": {"type": deep}}}))["status"] == 422
    names = ("no_such", "village_strict_mode", "statement_valid_days")
    assert (bad["status"], {error["pointer"] for error in bad["errors"]}) == (422, {f"/switches/{name}" for name in names})
    assert (unknown["errors"][0]["pointer"], unknown["errors"][0]["code"]) == ("/township_code", "unknown-township")
    assert (broken["status"], "/switches" in {error["pointer"] for error in broken["errors"]}) == (422, True)


async def test_a_merged_township_is_asked_about_under_either_of_its_codes(tmp_path: Path) -> None:
    side = LandSide()
    async with door(tmp_path, side.peers) as at:
        await in_a_warehouse(at, side, "慈溪甲电器有限公司")
        # filed before the merger, under the code of then
        await at.service.database.write(lambda tx: tx.sql("UPDATE filing SET township_code = '330282402'"))
        counted = [(await tried(at, {"switches": WAREHOUSE, "township_code": code})) for code in ("330282123", "330282402", "330282112")]
    assert [(each["checked"], each["total"]) for each in counted] == [(1, 1), (1, 1), (0, 0)]


async def lines(at: Door, body: Any) -> list[dict[str, Any]]:
    answer = await at.caller("auditor")("POST", PATH, body, Accept="application/x-ndjson")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/x-ndjson")
    return [orjson.loads(line) for line in answer.text.splitlines()]


async def test_whoever_wants_to_see_how_far_it_is_gets_a_line_a_chunk_with_its_flips(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(what_if, "CHUNK", 2)
    side = LandSide()
    async with door(tmp_path, side.peers) as at:
        made = [await in_a_warehouse(at, side, f"慈溪{name}电器有限公司") for name in "甲乙丙"]
        seen = await lines(at, {"switches": WAREHOUSE})
        whole = await tried(at, {"switches": WAREHOUSE})
    assert [(line["checked"], line["total"], [flip["filing_id"] for flip in line["items"]]) for line in seen] == [
        (2, 3, sorted(made)[:2]),
        (3, 3, sorted(made)[2:]),
        (3, 3, []),
    ]
    assert ["summary" in line for line in seen] == [False, False, True]
    assert (seen[-1]["summary"], seen[-1]["policy"]) == (whole["summary"], whole["policy"])


async def test_an_answer_that_cannot_be_finished_ends_with_the_problem_and_no_summary(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(what_if, "CHUNK", 2)
    side = LandSide()
    async with door(tmp_path, side.peers) as at:
        for name in "甲乙丙":
            await in_a_warehouse(at, side, f"慈溪{name}电器有限公司")
        side.answers = 1
        seen = await lines(at, {"switches": WAREHOUSE})
        refused = await at.caller("auditor")("POST", PATH, {"switches": WAREHOUSE}, Accept="application/x-ndjson")
    assert [line.get("code") for line in seen] == [None, "land-check-unreachable"]
    assert not any("summary" in line for line in seen)
    assert (refused.status_code, refused.headers["content-type"]) == (503, "application/problem+json")


@pytest.mark.parametrize(("days", "would_be"), [(0, "refuse"), (40, "hold")])
async def test_the_day_a_statement_is_due_is_counted_anew(tmp_path: Path, days: int, would_be: str) -> None:
    side = LandSide()
    async with door(tmp_path, side.peers) as at:
        await in_a_warehouse(at, side, "慈溪甲电器有限公司")
        found = await tried(at, {"switches": {"missing_statement_grace_days": days}})
    assert [flip["would_be"] for flip in found["items"]] == ([would_be] if would_be != "hold" else [])
