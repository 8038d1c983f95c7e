"""The unit decides where there is one: what is filed for the whole parcel, or for another unit of it, does not speak for its land."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from contracts.vocabulary import Grade, LandVerdict, PowerDecision, StatementOutcome
from services.power_grid import handlers
from tests.parts.activations import activated
from tests.power_grid.events import FACTORY, FAR, HOUSE, LATER, MAKER, NAME, TRADER, USCC_A, USCC_B, Filed, graded, parcel
from tests.power_grid.vocabulary import Grid, asked, codes, grid

pytestmark = pytest.mark.usefixtures("backend")

WORKSHOP, HOME = "1-101", "1-102"
INDUSTRIAL, NON_INDUSTRIAL = LandVerdict.INDUSTRIAL, LandVerdict.NON_INDUSTRIAL
MIXED, UNKNOWN, TRANSITION = LandVerdict.MIXED, LandVerdict.UNKNOWN, LandVerdict.TRANSITION
ITSELF = {"applicant_type": "enterprise", "applicant_name": NAME}
SOMEBODY = {"applicant_type": "enterprise", "applicant_name": "另一企业"}


@pytest.fixture
def power() -> Iterator[Grid]:
    with grid() as made:
        yield made


def a_factory(power: Grid, unit: str | None = None, *, home: LandVerdict = NON_INDUSTRIAL) -> None:
    """On an industrial parcel, registered for all of it or for a unit; the unit at home is other land."""
    filing = Filed("fil-1", FACTORY, unit=unit)
    power.hear(parcel(FACTORY, INDUSTRIAL, units={WORKSHOP: INDUSTRIAL, HOME: home}))
    power.hear(filing.submitted(), filing.judged(INDUSTRIAL), filing.accepted())


@pytest.mark.parametrize(
    ("home", "decision", "code"),
    [
        (NON_INDUSTRIAL, PowerDecision.BLOCK, "non_industrial_site"),
        (UNKNOWN, PowerDecision.HOLD, "land_unknown"),
        (MIXED, PowerDecision.HOLD, "land_mixed"),
    ],
)
@pytest.mark.parametrize("filing", [None, "fil-1"])
@pytest.mark.parametrize("who", [ITSELF, SOMEBODY, {}], ids=["itself", "somebody", "a landlord"])
def test_who_is_registered_for_the_whole_parcel_gets_in_a_unit_what_anybody_gets(
    power: Grid, home: LandVerdict, decision: PowerDecision, code: str, filing: str | None, who: dict[str, str]
) -> None:
    a_factory(power, home=home)
    clearance = power.ask(asked(FACTORY, industry=MAKER, unit_number=HOME, filing=filing, **who))
    assert (clearance.answer.decision, codes(clearance), clearance.answer.land) == (decision, [code], home)


def test_who_is_registered_on_the_parcel_has_to_say_what_for_in_a_unit_of_other_land(power: Grid) -> None:
    a_factory(power)
    assert codes(power.ask(asked(FACTORY, unit_number=HOME, **ITSELF))) == ["use_not_declared"]
    assert power.ask(asked(FACTORY, industry=TRADER, unit_number=HOME, **ITSELF)).answer.decision is PowerDecision.ALLOW
    assert codes(power.ask(asked(FACTORY, unit_number=HOME, filing="fil-1"))) == ["non_industrial_site"]


@pytest.mark.parametrize("filing", [None, "fil-1"])
def test_who_is_registered_in_the_very_unit_is_judged_by_that(power: Grid, filing: str | None) -> None:
    a_factory(power, WORKSHOP)
    own = power.ask(asked(FACTORY, industry=MAKER, unit_number=WORKSHOP, filing=filing, **ITSELF))
    assert own.answer.decision is PowerDecision.ALLOW
    assert [use.source for use in power.site(FACTORY, WORKSHOP).manufacturing] == ["registration"]


@pytest.mark.parametrize("industry", [MAKER, None])
def test_what_was_asked_for_a_unit_stays_blocked_when_the_filing_moves_to_another(power: Grid, industry: str | None) -> None:
    filing = Filed("fil-1", FACTORY, unit=HOME)
    power.hear(parcel(FACTORY, INDUSTRIAL, units={WORKSHOP: INDUSTRIAL, HOME: NON_INDUSTRIAL}))
    power.hear(filing.submitted(), filing.judged(NON_INDUSTRIAL), filing.held())
    asked_for = power.ask(asked(FACTORY, industry=industry, unit_number=HOME, filing="fil-1"))
    assert asked_for.answer.decision is PowerDecision.BLOCK
    power.hear(filing.amended(FACTORY, unit=WORKSHOP), filing.judged(INDUSTRIAL, at=LATER))
    now = power.clearance(asked_for)
    assert (now.answer.decision, codes(now)) == (PowerDecision.BLOCK, ["non_industrial_site"])
    assert power.ask(asked(FACTORY, filing="fil-1")).answer.decision is PowerDecision.ALLOW  # it is asked for where the filing is


def test_a_factory_elsewhere_on_the_parcel_says_nothing_of_a_mixed_unit(power: Grid) -> None:
    a_factory(power, home=MIXED)
    assert codes(power.ask(asked(FACTORY, unit_number=HOME))) == ["land_mixed"]
    assert [reason.code for reason in power.site(FACTORY, HOME).answer.reasons] == ["land_mixed"]
    check = handlers.PlaceToCheck(FACTORY, HOME, MAKER, None)
    assert power.db.read_sync(lambda tx: handlers.check_place(tx, check)).decision is PowerDecision.HOLD


def test_in_a_unit_of_the_zone_an_enterprise_known_on_the_parcel_counts_by_its_own_grade(power: Grid) -> None:
    own, neighbour = Filed("fil-1", FACTORY, uscc=USCC_A), Filed("fil-2", FACTORY, uscc=USCC_B, name="乙厂")
    power.hear(parcel(FACTORY, TRANSITION, units={HOME: TRANSITION}, planned=FAR), graded(USCC_A, Grade.A), graded(USCC_B, Grade.D))
    for filing in (own, neighbour):
        power.hear(filing.submitted(), filing.judged(TRANSITION), filing.accepted())
    assert codes(power.ask(asked(FACTORY, industry=MAKER, unit_number=HOME, **ITSELF))) == ["transition_confirmation"]


def test_under_the_narrow_reading_a_paper_for_other_premises_opens_no_unit(power: Grid) -> None:
    power.hear(activated(2, date(2026, 11, 2), at=power.clock.now(), three_phase_ban_scope="without_statement"))
    filing = Filed("fil-1", FACTORY)
    power.hear(parcel(FACTORY, NON_INDUSTRIAL, units={HOME: NON_INDUSTRIAL}), filing.submitted())
    power.hear(filing.judged(NON_INDUSTRIAL, statement=StatementOutcome.REQUIRED_VALID), filing.accepted())
    assert power.ask(asked(FACTORY, industry=MAKER, filing="fil-1")).answer.decision is PowerDecision.ALLOW
    assert codes(power.ask(asked(FACTORY, unit_number=HOME))) == ["use_not_declared"]
    assert codes(power.ask(asked(FACTORY, industry=MAKER, unit_number=HOME, filing="fil-1"))) == ["non_industrial_site"]


def test_a_filing_of_which_only_the_verdict_was_heard_is_no_permission_on_mixed_land(power: Grid) -> None:
    power.hear(parcel(FACTORY, MIXED), Filed("fil-1", FACTORY).judged(MIXED))
    assert codes(power.ask(asked(FACTORY, filing="fil-1"))) == ["land_mixed"]


@pytest.mark.parametrize("unit", [None, WORKSHOP])
def test_what_is_declared_for_a_unit_counts_there_whatever_its_maker_has_filed_elsewhere(power: Grid, unit: str | None) -> None:
    a_factory(power, unit)
    assert power.ask(asked(FACTORY, industry=MAKER, unit_number=HOME, **ITSELF)).answer.decision is PowerDecision.BLOCK
    seen = power.site(FACTORY, HOME)
    assert ("declared_use", HOME) in [(use.source, use.site.unit_number) for use in seen.manufacturing]
    assert (seen.answer.decision, seen.block_id is not None) == (PowerDecision.BLOCK, True)
    assert power.feed() == [("block_imposed", FACTORY, 1)]
    assert power.ask(asked(FACTORY, industry=TRADER, unit_number=HOME)).answer.decision is PowerDecision.BLOCK


def test_what_an_enterprise_declares_without_naming_a_unit_is_what_it_does_in_the_unit_it_filed_for(power: Grid) -> None:
    filing = Filed("fil-1", FACTORY, unit=WORKSHOP)
    power.hear(parcel(FACTORY, NON_INDUSTRIAL, units={WORKSHOP: INDUSTRIAL}))
    power.hear(filing.submitted(), filing.judged(INDUSTRIAL), filing.accepted())
    assert power.ask(asked(FACTORY, industry=MAKER, **ITSELF)).answer.decision is PowerDecision.ALLOW
    assert ([use.source for use in power.site(FACTORY).manufacturing], power.feed()) == (["registration"], [])


def test_what_was_declared_for_a_unit_ends_with_the_filing_named_for_the_whole_parcel(power: Grid) -> None:
    filing = Filed("fil-1", FACTORY)
    power.hear(parcel(FACTORY, INDUSTRIAL, units={HOME: NON_INDUSTRIAL}), filing.submitted(), filing.judged(INDUSTRIAL), filing.held())
    power.ask(asked(FACTORY, industry=MAKER, unit_number=HOME, filing="fil-1"))
    assert power.feed() == [("block_imposed", FACTORY, 1)]
    power.hear(filing.withdrawn(at=LATER))
    assert (power.site(FACTORY, HOME).manufacturing, power.feed()[1:]) == ((), [("block_lifted", FACTORY, 2)])


def test_what_was_declared_for_a_duplicate_stays_where_the_first_filing_has_left(power: Grid) -> None:
    first, second = Filed("fil-1", HOUSE), Filed("fil-2", HOUSE)
    power.hear(parcel(), first.submitted(), first.judged(NON_INDUSTRIAL), second.submitted(), second.closed("fil-1"))
    power.ask(asked(industry=MAKER, filing="fil-2"))
    assert [use.filing_id for use in power.site().manufacturing] == ["fil-1"]
    power.hear(first.amended(FACTORY), first.judged(INDUSTRIAL))
    assert [use.source for use in power.site().manufacturing] == ["declared_use"]
    assert power.site().answer.decision is PowerDecision.BLOCK
