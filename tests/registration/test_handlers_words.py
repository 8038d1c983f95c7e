"""A unit's word on a hold counts for what it was given for: what comes later holds again, until the unit has looked at that too."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import orjson
import pytest

from chassis.testing import principal
from contracts.land_check import LandFindings
from contracts.registration import FilingReviewed
from contracts.vocabulary import FilingReason
from services.registration import handlers
from services.registration.domain import Filing
from services.registration.handlers import Reviewed
from services.registration.tables.records import packed, said_of
from tests.registration.vocabulary import Office, codes, decided, facts, land, submission

pytestmark = pytest.mark.usefixtures("backend")

OWNERS = {
    "open_list_review": principal("reviewer", unit="MGO"),
    "park_admission_missing": principal("reviewer", unit="PARK"),
    "township_disputed": principal("map_officer", unit="NRP"),
}


def say(registration: Office, filing: Filing, code: str, result: str = "clear") -> Any:
    return registration.act(handlers.review, filing, Reviewed(FilingReason(code), result, "已审核", None), by=OWNERS[code])


def listed(*entries: str, statement: str = "required_missing", **more: Any) -> LandFindings:
    """On lists by these entries: a second one of the same list is no new list."""
    return land("non_industrial", statement, open_lists=("inefficient",), open_entries=entries, **more)


def parked(park: str, admission: str | None = None, status: str | None = None, statement: str = "required_missing") -> LandFindings:
    return land("non_industrial", statement, park_id=park, park_admission=status, admission_id=admission)


def returned(request: str | None, statement: str = "required_missing") -> LandFindings:
    """Disputed since that request was returned; None: asked and not answered."""
    return land("non_industrial", statement, township_disputed=request is not None, disputed_request=request)


@pytest.mark.parametrize(
    ("code", "cleared", "later"),
    [
        ("open_list_review", listed("le-1"), listed("le-2")),
        ("open_list_review", listed("le-1"), listed("le-1", "le-2")),
        ("park_admission_missing", parked("P1"), parked("P1", "pa-1", "refused")),
        ("park_admission_missing", parked("P1", "pa-1", "refused"), parked("P1", "pa-2", "refused")),
        ("park_admission_missing", parked("P1"), parked("P2")),
        ("township_disputed", returned("sr-1"), returned("sr-2")),
    ],
)
def test_a_cleared_hold_stands_again_for_what_came_later(
    registration: Office, code: str, cleared: LandFindings, later: LandFindings
) -> None:
    held = registration.hear(registration.submit(submission()), cleared)
    left = say(registration, held, code)
    assert codes(left.decision) == ["statement_missing"]
    assert codes(registration.hear(left, cleared).decision) == ["statement_missing"]

    again = registration.hear(left, later)
    assert (codes(again.decision), registration.names()[-1]) == (["statement_missing", code], "filing_held")
    shown = {fact.name: fact.value for fact in again.decision.facts}
    assert shown[f"review:{code}"] == "clear · 此后情况已变 / overtaken by what came since"
    assert codes(say(registration, again, code).decision) == ["statement_missing"]


def test_nothing_is_accepted_over_an_entry_that_nobody_has_looked_at(registration: Office) -> None:
    left = say(registration, registration.hear(registration.submit(submission()), listed("le-1")), "open_list_review")
    held = registration.hear(left, listed("le-2", statement="required_valid"))
    assert (held.status, codes(held.decision)) == ("held", ["open_list_review"])
    assert say(registration, held, "open_list_review").status == "accepted"


def test_a_clearance_stands_while_fewer_of_its_entries_are_open(registration: Office) -> None:
    left = say(registration, registration.hear(registration.submit(submission()), listed("le-1", "le-2")), "open_list_review")
    assert codes(registration.hear(left, listed("le-2")).decision) == ["statement_missing"]
    assert registration.hear(left, listed("le-2", statement="required_valid")).status == "accepted"


def test_a_refusal_says_what_it_was_about(registration: Office) -> None:
    refused = say(registration, registration.hear(registration.submit(submission()), listed("le-1", "le-2")), "open_list_review", "refuse")
    (told,) = [event for event in registration.said if isinstance(event, FilingReviewed)]
    assert (refused.status, told.result, told.about) == ("refused", "refuse", ("le-1", "le-2"))


def test_an_entry_that_came_between_looking_and_saying_is_not_cleared_unseen(registration: Office) -> None:
    seen = registration.hear(registration.submit(submission()), listed("le-1"))
    registration.hear(seen, listed("le-1", "le-2"))
    assert say(registration, seen, "open_list_review").code == "stale-version"


def test_a_word_stored_before_it_was_kept_what_words_are_about_counts_as_it_did(registration: Office) -> None:
    left = say(registration, registration.hear(registration.submit(submission()), listed("le-1")), "open_list_review")
    said = orjson.loads(packed(left.said))
    assert said["reviews"][0].pop("about") == ["le-1"]
    later = listed("le-2", statement="required_valid")
    assert decided(facts(), later, left.said).outcome == "hold"
    assert decided(facts(), later, said_of(said)).outcome == "accept_flagged"


def test_a_refusal_counts_while_something_it_was_given_for_is_there(registration: Office) -> None:
    refused = say(registration, registration.hear(registration.submit(submission()), listed("le-1", "le-2")), "open_list_review", "refuse")
    assert decided(facts(), listed("le-2", "le-3"), refused.said).outcome == "refuse"
    assert decided(facts(), listed("le-3"), refused.said).outcome == "hold"


def test_the_clock_stands_still_in_the_second_dispute_as_in_the_first(registration: Office) -> None:
    held = registration.hear(registration.submit(submission()), returned(None))  # a Sunday: ten working days to 4 December
    registration.clock.advance(timedelta(days=3))  # Wednesday; three are used
    disputed = registration.hear(held, returned("sr-1"))
    registration.clock.advance(timedelta(days=19))  # 14 December, a Monday; seven are left
    asked_again = registration.hear(say(registration, disputed, "township_disputed"), returned(None))
    assert asked_again.decision.reasons[0].due == date(2026, 12, 23)

    registration.clock.advance(timedelta(days=2))  # two more are used
    disputed = registration.hear(asked_again, returned("sr-2"))
    assert codes(disputed.decision) == ["statement_missing", "township_disputed"]
    registration.clock.advance(timedelta(days=8))  # 24 December: the day has gone by, five are left
    assert registration.day_ends() == []
    settled = say(registration, disputed, "township_disputed")
    assert (codes(settled.decision), settled.decision.reasons[0].due) == (["statement_missing"], date(2026, 12, 31))
    registration.clock.advance(timedelta(days=8))
    assert [message.event.type for message in registration.day_ends()] == ["registration.filing_refused.v1"]


def test_the_map_office_refuses_on_a_dispute(registration: Office) -> None:
    disputed = registration.hear(registration.submit(submission()), returned("sr-1"))
    assert say(registration, disputed, "township_disputed", "refuse").status == "refused"
