"""What a what-if of a set lists of decided filings and connected sites is what its activation opens review cases for, switch by switch."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from chassis import policies
from chassis.review_cases import Side, Wanted
from chassis.testing import received
from chassis.what_if import Question, Sets
from contracts.power_grid import BreachFound
from services.land_check.api.parcel_bodies import ParcelSent
from services.land_check.api.statements import StatementSent
from services.land_check.handlers import sweeping
from services.land_check.handlers.parcels import PutParcel, put_parcels
from services.land_check.handlers.statements import statements_recorded
from services.land_check.handlers.what_if import compare_land
from services.power_grid.clients import Land
from services.power_grid.handlers import judge_under_another_policy
from services.power_grid.handlers.what_if import cases_after, flips_of
from services.power_grid.tables.review_cases import REVIEW_CASES as CONNECTED
from services.registration import handlers as registration
from services.registration import tables
from services.registration.handlers.what_if import Trial
from services.registration.tables.review_cases import REVIEW_CASES as DECIDED
from services.registration.tables.what_if import Bounds, filings_after
from tests.land_check.vocabulary import map_officer, officer, paper_sent, parcel_sent
from tests.parts.activations import activated, turned
from tests.policy.three_offices import GRIDS, Offices, offices
from tests.registration.vocabulary import clerk, submission

GB = "GB/T21010-2017"
INDUSTRIAL, WAREHOUSE, HOUSE, SHOP = ({"scheme": GB, "code": code} for code in ("0601", "0604", "0702", "0501"))
JB = "330282112001JB0000"
OUTSIDE, INSIDE, STORE, STORE_TOO, VILLAGE, DOUBTED, ZONE = (f"{JB}{number}" for number in range(1, 8))
MAKER, MINE, TRADER = "3851", "1019", "5212"

TURNED: tuple[dict[str, Any], ...] = (
    {"warehouse_counts_as_industrial": True},
    {"control_line_mode": "decide"},
    {"transition_is_industrial": False},
    {"village_strict_mode": "refuse"},
    {"negative_statement_refuses": False},
    {"missing_statement_grace_days": 0},
    {"three_phase_ban_scope": "without_statement"},
    {"manufacturing_sections": ["B"]},
    {"warehouse_counts_as_industrial": True, "control_line_mode": "decide", "village_strict_mode": "refuse"},
)


class Town:
    """Filings of every kind, decided under the shipped set, and a connected factory."""

    def __init__(self, at: Offices) -> None:
        self.at = at
        for code, use, more in (
            (OUTSIDE, INDUSTRIAL, {"inside_control_line": False}),
            (INSIDE, INDUSTRIAL, {"inside_control_line": True}),
            (STORE, WAREHOUSE, {}),
            (STORE_TOO, WAREHOUSE, {}),
            (VILLAGE, HOUSE, {"in_village": True}),
            (DOUBTED, SHOP, {}),
            (ZONE, INDUSTRIAL, {"planned_use": "non_industrial", "transition": {"planned_implementation": "2040-01-01"}}),
        ):
            sent = ParcelSent.model_validate(parcel_sent(code, registered_use=[use], **{"in_village": False, **more})).record()
            at._do("land", put_parcels, PutParcel(sent), map_officer)
        self.maker = self.file("外厂", OUTSIDE)
        self.filings = [self.maker, self.file("内厂", INSIDE), self.file("无证厂", STORE), self.file("矿", VILLAGE, MINE)]
        self.filings += [self.file("商店", DOUBTED, TRADER), self.file("过渡厂", ZONE)]
        for name, code, result in (
            ("有证厂", STORE_TOO, "supports"),
            ("村厂", VILLAGE, "supports"),
            ("存疑厂", DOUBTED, "does_not_support"),
        ):
            self.paper(name, code, result)
            self.filings.append(self.file(name, code))
        at.deliver()
        self.declare_no_statement(self.filings[2])
        at.deliver()
        self.connected = at.power_for(self.maker)
        at.deliver()
        at.commit(self.connected)
        at.deliver()

    def file(self, name: str, code: str, industry: str = MAKER) -> str:
        sent = submission(enterprise_name=name, premises__parcel_code=code, industry_code=industry)
        return str(self.at._do("registration", registration.submit, sent, clerk).filing_id)

    def paper(self, name: str, code: str, result: str) -> None:
        sent = StatementSent.model_validate(paper_sent(parcel_code=code, enterprise_name=name, result=result)).paper()
        self.at._do("land", statements_recorded, sent, officer)

    def declare_no_statement(self, filing_id: str) -> None:
        act = registration.Act(filing_id, self.at.filing(filing_id).version, None)
        self.at._do("registration", registration.declare_no_statement, act, clerk)

    def activate(self, **switches: Any) -> list[Any]:
        """The set comes into force, and everything that follows of it has happened. What was said on the way."""
        said: list[Any] = []
        for office in self.at.db:
            self.at._run(office, policies.hear, received(activated(at=self.at._clock.now(), **switches)))
        jobs = [("land", job) for job in (sweeping.judge_open_filings, sweeping.look_at_decided_filings, sweeping.tell_of_parcels)]
        for office, job in [*jobs, *((grid, judge_under_another_policy) for grid in GRIDS)] * 3:
            said += self.at._run(office, lambda batch, tx, job=job: job(tx), None).messages
            self.at.deliver()
        return [message.event for message in said]

    def decided(self) -> list[Any]:
        rows = self.at.db["registration"].read_sync(lambda tx: tables.by_ids(tx, self.filings))
        return [filing for row in rows if (filing := tables.filing_of(row)).status in ("accepted", "refused")]

    def tried(self, switches: dict[str, Any]) -> Sets:
        present = self.at.db["land"].read_sync(policies.in_force)
        return Question({}, turned(**switches).set.model_dump(mode="json")).sets(present)

    def would_flip(self, switches: dict[str, Any]) -> dict[str, Any]:
        """What the candidate would decide otherwise of what is decided: what stands behind ``POST /decisions:what-if``."""
        sets, decided = self.tried(switches), {filing.filing_id for filing in self.decided()}
        stored = self.at.db["registration"].read_sync(lambda tx: filings_after(tx, Bounds(None, None, None), "", 500))
        land = self.at.db["land"].read_sync(lambda tx: compare_land(tx, decided, [], sets))
        found = {filing_id: places for filing_id, _, places in land.filings}
        return {flip.id: flip.change for flip in Trial(sets).flips(stored, found, land.findings)}

    def would_hold(self, switches: dict[str, Any]) -> set[str]:
        """The connected sites that the candidate would not allow, the land read by it too."""
        sets = self.tried(switches)
        cases = self.at.db[GRIDS[0]].read_sync(lambda tx: cases_after(tx, None, "", 500))
        trial = self.at.db["land"].read_sync(lambda tx: compare_land(tx, cases.filing_ids, cases.parcel_codes, sets))
        filings = {filing_id: (revision, tuple(trial.findings[place] for place in places)) for filing_id, revision, places in trial.filings}
        parcels = {code: tuple(trial.readings[place] for place in places) for code, places in trial.parcels}
        not_judged, flips = flips_of(cases.cases, Land(filings, parcels), sets)
        assert not_judged == 0
        return {flip.id for flip in flips if flip.change.would_be.outcome != "allow" and flip.id == self.connected}

    def cases(self, book: Any = DECIDED, office: str = "registration") -> list[Any]:
        return list(self.at.db[office].read_sync(lambda tx: book.page(tx, Wanted(), None, 500)))

    def stored(self) -> list[Any]:
        sql = "SELECT * FROM filing WHERE status IN ('accepted', 'refused') ORDER BY filing_id"
        return list(self.at.db["registration"].read_sync(lambda tx: [tx.sql(sql), tx.sql("SELECT * FROM filing_history")]))


@pytest.fixture
def town() -> Iterator[Town]:
    with offices() as at:
        yield Town(at)


def as_flip(case: Any) -> tuple[Any, ...]:
    was, would_be = Side.of(case["was"]), Side.of(case["would_be"])
    return tuple((side.outcome, tuple(code for code, _ in side.reasons), tuple(side.flags)) for side in (was, would_be))


@pytest.mark.parametrize("switches", TURNED, ids=lambda switches: " ".join(switches))
def test_a_case_is_opened_for_what_the_what_if_listed_and_for_nothing_else(town: Town, switches: dict[str, Any]) -> None:
    expected = {
        filing_id: tuple((side.outcome, side.reasons, side.flags) for side in sides)
        for filing_id, (*sides, _) in town.would_flip(switches).items()
    }
    held, before = town.would_hold(switches), town.stored()
    said = town.activate(**switches)
    assert {case["filing_id"]: as_flip(case) for case in town.cases()} == expected
    assert expected or switches.keys() <= {"three_phase_ban_scope", "missing_statement_grace_days"}, (
        "a switch that flips nothing tries nothing"
    )
    assert {case["clearance_id"] for case in town.cases(CONNECTED, GRIDS[0])} == held
    assert town.stored() == before, "what is decided stays"
    assert not [event for event in said if isinstance(event, BreachFound)], "another reading is no breach"


def test_land_read_otherwise_reaches_a_connected_site_as_a_case_and_not_as_a_breach(town: Town) -> None:
    town.activate(control_line_mode="decide")
    (case,) = town.cases(CONNECTED, GRIDS[0])
    assert (case["clearance_id"], as_flip(case)) == (town.connected, (("allow", (), ()), ("block", ("non_industrial_site",), ())))
    clearance = town.at.clearance(town.connected)
    assert (clearance.breached, clearance.answer.decision) == (False, "allow")


def test_all_happens_once_however_often_it_is_looked_for(town: Town) -> None:
    town.activate(control_line_mode="decide", village_strict_mode="refuse")
    before = town.cases(), town.cases(CONNECTED, GRIDS[0])
    for grid in GRIDS:
        town.at.db[grid].write_sync(lambda tx: tx.many("UPDATE policy_sweep SET \"after\" = '', done = 0 WHERE task <> ?", [("",)]))
    town.at.db["land"].write_sync(lambda tx: tx.many("UPDATE policy_sweep SET \"after\" = '', done = 0 WHERE task <> ?", [("",)]))
    for office, job in (("land", sweeping.look_at_decided_filings), (GRIDS[0], judge_under_another_policy)):
        town.at._run(office, lambda batch, tx, job=job: job(tx), None)
        town.at.deliver()
    assert (town.cases(), town.cases(CONNECTED, GRIDS[0])) == before
