"""Clearances judged twice, by the set in force and by a candidate, on today's facts about their sites. Nothing is stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from chassis.clock import today
from chassis.database import Transaction
from chassis.what_if import Flip, Outcome, Question, who_turned
from contracts.policy import Policy
from services.power_grid import tables
from services.power_grid.domain import Answer, Clearance, Filing, ParcelFacts, Site
from services.power_grid.handlers.judging import judge, place_of


@dataclass(frozen=True, slots=True)
class Tried:
    """What a chunk brought. ``last``: the clearance it ended with; empty: there was none."""

    last: str
    checked: int
    flips: list[Flip]


@dataclass(frozen=True, slots=True)
class _Case:
    clearance: Clearance
    filing: Filing | None
    facts: ParcelFacts
    site: Site | None
    day: date

    def outcome(self, policy: Policy) -> Outcome:
        return _outcome(judge(policy, self.facts, self.site, self.clearance, self.filing, self.day).answer, policy)


def try_clearances(tx: Transaction, question: Question, present: Policy, candidate: Policy, after: str, limit: int) -> Tried:
    """The next ``limit`` clearances in the order of their ids. ``tx`` may be read-only."""
    found = [tables.clearance_of(row) for row in tx.rows(tables.clearances_after(after, limit))]
    turned = question.turned(present, candidate)
    each = {name: present.with_switches({name: value}) for name, value in turned.items()}
    flips, asked = [], [clearance for clearance in found if _is_asked_about(question, clearance)]
    for case in _cases(tx, asked):
        was, would_be = case.outcome(present), case.outcome(candidate)
        if was != would_be:
            alone = {name: case.outcome(policy) for name, policy in each.items()}
            clearance = case.clearance
            flips.append(Flip(clearance.clearance_id, clearance.township_code, was, would_be, who_turned(would_be, alone, turned)))
    return Tried(found[-1].clearance_id if found else "", len(asked), flips)


def _is_asked_about(question: Question, clearance: Clearance) -> bool:
    there = question.township_code is None or question.township_code == clearance.township_code
    return there and question.asks_about(today(clearance.requested_at))


def _cases(tx: Transaction, clearances: Sequence[Clearance]) -> list[_Case]:
    """Each with what is known about its site: one load for all."""
    filings = tables.load_filings(tx, sorted({c.request.filing_id for c in clearances if c.request.filing_id is not None}))
    placed = [(c, filing := filings.get(c.request.filing_id or ""), place_of(c.request, filing)) for c in clearances]
    codes = sorted({place.parcel_code for _, _, place in placed if place is not None})
    applicants = {c.request.applicant_uscc for c in clearances if c.request.applicant_uscc is not None}
    facts, sites = tables.load_facts(tx, codes, applicants=applicants), tables.load_sites(tx, codes)
    return [
        _Case(
            clearance,
            filing,
            ParcelFacts("") if place is None else facts[place.parcel_code],
            None if place is None else sites[place.parcel_code].get(place.unit_number),
            today(clearance.decided_at),
        )
        for clearance, filing, place in placed
    ]


def _outcome(answer: Answer, policy: Policy) -> Outcome:
    rules = {str(reason.code): policy.reason(reason.code, reason.variant).rule for reason in answer.reasons}
    return Outcome(str(answer.decision), tuple(str(reason.code) for reason in answer.reasons), (), rules)
