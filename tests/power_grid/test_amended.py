"""An amendment that leaves a filing at its place lifts nothing: what stands, and was said about it, stands until the next verdict."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from sqlalchemy import text

from chassis.testing import NOON, principal
from contracts.power_grid import BreachFound
from contracts.vocabulary import LandVerdict, PowerDecision, StatementOutcome, Unit
from services.power_grid import handlers, tables
from services.power_grid.domain import Block, Clearance
from tests.parts.activations import activated
from tests.power_grid.events import FACTORY, HOUSE, LATER, MAKER, SHA, TRADER, Filed, parcel
from tests.power_grid.vocabulary import Grid, asked, codes, grid

pytestmark = pytest.mark.usefixtures("backend")

INDUSTRIAL, NON_INDUSTRIAL, MIXED = LandVerdict.INDUSTRIAL, LandVerdict.NON_INDUSTRIAL, LandVerdict.MIXED
IMPOSED, LIFTED = ("block_imposed", HOUSE, 1), ("block_lifted", HOUSE, 2)


@pytest.fixture
def power() -> Iterator[Grid]:
    with grid() as made:
        yield made


def blocked(power: Grid, filing: Filed) -> str:
    """The block of a village house."""
    power.hear(parcel(), filing.submitted(), filing.judged(NON_INDUSTRIAL, code=HOUSE), filing.held())
    return standing(power)


def standing(power: Grid, code: str = HOUSE) -> str:
    block_id = power.site(code).block_id
    assert block_id is not None
    return block_id


def block_of(power: Grid, block_id: str) -> Block:
    return power.db.read_sync(lambda tx: tables.load_blocks(tx, [block_id]))[block_id]


def settled(power: Grid, part: LandVerdict) -> Filed:
    """A filing whose part of a mixed parcel the map office has settled."""
    filing = Filed("fil-1", FACTORY)
    power.hear(parcel(FACTORY, MIXED), filing.submitted(), filing.judged(MIXED), filing.judged(part, at=LATER), filing.held())
    return filing


def signed(power: Grid, block_id: str, unit: str) -> bool:
    sign = handlers.SignOverride(block_id, "个案放行", SHA)
    in_force: bool = power.do(handlers.sign_overrides, sign, principal("admin", sub=unit, unit=unit)).in_force
    return in_force


def reversed_on_appeal(power: Grid, block_id: str) -> Block:
    power.do(handlers.appeal_blocks, handlers.AppealBlock(block_id, "该处为仓库", ()), principal("clerk", sub="clerk-1"))
    decide = handlers.DecideAppeal(block_id, "reversed", "复核", SHA)
    decided: Block = power.do(handlers.decide_appeals, decide, principal("reviewer", sub="mgo-1", unit="MGO"))
    return decided


def test_a_block_outlasts_an_amendment_with_all_that_was_said_about_it(power: Grid) -> None:
    filing = Filed()
    block_id = blocked(power, filing)
    sign = handlers.SignOverride(block_id, "个案放行", SHA)
    power.do(handlers.acknowledge_blocks, handlers.Acknowledge(block_id, Unit.PSC))
    power.do(handlers.appeal_blocks, handlers.AppealBlock(block_id, "该处为仓库", ()), principal("clerk", sub="clerk-1"))
    power.do(handlers.sign_overrides, sign, principal("admin", sub="a", unit="MGO"))
    power.hear(filing.amended(HOUSE))
    assert (power.feed(), standing(power)) == ([IMPOSED], block_id)
    power.hear(filing.judged(NON_INDUSTRIAL, at=LATER), filing.held())
    assert (power.feed(), standing(power)) == ([IMPOSED], block_id)
    kept = block_of(power, block_id)
    assert (len(kept.acknowledged), kept.appeal is not None, kept.lifted_at) == (1, True, None)
    assert power.do(handlers.sign_overrides, sign, principal("admin", sub="b", unit="PSC")).in_force


def test_it_ends_with_the_next_verdict_though_nobody_has_asked(power: Grid) -> None:
    filing = Filed()
    blocked(power, filing)
    power.hear(filing.amended(HOUSE))
    assert power.feed() == [IMPOSED]
    power.hear(filing.judged(INDUSTRIAL, at=LATER))
    assert power.feed() == [IMPOSED, LIFTED]


def test_a_verdict_that_comes_after_the_amendment_of_what_it_judged_counts_until_the_next(power: Grid) -> None:
    filing = Filed()
    power.hear(parcel(), filing.submitted())
    late = filing.judged(NON_INDUSTRIAL)
    power.hear(filing.amended(HOUSE), late)
    assert power.feed() == [IMPOSED]
    power.hear(filing.judged(INDUSTRIAL, at=LATER))
    assert power.feed() == [IMPOSED, LIFTED]


def test_another_verdict_brings_what_belongs_to_it(power: Grid) -> None:
    filing = Filed()
    blocked(power, filing)
    power.hear(filing.amended(HOUSE), filing.judged(LandVerdict.UNKNOWN, at=LATER))
    assert power.feed() == [IMPOSED, LIFTED, ("hold_imposed", HOUSE, 3)]


def test_an_amendment_that_moves_the_filing_away_lifts_at_once(power: Grid) -> None:
    filing = Filed()
    blocked(power, filing)
    power.hear(filing.amended(FACTORY))
    assert power.feed() == [IMPOSED, LIFTED]


def test_a_filing_that_was_matched_by_its_address_stays_where_it_was_matched(power: Grid) -> None:
    filing = Filed(code=None)
    block_id = blocked(power, filing)
    power.hear(filing.amended(None))
    assert (power.feed(), [use.pending for use in power.site().manufacturing]) == ([IMPOSED], [True])
    power.hear(filing.judged(NON_INDUSTRIAL, at=LATER, code=HOUSE))
    assert (power.feed(), standing(power)) == ([IMPOSED], block_id)
    power.hear(filing.amended(None), filing.judged(INDUSTRIAL, at=LATER, code=FACTORY))
    assert power.feed() == [IMPOSED, LIFTED]


@pytest.mark.parametrize("ending", ["withdrawn", "closed"])
def test_a_filing_that_goes_before_its_next_verdict_takes_its_block_along(power: Grid, ending: str) -> None:
    filing = Filed()
    blocked(power, filing)
    power.hear(filing.amended(HOUSE), filing.withdrawn() if ending == "withdrawn" else filing.closed("fil-0"))
    assert power.feed() == [IMPOSED, LIFTED]


def test_land_that_becomes_industrial_meanwhile_is_free_with_the_next_verdict(power: Grid) -> None:
    filing = Filed()
    blocked(power, filing)
    power.hear(filing.amended(HOUSE), parcel(verdict=INDUSTRIAL, version=2, at=LATER))
    assert power.feed() == [IMPOSED]
    power.hear(filing.judged(INDUSTRIAL, at=LATER + timedelta(hours=1)))
    assert power.feed() == [IMPOSED, LIFTED]


def test_what_stands_becomes_stricter_meanwhile_as_ever(power: Grid) -> None:
    filing, other = Filed("fil-1", FACTORY), Filed("fil-2", FACTORY, name="乙厂")
    power.hear(parcel(FACTORY, MIXED), filing.submitted(), filing.judged(MIXED), filing.amended(FACTORY))
    assert power.feed() == [("hold_imposed", FACTORY, 1)]
    power.hear(other.submitted(), other.judged(NON_INDUSTRIAL, at=LATER))
    assert power.feed()[1:] == [("hold_lifted", FACTORY, 2), ("block_imposed", FACTORY, 3)]


def test_who_asks_meanwhile_waits_for_the_verdict_and_a_neighbour_is_blocked(power: Grid) -> None:
    filing = Filed()
    blocked(power, filing)
    power.hear(filing.amended(HOUSE))
    assert power.ask(asked(industry=MAKER, filing="fil-1")).answer.decision is PowerDecision.HOLD
    assert power.ask(asked(industry=TRADER)).answer.decision is PowerDecision.BLOCK


def test_an_amendment_is_no_breach_by_what_is_connected(power: Grid) -> None:
    filing = Filed("fil-1", FACTORY)
    power.hear(parcel(FACTORY, INDUSTRIAL), filing.submitted(), filing.judged(INDUSTRIAL), filing.held())
    power.commit(power.ask(asked(FACTORY, industry=MAKER, filing="fil-1")))
    power.hear(filing.amended(FACTORY))
    assert power.told(BreachFound) == []
    power.hear(filing.judged(NON_INDUSTRIAL, at=NOON + timedelta(hours=2)))
    assert [breach.cause for breach in power.told(BreachFound)] == ["hold_after_commit"]


@pytest.mark.parametrize("names_it", [True, False])
def test_on_mixed_land_an_amendment_is_no_breach_by_what_is_connected(power: Grid, names_it: bool) -> None:
    filing, neighbour = settled(power, INDUSTRIAL), Filed("fil-2", FACTORY, name="乙厂")
    power.commit(power.ask(asked(FACTORY, filing="fil-1" if names_it else None)))
    epoch = power.site(FACTORY).epoch
    power.hear(filing.amended(FACTORY))
    assert (power.told(BreachFound), power.site(FACTORY).epoch) == ([], epoch)
    power.hear(neighbour.judged(INDUSTRIAL, at=LATER), neighbour.submitted())  # what is connected is judged again
    assert (power.told(BreachFound), power.site(FACTORY).epoch > epoch) == ([], True)
    power.hear(filing.judged(MIXED, at=LATER + timedelta(hours=2)))
    assert [breach.cause for breach in power.told(BreachFound)] == ["hold_after_commit"]


def test_on_mixed_land_nobody_is_allowed_anything_before_the_next_verdict(power: Grid) -> None:
    filing = settled(power, INDUSTRIAL)
    own, landlord = asked(FACTORY, filing="fil-1"), asked(FACTORY)
    before = [power.ask(own), power.ask(landlord)]
    assert {each.answer.decision for each in before} == {PowerDecision.ALLOW}
    power.hear(filing.amended(FACTORY))
    assert codes(power.clearance(before[0])) == ["land_verdict_pending"]
    assert codes(power.ask(asked(FACTORY, filing="fil-1"))) == ["land_verdict_pending"]
    assert codes(power.ask(asked(FACTORY))) == ["land_mixed"]
    assert power.site(FACTORY).answer.decision is PowerDecision.HOLD
    power.hear(filing.judged(INDUSTRIAL, at=LATER + timedelta(hours=2)))
    assert power.ask(asked(FACTORY)).answer.decision is PowerDecision.ALLOW


def test_on_mixed_land_signatures_outlast_an_amendment_and_the_same_verdict(power: Grid) -> None:
    filing = settled(power, NON_INDUSTRIAL)
    block_id, epoch = standing(power, FACTORY), power.site(FACTORY).epoch
    assert not signed(power, block_id, "MGO")
    power.hear(filing.amended(FACTORY))
    assert power.site(FACTORY).epoch == epoch
    power.hear(filing.judged(NON_INDUSTRIAL, at=LATER + timedelta(hours=2)))
    assert (power.site(FACTORY).epoch, standing(power, FACTORY)) == (epoch, block_id)
    assert signed(power, block_id, "PSC")


def test_on_mixed_land_a_reversed_appeal_outlasts_an_amendment(power: Grid) -> None:
    filing = settled(power, NON_INDUSTRIAL)
    reversed_on_appeal(power, standing(power, FACTORY))
    hold = standing(power, FACTORY)
    power.hear(filing.amended(FACTORY), filing.judged(NON_INDUSTRIAL, at=LATER + timedelta(hours=2)))
    assert (standing(power, FACTORY), power.feed()[-1]) == (hold, ("hold_imposed", FACTORY, power.feed()[-1][2]))


def connected_with_a_paper(power: Grid, filing: Filed) -> Clearance:
    """In a village house, under the narrow reading, asked for by the owner."""
    power.hear(activated(2, date(2026, 11, 2), at=power.clock.now(), three_phase_ban_scope="without_statement"))
    power.hear(parcel(), filing.submitted(), filing.judged(NON_INDUSTRIAL, statement=StatementOutcome.REQUIRED_VALID), filing.held())
    connected: Clearance = power.commit(power.ask(asked(industry=MAKER, filing="fil-1")))
    return connected


def test_under_the_narrow_reading_the_paper_stands_until_the_next_verdict(power: Grid) -> None:
    filing = Filed()
    connected = connected_with_a_paper(power, filing)
    power.hear(filing.amended(HOUSE))
    assert (power.told(BreachFound), power.clearance(connected).breached) == ([], False)
    power.hear(filing.judged(NON_INDUSTRIAL, statement=StatementOutcome.REQUIRED_MISSING, at=LATER))
    assert [breach.cause for breach in power.told(BreachFound)] == ["hold_after_commit"]


def test_a_block_reversed_while_the_filing_waits_becomes_a_hold(power: Grid) -> None:
    filing = Filed()
    block_id = blocked(power, filing)
    power.hear(filing.amended(HOUSE))
    decided = reversed_on_appeal(power, block_id)
    assert (decided.lifted_at, block_of(power, standing(power)).after_appeal_of) == (NOON, block_id)
    assert power.feed() == [IMPOSED, LIFTED, ("hold_imposed", HOUSE, 3)]
    hold = standing(power)
    power.hear(filing.judged(NON_INDUSTRIAL, at=LATER))
    assert (standing(power), len(power.feed())) == (hold, 3)


def test_a_filing_that_an_earlier_release_lost_while_it_waited_is_found_at_its_place_again(power: Grid) -> None:
    filing = Filed(code=None)
    blocked(power, filing)
    power.hear(filing.amended(None))
    power.db.write_sync(lambda tx: tx.execute(text("UPDATE filing SET parcel_code = NULL")))  # as it was kept then
    power.hear(filing.judged(NON_INDUSTRIAL, at=LATER, code=HOUSE))
    assert [use.filing_id for use in power.site().manufacturing] == ["fil-1"]
