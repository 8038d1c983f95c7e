"""What was asked for a filing goes with it; what is connected stays where it is; a token, a word and a grade count where they belong."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import text

from chassis.clock import FixedClock
from chassis.testing import NOON, principal
from contracts.power_grid import BreachFound
from contracts.vocabulary import Grade, LandVerdict, PowerDecision
from services.power_grid import handlers
from services.power_grid.domain import Clearance, SiteKey
from tests.power_grid.events import FACTORY, FAR, LATER, MAKER, NAME, SHA, SHOP, USCC_A, USCC_B, Filed, graded, parcel
from tests.power_grid.test_api import body, hear
from tests.power_grid.vocabulary import Grid, asked, caller, codes, grid, running

INDUSTRIAL, NON_INDUSTRIAL, TRANSITION = LandVerdict.INDUSTRIAL, LandVerdict.NON_INDUSTRIAL, LandVerdict.TRANSITION
ALLOW, BLOCK = PowerDecision.ALLOW, PowerDecision.BLOCK


@pytest.fixture
def power() -> Iterator[Grid]:
    with grid() as made:
        yield made


def held_by_a_park(power: Grid) -> Filed:
    """A filing on industrial land that may still be amended."""
    filing = Filed("fil-1", FACTORY)
    power.hear(parcel(FACTORY, INDUSTRIAL), parcel(SHOP, INDUSTRIAL), filing.submitted(), filing.judged(INDUSTRIAL), filing.held())
    return filing


def sign(power: Grid, code: str = FACTORY) -> None:
    block_id = power.site(code).block_id
    assert block_id is not None
    for unit in ("MGO", "PSC"):
        power.do(handlers.sign_overrides, handlers.SignOverride(block_id, "个案放行", SHA), principal("admin", sub=unit, unit=unit))


def confirmed(power: Grid, held: Clearance) -> Clearance:
    """By the word of the planning bureau."""
    word = handlers.ReviewHold(held.clearance_id, "transition_confirmation", "clear", "同意", None, None)
    cleared: Clearance = power.do(handlers.review_clearances, word, principal("reviewer", unit="NRP"))
    assert cleared.answer.decision is ALLOW
    return cleared


@pytest.mark.usefixtures("backend")
def test_what_is_connected_is_watched_where_it_is_though_its_filing_has_moved(power: Grid) -> None:
    filing = held_by_a_park(power)
    connected = power.commit(power.ask(asked(None, industry=MAKER, filing="fil-1")))
    power.hear(filing.amended(SHOP), filing.judged(INDUSTRIAL, at=LATER))
    assert power.told(BreachFound) == []
    power.hear(parcel(FACTORY, NON_INDUSTRIAL, version=2, at=LATER))
    assert power.clearance(connected).site == SiteKey(FACTORY, None)
    assert [(breach.parcel_code, breach.clearance_id) for breach in power.told(BreachFound)] == [(FACTORY, connected.clearance_id)]
    assert power.ask(asked(FACTORY, industry=MAKER)).answer.decision is BLOCK
    sign(power)
    assert power.site(FACTORY).answer.overridden


@pytest.mark.usefixtures("backend")
@pytest.mark.parametrize("closed_first", [True, False])
def test_what_was_asked_for_a_duplicate_goes_with_the_filing_that_stands_for_it(power: Grid, closed_first: bool) -> None:
    first, second = held_by_a_park(power), Filed("fil-2", FACTORY)
    power.hear(second.submitted())
    if closed_first:
        power.hear(second.closed("fil-1"))
    asked_for = power.ask(asked(None, industry=MAKER, filing="fil-2"))
    if not closed_first:
        power.hear(second.closed("fil-1"))
    allowed = power.clearance(asked_for)
    assert (allowed.answer.decision, allowed.site) == (ALLOW, SiteKey(FACTORY, None))
    power.hear(first.amended(SHOP))
    assert codes(power.clearance(allowed)) == ["land_verdict_pending"]
    power.hear(first.judged(INDUSTRIAL, at=LATER), parcel(FACTORY, NON_INDUSTRIAL, version=2, at=LATER))
    moved = power.clearance(allowed)
    assert (moved.answer.decision, moved.site) == (ALLOW, SiteKey(SHOP, None))
    assert power.ask(asked(FACTORY, industry=MAKER)).answer.decision is BLOCK


def test_what_was_asked_for_a_duplicate_hears_the_verdict_on_the_first(power: Grid) -> None:
    first, second = Filed("fil-1", FACTORY), Filed("fil-2", FACTORY)
    power.hear(parcel(FACTORY, INDUSTRIAL), first.submitted(), second.submitted())
    early = power.ask(asked(FACTORY, industry=MAKER, filing="fil-2"))
    power.hear(second.closed("fil-1"))
    assert codes(power.clearance(early)) == ["land_verdict_pending"]
    power.hear(first.judged(INDUSTRIAL))
    assert power.clearance(early).answer.decision is ALLOW


@pytest.mark.usefixtures("backend")
def test_a_clearance_left_behind_by_an_earlier_release_stops_nothing_at_its_old_place(power: Grid) -> None:
    first, second = held_by_a_park(power), Filed("fil-2", FACTORY)
    power.hear(second.submitted(), second.closed("fil-1"))
    left = power.ask(asked(None, industry=MAKER, filing="fil-2"))
    power.db.write_sync(lambda tx: tx.execute(text("UPDATE clearance SET filing_id = 'fil-2'")))  # where it was kept then
    power.hear(first.amended(SHOP), first.judged(INDUSTRIAL, at=LATER))
    assert power.clearance(left).site == SiteKey(FACTORY, None)
    power.hear(parcel(FACTORY, NON_INDUSTRIAL, version=2, at=LATER))
    assert (power.clearance(left).site, power.clearance(left).answer.decision) == (SiteKey(SHOP, None), ALLOW)
    assert power.commit(left).code == "site-changed"


def test_a_token_for_one_site_opens_no_other(power: Grid) -> None:
    filing = held_by_a_park(power)
    allowed = power.ask(asked(None, industry=MAKER, filing="fil-1"))
    power.hear(filing.amended(SHOP), filing.judged(INDUSTRIAL, at=LATER))
    moved = power.clearance(allowed)
    assert (moved.answer.decision, moved.site, moved.site_epoch) == (ALLOW, SiteKey(SHOP, None), allowed.site_epoch)
    assert power.commit(allowed).code == "site-changed"
    assert power.commit(moved).committed_at == NOON


async def test_the_token_that_was_handed_out_names_its_site(tmp_path: Path) -> None:
    filing = Filed("fil-1", FACTORY, unit="1-101")
    async with running(tmp_path, FixedClock(NOON)) as service, caller(service, "grid") as company:
        await hear(service, parcel(FACTORY, INDUSTRIAL), parcel(SHOP, INDUSTRIAL), filing.submitted(), filing.judged(INDUSTRIAL))
        first = (await company.post("/power-grid/v1/install-requests", json=body("A", None, MAKER, filing_id="fil-1"))).json()
        await hear(service, filing.amended(SHOP), filing.judged(INDUSTRIAL, at=LATER))
        path = f"/power-grid/v1/clearances/{first['clearance_id']}"
        second = (await company.get(path)).json()
        assert (first["site_epoch"], second["decision"], second["parcel_code"]) == (second["site_epoch"], "allow", SHOP)
        refused = await company.post(f"{path}:commit", json={"token": first["token"]})
        assert (refused.status_code, refused.json()["code"]) == (409, "site-changed")
        assert (await company.post(f"{path}:commit", json={"token": second["token"]})).status_code == 200


def test_a_word_given_for_one_site_clears_nothing_at_another(power: Grid) -> None:
    filing = Filed("fil-1", FACTORY, uscc=USCC_A)
    power.hear(parcel(FACTORY, TRANSITION, planned=FAR), parcel(SHOP, TRANSITION, planned=FAR), graded(USCC_A, Grade.A))
    power.hear(filing.submitted(), filing.judged(TRANSITION), filing.held())
    cleared = confirmed(power, power.ask(asked(None, industry=MAKER, filing="fil-1")))
    power.hear(filing.amended(SHOP), filing.judged(TRANSITION, at=LATER))
    moved = power.clearance(cleared)
    assert (moved.site, moved.site_epoch) == (SiteKey(SHOP, None), cleared.site_epoch)
    assert codes(moved) == ["transition_confirmation"]


def another_files(power: Grid) -> None:
    other = Filed("fil-2", FACTORY, name="乙厂")
    power.hear(other.submitted(), other.judged(TRANSITION))


def another_declares(power: Grid) -> None:
    power.ask(asked(FACTORY, industry=MAKER, applicant_type="enterprise", applicant_name="乙厂"))


def the_plan_is_put_off(power: Grid) -> None:
    power.hear(parcel(FACTORY, TRANSITION, version=2, planned=date(2041, 1, 1), at=LATER))


def a_block_is_lifted_by_signature(power: Grid) -> None:
    bad = Filed("fil-2", FACTORY, name="乙厂", uscc=USCC_B)
    power.hear(bad.submitted(), bad.judged(TRANSITION), bad.accepted())
    sign(power)


def a_block_is_reversed(power: Grid) -> None:
    bad = Filed("fil-2", FACTORY, name="乙厂", uscc=USCC_B)
    power.hear(bad.submitted(), bad.judged(TRANSITION), bad.accepted())
    block_id = power.site(FACTORY).block_id
    assert block_id is not None
    power.do(handlers.appeal_blocks, handlers.AppealBlock(block_id, "该处为仓库", ()), principal("clerk", sub="clerk-1"))
    decide = handlers.DecideAppeal(block_id, "reversed", "复核", SHA)
    power.do(handlers.decide_appeals, decide, principal("reviewer", sub="mgo-1", unit="MGO"))


@pytest.mark.parametrize(
    "happens", [another_files, another_declares, the_plan_is_put_off, a_block_is_lifted_by_signature, a_block_is_reversed]
)
def test_the_grade_of_who_asked_counts_whatever_has_the_place_looked_at_again(power: Grid, happens: Callable[[Grid], None]) -> None:
    filing = Filed("fil-1", FACTORY)  # established: it has no code of its own yet
    power.hear(parcel(FACTORY, TRANSITION, planned=FAR), graded(USCC_A, Grade.A), graded(USCC_B, Grade.D))
    power.hear(filing.submitted(), filing.judged(TRANSITION), filing.accepted())
    itself = {"filing": "fil-1", "applicant_type": "enterprise", "applicant_name": NAME, "applicant_uscc": USCC_A}
    connected = power.commit(confirmed(power, power.ask(asked(FACTORY, industry=MAKER, **itself))))
    waiting = power.ask(asked(FACTORY, industry=MAKER, **itself))
    assert codes(waiting) == ["transition_confirmation"]
    happens(power)
    assert codes(power.clearance(waiting)) == ["transition_confirmation"]
    assert (power.told(BreachFound), power.clearance(connected).breached) == ([], False)


@pytest.mark.usefixtures("backend")
def test_a_new_grade_reaches_a_place_known_only_by_what_was_connected_there(power: Grid) -> None:
    power.hear(parcel(FACTORY, TRANSITION, planned=FAR), graded(USCC_A, Grade.A))
    alone = asked(FACTORY, industry=MAKER, applicant_type="enterprise", applicant_name=NAME, applicant_uscc=USCC_A)
    power.commit(confirmed(power, power.ask(alone)))
    assert power.feed() == [("hold_imposed", FACTORY, 1)]
    power.hear(graded(USCC_A, Grade.D))
    assert power.site(FACTORY).answer.decision is BLOCK
    assert power.feed()[1:] == [("hold_lifted", FACTORY, 2), ("block_imposed", FACTORY, 3)]
