"""A dispute about the township that the map office ends by its word: the township asked is the right one and is asked again."""

from __future__ import annotations

import pytest

from chassis.testing import command, received
from contracts.registration import FilingReviewed
from contracts.vocabulary import Unit
from services.land_check.handlers.rulings import SetTownship, disputes_ended, townships_set
from tests.land_check.papers import answer, record
from tests.land_check.test_handlers_requests import later
from tests.land_check.vocabulary import HOMESTEAD, NAME, XINPU, ZHOUXIANG, Office, elsewhere, facts, map_officer, office, parcel_sent

pytestmark = pytest.mark.usefixtures("backend")


def disputed(at: Office) -> str:
    """A filing whose township returned the request: its id."""
    at.put(parcel_sent())
    at.submit()
    answer(at, "return")
    assert (at.findings().township_disputed, at.requests("pending")) == (True, [])
    return str(at.findings().disputed_request)


def reviewed(at: Office, *about: str, code: str = "township_disputed", result: str = "clear") -> None:
    word = FilingReviewed(
        filing_id="F1",
        version=3,
        revision=1,
        enterprise_name=NAME,
        uscc=None,
        township_code=XINPU,
        parcel_code=HOMESTEAD,
        unit_number=None,
        code=code,
        result=result,
        unit=Unit.NRP,
        about=about,
    )
    at.run(disputes_ended, received(word, seq=3))


def test_the_township_asked_first_is_asked_again_and_may_issue() -> None:
    with office() as at:
        returned = disputed(at)
        reviewed(at, returned)
        assert (at.findings().township_disputed, at.findings().disputed_request) == (False, None)
        assert [(row.township_code, row.statement_request_id != returned) for row in at.requests("pending")] == [(XINPU, True)]
        assert at.told("StatementRequested")[-1].notify == ("TWN",)
        assert answer(at).state == "valid"


def test_the_days_of_the_dispute_are_given_back() -> None:
    with office() as at:
        at.put(parcel_sent())
        at.submit()  # on a Sunday: ten working days to 4 December
        later(at, 3)
        answer(at, "return")
        later(at, 19)
        reviewed(at, at.findings().disputed_request)
        assert at.requests("pending")[0].due == "2026-12-23"


def test_the_same_word_heard_again_asks_nobody_again() -> None:
    with office() as at:
        returned = disputed(at)
        for _ in range(2):
            reviewed(at, returned)
        assert [row.status for row in at.requests()] == ["returned", "pending"]


def test_a_township_that_returns_it_once_more_makes_another_dispute() -> None:
    with office() as at:
        first = disputed(at)
        reviewed(at, first)
        answer(at, "return")
        second = at.findings().disputed_request
        assert (at.findings().township_disputed, second != first) == (True, True)
        reviewed(at, first)  # the word on the first one comes late
        assert (at.findings().township_disputed, at.requests("pending")) == (True, [])
        reviewed(at, second)
        assert [row.status for row in at.requests()] == ["returned", "returned", "pending"]


def test_a_word_on_the_first_township_settles_nothing_with_the_one_that_was_named_since() -> None:
    with office() as at:
        first = disputed(at)
        at.run(townships_set, command(SetTownship("F1", ZHOUXIANG, "按界线"), map_officer))
        answer(at, "return", by=elsewhere)
        reviewed(at, first)
        assert (at.findings().township_disputed, at.requests("pending")) == (True, [])
        reviewed(at, at.findings().disputed_request)
        assert [row.township_code for row in at.requests("pending")] == [ZHOUXIANG]


def test_only_a_clearance_of_the_dispute_asks_again() -> None:
    with office() as at:
        returned = disputed(at)
        reviewed(at, returned, result="refuse")
        reviewed(at, returned, code="land_unknown")
        assert [row.status for row in at.requests()] == ["returned"]


def test_a_word_of_which_nobody_knows_what_it_was_about_ends_the_dispute_there_is() -> None:
    with office() as at:
        disputed(at)
        reviewed(at)
        assert len(at.requests("pending")) == 1


def test_nobody_is_asked_about_a_filing_that_is_closed_until_it_is_opened_again() -> None:
    with office() as at:
        returned = disputed(at)
        at.refuse()
        reviewed(at, returned)
        assert at.requests("pending") == []
        at.hold()
        assert len(at.requests("pending")) == 1


def test_nobody_is_asked_where_a_valid_statement_was_brought_meanwhile() -> None:
    with office() as at:
        returned = disputed(at)
        record(at, filing_id="F1")
        reviewed(at, returned)
        assert (at.findings().statement.outcome, at.requests("pending")) == ("required_valid", [])


def test_nobody_is_asked_where_the_filing_moved_to_another_place_and_its_township_is_asked() -> None:
    with office() as at:
        returned = disputed(at)
        other = "330282112001JC00009"
        at.put(parcel_sent(other))
        at.amend("F1", facts(other))
        assert len(at.requests("pending")) == 1
        reviewed(at, returned)
        assert [row.status for row in at.requests()] == ["returned", "pending"]
