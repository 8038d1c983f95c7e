"""Connected sites under a policy set that would not allow them: nothing is disconnected and nothing is a breach, a case is for a person."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from chassis import policies
from chassis.clock import FixedClock
from chassis.review_cases import CaseClosureSent, CaseState, CloseCase, Side, Wanted
from chassis.service import Service
from chassis.testing import NOON, principal, received
from contracts.land_check import Review, StatementRevoked
from contracts.policy import CURRENT
from contracts.power_grid import BreachFound
from contracts.vocabulary import Grade, InstallKind, LandVerdict, PowerDecision, StatementOutcome
from services.power_grid import handlers
from services.power_grid.domain import Clearance
from services.power_grid.tables.review_cases import REVIEW_CASES
from tests.parts.activations import activated, ref
from tests.power_grid.events import FACTORY, FAR, HOUSE, LATER, MAKER, SHA, SHOP, TRADER, USCC_A, XINPU, ZHOUXIANG, Filed, graded, parcel
from tests.power_grid.test_api import body, hear
from tests.power_grid.vocabulary import Grid, asked, caller, grid, running

NON_INDUSTRIAL, INDUSTRIAL, TRANSITION = LandVerdict.NON_INDUSTRIAL, LandVerdict.INDUSTRIAL, LandVerdict.TRANSITION
MGO = principal("reviewer", sub="mgo-1", unit="MGO")


@pytest.fixture
def power() -> Iterator[Grid]:
    with grid() as made:
        yield made


def turn(power: Grid, version: int = 2, **switches: Any) -> None:
    """Another set is in force, and what it changes has been gone through."""
    power.clock.set(power.clock.now() + timedelta(hours=1))
    power.hear(activated(version, date(2026, 11, version), at=power.clock.now(), **switches))
    sweep(power)


def sweep(power: Grid) -> None:
    for _ in range(2):
        power.said += [message.event for message in power.db.write_sync(handlers.judge_under_another_policy).messages]


def connected(power: Grid, request: Any) -> Clearance:
    clearance: Clearance = power.commit(power.ask(request))
    assert clearance.committed_at is not None
    return clearance


def cases(power: Grid) -> list[tuple[str, str, list[str], int]]:
    found = power.db.read_sync(lambda tx: REVIEW_CASES.page(tx, Wanted(), None, 100))
    sides = [(Side.of(case["was"]), Side.of(case["would_be"])) for case in found]
    return [(was.outcome, would_be.outcome, [code for code, _ in would_be.reasons], would_be.policy.version) for was, would_be in sides]


def a_replacement(power: Grid) -> Clearance:
    """A bigger transformer at a house, allowed under a set in which only new ones count."""
    turn(power, 2, capacity_increase_counts=False)
    filing = Filed()
    power.hear(parcel(), filing.submitted(), filing.judged(NON_INDUSTRIAL), filing.refused())
    return connected(power, asked(industry=MAKER, kind=InstallKind.INCREASE_THREE_PHASE, existing_capacity_kva=100.0))


@pytest.mark.usefixtures("backend")
def test_what_is_connected_stays_and_a_case_is_opened_once(power: Grid) -> None:
    clearance = a_replacement(power)
    turn(power, 3, capacity_increase_counts=True)
    assert cases(power) == [("allow", "block", ["non_industrial_site"], 3)]
    sweep(power)
    power.hear(parcel(version=2, at=LATER))
    assert len(cases(power)) == 1
    assert (power.clearance(clearance), power.told(BreachFound)) == (clearance, [])


@pytest.mark.usefixtures("backend")
def test_a_case_is_closed_by_the_governance_office_and_nothing_is_disconnected(power: Grid) -> None:
    clearance = a_replacement(power)
    turn(power, 3, capacity_increase_counts=True)
    (case,) = power.db.read_sync(lambda tx: REVIEW_CASES.page(tx, Wanted(CaseState.OPEN, clearance.clearance_id, [XINPU]), None, 1))
    sent = CaseClosureSent(result="stands", reason="已按当时规定接电", document_sha256=SHA)
    closed = power.do(handlers.close_review_cases, CloseCase(case["review_case_id"], sent, None), MGO)
    assert (closed["state"], closed["result"], closed["closed_by"], closed["version"]) == ("closed", "stands", "mgo-1", 2)
    again = power.do(handlers.close_review_cases, CloseCase(case["review_case_id"], sent, None), MGO)
    assert (again.status, again.code) == (409, "wrong-state")
    assert power.clearance(clearance) == clearance
    assert power.db.read_sync(lambda tx: REVIEW_CASES.counts(tx, CURRENT.ref.id, 3)) == {"open": 0, "closed": 1}


@pytest.mark.usefixtures("backend")
def test_the_database_itself_keeps_one_case_for_each_connection_and_set(power: Grid) -> None:
    a_replacement(power)
    turn(power, 3, capacity_increase_counts=True)
    (case,) = power.db.read_sync(lambda tx: REVIEW_CASES.page(tx, Wanted(), None, 1))
    power.db.write_sync(lambda tx: tx.insert_new(REVIEW_CASES.table, [{**case, "review_case_id": "rvc_of_another_replica"}]))
    assert power.db.read_sync(lambda tx: REVIEW_CASES.page(tx, Wanted(), None, 2)) == [case]


@pytest.mark.usefixtures("backend")
def test_land_that_another_set_reads_otherwise_is_a_case_whichever_comes_first(power: Grid) -> None:
    power.hear(parcel(SHOP, INDUSTRIAL))
    clearance = connected(power, asked(SHOP, industry=MAKER))
    power.clock.set(LATER)
    read_otherwise = parcel(SHOP, NON_INDUSTRIAL, at=LATER).model_copy(update={"policy": ref(2)})
    power.hear(read_otherwise)
    assert (cases(power), power.told(BreachFound)) == ([], []), "the set itself has not been heard of yet"
    turn(power, 2, control_line_mode="decide")
    assert cases(power) == [("allow", "block", ["non_industrial_site"], 2)]
    assert (power.clearance(clearance), power.told(BreachFound)) == (clearance, [])


def test_a_parcel_read_again_after_the_set_came_into_force_is_a_case_too(power: Grid) -> None:
    power.hear(parcel(SHOP, INDUSTRIAL))
    connected(power, asked(SHOP, industry=MAKER))
    turn(power, 2, control_line_mode="decide")
    assert cases(power) == []
    power.hear(parcel(SHOP, NON_INDUSTRIAL, at=LATER).model_copy(update={"policy": ref(2)}))
    assert (cases(power), power.told(BreachFound)) == ([("allow", "block", ["non_industrial_site"], 2)], [])


def test_a_parcel_that_the_register_changes_is_a_breach_as_ever_also_after_another_set(power: Grid) -> None:
    power.hear(parcel(SHOP, INDUSTRIAL))
    connected(power, asked(SHOP, industry=MAKER))
    turn(power, 2, control_line_mode="decide")
    power.hear(parcel(SHOP, NON_INDUSTRIAL, version=2, at=LATER))
    (breach,) = power.told(BreachFound)
    assert (breach.cause, cases(power)) == ("hold_after_commit", [])


def test_a_fact_that_the_set_of_the_commit_would_not_allow_either_is_a_breach_beside_the_case(power: Grid) -> None:
    turn(power, 2, three_phase_ban_scope="without_statement")
    filing = Filed()
    judged = filing.judged(NON_INDUSTRIAL, statement=StatementOutcome.REQUIRED_VALID)
    power.hear(parcel(), filing.submitted(), judged, filing.accepted())
    connected(power, asked(filing=filing.filing_id, industry=MAKER))
    turn(power, 3, three_phase_ban_scope="all_non_industrial")
    assert (cases(power), power.told(BreachFound)) == ([("allow", "block", ["non_industrial_site"], 3)], [])
    revoked = StatementRevoked(
        filing_id=filing.filing_id,
        enterprise_name=filing.name,
        township_code=XINPU,
        parcel_code=HOUSE,
        unit_number=None,
        statement_id="stm-1",
    )
    power.hear(revoked)
    assert [breach.cause for breach in power.told(BreachFound)] == ["hold_after_commit"]


def test_the_grade_of_the_applicant_counts_when_a_connected_site_is_looked_at_again(power: Grid) -> None:
    turn(power, 2, transition_auto_allow=True)
    power.hear(parcel(FACTORY, TRANSITION, planned=FAR), graded(USCC_A, Grade.B))
    connected(power, asked(FACTORY, applicant_type="enterprise", applicant_uscc=USCC_A))
    turn(power, 3, transition_auto_allow=True, withdrawn_watch_days=10)
    assert (cases(power), power.told(BreachFound)) == ([], [])
    turn(power, 4, transition_auto_allow=True, transition_min_grade="A")
    assert (cases(power), power.told(BreachFound)) == ([("allow", "block", ["transition_grade"], 4)], [])


def test_what_the_new_set_allows_too_and_what_only_waits_is_no_case(power: Grid) -> None:
    power.hear(parcel(SHOP, INDUSTRIAL), parcel())
    connected(power, asked(SHOP, industry=TRADER))
    waiting = power.ask(asked(HOUSE, industry=TRADER))
    turn(power, 2, manufacturing_sections=["C", "F"])
    assert power.clearance(waiting).answer.decision is PowerDecision.BLOCK
    assert cases(power) == []


def test_what_land_check_says_of_a_decided_filing_for_review_changes_nothing_here(power: Grid) -> None:
    filing = Filed("fil-1", FACTORY)
    power.hear(parcel(FACTORY, INDUSTRIAL), filing.submitted(), filing.judged(INDUSTRIAL), filing.accepted())
    before = power.db.read_sync(lambda tx: tx.sql("SELECT * FROM filing"))
    power.hear(filing.judged(NON_INDUSTRIAL, at=LATER).model_copy(update={"review": Review(policy=CURRENT.ref)}))
    assert power.db.read_sync(lambda tx: tx.sql("SELECT * FROM filing")) == before


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Service]:
    """A factory is connected, and a set that would not allow it is in force."""
    async with running(tmp_path, FixedClock(NOON)) as made:
        await hear(made, parcel(SHOP, INDUSTRIAL))
        async with caller(made, "grid") as company:
            first = (await company.post("/power-grid/v1/install-requests", json=body("A", SHOP, MAKER))).json()
            done = await company.post(f"/power-grid/v1/clearances/{first['clearance_id']}:commit", json={"token": first["token"]})
            assert done.status_code == 200
        made.clock.set(LATER)  # type: ignore[attr-defined]
        await made.database.write(lambda tx: policies.hear([received(activated(at=LATER, control_line_mode="decide"))], tx))
        await hear(made, parcel(SHOP, NON_INDUSTRIAL, at=LATER))
        yield made


async def test_cases_are_listed_and_closed_over_http_by_role(service: Service) -> None:
    path = "/power-grid/v1/review-cases"
    async with caller(service, "auditor") as auditor:
        (case,) = (await auditor.get(path, params={"state": "open", "township_code": XINPU})).json()["items"]
        clearance = (await auditor.get(f"/power-grid/v1/clearances/{case['clearance_id']}")).json()
        one = await auditor.get(f"{path}/{case['review_case_id']}")
        assert (one.json(), one.headers["etag"]) == (case, '"1"')
        assert (await auditor.get(path, params={"clearance_id": "clr_other"})).json()["items"] == []
        for bad in ({"limit": "9" * 20}, {"state": "late"}, {"township_code": "1"}, {"clearance_id": "x" * 101}):
            assert (await auditor.get(path, params=bad)).status_code == 422, bad
    assert (case["request_id"], case["parcel_code"], case["unit_number"], case["filing_id"]) == ("A", SHOP, None, None)
    assert (case["was"], case["would_be"], case["policy"]["version"], case["was_by"]["version"]) == ("allow", "block", 2, 1)
    assert case["reasons"]["would_be"][0]["clause"] == CURRENT.reason("non_industrial_site", None).clause.model_dump()
    sent = {"result": "set_aside_sought", "reason": "请供电公司研究"}
    for role, claims, seen, may in (
        ("grid", {"unit": "PSC"}, 200, 403),
        ("admin", {"unit": "MGO"}, 200, 403),
        ("reviewer", {"unit": "AMR"}, 200, 403),
        ("integrator", {}, 404, 404),
        ("township_officer", {"townships": [ZHOUXIANG]}, 404, 404),
        ("township_officer", {"townships": [XINPU]}, 200, 403),
        ("reviewer", {"unit": "MGO"}, 200, 200),
    ):
        async with caller(service, role, **claims) as someone:
            assert (await someone.get(f"{path}/{case['review_case_id']}")).status_code == seen, (role, claims)
            assert (await someone.post(f"{path}/{case['review_case_id']}:close", json=sent)).status_code == may, (role, claims)
    async with caller(service, "auditor") as auditor:
        (closed,) = (await auditor.get(path, params={"state": "closed"})).json()["items"]
        assert (closed["result"], closed["version"]) == ("set_aside_sought", 2)
        assert (await auditor.get(f"/power-grid/v1/clearances/{case['clearance_id']}")).json() == clearance
