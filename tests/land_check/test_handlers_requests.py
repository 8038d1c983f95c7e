"""Statement requests: opened, answered, returned."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from chassis.problems import Problem
from chassis.testing import command
from services.land_check.domain import StatementResult
from services.land_check.handlers.answering import Decline, requests_answered
from services.land_check.handlers.rulings import SetTownship, townships_set
from tests.land_check.papers import answer, record
from tests.land_check.vocabulary import (
    XINPU,
    ZHOUXIANG,
    Office,
    day,
    elsewhere,
    facts,
    map_officer,
    office,
    officer,
    parcel_sent,
)

pytestmark = pytest.mark.usefixtures("backend")


def test_statement_issued_on_request_is_valid_for_180_days() -> None:
    with office() as at:
        at.put(parcel_sent())
        at.submit()
        paper = answer(at)
        assert (paper.state, paper.valid_to, paper.issuer_name) == ("valid", day("2027-05-21"), "新浦镇人民政府")
        assert at.findings().statement.outcome == "required_valid"
        assert [row.status for row in at.requests()] == ["issued"]
        assert at.told("StatementIssued")[0].notify == ("AMR",)


def test_a_pending_request_takes_over_the_flags_of_its_filing() -> None:
    def flagged(at: Office) -> list[tuple[str, int]]:
        return [(row.flags, row.version) for row in at.requests()]

    with office() as at:
        at.put(parcel_sent(in_village=False))
        at.submit()
        assert flagged(at) == [("[]", 1)]
        at.put(parcel_sent(in_village=True))
        assert flagged(at) == [('["village_strict"]', 2)]
        at.amend("F1", facts(processes=("spraying",)))
        assert flagged(at) == [('["village_strict","high_pollution"]', 3)]
        at.put(parcel_sent(in_village=True, source="复核"))
        assert flagged(at) == [('["village_strict","high_pollution"]', 3)]
        assert len(at.told("StatementRequested")) == 1
        answer(at)
        assert [(row.status, row.version) for row in at.requests()] == [("issued", 4)]


def test_an_answered_request_keeps_its_flags() -> None:
    with office() as at:
        at.put(parcel_sent(in_village=False))
        at.submit()
        answer(at, result=StatementResult.DOES_NOT_SUPPORT)
        at.put(parcel_sent(in_village=True))
        assert [(row.status, row.flags, row.version) for row in at.requests()] == [("issued", "[]", 2)]


def test_the_flags_of_a_request_are_those_of_its_filing_where_only_a_paper_tells_of_a_village() -> None:
    with office() as at:
        at.put(parcel_sent(in_village=None))
        at.submit()
        assert [row.flags for row in at.requests()] == ["[]"]
        record(at, second_officer=None, in_village=True)
        assert at.findings().in_village is True
        assert [(row.status, row.flags) for row in at.requests()] == [("pending", '["village_strict"]')]


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


def later(at: Office, days: int) -> None:
    at.clock.advance(timedelta(days=days))


def test_the_days_of_a_dispute_are_not_the_next_townships() -> None:
    with office() as at:
        at.put(parcel_sent())
        at.submit()  # on a Sunday: ten working days to 4 December
        later(at, 3)
        answer(at, "return", suggested=ZHOUXIANG)
        later(at, 19)
        at.run(townships_set, command(SetTownship("F1", ZHOUXIANG, "按界线"), map_officer))
        assert at.requests("pending")[0].due == "2026-12-23"


def test_returned_request_goes_back_to_the_same_township_if_the_map_office_says_so() -> None:
    with office() as at:
        at.put(parcel_sent())
        at.submit()
        answer(at, "return")
        at.run(townships_set, command(SetTownship("F1", XINPU, "确属新浦"), map_officer))
        assert [row.township_code for row in at.requests("pending")] == [XINPU]
