"""Standing blocks, watch periods, breaches, grades: what happens at a site without anybody asking."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import pytest

from chassis.testing import NOON, principal, run_handler
from contracts.land_check import StatementRevoked
from contracts.power_grid import BlockImposed, BlockLifted, BreachFound, FindingRecorded, HoldImposed, HoldLifted, InstallDenied
from contracts.vocabulary import Action, Grade, LandVerdict, PowerDecision, Unit
from services.power_grid import handlers
from services.power_grid.domain import SiteKey
from tests.power_grid.events import FACTORY, FAR, HOUSE, LATER, MAKER, SHA, SHOP, TRADER, USCC_A, USCC_B, XINPU, Filed, graded, parcel
from tests.power_grid.vocabulary import Grid, asked, codes, grid

pytestmark = pytest.mark.usefixtures("backend")

TOLD = (Unit.AMR, Unit.PSC, Unit.TWN, Unit.EEB, Unit.EMB)


@pytest.fixture
def power() -> Iterator[Grid]:
    with grid() as made:
        yield made


def test_a_block_is_imposed_with_the_verdict_and_lifted_when_the_land_becomes_industrial(power: Grid) -> None:
    filing = Filed()
    power.hear(parcel(), filing.submitted())
    assert power.feed() == []  # nobody has judged the filing yet
    power.hear(filing.judged(LandVerdict.NON_INDUSTRIAL), filing.held(), filing.refused())
    power.hear(parcel(HOUSE, LandVerdict.INDUSTRIAL, version=2, at=LATER))
    assert power.feed() == [("block_imposed", HOUSE, 1), ("block_lifted", HOUSE, 2)]
    (imposed,), (lifted,) = power.told(BlockImposed), power.told(BlockLifted)
    assert (imposed.block_id, imposed.block_streamseq, imposed.notify) == (lifted.block_id, 1, TOLD)
    assert (lifted.block_streamseq, lifted.notify) == (2, TOLD)


def test_a_hold_that_becomes_a_block_is_lifted_first(power: Grid) -> None:
    filing = Filed("fil-1", FACTORY)
    power.hear(parcel(FACTORY, LandVerdict.MIXED), filing.submitted(), filing.judged(LandVerdict.MIXED))
    power.hear(filing.judged(LandVerdict.NON_INDUSTRIAL))
    assert power.feed() == [("hold_imposed", FACTORY, 1), ("hold_lifted", FACTORY, 2), ("block_imposed", FACTORY, 3)]
    assert [type(event) for event in power.said] == [HoldImposed, HoldLifted, BlockImposed]


def test_industrial_land_moves_no_epoch_and_says_nothing(power: Grid) -> None:
    filing = Filed("fil-1", FACTORY)
    power.hear(parcel(FACTORY, LandVerdict.INDUSTRIAL))
    before = power.site(FACTORY).epoch
    power.hear(filing.submitted(), filing.judged(LandVerdict.INDUSTRIAL), filing.accepted())
    site = power.site(FACTORY)
    assert (site.epoch, site.answer.decision, [use.source for use in site.manufacturing]) == (before, PowerDecision.ALLOW, ["registration"])
    assert power.said == []


def test_a_withdrawn_filing_leaves_a_watch_that_time_ends(power: Grid) -> None:
    filing = Filed()
    power.hear(parcel(), filing.submitted(), filing.judged(LandVerdict.NON_INDUSTRIAL), filing.withdrawn())
    shop = power.ask(asked(industry=TRADER))
    assert (shop.answer.decision, codes(shop)) == (PowerDecision.HOLD, ["watch_period"])
    assert shop.answer.reasons[0].due == date(2027, 5, 21)
    assert Unit.MGO in shop.answer.notify
    assert power.site().watch_until == date(2027, 5, 21)
    assert power.ask(asked(industry=MAKER)).answer.decision is PowerDecision.BLOCK
    power.clock.advance(timedelta(days=181))
    run_handler(power.db, lambda _batch, tx: handlers.judge_due_sites(tx), [])
    assert power.site().watch_until is None


def test_where_nobody_holds_an_answer_a_filing_moves_the_epoch_with_its_verdict(power: Grid) -> None:
    filing = Filed()
    power.hear(parcel())
    before = power.site().epoch
    power.hear(filing.submitted())
    assert (power.site().epoch, power.site().answer.decision) == (before, PowerDecision.BLOCK)
    power.hear(filing.judged(LandVerdict.NON_INDUSTRIAL))
    assert power.site().epoch == before + 1


def test_a_duplicate_that_is_told_again_with_the_verdict_of_the_first_moves_nothing(power: Grid) -> None:
    first, second = Filed(), Filed("fil-2")
    power.hear(parcel(), first.submitted(), second.closed("fil-1"), first.judged(LandVerdict.NON_INDUSTRIAL), first.held())
    shop = power.ask(asked(industry=TRADER))
    before, said = power.site(), list(power.said)
    power.hear(second.closed("fil-1").model_copy(update={"notify": ()}))
    assert (power.site(), power.clearance(shop).answer, power.said) == (before, shop.answer, said)


@pytest.mark.parametrize("ending", ["closed", "amended"])
def test_who_asks_while_a_filing_is_not_judged_yet_hears_that_it_has_gone(power: Grid, ending: str) -> None:
    filing = Filed(code=FACTORY)
    power.hear(parcel(FACTORY, LandVerdict.TRANSITION), filing.submitted())
    waiting = power.ask(asked(FACTORY, industry=TRADER))
    before = waiting.answer
    power.hear(filing.closed("fil-0") if ending == "closed" else filing.amended(HOUSE))
    assert power.clearance(waiting).answer == power.ask(asked(FACTORY, industry=TRADER)).answer != before


def test_who_asks_after_a_filing_moved_away_unjudged_hears_that_it_came_back(power: Grid) -> None:
    filing, other = Filed(code=FACTORY), Filed("fil-2", FACTORY, industry=TRADER)
    power.hear(parcel(FACTORY, LandVerdict.TRANSITION), filing.submitted())
    power.hear(other.submitted(), other.judged(LandVerdict.TRANSITION))  # its place is judged, with the first filing on it
    power.hear(filing.amended(HOUSE))
    shop = power.ask(asked(FACTORY, industry=TRADER))
    before = shop.answer
    power.hear(filing.amended(FACTORY))
    assert power.clearance(shop).answer == power.ask(asked(FACTORY, industry=TRADER)).answer != before


def test_what_was_allowed_is_held_as_soon_as_a_filing_is_heard_of(power: Grid) -> None:
    power.hear(parcel())
    shop = power.ask(asked(industry=TRADER))
    power.hear(Filed().submitted())
    assert power.commit(shop).status == 409
    assert power.clearance(shop).answer.decision is not PowerDecision.ALLOW


@pytest.mark.parametrize("judged_before", [True, False])
def test_a_signature_given_before_a_further_filing_is_judged_is_worth_the_same_as_after(power: Grid, judged_before: bool) -> None:
    first, further = Filed(), Filed("fil-2", name="慈溪另一电器有限公司")
    power.hear(parcel(), first.submitted(), first.judged(LandVerdict.NON_INDUSTRIAL), further.submitted())
    block_id = power.site().block_id
    assert block_id is not None
    sign, verdict = handlers.SignOverride(block_id, "个案放行", SHA), further.judged(LandVerdict.NON_INDUSTRIAL)
    if judged_before:
        power.hear(verdict)
    power.do(handlers.sign_overrides, sign, principal("admin", sub="a", unit="MGO"))
    if not judged_before:
        power.hear(verdict)
    assert power.do(handlers.sign_overrides, sign, principal("admin", sub="b", unit="PSC")).in_force
    assert power.site().answer.overridden


@pytest.mark.parametrize("judged_before", [True, False])
def test_an_appeal_won_before_a_further_filing_is_judged_is_worth_the_same_as_after(power: Grid, judged_before: bool) -> None:
    first, further = Filed(), Filed("fil-2", name="慈溪另一电器有限公司")
    power.hear(parcel(), first.submitted(), first.judged(LandVerdict.NON_INDUSTRIAL))
    block_id = power.site().block_id
    assert block_id is not None
    power.do(handlers.appeal_blocks, handlers.AppealBlock(block_id, "该处为仓库", ()), principal("clerk", sub="clerk-1"))
    power.hear(further.submitted())
    decide, verdict = handlers.DecideAppeal(block_id, "reversed", "复核", SHA), further.judged(LandVerdict.NON_INDUSTRIAL)
    if judged_before:
        power.hear(verdict)
    assert power.do(handlers.decide_appeals, decide, principal("reviewer", sub="mgo-1", unit="MGO")).appeal.state == "reversed"
    if not judged_before:
        power.hear(verdict)
    assert (power.site().answer.decision, power.site().answer.appeal_reversed) == (PowerDecision.HOLD, True)


def test_the_end_of_a_watch_allows_the_shop_that_waited(power: Grid) -> None:
    filing = Filed()
    power.hear(parcel(), filing.submitted(), filing.judged(LandVerdict.NON_INDUSTRIAL), filing.withdrawn())
    shop = power.ask(asked(industry=TRADER))
    power.clock.advance(timedelta(days=180))
    run_handler(power.db, lambda _batch, tx: handlers.judge_due_sites(tx), [])
    assert power.clearance(shop).answer.decision is PowerDecision.HOLD
    power.clock.advance(timedelta(days=1))
    run_handler(power.db, lambda _batch, tx: handlers.judge_due_sites(tx), [])
    assert power.clearance(shop).answer.decision is PowerDecision.ALLOW
    again = run_handler(power.db, lambda _batch, tx: handlers.judge_due_sites(tx), [])
    assert again.messages == []


def test_what_an_enterprise_declared_for_its_filing_ends_with_the_filing(power: Grid) -> None:
    filing = Filed()
    power.hear(parcel(), filing.submitted(), filing.judged(LandVerdict.NON_INDUSTRIAL))
    power.ask(asked(industry=MAKER, filing="fil-1"))
    power.clock.advance(timedelta(hours=1))
    power.hear(filing.withdrawn(power.clock.now()))
    assert power.site().manufacturing == ()
    assert codes(power.ask(asked(industry=TRADER))) == ["watch_period"]


def test_a_hold_after_a_commit_is_a_breach_and_said_once(power: Grid) -> None:
    power.hear(parcel(SHOP))
    shop = power.ask(asked(SHOP, industry=TRADER))
    assert power.commit(shop).committed_at is not None
    power.hear(Filed("fil-1", SHOP).submitted(), Filed("fil-2", SHOP, name="乙厂").submitted())
    (breach,) = power.told(BreachFound)
    assert (breach.cause, breach.clearance_id) == ("hold_after_commit", shop.clearance_id)
    assert breach.notify == (*TOLD, Unit.MGO)
    kept = power.clearance(shop)
    assert (kept.answer.decision, kept.committed_at) == (PowerDecision.ALLOW, NOON)


def test_a_reviewed_and_committed_clearance_is_no_breach_when_another_enterprise_files(power: Grid) -> None:
    filing = Filed("fil-1", FACTORY, uscc=USCC_A)
    power.hear(parcel(FACTORY, LandVerdict.TRANSITION, planned=FAR), filing.submitted(), filing.judged(LandVerdict.TRANSITION))
    power.hear(filing.accepted(), graded(USCC_A, Grade.A))
    held = power.ask(asked(FACTORY, industry=MAKER, filing="fil-1"))
    word = handlers.ReviewHold(held.clearance_id, "transition_confirmation", "clear", "同意", None, None)
    power.commit(power.do(handlers.review_clearances, word, principal("reviewer", unit="NRP")))
    power.hear(graded(USCC_A, Grade.B))
    assert power.told(BreachFound) == []
    power.hear(graded(USCC_A, Grade.D))
    assert [breach.cause for breach in power.told(BreachFound)] == ["hold_after_commit"]


def test_a_review_ends_when_the_site_changes(power: Grid) -> None:
    filing = Filed("fil-1", FACTORY, uscc=USCC_A)
    power.hear(parcel(FACTORY, LandVerdict.TRANSITION, planned=FAR), filing.submitted(), filing.judged(LandVerdict.TRANSITION))
    power.hear(filing.accepted(), graded(USCC_A, Grade.A))
    held = power.ask(asked(FACTORY, industry=MAKER, filing="fil-1"))
    word = handlers.ReviewHold(held.clearance_id, "transition_confirmation", "clear", "同意", None, None)
    assert power.do(handlers.review_clearances, word, principal("reviewer", unit="NRP")).answer.decision is PowerDecision.ALLOW
    power.hear(graded(USCC_A, Grade.B))
    again = power.clearance(held)
    assert codes(again) == ["transition_confirmation"]
    assert [past.answer.decision for past in again.history] == [PowerDecision.HOLD, PowerDecision.ALLOW]


def test_the_applicants_own_grade_goes_before_that_of_the_filing(power: Grid) -> None:
    filing = Filed("fil-1", FACTORY, uscc=USCC_A)
    power.hear(parcel(FACTORY, LandVerdict.TRANSITION, planned=FAR), filing.submitted(), filing.judged(LandVerdict.TRANSITION))
    power.hear(filing.accepted(), graded(USCC_A, Grade.A))
    own = power.ask(asked(FACTORY, industry=MAKER, applicant_uscc=USCC_B))
    assert codes(own) == ["transition_confirmation"]
    power.hear(graded(USCC_B, Grade.C))
    assert codes(power.clearance(own)) == ["transition_grade"]
    assert isinstance(power.said[-1], InstallDenied)


def test_a_grade_of_a_later_year_does_not_count_yet(power: Grid) -> None:
    filing = Filed("fil-1", FACTORY, uscc=USCC_A)
    power.hear(parcel(FACTORY, LandVerdict.TRANSITION, planned=FAR), filing.submitted(), filing.judged(LandVerdict.TRANSITION))
    power.hear(graded(USCC_A, Grade.A, 2026), graded(USCC_A, Grade.D, 2027))
    assert codes(power.ask(asked(FACTORY, filing="fil-1"))) == ["transition_confirmation"]
    power.clock.advance(timedelta(days=60))
    run_handler(power.db, lambda _batch, tx: handlers.judge_due_sites(tx), [])
    assert [reason.code for reason in power.site(FACTORY).answer.reasons] == ["transition_grade"]


def test_an_uncleared_transformer_is_a_breach_and_a_cleared_one_is_not(power: Grid) -> None:
    power.hear(parcel(SHOP))
    seen = handlers.RecordFinding("transformer_connected", SiteKey(SHOP, None), None, 315.0, date(2026, 11, 21), "柱上变", None)
    officer = principal("township_officer", townships=[XINPU])
    power.do(handlers.record_findings, seen, officer)
    assert [breach.cause for breach in power.told(BreachFound)] == ["connected_without_clearance"]
    power.commit(power.ask(asked(SHOP, industry=TRADER)))
    power.do(handlers.record_findings, seen, officer)
    assert len(power.told(BreachFound)) == 1
    assert len(power.told(FindingRecorded)) == 2


def test_a_revoked_statement_does_not_open_the_power_gate_nor_close_it(power: Grid) -> None:
    filing = Filed()
    power.hear(parcel(), filing.submitted(), filing.judged(LandVerdict.NON_INDUSTRIAL), filing.accepted())
    epoch = power.site().epoch
    power.hear(
        StatementRevoked(
            filing_id="fil-1", enterprise_name="x", township_code=XINPU, parcel_code=HOUSE, unit_number=None, statement_id="stm-1"
        )
    )
    assert (power.site().answer.decision, power.site().epoch) == (PowerDecision.BLOCK, epoch)


def test_many_filings_of_one_site_in_one_batch_are_judged_together(power: Grid) -> None:
    power.hear(parcel())
    filings = [Filed(f"fil-{number}", name=f"第{number}厂") for number in range(20)]
    power.hear_together([filing.submitted() for filing in filings])
    power.hear_together([filing.judged(LandVerdict.NON_INDUSTRIAL) for filing in filings])
    assert len(power.site().manufacturing) == 20
    assert power.feed() == [("block_imposed", HOUSE, 1)]


def test_an_event_heard_twice_changes_nothing(power: Grid) -> None:
    filing = Filed()
    events = [parcel(), filing.submitted(), filing.judged(LandVerdict.NON_INDUSTRIAL), filing.accepted()]
    power.hear(*events)
    before = power.site()
    said = len(power.said)
    power.hear(events[0], events[2], events[3])
    assert (power.site(), len(power.said)) == (before, said)


def test_a_branch_stays_a_manufacturing_site_when_its_parent_moves(power: Grid) -> None:
    branch = Filed("fil-1", HOUSE, action=Action.BRANCH, uscc=USCC_A)
    move = Filed("fil-2", FACTORY, action=Action.AMEND_PREMISES, uscc=USCC_A)
    told = [branch.submitted(), branch.judged(LandVerdict.NON_INDUSTRIAL), branch.accepted(), move.submitted(), move.accepted(LATER)]
    power.hear(parcel(HOUSE), *told)
    assert [use.filing_id for use in power.site(HOUSE).manufacturing] == ["fil-1"]
    power.hear(branch.given_uscc(USCC_B))
    own_move = Filed("fil-3", FACTORY, action=Action.AMEND_PREMISES, uscc=USCC_B)
    power.hear(own_move.submitted(), own_move.accepted(LATER))
    assert power.site(HOUSE).manufacturing == ()
