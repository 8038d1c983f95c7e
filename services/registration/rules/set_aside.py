"""A decision that was set aside is taken again: nothing is accepted before the unit that set it aside has said its word.

001 三(一)1: 市场监管部门依法依规严格企业登记. The papers do not say who takes a decision back: here the governance office,
which decides appeals.
"""

from __future__ import annotations

from dataclasses import replace

from contracts.vocabulary import FilingReason, Outcome, Unit
from services.registration.domain import Appeal, Decision, Reason, Said
from services.registration.rules.told import ORDER

TOLD = frozenset({Unit.AMR, Unit.TWN, Unit.MGO})
"""Beside those whom the rules name: the registrar, the township of the place, the office whose word is awaited. They hear the end too."""


def after_set_aside(decision: Decision, said: Said) -> Decision:
    """``decision`` as the rules take it, after a decision before it was set aside; a refusal on other grounds stands."""
    if not said.set_aside:
        return decision
    decision = replace(decision, notify=tuple(unit for unit in ORDER if unit in {*decision.notify, *TOLD}))
    word = said.review_of(FilingReason.SET_ASIDE_REVIEW)
    if decision.outcome is Outcome.REFER or (word is not None and word.result == "clear"):
        return decision
    if word is not None:
        reasons = (Reason(FilingReason.SET_ASIDE_REVIEW, refuses=True), *decision.reasons)
        return replace(decision, outcome=Outcome.REFUSE, reasons=reasons, refuse_after=None)
    if decision.outcome is Outcome.REFUSE:
        return decision
    return replace(decision, outcome=Outcome.HOLD, reasons=(*decision.reasons, Reason(FilingReason.SET_ASIDE_REVIEW)))


def appeal_of_this_decision(said: Said) -> Appeal | None:
    """The appeal, unless it was reversed, or what it was against has been set aside since: the next refusal can be appealed anew."""
    appeal = said.appeal
    if appeal is None or appeal.state == "reversed" or (said.set_aside and said.set_aside[-1].at >= appeal.filed_at):
        return None
    return appeal


def reopened(last: Decision, said: Said, at: str) -> Decision:
    """An acceptance set aside: held at once on what it stood on, until the land side has judged it anew."""
    return after_set_aside(replace(last, reasons=(), decided_at=at, clock=None, refuse_after=None), said)
