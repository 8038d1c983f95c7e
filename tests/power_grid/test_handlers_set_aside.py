"""The decision on a filing is set aside: until it is taken anew, what was allowed at its place is held and what is connected is a case."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from chassis.testing import principal
from contracts.power_grid import BreachFound, HoldImposed
from contracts.vocabulary import InstallKind, LandVerdict, PowerDecision, StatementOutcome, Unit
from services.power_grid import handlers
from tests.power_grid.events import FACTORY, HOUSE, LATER, MAKER, TRADER, Filed, parcel
from tests.power_grid.vocabulary import Grid, asked, codes, grid

pytestmark = pytest.mark.usefixtures("backend")

mgo = principal("reviewer", unit="MGO")


@pytest.fixture
def power() -> Iterator[Grid]:
    with grid() as made:
        yield made


def registered(power: Grid, verdict: LandVerdict = LandVerdict.INDUSTRIAL, **more: str) -> Filed:
    filing = Filed("fil-1", FACTORY, **more)  # type: ignore[arg-type]
    power.hear(parcel(FACTORY, verdict), filing.submitted(), filing.judged(verdict), filing.accepted())
    return filing


def test_what_was_allowed_and_not_connected_is_held_on_industrial_land_too(power: Grid) -> None:
    filing = registered(power)
    cleared = power.ask(asked(FACTORY, industry=MAKER, filing="fil-1"))
    landlord = power.ask(asked(FACTORY, industry=TRADER))
    assert (cleared.answer.decision, landlord.answer.decision, power.feed()) == (PowerDecision.ALLOW, PowerDecision.ALLOW, [])
    power.hear(filing.set_aside())
    for clearance in (cleared, landlord):
        now = power.clearance(clearance)
        assert (now.answer.decision, codes(now), now.site_epoch > clearance.site_epoch) == (PowerDecision.HOLD, ["set_aside_review"], True)
    assert power.commit(cleared, cleared.site_epoch).code == "site-changed"
    assert power.feed() == [("hold_imposed", FACTORY, 1)]
    (imposed,) = power.told(HoldImposed)
    assert imposed.notify == (Unit.AMR, Unit.PSC, Unit.MGO)
    assert codes(power.ask(asked(FACTORY, industry=MAKER))) == ["set_aside_review"]
    power.hear(filing.accepted(LATER))
    assert power.clearance(cleared).answer.decision is PowerDecision.ALLOW
    assert power.feed() == [("hold_imposed", FACTORY, 1), ("hold_lifted", FACTORY, 2)]
    assert power.commit(power.clearance(cleared)).committed_at is not None


def test_the_land_judged_anew_does_not_end_it_the_next_decision_does(power: Grid) -> None:
    filing = registered(power)
    cleared = power.ask(asked(FACTORY, industry=MAKER, filing="fil-1"))
    power.hear(filing.set_aside(), filing.judged(LandVerdict.INDUSTRIAL, at=LATER))
    assert power.clearance(cleared).answer.decision is PowerDecision.HOLD
    power.hear(filing.held())  # the office cleared it, something else is still missing
    assert power.clearance(cleared).answer.decision is PowerDecision.ALLOW


@pytest.mark.parametrize("end", ["refused", "withdrawn"])
def test_when_it_has_ended_the_place_is_judged_like_any_other(power: Grid, end: str) -> None:
    filing = registered(power)
    cleared = power.ask(asked(FACTORY, industry=MAKER, filing="fil-1"))
    power.hear(filing.set_aside(), getattr(filing, end)())
    assert power.clearance(cleared).answer.decision is PowerDecision.ALLOW
    assert power.feed()[-1] == ("hold_lifted", FACTORY, 2)


def test_what_is_connected_becomes_a_case_and_nothing_is_silent(power: Grid) -> None:
    filing = registered(power)
    connected = power.commit(power.ask(asked(FACTORY, industry=MAKER, filing="fil-1")))
    power.hear(filing.set_aside(), filing.judged(LandVerdict.INDUSTRIAL, at=LATER))
    (breach,) = power.told(BreachFound)
    assert (breach.cause, breach.clearance_id) == ("hold_after_commit", connected.clearance_id)
    assert {Unit.AMR, Unit.PSC, Unit.TWN, Unit.MGO} <= set(breach.notify)
    assert power.clearance(connected).committed_at is not None


def test_the_governance_office_may_say_its_word_on_one_request(power: Grid) -> None:
    filing = registered(power)
    held = power.ask(asked(FACTORY, industry=TRADER))
    power.hear(filing.set_aside())
    word = handlers.ReviewHold(held.clearance_id, "set_aside_review", "clear", "与该企业无关", None, None)
    assert power.do(handlers.review_clearances, word, principal("reviewer", unit="NRP")).code == "not-the-owner"
    assert power.do(handlers.review_clearances, word, mgo).answer.decision is PowerDecision.ALLOW


def test_on_land_that_is_not_industrial_the_ban_stands_beside_it(power: Grid) -> None:
    filing = Filed("fil-1", HOUSE)
    paper = filing.judged(LandVerdict.NON_INDUSTRIAL, statement=StatementOutcome.REQUIRED_VALID)
    power.hear(parcel(), filing.submitted(), paper, filing.accepted())
    asked_for = power.ask(asked(HOUSE, industry=MAKER, filing="fil-1"))
    power.hear(filing.set_aside())
    now = power.clearance(asked_for)
    assert (now.answer.decision, codes(now)) == (PowerDecision.BLOCK, ["non_industrial_site"])


def test_a_shop_is_asked_about_no_more_than_before(power: Grid) -> None:
    filing = registered(power, industry=TRADER)
    shop = power.ask(asked(FACTORY, industry=TRADER, filing="fil-1"))
    power.hear(filing.set_aside())
    assert (power.clearance(shop).answer.decision, power.feed()) == (PowerDecision.ALLOW, [])


def test_what_adds_nothing_and_single_phase_stay_open(power: Grid) -> None:
    filing = registered(power)
    power.hear(filing.set_aside())
    same = asked(FACTORY, industry=MAKER, kind=InstallKind.REPLACE_LIKE_FOR_LIKE, capacity_kva=100, existing_capacity_kva=100)
    assert power.ask(same).answer.decision is PowerDecision.ALLOW
    single = asked(FACTORY, industry=MAKER, kind=InstallKind.SINGLE_PHASE)
    assert power.ask(single).answer.decision is PowerDecision.NOT_RESTRICTED
    low = asked(FACTORY, industry=MAKER, kind=InstallKind.LOW_VOLTAGE_THREE_PHASE)
    assert codes(power.ask(low)) == ["set_aside_review"]
