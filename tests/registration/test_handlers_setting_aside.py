"""A decision set aside by the governance office: the old one stays in sight, the filing is held until that office has said its word."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from chassis.problems import Problem
from chassis.testing import principal
from contracts.registration import FilingHeld
from contracts.vocabulary import FilingReason, Unit
from services.registration import handlers
from services.registration.domain import Filing
from services.registration.handlers import AppealDecided, Appealed, Correction, Reviewed, SettingAside
from tests.registration.vocabulary import FACTORY, SHA, USCC_A, Office, clerk, codes, land, submission

pytestmark = pytest.mark.usefixtures("backend")

INDUSTRIAL, UNKNOWN = land("industrial"), land("unknown")
NO_PAPER = land("non_industrial", "required_missing", in_village=True)
GOOD_PAPER = land("non_industrial", "required_valid", in_village=True)
nrp = principal("map_officer", sub="map-1", unit="NRP")
amr = principal("reviewer", sub="amr-1", unit="AMR")
mgo, colleague = principal("reviewer", sub="mgo-1", unit="MGO"), principal("reviewer", sub="mgo-2", unit="MGO")
WRONG = SettingAside("准予登记所依据的事实有误", SHA)


@pytest.fixture
def accepted(registration: Office) -> Filing:
    return registration.hear(registration.submit(submission()), INDUSTRIAL)


@pytest.fixture
def refused(registration: Office) -> Filing:
    held = registration.hear(registration.submit(submission()), NO_PAPER)
    filing: Filing = registration.act(handlers.declare_no_statement, held)
    return filing


def set_aside(registration: Office, filing: Filing, by: Any = mgo) -> Any:
    return registration.act(handlers.set_aside, filing, WRONG, by=by)


def word(registration: Office, filing: Filing, result: str, code: str = "set_aside_review", by: Any = colleague) -> Any:
    return registration.act(handlers.review, filing, Reviewed(FilingReason(code), result, "已审查", None), by=by)


def problem(answer: Any) -> tuple[int, str]:
    assert isinstance(answer, Problem)
    return answer.status, answer.code


def test_an_acceptance_set_aside_is_held_at_once_and_the_old_one_stays_in_sight(registration: Office, accepted: Filing) -> None:
    held = set_aside(registration, accepted)
    assert (held.status, held.decision.outcome, codes(held.decision), held.version) == ("held", "hold", ["set_aside_review"], 3)
    (line,) = registration.read(held).said.set_aside
    assert (line.by, line.unit, line.reason, line.document_sha256) == ("mgo-1", Unit.MGO, WRONG.reason, SHA)
    assert (line.decision.outcome, line.decision.decided_at) == ("accept", accepted.decision.decided_at)
    assert registration.history(held)[-2:] == [(2, "filing_accepted", "land_check"), (3, "filing_set_aside", "mgo-1")]


def test_everyone_who_relied_on_it_is_told(registration: Office, accepted: Filing) -> None:
    set_aside(registration, accepted)
    event = registration.said[-1]
    assert isinstance(event, FilingHeld)
    assert [(reason.code, reason.owner) for reason in event.decision.reasons] == [("set_aside_review", Unit.MGO)]
    assert (event.status, list(event.notify)) == ("held", ["AMR", "PSC", "TWN", "MGO"])


def test_no_verdict_accepts_it_again_only_the_offices_word_does_and_those_told_hear_that_too(
    registration: Office, accepted: Filing
) -> None:
    held = set_aside(registration, accepted)
    for verdict in (INDUSTRIAL, GOOD_PAPER, INDUSTRIAL):
        held = registration.hear(held, verdict)
        assert (held.status, codes(held.decision)) == ("held", ["set_aside_review"])
    again = word(registration, held, "clear")
    assert (again.status, again.decision.outcome, registration.names()[-2:]) == (
        "accepted",
        "accept",
        ["filing_reviewed", "filing_accepted"],
    )
    assert list(again.decision.notify) == ["AMR", "PSC", "TWN", "MGO"]


def test_before_the_land_is_judged_anew_no_word_is_taken(registration: Office, accepted: Filing) -> None:
    held = set_aside(registration, accepted)
    assert problem(word(registration, held, "clear")) == (409, "land-verdict-awaited")
    judged = registration.hear(held, INDUSTRIAL)
    assert (judged.version, registration.history(judged)[-1][1]) == (4, "land_verdict_issued")
    assert word(registration, judged, "clear").status == "accepted"


def test_refused_on_the_offices_word_it_can_be_appealed(registration: Office, accepted: Filing) -> None:
    refused = word(registration, registration.hear(set_aside(registration, accepted), INDUSTRIAL), "refuse")
    assert (refused.status, codes(refused.decision)) == ("refused", ["set_aside_review"])
    opened = registration.act(handlers.appeal, refused, Appealed("有异议", ()))
    again = registration.act(handlers.decide_appeal, opened, AppealDecided("reversed", "复核", SHA), by=mgo)
    assert (again.status, codes(again.decision)) == ("held", ["set_aside_review"])


def test_what_the_land_now_lacks_is_asked_for_beside_it_with_its_days_begun_anew(registration: Office) -> None:
    held = registration.hear(registration.submit(submission()), NO_PAPER)
    accepted = registration.hear(held, GOOD_PAPER)
    registration.clock.advance(timedelta(days=16))
    again = registration.hear(set_aside(registration, accepted), NO_PAPER)
    assert (again.status, codes(again.decision)) == ("held", ["statement_missing", "set_aside_review"])
    assert again.said.clock is not None
    assert again.said.clock.since == date(2026, 12, 8)
    registration.clock.advance(timedelta(days=1))
    registration.day_ends()
    assert registration.read(again).status == "held"


def test_a_refusing_paper_refuses_it_without_the_offices_word(registration: Office, accepted: Filing) -> None:
    refused = registration.hear(set_aside(registration, accepted), land("non_industrial", "required_invalid", "forged", in_village=True))
    assert (refused.status, codes(refused.decision)) == ("refused", ["statement_forged"])


def test_a_shop_is_not_accepted_again_by_the_next_verdict_either(registration: Office) -> None:
    shop = registration.hear(registration.submit(submission(industry_code="5211")), INDUSTRIAL)
    held = registration.hear(set_aside(registration, shop), INDUSTRIAL)
    assert (held.status, codes(held.decision), list(held.decision.notify)) == ("held", ["set_aside_review"], ["AMR", "TWN", "MGO"])


def test_the_units_say_their_words_again(registration: Office) -> None:
    unknown = registration.hear(registration.submit(submission()), UNKNOWN)
    accepted = word(registration, unknown, "clear", "land_unknown", nrp)
    again = registration.hear(set_aside(registration, accepted), UNKNOWN)
    assert codes(again.decision) == ["land_unknown", "set_aside_review"]
    left = word(registration, again, "clear")
    assert (left.status, codes(left.decision)) == ("held", ["land_unknown"])


def test_a_refusal_set_aside_is_held_for_what_remains_and_a_paper_alone_does_not_accept_it(registration: Office, refused: Filing) -> None:
    registration.clock.advance(timedelta(days=30))
    held = set_aside(registration, refused)
    assert (held.status, codes(held.decision)) == ("held", ["statement_missing", "set_aside_review"])
    assert held.said.clock.since == date(2026, 12, 22)
    assert (held.said.set_aside[0].decision.outcome, registration.names()[-1]) == ("refuse", "filing_held")
    with_paper = registration.hear(held, GOOD_PAPER)
    assert (with_paper.status, codes(with_paper.decision)) == ("held", ["set_aside_review"])
    assert word(registration, with_paper, "clear").status == "accepted"


def test_an_open_appeal_is_decided_and_not_overtaken(registration: Office, refused: Filing) -> None:
    opened = registration.act(handlers.appeal, refused, Appealed("有异议", ()))
    assert problem(set_aside(registration, opened)) == (409, "wrong-state")
    upheld = registration.act(handlers.decide_appeal, opened, AppealDecided("upheld", "理由成立", SHA), by=mgo)
    assert problem(set_aside(registration, upheld)) == (403, "own-decision")
    held = set_aside(registration, upheld, colleague)
    again = registration.act(handlers.declare_no_statement, held)
    assert registration.act(handlers.appeal, again, Appealed("新的决定", ())).said.appeal.state == "open"


def test_who_had_a_part_in_the_decision_does_not_set_it_aside(registration: Office) -> None:
    listed = registration.hear(registration.submit(submission()), land("industrial", open_lists=("inefficient",)))
    accepted = word(registration, listed, "clear", "open_list_review", mgo)
    assert problem(set_aside(registration, accepted)) == (403, "own-decision")
    assert set_aside(registration, accepted, colleague).status == "held"


@pytest.mark.parametrize("by", [amr, nrp, clerk], ids=["registrar", "map office", "clerk"])
def test_the_governance_office_alone_sets_decisions_aside(registration: Office, accepted: Filing, by: Any) -> None:
    assert problem(set_aside(registration, accepted, by)) == (403, "forbidden")


def test_only_what_is_decided_is_set_aside_and_by_the_version_seen(registration: Office, accepted: Filing) -> None:
    held = set_aside(registration, accepted)
    assert problem(set_aside(registration, held, colleague)) == (409, "wrong-state")
    assert problem(set_aside(registration, accepted, colleague)) == (412, "stale-version")
    outside = registration.hear(registration.submit(submission(enterprise_name="湾区厂")), land("out_of_area"))
    assert problem(set_aside(registration, outside)) == (409, "wrong-state")


def test_it_keeps_its_place_in_the_register_of_duplicates(registration: Office, accepted: Filing) -> None:
    held = set_aside(registration, accepted)
    assert registration.submit(submission()).duplicate_of == held.filing_id


def test_its_code_stays_its_own_until_it_is_refused_or_withdrawn(registration: Office, accepted: Filing) -> None:
    coded = registration.act(handlers.record_uscc, accepted, USCC_A)
    held = set_aside(registration, coded)
    other = registration.hear(registration.submit(submission(enterprise_name="另一家")), INDUSTRIAL)
    assert problem(registration.act(handlers.record_uscc, other, USCC_A)) == (409, "uscc-taken")
    assert problem(registration.act(handlers.record_uscc, held, USCC_A)) == (409, "not-accepted")
    registration.act(handlers.withdraw, held)
    assert registration.act(handlers.record_uscc, other, USCC_A).uscc == USCC_A


def test_a_move_that_was_set_aside_moved_nobody(registration: Office, accepted: Filing) -> None:
    coded = registration.act(handlers.record_uscc, accepted, USCC_A)
    registration.clock.advance(timedelta(days=1))
    moved = registration.hear(
        registration.submit(submission(action="amend_premises", uscc=USCC_A, premises__parcel_code=FACTORY)),
        land("industrial", parcel_code=FACTORY),
    )
    again = submission(uscc=USCC_A)
    set_aside(registration, moved)
    assert registration.submit(again).duplicate_of == coded.filing_id


def test_what_was_filed_again_since_its_refusal_is_acted_upon_there(registration: Office, refused: Filing) -> None:
    second = registration.submit(submission())
    answer = set_aside(registration, refused)
    assert problem(answer) == (409, "filed-again")
    assert answer.extra["filing_id"] == second.filing_id
    registration.act(handlers.withdraw, second)
    assert set_aside(registration, refused).status == "held"


def test_an_amendment_does_not_end_it(registration: Office, accepted: Filing) -> None:
    held = registration.hear(set_aside(registration, accepted), NO_PAPER)
    left = word(registration, held, "clear")
    assert codes(left.decision) == ["statement_missing"]
    amended = registration.act(handlers.amend, left, submission(premises__parcel_code=FACTORY))
    assert codes(registration.hear(amended, land("industrial", parcel_code=FACTORY)).decision) == ["set_aside_review"]


def test_set_aside_twice_both_old_decisions_stay(registration: Office, accepted: Filing) -> None:
    first = word(registration, registration.hear(set_aside(registration, accepted), INDUSTRIAL), "clear")
    second = registration.hear(set_aside(registration, first), INDUSTRIAL)
    assert (second.status, codes(second.decision)) == ("held", ["set_aside_review"])
    assert [each.decision.outcome for each in second.said.set_aside] == ["accept", "accept"]


def test_a_slip_is_put_right_in_what_no_rule_reads(registration: Office, accepted: Filing) -> None:
    right = Correction({"applicant": {"name": "张三", "phone": "13900000000"}, "business_scope": "小家电制造"}, "电话录入有误")
    corrected = registration.act(handlers.correct, accepted, right)
    assert (corrected.version, corrected.request["applicant"]["phone"], corrected.decision) == (3, "13900000000", accepted.decision)
    (line,) = registration.read(corrected).said.corrections
    assert (line["fields"], line["reason"], line["by"]) == (["applicant"], "电话录入有误", "clerk-1")
    assert (registration.names()[-1], registration.history(corrected)[-1]) == ("filing_accepted", (3, "filing_corrected", "clerk-1"))
    assert registration.act(handlers.correct, corrected, right).version == 3
    assert registration.submit(submission()).duplicate_of == accepted.filing_id


def test_what_is_still_open_is_amended_and_the_counter_alone_corrects(registration: Office, accepted: Filing) -> None:
    right = Correction({"business_scope": "小家电组装"}, "笔误")
    assert problem(registration.act(handlers.correct, accepted, right, by=mgo)) == (403, "forbidden")
    held = registration.hear(registration.submit(submission(enterprise_name="另一家")), NO_PAPER)
    assert problem(registration.act(handlers.correct, held, right)) == (409, "wrong-state")
