"""What people do to a filing: the applicant's side, the units that own a hold, the governance office, the registrar."""

from __future__ import annotations

from typing import Any

import pytest

from chassis.testing import command, principal
from contracts.registration import FilingAmended, FilingWithdrawn
from contracts.vocabulary import FilingReason
from services.registration import handlers
from services.registration.domain import Filing, Submission
from services.registration.handlers import Answered, Reviewed
from tests.registration.vocabulary import (
    FACTORY,
    SHA,
    USCC_A,
    USCC_B,
    Office,
    clerk,
    codes,
    integrator,
    land,
    refused_with,
    submission,
)

pytestmark = pytest.mark.usefixtures("backend")

NO_PAPER = land("non_industrial", "required_missing", in_village=True)
NEXT_DOOR = "330282112001JC00002"
nrp = principal("map_officer", sub="map-1", unit="NRP")
eeb = principal("reviewer", sub="eco-1", unit="EEB")
mgo = principal("reviewer", sub="mgo-1", unit="MGO")


def test_withdrawn_is_closed_and_those_told_so_far_are_told(registration: Office, held: Filing) -> None:
    withdrawn = registration.act(handlers.withdraw, held, "不办了")
    assert (withdrawn.status, withdrawn.decision.outcome, withdrawn.decision.statement) == ("withdrawn", "closed", "required_missing")
    event = registration.said[-1]
    assert isinstance(event, FilingWithdrawn)
    assert (event.manufacturing, list(event.notify)) == (True, ["AMR", "PSC", "TWN", "EEB", "EMB"])


def test_withdrawn_while_judged_again_those_told_before_are_told(registration: Office, held: Filing) -> None:
    amended = registration.act(handlers.amend, held, submission(premises__parcel_code=FACTORY))
    assert amended.decision.notify == ()
    assert registration.act(handlers.withdraw, amended).decision.notify == held.decision.notify


def test_what_cannot_be_provided_is_refused_at_once(registration: Office, held: Filing) -> None:
    refused = registration.act(handlers.declare_no_statement, held)
    assert (refused.status, codes(refused.decision), registration.names()[-1]) == ("refused", ["statement_missing"], "filing_refused")


def test_there_is_nothing_to_declare_where_no_statement_is_wanted(registration: Office) -> None:
    unknown = registration.hear(registration.submit(submission()), land("unknown"))
    assert refused_with(registration.act(handlers.declare_no_statement, unknown)) == (409, "wrong-state")


def test_a_stale_version_changes_nothing(registration: Office, held: Filing) -> None:
    registration.act(handlers.answer, held, Answered("statement_missing", "正在办理", ()))
    assert refused_with(registration.act(handlers.withdraw, held)) == (412, "stale-version")
    assert registration.read(held).status == "held"


def test_of_two_at_once_the_second_is_stale(registration: Office, held: Filing) -> None:
    acts = [command(handlers.Act(held.filing_id, held.version, None), clerk) for _ in range(2)]
    first, second = registration.run(handlers.withdraw, acts).answers
    assert first.status == "withdrawn"
    assert refused_with(second) == (412, "stale-version")


def test_another_agents_filing_is_not_there(registration: Office, held: Filing) -> None:
    assert refused_with(registration.act(handlers.withdraw, held, by=integrator)) == (404, "not-found")


def test_what_is_decided_cannot_be_amended_or_withdrawn(registration: Office) -> None:
    accepted = registration.hear(registration.submit(submission()), land("industrial"))
    assert refused_with(registration.act(handlers.withdraw, accepted)) == (409, "wrong-state")
    assert refused_with(registration.act(handlers.amend, accepted, submission())) == (409, "wrong-state")


def test_amended_into_a_filing_that_is_there_is_closed_beside_it(registration: Office, held: Filing) -> None:
    second = registration.submit(submission(premises__parcel_code=FACTORY))
    closed = registration.act(handlers.amend, second, submission())
    assert (closed.status, closed.duplicate_of) == ("closed_duplicate", held.filing_id)


def test_an_answer_is_kept_for_a_reason_that_is_there(registration: Office, held: Filing) -> None:
    document = {"name": "照片", "sha256": SHA}
    answered = registration.act(handlers.answer, held, Answered("statement_missing", "正在办理", (document,)))
    assert (answered.version, answered.said.answers[0]["text"]) == (3, "正在办理")
    wrong = registration.act(handlers.answer, answered, Answered("land_unknown", "见证", ()))
    assert refused_with(wrong) == (409, "no-such-hold")


def word(code: str, result: str) -> Reviewed:
    return Reviewed(FilingReason(code), result, "已审核", None)


def test_the_map_office_clears_unknown_land(registration: Office) -> None:
    unknown = registration.hear(registration.submit(submission()), land("unknown"))
    cleared = registration.act(handlers.review, unknown, word("land_unknown", "clear"), by=nrp)
    assert (cleared.status, cleared.version, registration.names()[-2:]) == ("accepted", 3, ["filing_reviewed", "filing_accepted"])


def test_ecology_clears_its_hold_and_the_others_stay(registration: Office) -> None:
    both = registration.hear(registration.submit(submission(industry_code="3360")), NO_PAPER)
    left = registration.act(handlers.review, both, word("high_pollution_review", "clear"), by=eeb)
    assert (left.status, codes(left.decision)) == ("held", ["statement_missing"])
    refused = registration.act(handlers.review, both, word("high_pollution_review", "refuse"), by=eeb)
    assert refused_with(refused) == (412, "stale-version")


def test_a_unit_refuses_on_its_hold(registration: Office) -> None:
    unknown = registration.hear(registration.submit(submission()), land("unknown"))
    assert registration.act(handlers.review, unknown, word("land_unknown", "refuse"), by=nrp).status == "refused"


def test_only_the_owner_ends_a_hold_and_papers_are_no_review(registration: Office, held: Filing) -> None:
    unknown = registration.hear(registration.submit(submission(enterprise_name="另一家")), land("unknown"))
    assert refused_with(registration.act(handlers.review, unknown, word("land_unknown", "clear"), by=eeb)) == (403, "not-the-owner")
    assert refused_with(registration.act(handlers.review, held, word("statement_missing", "clear"), by=eeb)) == (403, "not-the-owner")
    assert refused_with(registration.act(handlers.review, held, word("land_mixed", "clear"), by=nrp)) == (409, "no-such-hold")
    assert refused_with(registration.act(handlers.review, unknown, word("land_unknown", "clear"))) == (403, "forbidden")


def test_a_review_is_void_once_the_filing_is_amended(registration: Office) -> None:
    found = land("unknown", open_lists=("inefficient",))
    unknown = registration.hear(registration.submit(submission()), found)
    left = registration.act(handlers.review, unknown, word("land_unknown", "clear"), by=nrp)
    amended = registration.act(handlers.amend, left, submission(business_scope="改"))
    assert codes(registration.hear(amended, found).decision) == ["land_unknown", "open_list_review"]


def test_a_recorded_code_is_told_under_the_same_revision(registration: Office) -> None:
    accepted = registration.hear(registration.submit(submission()), land("industrial"))
    recorded = registration.act(handlers.record_uscc, accepted, USCC_A)
    event = registration.said[-1]
    assert isinstance(event, FilingAmended)
    assert (recorded.uscc, event.revision, event.filing.uscc, event.version) == (USCC_A, 1, USCC_A, 3)
    assert registration.act(handlers.record_uscc, recorded, USCC_A).version == 3


def test_a_code_that_another_enterprise_holds_is_taken(registration: Office) -> None:
    first = registration.hear(registration.submit(submission()), land("industrial"))
    second = registration.hear(registration.submit(submission(enterprise_name="另一家")), land("industrial"))
    branch = registration.hear(registration.submit(submission(action="branch", uscc=USCC_B, enterprise_name="分店")), land("industrial"))
    registration.act(handlers.record_uscc, first, USCC_A)
    assert refused_with(registration.act(handlers.record_uscc, second, USCC_A)) == (409, "uscc-taken")
    assert registration.act(handlers.record_uscc, second, USCC_B).uscc == USCC_B
    assert branch.uscc == USCC_B


def test_a_code_is_recorded_on_what_is_accepted_only(registration: Office, held: Filing) -> None:
    assert refused_with(registration.act(handlers.record_uscc, held, USCC_A)) == (409, "not-accepted")
    assert refused_with(registration.act(handlers.record_uscc, held, USCC_A, by=mgo)) == (403, "forbidden")


def at_once(registration: Office, *amendments: tuple[Filing, int, Submission]) -> list[Any]:
    """Amendments that share a transaction: of which filing, at which version, into what."""
    acts = [command(handlers.Act(filing.filing_id, version, what), clerk) for filing, version, what in amendments]
    return registration.run(handlers.amend, acts).answers


def test_of_two_amended_into_the_same_at_once_the_second_is_closed_beside_the_first(registration: Office) -> None:
    first, second = registration.submit(submission(premises__parcel_code=FACTORY), submission(premises__parcel_code=NEXT_DOOR))
    amended, closed = at_once(registration, (first, 1, submission()), (second, 1, submission()))
    assert (amended.status, closed.status, closed.duplicate_of) == ("under_review", "closed_duplicate", first.filing_id)


def test_a_place_that_is_left_at_once_is_free(registration: Office) -> None:
    first, second = registration.submit(submission(), submission(premises__parcel_code=FACTORY))
    left, come = at_once(registration, (first, 1, submission(premises__parcel_code=NEXT_DOOR)), (second, 1, submission()))
    assert (left.status, come.status) == ("under_review", "under_review")


def test_where_an_amendment_is_refused_the_filing_stands_where_it_was(registration: Office) -> None:
    first, second = registration.submit(submission(), submission(premises__parcel_code=FACTORY))
    stale, closed = at_once(registration, (first, 7, submission(premises__parcel_code=NEXT_DOOR)), (second, 1, submission()))
    assert (refused_with(stale), closed.duplicate_of) == ((412, "stale-version"), first.filing_id)
