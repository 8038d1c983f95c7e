"""A refusal appealed: upheld, or reversed and held again; what an amendment leaves of it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from chassis.testing import principal
from contracts.land_check import LandFindings
from services.registration import handlers
from services.registration.domain import Filing, Submission
from services.registration.handlers import AppealDecided, Appealed
from tests.registration.vocabulary import (
    FACTORY,
    SHA,
    ZHOUXIANG,
    Office,
    codes,
    land,
    refused_with,
    submission,
)

pytestmark = pytest.mark.usefixtures("backend")

NO_PAPER = land("non_industrial", "required_missing", in_village=True)
FORGED = land("non_industrial", "required_invalid", "forged", in_village=True)
NEGATIVE = land("non_industrial", "required_invalid", "does_not_support", in_village=True)
DECLINED = land("non_industrial", "required_missing", declined=True)
eeb = principal("reviewer", sub="eco-1", unit="EEB")
mgo = principal("reviewer", sub="mgo-1", unit="MGO")


def appealed(registration: Office, refused: Filing) -> Any:
    return registration.act(handlers.appeal, refused, Appealed("说明真实", ()))


def test_an_appeal_is_opened_once_and_upheld(registration: Office, held: Filing) -> None:
    opened = appealed(registration, registration.act(handlers.declare_no_statement, held))
    assert (opened.status, opened.said.appeal.state) == ("refused", "open")
    assert refused_with(appealed(registration, opened)) == (409, "wrong-state")
    upheld = registration.act(handlers.decide_appeal, opened, AppealDecided("upheld", "理由成立", SHA), by=mgo)
    assert (upheld.status, upheld.said.appeal.state, upheld.decision) == ("refused", "upheld", opened.decision)


def test_a_reversed_refusal_is_held_with_its_days_begun_anew(registration: Office, held: Filing) -> None:
    opened = appealed(registration, registration.act(handlers.declare_no_statement, held))
    registration.clock.advance(timedelta(days=30))
    again = registration.act(handlers.decide_appeal, opened, AppealDecided("reversed", "程序有误", SHA), by=mgo)
    assert (again.status, codes(again.decision), again.said.appeal.state) == ("held", ["statement_missing"], "reversed")
    assert again.decision.refuse_after == date(2027, 1, 6) or again.decision.reasons[0].variant == "calendar_missing"
    assert registration.names()[-2:] == ["filing_appealed", "filing_held"]
    assert registration.hear(again, land("non_industrial", "required_valid", statement_id="S2")).status == "accepted"


def test_a_paper_cleared_of_forgery_holds_until_a_good_one_comes(registration: Office) -> None:
    refused = registration.hear(registration.submit(submission()), FORGED)
    again = registration.act(handlers.decide_appeal, appealed(registration, refused), AppealDecided("reversed", "鉴定有误", SHA), by=mgo)
    assert (again.status, codes(again.decision)) == ("held", ["statement_forged"])
    assert registration.hear(again, FORGED).status == "held"


def test_a_township_asked_again_may_decline_again(registration: Office) -> None:
    refused = registration.hear(registration.submit(submission()), DECLINED)
    again = registration.act(handlers.decide_appeal, appealed(registration, refused), AppealDecided("reversed", "请重新核实", SHA), by=mgo)
    assert again.status == "held"
    assert registration.hear(again, NO_PAPER).status == "held"
    assert registration.hear(registration.read(again), DECLINED).status == "refused"


def reversed_(registration: Office, filed: Submission, found: LandFindings) -> Filing:
    """A filing that was refused on what was found, and is held since its appeal."""
    opened = appealed(registration, registration.hear(registration.submit(filed), found))
    held: Filing = registration.act(handlers.decide_appeal, opened, AppealDecided("reversed", "程序有误", SHA), by=mgo)
    assert held.status == "held"
    return held


@pytest.mark.parametrize("changes", [{"business_scope": "改"}, {"premises__parcel_code": FACTORY}], ids=str)
def test_a_paper_that_was_overruled_stays_so_whatever_is_amended(registration: Office, changes: dict[str, Any]) -> None:
    amended = registration.act(handlers.amend, reversed_(registration, submission(), NEGATIVE), submission(**changes))
    assert amended.said.appeal.state == "reversed"
    again = registration.hear(amended, NEGATIVE)
    assert (again.status, codes(again.decision)) == ("held", ["statement_negative"])


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"business_scope": "改", "premises__address": "新浦镇某村1号东"}, "held"),
        ({"premises__parcel_code": FACTORY}, "refused"),
        ({"premises__unit_number": "2"}, "refused"),
        ({"premises__township_code": ZHOUXIANG}, "refused"),
        ({"industry_code": "2110"}, "refused"),
        ({"processes": ["casting"]}, "refused"),
        ({"enterprise_name": "另一家"}, "refused"),
    ],
    ids=str,
)
def test_the_word_of_a_township_stays_overruled_while_enterprise_place_and_trade_are_the_same(
    registration: Office, changes: dict[str, Any], status: str
) -> None:
    amended = registration.act(handlers.amend, reversed_(registration, submission(), DECLINED), submission(**changes))
    again = registration.hear(amended, DECLINED)
    assert (again.status, again.said.appeal and again.said.appeal.state) == (status, "reversed")
    if status == "refused":
        assert appealed(registration, again).said.appeal.state == "open"


def test_who_names_the_parcel_where_it_was_found_names_no_other_place(registration: Office) -> None:
    held = reversed_(registration, submission(premises__parcel_code=None), DECLINED.model_copy(update={"matched_by": "address"}))
    assert registration.hear(registration.act(handlers.amend, held, submission()), DECLINED).status == "held"


def test_another_point_is_another_place_though_the_address_is_the_same(registration: Office) -> None:
    found = DECLINED.model_copy(update={"matched_by": "point"})
    here = submission(premises__parcel_code=None, premises__point=[121.2, 30.1])
    amended = registration.act(
        handlers.amend, reversed_(registration, here, found), submission(premises__parcel_code=None, premises__point=[121.3, 30.1])
    )
    assert registration.hear(amended, found).status == "refused"


def test_the_governance_office_alone_decides_appeals(registration: Office, held: Filing) -> None:
    opened = appealed(registration, registration.act(handlers.declare_no_statement, held))
    decided = AppealDecided("upheld", "理由", SHA)
    assert refused_with(registration.act(handlers.decide_appeal, opened, decided, by=eeb)) == (403, "forbidden")
    assert refused_with(registration.act(handlers.decide_appeal, held, decided, by=mgo)) == (412, "stale-version")
