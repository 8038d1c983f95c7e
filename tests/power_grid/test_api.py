"""The public surface of power_grid, over HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from chassis.clock import FixedClock
from chassis.service import Service
from chassis.testing import NOON, received
from contracts.envelope import Event
from contracts.vocabulary import Grade, LandVerdict
from services.power_grid import consumers
from tests.power_grid.events import FACTORY, FAR, HOUSE, LATER, MAKER, SHA, SHOP, TRADER, USCC_A, Filed, graded, parcel
from tests.power_grid.vocabulary import caller, running


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOON)


@pytest.fixture
async def power(tmp_path: Path, clock: FixedClock) -> AsyncIterator[Service]:
    async with running(tmp_path, clock) as service:
        yield service


async def hear(service: Service, *events: Event) -> None:
    """What the consumer does with each event."""
    hearers = {line.event: line.handler for line in consumers.SUBSCRIPTIONS}
    for event in events:

        def work(tx: Any, event: Event = event) -> None:
            service.publish(tx, hearers[type(event)]([received(event)], tx).messages)

        await service.database.write(work, "test")


def body(request_id: str = "PSC-1", parcel_code: str | None = SHOP, industry: str | None = TRADER, **more: Any) -> dict[str, Any]:
    return {
        "request_id": request_id,
        "kind": "new_three_phase_transformer",
        "parcel_code": parcel_code,
        "unit_number": None,
        "filing_id": None,
        "capacity_kva": 315,
        "existing_capacity_kva": None,
        "applicant": {"type": "enterprise", "name": "慈溪某某电器有限公司", "uscc": None},
        "declared_industry_code": industry,
        **more,
    }


async def test_a_request_is_answered_with_everything_the_surface_promises(power: Service) -> None:
    await hear(power, parcel(SHOP))
    async with caller(power, "grid") as grid:
        made = await grid.post("/power-grid/v1/install-requests", json=body())
        again = await grid.post("/power-grid/v1/install-requests", json=body())
        other = await grid.post("/power-grid/v1/install-requests", json=body(capacity_kva=400))
    clearance = made.json()
    assert (made.status_code, again.status_code, other.status_code) == (201, 200, 409)
    assert clearance == again.json()
    assert other.json()["code"] == "request-id-reused"
    assert made.headers["ETag"] == '"1"'
    promised = "clearance_id request_id decision proposed reasons land_verdict site_epoch token expires_at notify policy decided_at history"
    assert set(promised.split()) <= set(clearance)
    assert (clearance["decision"], clearance["reasons"], clearance["notify"]) == ("allow", [], ["PSC"])
    assert clearance["policy"] == {"id": "cixi-source-control", "version": 1}


async def test_a_block_says_clause_remedy_and_two_languages(power: Service) -> None:
    filing = Filed()
    await hear(power, parcel(), filing.submitted(), filing.judged(LandVerdict.NON_INDUSTRIAL), filing.accepted())
    async with caller(power, "grid") as grid:
        clearance = (await grid.post("/power-grid/v1/install-requests", json=body(parcel_code=HOUSE, industry=MAKER))).json()
    (reason,) = clearance["reasons"]
    assert (clearance["decision"], clearance["token"], clearance["expires_at"]) == ("block", None, None)
    assert (reason["code"], reason["rule"], reason["owner"], reason["due"]) == ("non_industrial_site", "R04", None, None)
    assert reason["clause"]["quote"] in "供电部门一律不得对此类企业加装三相变压器"
    assert set(reason["message"]) == set(reason["remedy"]) == {"zh", "en"}


@pytest.mark.parametrize(
    ("changes", "code", "pointer"),
    [
        ({"kind": "increase_three_phase"}, "existing-capacity-required", "/existing_capacity_kva"),
        ({"kind": "replace_like_for_like"}, "existing-capacity-required", "/existing_capacity_kva"),
        ({"parcel_code": None}, "place-required", "/parcel_code"),
        ({"parcel_code": "33028211"}, "bad-parcel-code", "/parcel_code"),
        ({"capacity_kva": 0}, "invalid-input", "/capacity_kva"),
        ({"capacity_kva": "315"}, "invalid-input", "/capacity_kva"),
        ({"kind": "windmill"}, "invalid-input", "/kind"),
        ({"declared_industry_code": "9999"}, "unknown-industry-code", "/declared_industry_code"),
        ({"colour": "red"}, "invalid-input", "/colour"),
        ({"request_id": "a\u0007b"}, "text-invisible-characters", "/request_id"),
        ({"applicant": {"type": "enterprise", "name": "x", "uscc": "91330282MA2AAAAA1D"}}, "bad-uscc", "/applicant/uscc"),
    ],
)
async def test_bad_requests_are_refused_by_field(power: Service, changes: dict[str, Any], code: str, pointer: str) -> None:
    async with caller(power, "grid") as grid:
        answer = await grid.post("/power-grid/v1/install-requests", json=body() | changes)
        listed = await grid.get("/power-grid/v1/clearances")
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert (answer.json()["code"], answer.json()["errors"][0]["pointer"]) == (code, pointer)
    assert listed.json() == {"items": [], "next_cursor": None}


async def test_a_commit_needs_the_right_token_an_unmoved_site_and_an_open_gate(power: Service, clock: FixedClock) -> None:
    await hear(power, parcel(SHOP))
    async with caller(power, "grid") as grid:
        first = (await grid.post("/power-grid/v1/install-requests", json=body("A"))).json()
        second = (await grid.post("/power-grid/v1/install-requests", json=body("B"))).json()
        commit = f"/power-grid/v1/clearances/{first['clearance_id']}:commit"
        assert (await grid.post(commit, json={"token": second["token"]})).status_code == 403
        assert (await grid.post(commit, json={"token": "nonsense"})).json()["code"] == "bad-token"
        done = await grid.post(commit, json={"token": first["token"]})
        again = await grid.post(commit, json={"token": first["token"]})
        assert (done.status_code, again.status_code) == (200, 200)
        assert done.json() == again.json()
        assert done.json()["committed_at"] is not None
        filing = Filed("fil-1", SHOP)
        await hear(power, filing.submitted())
        late = await grid.post(f"/power-grid/v1/clearances/{second['clearance_id']}:commit", json={"token": second["token"]})
        assert (late.status_code, late.json()["code"], late.json()["decision"]) == (409, "site-changed", "block")
        assert late.json()["site_epoch"] > second["site_epoch"]
        assert late.json()["reasons"][0]["code"] == "non_industrial_site"
        blocked = (await grid.post("/power-grid/v1/install-requests", json=body("C"))).json()
        never = await grid.post(f"/power-grid/v1/clearances/{blocked['clearance_id']}:commit", json={"token": None})
        assert (never.status_code, never.json()["code"]) == (409, "not-allowed")


async def test_a_clearance_ends_after_its_days(power: Service, clock: FixedClock) -> None:
    await hear(power, parcel(SHOP))
    async with caller(power, "grid") as grid:
        clearance = (await grid.post("/power-grid/v1/install-requests", json=body())).json()
        clock.advance(timedelta(days=31))
        commit = f"/power-grid/v1/clearances/{clearance['clearance_id']}:commit"
        answer = await grid.post(commit, json={"token": clearance["token"]})
    assert (answer.status_code, answer.json()["code"]) == (409, "clearance-expired")


async def test_the_resources_bureau_confirms_in_the_transition_zone(power: Service) -> None:
    filing = Filed("fil-1", FACTORY, uscc=USCC_A)
    await hear(power, parcel(FACTORY, LandVerdict.INDUSTRIAL), filing.submitted(), filing.judged(LandVerdict.INDUSTRIAL))
    await hear(power, filing.accepted(), parcel(FACTORY, LandVerdict.TRANSITION, version=2, planned=FAR, at=LATER), graded(USCC_A, Grade.B))
    word = {"code": "transition_confirmation", "result": "clear", "reason": "同意", "document_sha256": SHA}
    async with (
        caller(power, "grid") as grid,
        caller(power, "reviewer", unit="NRP") as bureau,
        caller(power, "reviewer", unit="MGO") as office,
    ):
        asked = (await grid.post("/power-grid/v1/install-requests", json=body(parcel_code=FACTORY, industry=MAKER))).json()
        assert (asked["decision"], asked["proposed"], asked["reasons"][0]["owner"]) == ("hold", "allow", "NRP")
        review = f"/power-grid/v1/clearances/{asked['clearance_id']}:review"
        assert (await office.post(review, json=word)).status_code == 403
        assert (await grid.post(review, json=word)).status_code == 403
        assert (await bureau.post(review, json=word, headers={"If-Match": '"7"'})).status_code == 412
        assert (await bureau.post(review, json=word | {"code": "watch_period"})).json()["code"] == "no-such-hold"
        cleared = await bureau.post(review, json=word, headers={"If-Match": '"1"'})
        assert (cleared.status_code, cleared.json()["decision"], cleared.json()["token"]) == (200, "allow", None)
        assert [past["decision"] for past in cleared.json()["history"]] == ["hold"]
        own = (await grid.get(f"/power-grid/v1/clearances/{asked['clearance_id']}")).json()
        commit = f"/power-grid/v1/clearances/{asked['clearance_id']}:commit"
        assert (await grid.post(commit, json={"token": own["token"]})).status_code == 200


async def test_a_site_is_never_404_and_a_malformed_code_is_422(power: Service) -> None:
    async with caller(power, "clerk") as clerk:
        unknown = await clerk.get(f"/power-grid/v1/sites/{HOUSE}")
        bad = await clerk.get("/power-grid/v1/sites/123")
    site = unknown.json()
    assert (unknown.status_code, site["land_verdict"], site["three_phase"], site["single_phase"]) == (
        200,
        "unknown",
        "hold",
        "not_restricted",
    )
    assert (site["manufacturing"], site["block_id"], site["watch_until"], site["site_epoch"]) == ([], None, None, 0)
    assert (bad.status_code, bad.json()["code"]) == (422, "bad-parcel-code")
    async with caller(power, "supervisor", unit="SG1") as supervisor:
        assert (await supervisor.get(f"/power-grid/v1/sites/{HOUSE}")).status_code == 403


async def test_the_feed_is_followed_by_cursor_and_agrees_with_the_snapshot(power: Service) -> None:
    filing = Filed()
    async with caller(power, "grid") as grid:
        empty = (await grid.get("/power-grid/v1/blocks")).json()
        assert (empty["items"], type(empty["next_cursor"])) == ([], str)
        waiting = asyncio.create_task(grid.get("/power-grid/v1/blocks", params={"after": empty["next_cursor"], "wait": 30}))
        await asyncio.sleep(0.05)
        await hear(power, parcel(), filing.submitted(), filing.judged(LandVerdict.NON_INDUSTRIAL))
        (imposed,) = (await waiting).json()["items"]
        cursor = (await waiting).json()["next_cursor"]
        assert (imposed["type"], imposed["parcel_code"], imposed["unit_number"], imposed["streamseq"]) == ("block_imposed", HOUSE, None, 1)
        snapshot = (await grid.get("/power-grid/v1/blocks:snapshot")).json()
        line = f"{HOUSE},,{imposed['block_id']},1\n"
        assert snapshot["digest"] == sha256(line.encode()).hexdigest()
        assert [item["block_id"] for item in snapshot["items"]] == [imposed["block_id"]]
        assert snapshot["cursor"] == cursor
        assert (await grid.get(f"/power-grid/v1/sites/{HOUSE}")).json()["block_id"] == imposed["block_id"]
        await hear(power, parcel(HOUSE, LandVerdict.INDUSTRIAL, version=2, at=LATER))
        (lifted,) = (await grid.get("/power-grid/v1/blocks", params={"after": cursor})).json()["items"]
        assert (lifted["type"], lifted["block_id"], lifted["streamseq"]) == ("block_lifted", imposed["block_id"], 2)
        nothing = (await grid.get("/power-grid/v1/blocks:snapshot")).json()
        assert (nothing["items"], nothing["digest"]) == ([], sha256(b"").hexdigest())
        assert (await grid.get("/power-grid/v1/blocks", params={"after": "x"})).json()["code"] == "bad-cursor"
        assert (await grid.get("/power-grid/v1/blocks", params={"wait": 61})).status_code == 422


async def test_a_block_has_two_owners_who_acknowledge_and_two_units_who_override(power: Service) -> None:
    filing = Filed()
    await hear(power, parcel(), filing.submitted(), filing.judged(LandVerdict.NON_INDUSTRIAL))
    text = {"reason": "民生保障", "document_sha256": SHA}
    async with (
        caller(power, "grid", sub="psc-1", unit="PSC") as grid,
        caller(power, "admin", sub="amr-1", unit="AMR") as market,
        caller(power, "admin", sub="mgo-1", unit="MGO") as office,
    ):
        block = (await grid.get(f"/power-grid/v1/sites/{HOUSE}")).json()["block_id"]
        acknowledge, override = f"/power-grid/v1/blocks/{block}:acknowledge", f"/power-grid/v1/blocks/{block}:override"
        once = (await grid.post(acknowledge)).json()["acknowledgements"]
        assert [line["unit"] for line in once] == ["PSC", "AMR"]
        assert [line["at"] is not None for line in once] == [True, False]
        twice = (await market.post(acknowledge)).json()["acknowledgements"]
        assert all(line["at"] is not None for line in twice)
        assert (await office.post(acknowledge)).status_code == 403
        asked = (await grid.post("/power-grid/v1/install-requests", json=body(parcel_code=HOUSE, industry=MAKER))).json()
        assert asked["decision"] == "block"
        assert (await market.post(override, json=text)).status_code == 403
        signed = await office.post(override, json=text)
        assert (signed.status_code, signed.json()["state"], signed.json()["signed"]) == (202, "one_signature", ["MGO"])
        assert (await office.post(override, json=text)).json()["code"] == "second-unit-needed"
        done = await grid.post(override, json=text)
        assert (done.status_code, done.json()["state"], done.json()["signed"]) == (200, "in_force", ["MGO", "PSC"])
        opened = (await grid.get(f"/power-grid/v1/clearances/{asked['clearance_id']}")).json()
        assert (opened["decision"], opened["overridden"]) == ("allow", True)
        await hear(power, Filed("fil-2", name="乙厂").submitted())
        ended = (await grid.get(f"/power-grid/v1/clearances/{asked['clearance_id']}")).json()
        assert ended["decision"] == "block"


async def test_a_finding_makes_a_manufacturing_site_until_it_is_closed(power: Service) -> None:
    await hear(power, parcel(SHOP))
    seen = {"kind": "manufacturing_use", "parcel_code": SHOP, "observed_on": "2026-11-20", "note": "注塑机3台"}
    async with (
        caller(power, "township_officer", townships=["330282112"]) as officer,
        caller(power, "township_officer", townships=["330282121"]) as stranger,
        caller(power, "grid") as grid,
    ):
        assert (await stranger.post("/power-grid/v1/findings", json=seen)).status_code == 403
        future = await officer.post("/power-grid/v1/findings", json=seen | {"observed_on": "2026-12-01"})
        assert future.json()["code"] == "bad-observed-on"
        finding = await officer.post("/power-grid/v1/findings", json=seen)
        assert (finding.status_code, finding.json()["state"], finding.headers["ETag"]) == (201, "open", '"1"')
        site = (await grid.get(f"/power-grid/v1/sites/{SHOP}")).json()
        assert (site["three_phase"], [use["source"] for use in site["manufacturing"]]) == ("block", ["finding"])
        close = f"/power-grid/v1/findings/{finding.json()['finding_id']}:close"
        assert (await stranger.post(close)).status_code == 404
        closed = await officer.post(close, json={"reason": "已搬离"})
        assert (closed.json()["state"], closed.headers["ETag"]) == ("closed", '"2"')
        assert (await officer.post(close)).status_code == 409
        assert (await grid.get(f"/power-grid/v1/sites/{SHOP}")).json()["block_id"] is None


async def test_a_check_before_filing_keeps_nothing(power: Service) -> None:
    await hear(power, parcel(SHOP))
    async with caller(power, "integrator") as integrator, caller(power, "grid") as grid:
        known = await integrator.post("/power-grid/v1/checks", json={"parcel_code": SHOP, "declared_industry_code": MAKER})
        nowhere = await integrator.post("/power-grid/v1/checks", json={"declared_industry_code": MAKER})
        hinted = await integrator.post("/power-grid/v1/checks", json={"declared_industry_code": MAKER, "land_verdict": "out_of_area"})
        assert (known.json()["three_phase"], known.json()["single_phase"]) == ("block", "not_restricted")
        assert (nowhere.json()["three_phase"], hinted.json()["three_phase"]) == ("hold", "refer")
        assert (await grid.get(f"/power-grid/v1/sites/{SHOP}")).json()["manufacturing"] == []


async def test_only_the_power_company_asks_and_strangers_see_no_clearance(power: Service) -> None:
    async with caller(power, "clerk") as clerk, caller(power, "integrator") as integrator:
        assert (await clerk.post("/power-grid/v1/install-requests", json=body())).status_code == 403
        assert (await clerk.get("/power-grid/v1/clearances/clr_x")).status_code == 404
        assert (await integrator.get("/power-grid/v1/clearances/clr_x")).status_code == 404


async def test_the_signing_key_is_readable_by_its_owner_only(power: Service, tmp_path: Path) -> None:
    assert (tmp_path / "power_grid_clearance.jwk").stat().st_mode & 0o777 == 0o600
