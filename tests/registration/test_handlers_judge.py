"""Land verdicts arrive and deadlines pass: each filing is decided once for each thing that changed."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from chassis.testing import received
from chassis.transaction import Transaction
from contracts.registration import DecidedEvent, FilingClosed, FilingHeld, FilingRefused
from contracts.vocabulary import Fact
from services.registration.handlers import amend, hear_land_verdicts, withdraw
from tests.registration.vocabulary import FACTORY, HOMESTEAD, ZHOUXIANG, Office, codes, land, submission, verdict_on

pytestmark = pytest.mark.usefixtures("backend")

NO_PAPER = land("non_industrial", "required_missing", in_village=True)
GOOD_PAPER = land("non_industrial", "required_valid", in_village=True)


def last(registration: Office) -> DecidedEvent:
    event = registration.said[-1]
    assert isinstance(event, DecidedEvent)
    return event


def test_held_then_accepted_when_the_paper_comes(registration: Office) -> None:
    held = registration.hear(registration.submit(submission()), NO_PAPER)
    assert (held.status, held.version, codes(held.decision)) == ("held", 2, ["statement_missing"])
    event = last(registration)
    assert isinstance(event, FilingHeld)
    assert (event.manufacturing, event.parcel_code, [unit.value for unit in event.notify]) == (
        True,
        HOMESTEAD,
        ["AMR", "PSC", "TWN", "EEB", "EMB"],
    )
    accepted = registration.hear(held, GOOD_PAPER)
    assert (accepted.status, accepted.version) == ("accepted", 3)
    assert [line[1] for line in registration.history(accepted)] == ["filing_submitted", "filing_held", "filing_accepted"]


def test_the_same_findings_again_change_and_say_nothing(registration: Office) -> None:
    held = registration.hear(registration.submit(submission()), NO_PAPER)
    again = registration.hear(held, NO_PAPER)
    assert (again.version, registration.names()) == (2, ["filing_submitted", "filing_held"])


def test_a_new_fact_is_shown_but_not_told_again(registration: Office) -> None:
    held = registration.hear(registration.submit(submission()), NO_PAPER)
    fact = Fact(name="registered_use", value="0702", source="不动产登记 / register", as_of="2026-01-01")
    again = registration.hear(held, NO_PAPER.model_copy(update={"facts": (fact,)}))
    assert (again.version, again.decision.facts[-1], registration.names()[-1]) == (3, fact, "filing_held")
    assert registration.history(again)[-1][1] == "land_verdict_issued"


def test_what_is_decided_stays_decided(registration: Office) -> None:
    accepted = registration.hear(registration.submit(submission()), land("industrial", "not_required"))
    assert registration.hear(accepted, NO_PAPER) == accepted
    refused = registration.hear(
        registration.submit(submission(enterprise_name="另一家")), land("non_industrial", "required_invalid", "forged")
    )
    assert registration.hear(refused, GOOD_PAPER) == refused


def test_a_verdict_on_what_was_filed_before_is_passed_over(registration: Office) -> None:
    filing = registration.submit(submission())
    amended = registration.act(amend, filing, submission(premises__parcel_code=FACTORY))
    assert (amended.revision, amended.status) == (2, "under_review")
    assert registration.hear(amended, NO_PAPER, revision=1).status == "under_review"
    assert registration.hear(amended, land("industrial", parcel_code=FACTORY)).status == "accepted"


def test_a_verdict_on_a_filing_withdrawn_is_passed_over(registration: Office) -> None:
    withdrawn = registration.act(withdraw, registration.submit(submission()))
    assert registration.hear(withdrawn, NO_PAPER).status == "withdrawn"


def test_duplicates_closed_before_the_verdict_of_the_first_get_it_once(registration: Office) -> None:
    first, second, third = registration.submit(submission(), submission(), submission())
    registration.hear(first, NO_PAPER)
    for each in (registration.read(second), registration.read(third)):
        assert (each.status, each.version, codes(each.decision)) == ("closed_duplicate", 2, ["duplicate"])
        assert (each.decision.land_verdict, each.decision.statement) == ("non_industrial", "required_missing")
        assert registration.history(each)[-1] == (2, "land_verdict_issued", "land_check")
    closed = [event for event in registration.said if isinstance(event, FilingClosed)]
    assert [(event.version, event.notify) for event in closed] == [(1, ("AMR", "PSC"))] * 2 + [(2, ())] * 2
    registration.hear(first, GOOD_PAPER)
    assert registration.read(second).version == 2


def test_a_duplicate_of_a_filing_withdrawn_before_its_verdict_has_none(registration: Office) -> None:
    first, second = registration.submit(submission(), submission())
    withdrawn = registration.act(withdraw, first)
    registration.hear(withdrawn, NO_PAPER)
    assert registration.read(second) == second


def test_duplicates_are_looked_for_once_a_batch_and_with_first_verdicts_only(registration: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[Any] = []
    load = Transaction.load

    def counted(tx: Transaction, table: Any, column: Any, keys: Any) -> Any:
        looks.append((column.name, list(keys)))
        return load(tx, table, column, keys)

    monkeypatch.setattr(Transaction, "load", counted)
    filings = registration.submit(*(submission(enterprise_name=f"企业{number}") for number in range(3)))
    looks.clear()
    registration.run(hear_land_verdicts, [received(verdict_on(filing, NO_PAPER)) for filing in filings])
    ids = [filing.filing_id for filing in filings]
    assert [(name, sorted(keys)) for name, keys in looks] == [("filing_id", sorted(ids)), ("duplicate_of", sorted(ids))]
    looks.clear()
    registration.run(hear_land_verdicts, [received(verdict_on(filing, GOOD_PAPER)) for filing in filings])
    assert [name for name, _ in looks] == ["filing_id"]


def test_the_place_that_the_land_side_found_is_remembered(registration: Office) -> None:
    filing = registration.submit(submission(premises__parcel_code=None))
    found = land("industrial", "not_required", parcel_code=FACTORY, unit_number="3", township_code=ZHOUXIANG, matched_by="address")
    accepted = registration.hear(filing, found)
    assert (accepted.place.parcel_code, accepted.place.township_code, accepted.matched_by) == (FACTORY, ZHOUXIANG, "address")
    assert (last(registration).parcel_code, last(registration).township_code) == (FACTORY, ZHOUXIANG)


def test_a_place_that_the_land_side_finds_no_more_is_no_place_of_the_filing(registration: Office) -> None:
    filing = registration.submit(submission(premises__parcel_code=None))
    held = registration.hear(filing, land("unknown", parcel_code=FACTORY, unit_number="3", township_code=ZHOUXIANG, matched_by="address"))
    lost = registration.hear(held, land("unknown", parcel_code=None, survey_only=True))
    assert (lost.place, lost.matched_by, last(registration).parcel_code) == (filing.place, None, None)
    newcomer = registration.submit(submission(premises__parcel_code=FACTORY, premises__unit_number="3"))
    assert newcomer.status == "under_review"


def test_a_manufacturer_that_names_no_workshop_has_no_place_in_the_event(registration: Office) -> None:
    registration.hear(registration.submit(submission(premises__used_for_production=False)), land("unknown", parcel_code=None))
    assert (last(registration).status, last(registration).parcel_code) == ("held", None)


def test_when_the_day_is_over_the_filing_is_refused_once(registration: Office) -> None:
    held = registration.hear(registration.submit(submission()), NO_PAPER)
    registration.clock.advance(timedelta(days=12))
    assert registration.day_ends() == []
    registration.clock.advance(timedelta(days=1))
    (message,) = registration.day_ends()
    assert isinstance(message.event, FilingRefused)
    refused = registration.read(held)
    assert (refused.status, refused.version, codes(refused.decision)) == ("refused", 3, ["statement_missing"])
    assert registration.history(refused)[-1] == (3, "filing_refused", "system")
    assert registration.day_ends() == []


def test_a_paper_that_comes_late_but_holds_is_in_time_before_the_day_is_over(registration: Office) -> None:
    held = registration.hear(registration.submit(submission()), NO_PAPER)
    registration.clock.advance(timedelta(days=10))
    again = registration.hear(held, land("non_industrial", "required_invalid", "expired", in_village=True))
    assert again.decision.reasons[0].due == held.decision.reasons[0].due
    registration.clock.advance(timedelta(days=3))
    assert len(registration.day_ends()) == 1


def test_a_notice_that_was_answered_is_over_and_a_later_need_has_a_notice_of_its_own(registration: Office) -> None:
    held = registration.hear(registration.submit(submission(industry_code="3360")), NO_PAPER)  # ten working days to 4 December
    registration.clock.advance(timedelta(days=3))
    answered = registration.hear(held, GOOD_PAPER)
    assert codes(answered.decision) == ["high_pollution_review"]
    registration.clock.advance(timedelta(days=11))  # 6 December
    again = registration.hear(answered, land("non_industrial", "required_invalid", "wrong_township", in_village=True))
    assert (again.status, codes(again.decision)) == ("held", ["statement_invalid", "high_pollution_review"])
    assert again.decision.reasons[0].due == date(2026, 12, 18)


def test_a_dispute_about_the_township_stops_the_clock_and_its_end_gives_back_the_days_that_were_left(registration: Office) -> None:
    held = registration.hear(registration.submit(submission()), NO_PAPER)  # a Sunday: ten working days to 4 December
    registration.clock.advance(timedelta(days=3))  # Wednesday; three are used
    registration.hear(held, NO_PAPER.model_copy(update={"township_disputed": True}))
    registration.clock.advance(timedelta(days=19))  # 14 December, a Monday
    assert registration.day_ends() == []
    settled = registration.hear(held, NO_PAPER)
    assert (settled.status, settled.decision.reasons[0].due) == ("held", date(2026, 12, 23))
    registration.clock.advance(timedelta(days=9))
    assert registration.day_ends() == []
    registration.clock.advance(timedelta(days=1))
    assert [message.event.type for message in registration.day_ends()] == ["registration.filing_refused.v1"]


def test_a_dispute_settled_on_the_day_it_arose_moves_nothing(registration: Office) -> None:
    registration.clock.advance(timedelta(days=1))
    held = registration.hear(registration.submit(submission()), NO_PAPER)
    registration.clock.advance(timedelta(days=2))
    for findings in (NO_PAPER.model_copy(update={"township_disputed": True}), NO_PAPER):
        again = registration.hear(held, findings)
    assert again.decision.reasons[0].due == held.decision.reasons[0].due == date(2026, 12, 7)


def test_amending_does_not_move_the_day(registration: Office) -> None:
    held = registration.hear(registration.submit(submission()), NO_PAPER)
    registration.clock.advance(timedelta(days=5))
    amended = registration.act(amend, held, submission(business_scope="小家电"))
    again = registration.hear(amended, NO_PAPER)
    assert again.decision.reasons[0].due == held.decision.reasons[0].due
