"""Lists, parks and grades, and the filings they concern."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chassis.testing import command, received
from contracts.envelope import Event
from contracts.land_check import GradeRecorded
from contracts.power_grid import BreachFound, FindingRecorded
from contracts.vocabulary import Action, AdmissionStatus, Controller, Grade, ListStatus, ListType
from services.land_check.domain import ParkKind
from services.land_check.handlers.lists import (
    Move,
    NewEntry,
    breaches_found,
    entries_advanced,
    entries_closed,
    entries_opened,
    findings_recorded,
)
from services.land_check.handlers.registers import NewAdmission, PutGrades, PutPark, admissions_recorded, grades_put, parks_put
from tests.land_check.papers import record
from tests.land_check.vocabulary import (
    FACTORY,
    HOMESTEAD,
    NAME,
    USCC_A,
    XINPU,
    ZHOUXIANG,
    Office,
    day,
    elsewhere,
    factory_sent,
    facts,
    map_officer,
    office,
    officer,
    parcel_sent,
)

pytestmark = pytest.mark.usefixtures("backend")


def test_open_entry_holds_filings_at_the_place_and_of_the_controller_until_it_is_closed() -> None:
    boss = Controller(name="周八", uscc=None)
    entry = NewEntry(ListType.INEFFICIENT, "旧厂", None, boss, FACTORY, None, day("2026-10-01"), None)
    with office() as at:
        at.put(factory_sent())
        at.put(factory_sent("330282121001GB00002"))
        at.submit("F1", facts(FACTORY))
        at.submit("F2", facts("330282121001GB00002", controller=boss, enterprise_name="新厂"))
        opened = at.run(entries_opened, command(entry, map_officer)).answers[0]
        assert at.findings("F1").open_lists == at.findings("F2").open_lists == ("inefficient",)
        assert at.submit("F3", facts(FACTORY, enterprise_name="第三家")).open_lists == ("inefficient",)
        closed = Move(opened["entry_id"], ListStatus.DELISTED, "达标销号")
        at.run(entries_closed, command(closed, map_officer))
        assert at.findings("F1").open_lists == at.findings("F2").open_lists == ()
        assert at.run(entries_closed, command(closed, map_officer)).answers[0].code == "wrong-state"


def test_a_change_that_needs_no_statement_is_held_by_lists_and_parks_all_the_same() -> None:
    entry = NewEntry(ListType.INEFFICIENT, "旧厂", None, None, HOMESTEAD, None, day("2026-10-01"), None)
    with office() as at:
        at.run(parks_put, command(PutPark("P1", "小微园", ParkKind.SMALL_ENTERPRISE, XINPU), map_officer))
        at.put(parcel_sent(park_id="P1"))
        found = at.submit("F1", facts(action=Action.AMEND_OTHER, uscc=USCC_A))
        assert (found.statement.outcome, found.park_id, found.park_admission, found.open_lists) == ("not_required", "P1", None, ())
        opened = at.run(entries_opened, command(entry, map_officer)).answers[0]
        assert at.findings("F1").open_lists == ("inefficient",)
        at.run(entries_closed, command(Move(opened["entry_id"], ListStatus.DELISTED, "达标销号"), map_officer))
        at.run(admissions_recorded, command(NewAdmission("P1", NAME, None, None, AdmissionStatus.APPROVED, day("2026-11-20")), map_officer))
        at.run(grades_put, command(PutGrades(2025, ((USCC_A, Grade.C),)), map_officer))
        found = at.findings("F1")
        assert (found.open_lists, found.park_admission, found.grade) == ((), "approved", "C")
        assert at.requests() == []


def test_a_paper_is_kept_for_the_filing_that_needs_it() -> None:
    with office() as at:
        at.put(parcel_sent())
        brought = record(at)
        assert at.submit("F1", facts(action=Action.AMEND_OTHER, uscc=USCC_A)).statement.outcome == "not_required"
        assert at.submit("F2").statement.statement_id == brought.statement_id


def test_every_open_entry_that_concerns_a_filing_is_named_also_a_second_one_of_the_same_list() -> None:
    with office() as at:
        at.put(factory_sent())
        at.submit("F1", facts(FACTORY))
        assert at.findings("F1").open_entries == ()
        entry = NewEntry(ListType.INEFFICIENT, "旧厂", None, None, FACTORY, None, day("2026-10-01"), None)
        first, second = (at.run(entries_opened, command(entry, map_officer)).answers[0]["entry_id"] for _ in range(2))
        assert (at.findings("F1").open_lists, at.findings("F1").open_entries) == (("inefficient",), (first, second))
        at.run(entries_closed, command(Move(first, ListStatus.DELISTED, "达标销号"), map_officer))
        assert at.findings("F1").open_entries == (second,)


def test_entry_moves_one_step_at_a_time() -> None:
    with office() as at:
        at.put(factory_sent())
        entry = NewEntry(ListType.LOW_SCATTERED, "旧厂", None, None, FACTORY, None, day("2026-10-01"), None)
        entry_id = at.run(entries_opened, command(entry, map_officer)).answers[0]["entry_id"]
        assert at.run(entries_advanced, command(Move(entry_id, ListStatus.LISTED, "x"), map_officer)).answers[0].status == 409
        for step in ("confirmed", "listed", "rectifying", "checked", "delisted"):
            row = at.run(entries_advanced, command(Move(entry_id, ListStatus(step), "x"), map_officer)).answers[0]
            assert row["status"] == step
        assert len(at.told("ListEntryClosed")) == 1


def test_township_officer_opens_entries_in_the_own_township_only() -> None:
    with office() as at:
        at.put(parcel_sent())
        entry = NewEntry(ListType.LOW_SCATTERED, "旧厂", None, None, HOMESTEAD, None, day("2026-10-01"), None)
        assert at.run(entries_opened, command(entry, elsewhere)).answers[0].status == 404
        assert at.run(entries_opened, command(entry, officer)).answers[0]["township_code"] == XINPU


def test_findings_and_breaches_of_the_power_side_become_cases_that_hold_nothing() -> None:
    where = {"parcel_code": FACTORY, "unit_number": None, "township_code": ZHOUXIANG}
    seen = FindingRecorded(
        **where, finding_id="f1", kind="manufacturing_use", state="open", industry_code=None, observed_on=day("2026-11-01")
    )
    with office() as at:
        at.put(factory_sent())
        at.run(findings_recorded, received(seen), received(seen.model_copy(update={"state": "closed"})))
        at.run(breaches_found, received(BreachFound(**where, breach_id="b1", cause="no_clearance")))
        assert [(entry.list, entry.cause) for entry in at.entries()] == [
            ("source_control", "unregistered_use"),
            ("source_control", "breach"),
        ]
        assert at.submit("F1", facts(FACTORY)).open_lists == ()


def test_park_admission_is_the_newest_word_on_the_enterprise() -> None:
    def admit(at: Office, status: str, on: str, name: str = NAME) -> None:
        new = NewAdmission("P1", name, None, None, AdmissionStatus(status), day(on))
        at.run(admissions_recorded, command(new, map_officer))

    with office() as at:
        at.run(parks_put, command(PutPark("P1", "小微园", ParkKind.SMALL_ENTERPRISE, ZHOUXIANG), map_officer))
        at.put(factory_sent(park_id="P1"))
        found = at.submit("F1", facts(FACTORY))
        assert (found.park_id, found.park_admission) == ("P1", None)
        admit(at, "refused", "2026-11-10", "另一家公司")
        assert at.findings().park_admission is None
        assert at.findings().admission_id is None
        admit(at, "approved", "2026-11-10")
        assert at.findings().park_admission == "approved"
        approved = at.findings().admission_id
        admit(at, "applied", "2026-11-01")
        assert (at.findings().park_admission, at.findings().admission_id) == ("approved", approved)
        for _ in range(2):
            before = at.findings().admission_id
            admit(at, "refused", "2026-11-12")
            assert (at.findings().park_admission, at.findings().admission_id != before) == ("refused", True)
        assert {(told.township_code, told.notify) for told in at.told("ParkAdmissionRecorded")} == {(ZHOUXIANG, ("PARK",))}


def test_newest_grade_not_after_the_year_of_the_filing_is_shown() -> None:
    def grade(at: Office, year: int, grade: Grade) -> list[Event]:
        return [message.event for message in at.run(grades_put, command(PutGrades(year, ((USCC_A, grade),)), map_officer)).messages]

    with office() as at:
        at.put(factory_sent())
        grade(at, 2024, Grade.D)
        assert at.submit("F1", facts(FACTORY, uscc=USCC_A)).grade == "D"
        grade(at, 2025, Grade.B)
        assert at.findings().grade == "B"
        assert grade(at, 2025, Grade.B) == []
        assert grade(at, 2027, Grade.C) == [GradeRecorded(uscc=USCC_A, year=2027, grade=Grade.C)]
        assert at.findings().grade == "B"
        at.clock.advance(timedelta(days=60))
        grade(at, 2026, Grade.D)
        assert at.findings().grade == "D"
        assert at.submit("F2", facts(FACTORY, uscc=USCC_A, submitted_at=at.clock.now())).grade == "C"
