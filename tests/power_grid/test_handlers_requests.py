"""Install requests: decided on the site, now, from everything that was heard, in whatever order."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from contracts.power_grid import BlockImposed, InstallCleared, InstallDenied
from contracts.vocabulary import Action, Grade, InstallKind, LandVerdict, PowerDecision, Unit
from services.power_grid.handlers import request_installs
from tests.power_grid.events import FACTORY, FAR, HOUSE, LATER, MAKER, NAME, NEAR, SHOP, TRADER, USCC_A, Filed, graded, parcel
from tests.power_grid.vocabulary import Grid, asked, codes, grid

pytestmark = pytest.mark.usefixtures("backend")


@pytest.fixture
def power() -> Iterator[Grid]:
    with grid() as made:
        yield made


def test_a_factory_on_industrial_land_gets_its_transformer(power: Grid) -> None:
    filing = Filed("fil-1", FACTORY)
    power.hear(parcel(FACTORY, LandVerdict.INDUSTRIAL), filing.submitted(), filing.judged(LandVerdict.INDUSTRIAL), filing.accepted())
    clearance = power.ask(asked(FACTORY, industry=MAKER, filing="fil-1"))
    assert clearance.answer.decision is PowerDecision.ALLOW
    assert clearance.answer.notify == (Unit.AMR, Unit.PSC)
    assert isinstance(power.said[-1], InstallCleared)


@pytest.mark.parametrize("bound", [True, False])
def test_a_workshop_in_a_village_house_is_blocked_with_or_without_its_filing_named(power: Grid, bound: bool) -> None:
    filing = Filed()
    power.hear(parcel(), filing.submitted(), filing.judged(LandVerdict.NON_INDUSTRIAL), filing.accepted())
    clearance = power.ask(asked(filing="fil-1" if bound else None))
    assert (clearance.answer.decision, codes(clearance)) == (PowerDecision.BLOCK, ["non_industrial_site"])
    assert clearance.answer.notify == (Unit.AMR, Unit.PSC, Unit.TWN, Unit.EEB, Unit.EMB)
    assert isinstance(power.said[-1], InstallDenied)


def test_a_landlords_supermarket_is_allowed_and_a_silent_landlord_waits(power: Grid) -> None:
    power.hear(parcel(SHOP))
    assert power.ask(asked(SHOP, industry=TRADER)).answer.decision is PowerDecision.ALLOW
    silent = power.ask(asked(SHOP))
    assert (silent.answer.decision, codes(silent)) == (PowerDecision.HOLD, ["use_not_declared"])
    assert silent.answer.notify == (Unit.PSC,)


def test_declared_manufacturing_is_kept_and_a_shop_takes_nothing_away(power: Grid) -> None:
    power.hear(parcel(SHOP))
    assert power.ask(asked(SHOP, industry=MAKER)).answer.decision is PowerDecision.BLOCK
    assert power.ask(asked(SHOP, industry=TRADER)).answer.decision is PowerDecision.BLOCK
    assert [use.source for use in power.site(SHOP).manufacturing] == ["declared_use"]
    assert len(power.told(BlockImposed)) == 1


def test_a_shop_waiting_with_its_token_loses_it_when_manufacturing_is_declared(power: Grid) -> None:
    power.hear(parcel(SHOP))
    shop = power.ask(asked(SHOP, industry=TRADER))
    power.ask(asked(SHOP, industry=MAKER))
    assert power.commit(shop).code == "site-changed"
    assert power.clearance(shop).answer.decision is PowerDecision.BLOCK


def test_a_filing_nobody_has_judged_yet_is_a_hold_and_never_a_404(power: Grid) -> None:
    power.hear(parcel(FACTORY, LandVerdict.INDUSTRIAL))
    before = power.ask(asked(FACTORY, industry=MAKER, filing="fil-1"))
    assert (before.answer.decision, codes(before), before.answer.land) == (
        PowerDecision.HOLD,
        ["land_verdict_pending"],
        LandVerdict.PENDING,
    )
    assert before.answer.notify == (Unit.AMR, Unit.PSC, Unit.TWN, Unit.NRP)
    filing = Filed("fil-1", FACTORY)
    power.hear(filing.submitted())
    assert power.clearance(before).answer.decision is PowerDecision.HOLD
    power.hear(filing.judged(LandVerdict.INDUSTRIAL))
    after = power.clearance(before)
    assert after.answer.decision is PowerDecision.ALLOW
    assert [past.answer.decision for past in after.history] == [PowerDecision.HOLD]
    assert isinstance(power.said[-1], InstallCleared)


def test_a_filing_without_a_parcel_is_asked_about_by_its_id_alone(power: Grid) -> None:
    filing = Filed("fil-1", None)
    power.hear(parcel(HOUSE), filing.submitted())
    waiting = power.ask(asked(None, industry=MAKER, filing="fil-1"))
    assert (codes(waiting), waiting.site) == (["land_verdict_pending"], None)
    power.hear(filing.judged(LandVerdict.UNKNOWN, code=None))
    assert codes(power.clearance(waiting)) == ["land_unknown"]
    power.hear(filing.judged(LandVerdict.NON_INDUSTRIAL, code=HOUSE))
    assert codes(power.clearance(waiting)) == ["non_industrial_site"]
    assert power.site(HOUSE).manufacturing[0].filing_id == "fil-1"


def test_an_unregistered_parcel_is_unknown_and_holds(power: Grid) -> None:
    clearance = power.ask(asked(HOUSE, industry=MAKER))
    assert (clearance.answer.decision, codes(clearance)) == (PowerDecision.HOLD, ["land_unknown"])
    power.hear(parcel(HOUSE, LandVerdict.INDUSTRIAL))
    assert power.clearance(clearance).answer.decision is PowerDecision.ALLOW


@pytest.mark.parametrize(
    ("kind", "capacity", "existing", "decision"),
    [
        (InstallKind.INCREASE_THREE_PHASE, 250.0, 100.0, PowerDecision.BLOCK),
        (InstallKind.INCREASE_THREE_PHASE, 100.0, 100.0, PowerDecision.ALLOW),
        (InstallKind.REPLACE_LIKE_FOR_LIKE, 100.0, 100.0, PowerDecision.ALLOW),
        (InstallKind.REPLACE_LIKE_FOR_LIKE, 101.0, 100.0, PowerDecision.BLOCK),
        (InstallKind.LOW_VOLTAGE_THREE_PHASE, 30.0, None, PowerDecision.HOLD),
        (InstallKind.SINGLE_PHASE, 10.0, None, PowerDecision.NOT_RESTRICTED),
    ],
)
def test_what_counts_is_what_is_added(power: Grid, kind: InstallKind, capacity: float, existing: float | None, decision: str) -> None:
    filing = Filed()
    power.hear(parcel(), filing.submitted(), filing.judged(LandVerdict.NON_INDUSTRIAL), filing.accepted())
    clearance = power.ask(asked(kind=kind, capacity_kva=capacity, existing_capacity_kva=existing))
    assert clearance.answer.decision == decision


@pytest.mark.parametrize(
    ("grade", "planned", "decision", "code"),
    [
        (Grade.A, FAR, PowerDecision.HOLD, "transition_confirmation"),
        (Grade.B, FAR, PowerDecision.HOLD, "transition_confirmation"),
        (Grade.C, FAR, PowerDecision.BLOCK, "transition_grade"),
        (Grade.D, FAR, PowerDecision.BLOCK, "transition_grade"),
        (None, FAR, PowerDecision.HOLD, "transition_ungraded"),
        (Grade.A, NEAR, PowerDecision.HOLD, "transition_due"),
        (Grade.A, None, PowerDecision.HOLD, "transition_due"),
    ],
)
def test_in_the_transition_zone_grade_and_time_decide(
    power: Grid, grade: Grade | None, planned: date | None, decision: str, code: str
) -> None:
    filing = Filed("fil-1", FACTORY)
    power.hear(parcel(FACTORY, LandVerdict.INDUSTRIAL), filing.submitted(), filing.judged(LandVerdict.INDUSTRIAL), filing.accepted())
    power.hear(filing.given_uscc(USCC_A), parcel(FACTORY, LandVerdict.TRANSITION, version=2, planned=planned, at=LATER))
    if grade is not None:
        power.hear(graded(USCC_A, grade))
    clearance = power.ask(asked(FACTORY, industry=MAKER, filing="fil-1"))
    assert (clearance.answer.decision, codes(clearance)) == (decision, [code])
    assert clearance.answer.proposed == (PowerDecision.ALLOW if code == "transition_confirmation" else None)


def test_a_mixed_parcel_answers_each_filing_by_its_part_and_everybody_else_by_the_strictest(power: Grid) -> None:
    one, two = Filed("fil-1", FACTORY, name="甲厂"), Filed("fil-2", FACTORY, name="乙厂")
    power.hear(parcel(FACTORY, LandVerdict.MIXED), one.submitted(), two.submitted(), one.judged(LandVerdict.MIXED))
    power.hear(two.judged(LandVerdict.MIXED))
    assert codes(power.ask(asked(FACTORY, industry=MAKER, filing="fil-1"))) == ["land_mixed"]
    power.hear(one.judged(LandVerdict.INDUSTRIAL), two.judged(LandVerdict.NON_INDUSTRIAL))
    assert power.ask(asked(FACTORY, industry=MAKER, filing="fil-1")).answer.decision is PowerDecision.ALLOW
    assert power.ask(asked(FACTORY, industry=MAKER, filing="fil-2")).answer.decision is PowerDecision.BLOCK
    assert power.ask(asked(FACTORY)).answer.decision is PowerDecision.BLOCK


def test_a_unit_with_a_use_of_its_own_is_judged_by_it(power: Grid) -> None:
    units = {"1-101": LandVerdict.INDUSTRIAL, "1-102": LandVerdict.NON_INDUSTRIAL}
    filing = Filed("fil-1", FACTORY, unit="1-102")
    power.hear(parcel(FACTORY, LandVerdict.MIXED, units=units), filing.submitted(), filing.judged(LandVerdict.NON_INDUSTRIAL))
    assert power.ask(asked(FACTORY, industry=MAKER, unit_number="1-101")).answer.decision is PowerDecision.ALLOW
    assert power.ask(asked(FACTORY, industry=TRADER, unit_number="1-102")).answer.decision is PowerDecision.BLOCK
    assert power.site(FACTORY, "1-101").manufacturing[0].source == "declared_use"


def test_the_same_request_again_gets_the_same_clearance_and_another_body_is_refused(power: Grid) -> None:
    power.hear(parcel(SHOP))
    request = asked(SHOP, industry=TRADER, request_id="PSC-1")
    assert power.ask(request).clearance_id == power.ask(request).clearance_id
    assert power.do(request_installs, asked(SHOP, industry=MAKER, request_id="PSC-1")).code == "request-id-reused"


def test_an_accepted_change_of_premises_frees_the_old_place_and_a_refused_one_does_not(power: Grid) -> None:
    old = Filed("fil-1", HOUSE, uscc=USCC_A)
    power.hear(parcel(), parcel(FACTORY, LandVerdict.INDUSTRIAL), old.submitted(), old.judged(LandVerdict.NON_INDUSTRIAL), old.accepted())
    move = Filed("fil-2", FACTORY, uscc=USCC_A, action=Action.AMEND_PREMISES)
    power.hear(move.submitted(), move.judged(LandVerdict.INDUSTRIAL), move.refused())
    assert [use.filing_id for use in power.site().manufacturing] == ["fil-1"]
    power.hear(move.accepted(LATER))
    assert power.site().manufacturing == ()
    assert power.site().block_id is None
    assert [use.filing_id for use in power.site(FACTORY).manufacturing] == ["fil-2"]


def test_a_filing_counts_from_its_submission_and_not_once_it_is_a_duplicate(power: Grid) -> None:
    filing = Filed()
    power.hear(parcel(), filing.submitted())
    assert power.site().manufacturing[0].source == "filing"
    assert power.ask(asked(applicant_name=NAME)).answer.decision is PowerDecision.BLOCK
    power.hear(filing.closed("fil-0"))
    assert power.site().manufacturing == ()
