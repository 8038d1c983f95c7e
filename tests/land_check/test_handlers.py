"""Filings placed, judged and judged again; requests opened and taken back; papers bound."""

from __future__ import annotations

from typing import Any

import pytest

from chassis.problems import Problem
from chassis.testing import command, principal, received
from contracts.power_grid import BreachFound, FindingRecorded
from contracts.vocabulary import AdmissionStatus, Controller, Grade, ListStatus, ListType
from services.land_check.api.statements import StatementSent
from services.land_check.domain import ParkKind, Part, StatementResult
from services.land_check.handlers.answering import Decline, Issue, Return, requests_answered
from services.land_check.handlers.filings import filings_submitted
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
from services.land_check.handlers.rulings import ResolveUnit, SetTownship, townships_set, units_resolved
from services.land_check.handlers.statements import Withdraw, statements_recorded, statements_reported_forged, statements_revoked
from tests.land_check.vocabulary import (
    ANDONG,
    FACTORY,
    HOMESTEAD,
    INDUSTRIAL,
    NAME,
    SHA,
    SHOP,
    USCC_A,
    VILLAGE_LAND,
    XINPU,
    ZHOUXIANG,
    Office,
    day,
    elsewhere,
    factory_sent,
    facts,
    map_officer,
    noon,
    office,
    officer,
    paper_sent,
    parcel_sent,
    place,
    submitted,
)

SQUARE = {"type": "Polygon", "coordinates": [[[121.2, 30.1], [121.201, 30.1], [121.201, 30.101], [121.2, 30.101], [121.2, 30.1]]]}


def record(at: Office, by: Any = officer, **changes: Any) -> Any:
    return at.run(statements_recorded, command(StatementSent.model_validate(paper_sent(**changes)).paper(), by)).answers[0]


def answer(at: Office, kind: str = "issue", by: Any = officer, **changes: Any) -> Any:
    request_id = at.requests("pending")[0].statement_request_id
    if kind == "decline":
        what: Any = Decline(request_id, "无法提供")
    elif kind == "return":
        what = Return(request_id, "不属本镇", changes.get("suggested"))
    else:
        given = {"result": StatementResult.SUPPORTS, "owner": "李四", "basis": "宅基地", "second_officer": "陈七"}
        what = Issue(request_id, **{**given, "valid_to": None, "document_sha256": SHA, "in_village": None, **changes})
    return at.run(requests_answered, command(what, by)).answers[0]


def test_filing_on_industrial_land_needs_no_statement() -> None:
    with office() as at:
        at.put(factory_sent())
        found = at.submit("F1", facts(FACTORY, premises=place(FACTORY, township_code=ZHOUXIANG)))
        assert (found.land_verdict, found.statement.outcome, found.matched_by) == ("industrial", "not_required", "parcel_code")
        assert at.requests() == []


def test_filing_on_a_homestead_opens_one_request_in_its_township() -> None:
    with office() as at:
        at.put(parcel_sent())
        found = at.submit()
        assert (found.land_verdict, found.statement.outcome, found.in_village) == ("non_industrial", "required_missing", True)
        [asked] = at.requests("pending")
        assert (asked.township_code, asked.enterprise_name, asked.due, asked.flags) == (XINPU, NAME, "2026-12-04", '["village_strict"]')
        [said] = at.told("StatementRequested")
        assert said.notify == ("TWN",)


def test_filing_off_the_register_is_unknown_and_asks_nobody() -> None:
    with office() as at:
        found = at.submit()
        assert (found.land_verdict, found.statement.outcome, found.matched_by) == ("unknown", "undetermined", None)
        assert found.parcel_code == HOMESTEAD
        assert at.requests() == []


def test_filing_without_a_production_place_is_unknown_with_no_place() -> None:
    with office() as at:
        at.put(parcel_sent())
        found = at.submit("F1", facts(premises=place(used_for_production=False)))
        assert (found.land_verdict, found.parcel_code, found.statement.outcome) == ("unknown", None, "not_required")


def test_trade_that_is_no_manufacturing_needs_no_statement() -> None:
    with office() as at:
        at.put(parcel_sent(VILLAGE_LAND, registered_use=[SHOP]))
        assert at.submit("F1", facts(VILLAGE_LAND, industry_code="5211")).statement.outcome == "not_required"


def test_parcel_outside_the_area_is_referred_whatever_township_was_filed() -> None:
    with office() as at:
        at.put(factory_sent(township_code=ANDONG))
        assert at.submit("F1", facts(FACTORY)).land_verdict == "out_of_area"


def test_register_decides_the_township_and_says_so() -> None:
    with office() as at:
        at.put(parcel_sent(township_code=ZHOUXIANG))
        found = at.submit()
        assert found.township_code == ZHOUXIANG
        assert any(fact.name == "township" for fact in found.facts)


@pytest.mark.parametrize(
    ("how", "where"),
    [
        ("unit_number", {"unit_number": HOMESTEAD + "F00010001"}),
        ("point", {"point": (121.2005, 30.1005)}),
        ("address", {"address": "新浦镇 某村１号"}),
    ],
)
def test_place_without_a_code_is_matched(how: str, where: dict[str, Any]) -> None:
    with office() as at:
        at.put(parcel_sent(geometry=SQUARE, addresses=["新浦镇某村1号"]))
        found = at.submit("F1", facts(premises=place(None, **{"address": "别处", **where})))
        assert (found.matched_by, found.parcel_code, found.land_verdict) == (how, HOMESTEAD, "non_industrial")


def test_place_that_matches_two_parcels_is_unknown_until_one_is_left() -> None:
    with office() as at:
        at.put(parcel_sent(addresses=["新浦镇某村1号"]))
        at.put(parcel_sent(VILLAGE_LAND, addresses=["新浦镇某村1号"]))
        assert at.submit("F1", facts(premises=place(None))).land_verdict == "unknown"
        at.put(parcel_sent(VILLAGE_LAND, addresses=["新浦镇某村2号"]))
        assert at.findings().parcel_code == HOMESTEAD


def test_filing_off_the_register_is_judged_again_when_its_parcel_appears() -> None:
    with office() as at:
        at.submit("F1", facts(premises=place(None, address="别处", point=(121.2005, 30.1005))))
        at.submit("F2", facts())
        at.put(parcel_sent(geometry=SQUARE))
        assert (at.findings("F1").matched_by, at.findings("F1").land_verdict) == ("point", "non_industrial")
        assert at.findings("F2").land_verdict == "non_industrial"


def test_equal_parcel_changes_and_publishes_nothing() -> None:
    with office() as at:
        assert at.put(parcel_sent(geometry=SQUARE)).created
        again = at.put(parcel_sent(geometry=SQUARE))
        assert (again.changed, again.version, len(at.told("ParcelChanged"))) == (False, 1, 1)


def test_reclassified_parcel_is_judged_again_and_its_request_taken_back() -> None:
    with office() as at:
        at.put(parcel_sent(VILLAGE_LAND))
        at.submit("F1", facts(VILLAGE_LAND))
        at.put(parcel_sent(VILLAGE_LAND, registered_use=[INDUSTRIAL]))
        assert (at.findings().land_verdict, at.findings().statement.outcome) == ("industrial", "not_required")
        assert [row.status for row in at.requests()] == ["cancelled"]


def test_decided_filing_is_not_judged_again() -> None:
    with office() as at:
        at.put(parcel_sent(VILLAGE_LAND))
        at.submit("F1", facts(VILLAGE_LAND))
        at.refuse()
        at.said.clear()
        at.put(parcel_sent(VILLAGE_LAND, registered_use=[INDUSTRIAL]))
        assert at.told("LandVerdictIssued") == []
        assert [row.status for row in at.requests()] == ["cancelled"]


def test_refused_filing_reopened_on_appeal_is_asked_for_again() -> None:
    with office() as at:
        at.put(parcel_sent())
        at.submit()
        answer(at, "decline")
        assert at.findings().statement.declined
        at.refuse()
        at.hold()
        assert not at.findings().statement.declined
        assert [row.status for row in at.requests()] == ["declined", "pending"]


def test_statement_issued_on_request_is_valid_for_180_days() -> None:
    with office() as at:
        at.put(parcel_sent())
        at.submit()
        paper = answer(at)
        assert (paper.state, paper.valid_to, paper.issuer_name) == ("valid", day("2027-05-21"), "新浦镇人民政府")
        assert at.findings().statement.outcome == "required_valid"
        assert [row.status for row in at.requests()] == ["issued"]
        assert at.told("StatementIssued")[0].notify == ("AMR",)


def test_officer_of_another_township_finds_no_request() -> None:
    with office() as at:
        at.put(parcel_sent())
        at.submit()
        assert answer(at, by=elsewhere).status == 404


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"second_officer": None}, "second-officer-required"),
        ({"second_officer": "王五"}, "second-officer-same"),
        ({"second_officer": " officer-1 "}, "second-officer-same"),
        ({"valid_to": day("2026-11-21")}, "valid-to-past"),
    ],
)
def test_statement_is_refused_when_a_rule_of_issuing_is_broken(changes: dict[str, Any], code: str) -> None:
    with office() as at:
        at.put(parcel_sent())
        at.submit()
        problem = answer(at, **changes)
        assert isinstance(problem, Problem)
        assert (problem.status, problem.code) == (422, code)
        assert [row.status for row in at.requests()] == ["pending"]


def test_no_second_officer_is_needed_outside_a_village() -> None:
    with office() as at:
        at.put(parcel_sent(in_village=False))
        at.submit()
        assert answer(at, second_officer=None).state == "valid"


@pytest.mark.parametrize(("said", "known"), [(None, True), (True, True), (False, False)])
def test_officer_says_whether_it_is_a_village_where_the_register_does_not(said: bool | None, known: bool) -> None:
    with office() as at:
        at.put(parcel_sent(in_village=None))
        assert at.submit().in_village is None
        answer(at, in_village=said)
        assert at.findings().in_village is known


def test_answered_request_cannot_be_answered_again() -> None:
    with office() as at:
        at.put(parcel_sent())
        at.submit()
        asked = at.requests()[0].statement_request_id
        answer(at, "decline")
        problem = at.run(requests_answered, command(Decline(asked, "x"), officer)).answers[0]
        assert (problem.status, problem.code) == (409, "not-pending")


def test_returned_request_is_disputed_until_the_map_office_names_the_township() -> None:
    with office() as at:
        at.put(parcel_sent())
        at.submit()
        answer(at, "return", suggested=ZHOUXIANG)
        assert at.findings().township_disputed
        assert at.told("StatementReturned")[0].notify == ("AMR", "NRP")
        assert at.requests("pending") == []
        at.run(townships_set, command(SetTownship("F1", ZHOUXIANG, "按界线"), map_officer))
        assert (at.findings().township_disputed, at.findings().township_code) == (False, ZHOUXIANG)
        assert [row.township_code for row in at.requests("pending")] == [ZHOUXIANG]
        assert at.requests("pending")[0].due == "2026-12-04"


def test_returned_request_goes_back_to_the_same_township_if_the_map_office_says_so() -> None:
    with office() as at:
        at.put(parcel_sent())
        at.submit()
        answer(at, "return")
        at.run(townships_set, command(SetTownship("F1", XINPU, "确属新浦"), map_officer))
        assert [row.township_code for row in at.requests("pending")] == [XINPU]


def test_paper_waits_for_the_next_filing_of_its_enterprise_and_place() -> None:
    with office() as at:
        at.put(parcel_sent())
        assert record(at).filing_id is None
        assert at.told("StatementIssued") == []
        assert at.submit("F1", facts(enterprise_name="另一家公司")).statement.outcome == "required_missing"
        assert at.submit("F2").statement.outcome == "required_valid"
        assert at.submit("F3").statement.outcome == "required_missing"
        assert [event.filing_id for event in at.told("StatementIssued")] == ["F2"]


def test_paper_without_a_filing_is_taken_by_the_open_one_it_fits() -> None:
    with office() as at:
        at.put(parcel_sent())
        at.submit()
        paper = record(at)
        assert (paper.filing_id, paper.state, at.findings().statement.outcome) == ("F1", "valid", "required_valid")
        assert [row.status for row in at.requests()] == ["cancelled"]


@pytest.mark.parametrize(
    ("changes", "finding"),
    [
        ({"issuer": {"type": "township", "township_code": ZHOUXIANG, "name": "周巷镇人民政府"}}, "wrong_township"),
        ({"issuer": {"type": "village_committee", "township_code": XINPU, "name": "某村民委员会"}}, "not_a_township"),
        ({"issuer": {"type": "zone_committee", "township_code": XINPU, "name": "某管委会"}}, "not_a_township"),
        ({"issuer": {"type": "other", "name": "某某"}}, "not_a_township"),
        ({"valid_to": "2026-11-21"}, "expired"),
        ({"parcel_code": VILLAGE_LAND}, "other_premises"),
        ({"unit_number": "101"}, "other_premises"),
        ({"enterprise_name": "另一家公司"}, "other_enterprise"),
        ({"second_officer": None}, "second_officer_missing"),
        ({"result": "does_not_support"}, "does_not_support"),
    ],
)
def test_paper_that_does_not_hold_is_recorded_with_its_finding(changes: dict[str, Any], finding: str) -> None:
    with office() as at:
        at.put(parcel_sent())
        at.submit()
        paper = record(at, filing_id="F1", **changes)
        assert (paper.state, paper.findings) == ("invalid", (finding,))
        assert (at.findings().statement.outcome, at.findings().statement.findings) == ("required_invalid", (finding,))


def test_zone_committee_may_issue_in_the_two_zones() -> None:
    longshan = principal("township_officer", townships=["330282123"])
    with office() as at:
        at.put(parcel_sent("330282123001JC00001", township_code="330282402"))
        at.submit("F1", facts("330282123001JC00001"))
        issuer = {"type": "zone_committee", "township_code": "330282402", "name": "滨海经济开发区管委会"}
        assert record(at, longshan, filing_id="F1", parcel_code="330282123001JC00001", issuer=issuer).state == "valid"


def test_paper_that_ran_out_after_the_filing_still_holds() -> None:
    with office(noon("2026-11-25")) as at:
        at.put(parcel_sent())
        at.submit()  # filed on the 22nd
        assert record(at, filing_id="F1", valid_to="2026-11-22").state == "valid"
        assert record(at, filing_id="F1", valid_to="2026-11-21").findings == ("expired",)
        assert at.findings().statement.outcome == "required_valid"


def test_newest_valid_paper_counts_else_the_newest() -> None:
    with office() as at:
        at.put(parcel_sent())
        at.submit()
        record(at, filing_id="F1", issued_on="2026-11-01", result="does_not_support")
        record(at, filing_id="F1", issued_on="2026-11-03", enterprise_name="另一家公司")
        assert at.findings().statement.findings == ("other_enterprise",)
        good = record(at, filing_id="F1", issued_on="2026-10-01")
        assert at.findings().statement.statement_id == good.statement_id


def test_paper_counts_on_unknown_land_too() -> None:
    with office() as at:
        at.submit()
        record(at, filing_id="F1")
        assert (at.findings().land_verdict, at.findings().statement.outcome) == ("unknown", "required_valid")


def test_officer_of_another_township_cannot_record_for_this_place() -> None:
    with office() as at:
        at.put(parcel_sent())
        at.submit()
        assert record(at, elsewhere, filing_id="F1").status == 404
        assert record(at, elsewhere).status == 404


def test_revoked_paper_no_longer_holds_and_an_accepted_filing_becomes_a_case() -> None:
    with office() as at:
        at.put(parcel_sent())
        at.submit()
        paper = record(at, filing_id="F1")
        at.accept()
        at.said.clear()
        revoked = at.run(statements_revoked, command(Withdraw(paper.statement_id, "权属有变"), officer)).answers[0]
        assert (revoked.state, revoked.findings) == ("revoked", ("revoked",))
        assert at.told("StatementRevoked")[0].notify == ("AMR", "PSC", "TWN")
        assert at.told("LandVerdictIssued") == []
        assert [(entry.list, entry.cause) for entry in at.entries()] == [("source_control", "statement_revoked")]
        assert at.run(statements_revoked, command(Withdraw(paper.statement_id, "再"), officer)).answers[0].code == "wrong-state"


def test_paper_revoked_before_filing_binds_and_refuses() -> None:
    with office() as at:
        at.put(parcel_sent())
        paper = record(at)
        at.run(statements_revoked, command(Withdraw(paper.statement_id, "权属有变"), officer))
        found = at.submit()
        assert (found.statement.outcome, found.statement.findings) == ("required_invalid", ("revoked",))
        assert len(at.told("StatementRevoked")) == 1
        assert at.entries() == []


def test_forged_paper_opens_a_case_at_once_and_tells_when_bound() -> None:
    clerk = principal("clerk", sub="clerk-1")
    with office() as at:
        at.put(parcel_sent())
        paper = record(at)
        forged = at.run(statements_reported_forged, command(Withdraw(paper.statement_id, "印章系伪造"), clerk)).answers[0]
        assert forged.state == "forged"
        assert [(entry.cause, entry.status) for entry in at.entries()] == [("forged_statement", "found")]
        assert at.told("StatementFoundForged") == []
        assert at.submit().statement.findings == ("forged",)
        assert at.told("StatementFoundForged")[0].notify == ("AMR", "PSC", "TWN", "CLE", "MGO")


def test_only_the_township_of_the_place_withdraws_a_paper() -> None:
    with office() as at:
        at.put(parcel_sent())
        paper = record(at)
        for handler in (statements_revoked, statements_reported_forged):
            assert at.run(handler, command(Withdraw(paper.statement_id, "x"), elsewhere)).answers[0].status == 404


def test_amended_filing_is_judged_anew_and_asked_for_at_the_new_place() -> None:
    with office() as at:
        at.put(parcel_sent())
        at.put(parcel_sent(VILLAGE_LAND))
        at.submit()
        record(at, filing_id="F1", second_officer=None)
        found = at.amend("F1", facts(VILLAGE_LAND))
        assert (found.parcel_code, found.statement.findings) == (VILLAGE_LAND, ("other_premises", "second_officer_missing"))
        assert [(row.parcel_code, row.status) for row in at.requests()] == [(HOMESTEAD, "cancelled"), (VILLAGE_LAND, "pending")]
        assert at.told("LandVerdictIssued")[-1].revision == 2


def test_amended_filing_gets_a_verdict_even_if_nothing_changed() -> None:
    with office() as at:
        at.put(factory_sent())
        at.submit("F1", facts(FACTORY))
        at.amend("F1", facts(FACTORY))
        assert [event.revision for event in at.told("LandVerdictIssued")] == [1, 2]


def test_recorded_uscc_is_kept_and_says_nothing() -> None:
    with office() as at:
        at.put(factory_sent())
        at.submit("F1", facts(FACTORY))
        at.accept()
        at.amend("F1", facts(FACTORY, uscc=USCC_A), revision=1)
        assert len(at.told("LandVerdictIssued")) == 1


def test_withdrawn_filing_takes_its_request_back() -> None:
    with office() as at:
        at.put(parcel_sent())
        at.submit()
        at.withdraw()
        assert [row.status for row in at.requests()] == ["cancelled"]


def test_mixed_parcel_waits_for_the_map_office_whose_last_word_counts() -> None:
    with office() as at:
        at.put(factory_sent(registered_use=[INDUSTRIAL, SHOP]))
        assert at.submit("F1", facts(FACTORY)).land_verdict == "mixed"
        at.run(units_resolved, command(ResolveUnit("F1", Part.NON_INDUSTRIAL, "在店面部分"), map_officer))
        assert (at.findings().land_verdict, len(at.requests("pending"))) == ("non_industrial", 1)
        at.run(units_resolved, command(ResolveUnit("F1", Part.INDUSTRIAL, "更正"), map_officer))
        assert (at.findings().land_verdict, len(at.requests("pending"))) == ("industrial", 0)
        at.accept()
        at.run(units_resolved, command(ResolveUnit("F1", Part.NON_INDUSTRIAL, "再更正"), map_officer))
        assert at.findings().land_verdict == "non_industrial"
        assert at.requests("pending") == []


def test_land_that_is_not_mixed_cannot_be_resolved() -> None:
    with office() as at:
        at.put(factory_sent())
        at.submit("F1", facts(FACTORY))
        assert at.run(units_resolved, command(ResolveUnit("F1", Part.INDUSTRIAL, "x"), map_officer)).answers[0].code == "not-mixed"
        assert at.run(units_resolved, command(ResolveUnit("F9", Part.INDUSTRIAL, "x"), map_officer)).answers[0].status == 404


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
        admit(at, "approved", "2026-11-10")
        assert at.findings().park_admission == "approved"
        admit(at, "applied", "2026-11-01")
        assert at.findings().park_admission == "approved"


def test_newest_grade_not_after_this_year_is_shown() -> None:
    with office() as at:
        at.put(factory_sent())
        at.run(grades_put, command(PutGrades(2024, ((USCC_A, Grade.D),)), map_officer))
        assert at.submit("F1", facts(FACTORY, uscc=USCC_A)).grade == "D"
        at.run(grades_put, command(PutGrades(2025, ((USCC_A, Grade.B),)), map_officer))
        assert at.findings().grade == "B"
        assert at.run(grades_put, command(PutGrades(2025, ((USCC_A, Grade.B),)), map_officer)).messages == []


def test_a_batch_of_filings_is_judged_at_once_and_shares_papers_in_order() -> None:
    with office() as at:
        at.put(parcel_sent())
        record(at)
        at.run(filings_submitted, *(received(submitted(f"F{n}")) for n in range(3)))
        outcomes = [at.findings(f"F{n}").statement.outcome for n in range(3)]
        assert outcomes == ["required_valid", "required_missing", "required_missing"]
