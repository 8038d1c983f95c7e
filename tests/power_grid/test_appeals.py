"""An appeal against a block: it stands until decided; upheld it stays, reversed it is a hold, which by itself allows nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.problems import Problem
from chassis.testing import NOON, principal
from contracts.power_grid import BlockImposed, BlockLifted, BreachFound, ClearanceReviewed, HoldImposed, HoldLifted, InstallDenied
from contracts.vocabulary import LandVerdict, PowerDecision, Unit
from services.power_grid import handlers, tables
from services.power_grid.domain import Block, Clearance, Question
from services.power_grid.rules import decide
from tests.power_grid.events import MAKER, SHA, Filed, parcel
from tests.power_grid.test_api_notice import questions
from tests.power_grid.vocabulary import Grid, asked, codes, grid

clerk = principal("clerk", sub="clerk-1")
office = principal("reviewer", sub="mgo-1", unit="MGO")


@given(questions, st.booleans(), st.booleans())
def test_a_reversed_block_is_a_hold_and_changes_no_other_answer(question: Question, overridden: bool, reviewed: bool) -> None:
    question = replace(question, overridden=overridden, cleared=frozenset({"transition_due"} if reviewed else ()))
    before, after = decide(question), decide(replace(question, appeal_reversed=True))
    if before.decision is PowerDecision.BLOCK:
        assert (after.decision, after.appeal_reversed) == (PowerDecision.HOLD, True)
        assert set(before.reasons) <= set(after.reasons)
        assert set(before.notify) <= set(after.notify)
    else:
        assert after == before
        assert not after.appeal_reversed


class Case:
    """A maker on homestead land, blocked, and a request that waits."""

    def __init__(self, power: Grid) -> None:
        self.power, self.filing = power, Filed()
        power.hear(parcel(), self.filing.submitted(), self.filing.judged(LandVerdict.NON_INDUSTRIAL), self.filing.accepted())
        self.request = power.ask(asked(industry=MAKER))
        self.block_id = self.standing()

    def standing(self) -> str:
        block_id = self.power.site().block_id
        assert block_id is not None
        return block_id

    def block(self, block_id: str | None = None) -> Block:
        wanted = block_id or self.block_id
        return self.power.db.read_sync(lambda tx: tables.load_blocks(tx, [wanted]))[wanted]

    def appeal(self, by: Any = clerk, block_id: str | None = None) -> Any:
        appeal = handlers.AppealBlock(block_id or self.block_id, "该处为仓库", ({"name": "照片", "sha256": SHA},))
        return self.power.do(handlers.appeal_blocks, appeal, by)

    def decide(self, result: str, by: Any = office, block_id: str | None = None) -> Any:
        return self.power.do(handlers.decide_appeals, handlers.DecideAppeal(block_id or self.block_id, result, "复核", SHA), by)

    def reversed(self) -> str:
        """The hold that stands in the place of the block."""
        self.appeal()
        assert isinstance(self.decide("reversed"), Block)
        return self.standing()

    def sign(self, block_id: str) -> list[Any]:
        sign = handlers.SignOverride(block_id, "个案放行", SHA)
        return [self.power.do(handlers.sign_overrides, sign, principal("admin", sub=unit, unit=unit)) for unit in ("MGO", "PSC")]

    def waiting(self) -> Clearance:
        return self.power.clearance(self.request)


@pytest.fixture
def case() -> Iterator[Case]:
    with grid() as power:
        yield Case(power)


def code(answer: Any) -> str:
    assert isinstance(answer, Problem), answer
    return answer.code


def test_until_it_is_decided_the_block_stands(case: Case) -> None:
    feed, before = case.power.feed(), case.waiting()
    appealed = case.appeal()
    assert (appealed.appeal.state, appealed.appeal.filed_by, appealed.lifted_at) == ("open", "clerk-1", None)
    assert (case.power.feed(), case.waiting(), case.standing()) == (feed, before, case.block_id)
    (told,) = case.power.told(ClearanceReviewed)
    assert (told.block_id, told.code, told.result, told.unit) == (case.block_id, "appeal", "open", Unit.AMR)
    assert told.notify == (Unit.AMR, Unit.PSC, Unit.MGO)
    assert "仓库" not in told.model_dump_json()


def test_upheld_it_stays_and_says_so(case: Case) -> None:
    feed = case.power.feed()
    case.appeal()
    decided = case.decide("upheld")
    assert (decided.appeal.state, decided.appeal.decided_by, decided.appeal.reason) == ("upheld", "mgo-1", "复核")
    assert (case.power.feed(), case.standing()) == (feed, case.block_id)
    assert case.waiting().answer.decision is PowerDecision.BLOCK
    assert [event.result for event in case.power.told(ClearanceReviewed)] == ["open", "upheld"]
    assert code(case.appeal()) == "wrong-state"


@pytest.mark.usefixtures("backend")
def test_reversed_it_is_a_hold_for_the_same_reasons_and_nobody_may_connect() -> None:
    with grid() as power:
        case = Case(power)
        epoch, old = power.site().epoch, case.block()
        hold = case.reversed()
        view, block = power.site(), case.block(hold)
        assert (view.answer.decision, view.answer.appeal_reversed, view.epoch) == (PowerDecision.HOLD, True, epoch)
        assert (block.standing, block.reasons, block.after_appeal_of) == ("hold", old.reasons, case.block_id)
        assert case.block().lifted_at == NOON
        assert [kind for kind, _, _ in power.feed()] == ["block_imposed", "block_lifted", "hold_imposed"]
        assert [seq for _, _, seq in power.feed()] == [1, 2, 3]
        (lifted,), (imposed,) = power.told(BlockLifted), power.told(HoldImposed)
        assert lifted.notify == imposed.notify == power.told(BlockImposed)[0].notify
        waiting = case.waiting()
        assert (waiting.answer.decision, codes(waiting)) == (PowerDecision.HOLD, ["non_industrial_site"])
        assert [past.answer.decision for past in waiting.history] == [PowerDecision.BLOCK]
        assert power.told(InstallDenied)[-1].decision is PowerDecision.HOLD
        assert code(power.commit(waiting)) == "not-allowed"
        assert power.ask(asked(industry=MAKER)).answer.decision is PowerDecision.HOLD


def test_the_hold_ends_with_two_signatures_not_with_one_units_word(case: Case) -> None:
    hold = case.reversed()
    word = handlers.ReviewHold(case.request.clearance_id, "non_industrial_site", "clear", "同意", None, None)
    assert code(case.power.do(handlers.review_clearances, word, office)) == "no-such-hold"
    first, second = case.sign(hold)
    assert (first.in_force, second.in_force) == (False, True)
    allowed = case.waiting()
    assert (allowed.answer.decision, allowed.answer.overridden, allowed.answer.appeal_reversed) == (PowerDecision.ALLOW, True, False)
    assert case.power.commit(allowed).committed_at == NOON
    assert case.power.told(BreachFound) == []


def test_an_override_that_is_in_force_is_not_lost_with_the_block(case: Case) -> None:
    case.sign(case.block_id)
    committed = case.power.commit(case.waiting())
    later = case.power.ask(asked(industry=MAKER))
    case.reversed()
    assert [case.power.clearance(each).answer.decision for each in (committed, later)] == [PowerDecision.ALLOW] * 2
    assert case.power.told(BreachFound) == []


def test_signatures_for_the_block_that_was_reversed_count_no_more(case: Case) -> None:
    case.reversed()
    assert [code(answer) for answer in case.sign(case.block_id)] == ["wrong-state", "wrong-state"]


@pytest.mark.usefixtures("backend")
def test_when_the_facts_change_the_site_is_judged_from_them_anew() -> None:
    with grid() as power:
        case = Case(power)
        hold = case.reversed()
        power.hear(Filed("fil-2", name="乙厂").submitted())
        block = case.block(case.standing())
        assert (block.standing, block.after_appeal_of, block.appeal) == ("block", None, None)
        assert [kind for kind, _, _ in power.feed()][-2:] == ["hold_lifted", "block_imposed"]
        assert case.waiting().answer.decision is PowerDecision.BLOCK
        assert case.block(hold).lifted_at == NOON
        assert case.appeal(block_id=block.block_id).appeal.state == "open"  # another block, another appeal
        power.hear(parcel(verdict=LandVerdict.INDUSTRIAL, version=2, at=NOON + timedelta(hours=1)))
        assert case.waiting().answer.decision is PowerDecision.ALLOW
        assert len(power.told(HoldLifted)) == 1


def test_what_is_heard_twice_or_changes_nothing_leaves_the_hold(case: Case) -> None:
    hold = case.reversed()
    case.power.hear(parcel(version=2), case.filing.accepted())
    assert case.standing() == hold
    assert case.waiting().answer.decision is PowerDecision.HOLD


def test_a_hold_a_lifted_block_and_one_that_was_appealed_cannot_be_appealed(case: Case) -> None:
    assert code(case.appeal(block_id="blk_nope")) == "not-found"
    assert code(case.decide("upheld")) == "wrong-state"  # nothing was filed
    case.appeal()
    assert code(case.appeal(principal("grid", sub="psc-1", unit="PSC"))) == "wrong-state"
    case.decide("reversed")
    assert code(case.appeal()) == "wrong-state"  # it is lifted
    assert code(case.appeal(block_id=case.standing())) == "wrong-state"  # it is a hold
    assert code(case.decide("upheld")) == "wrong-state"  # it is decided


def test_an_appeal_is_decided_by_another_person(case: Case) -> None:
    case.appeal(principal("clerk", "reviewer", sub="both", unit="MGO"))
    assert code(case.decide("reversed", principal("clerk", "reviewer", sub="both", unit="MGO"))) == "second-person-needed"
    assert case.decide("reversed").appeal.state == "reversed"


def test_an_appeal_ends_with_its_block(case: Case) -> None:
    case.appeal()
    case.power.hear(parcel(verdict=LandVerdict.INDUSTRIAL, version=2, at=NOON + timedelta(hours=1)))
    assert code(case.decide("reversed")) == "wrong-state"
    assert case.power.site().answer.decision is PowerDecision.ALLOW
