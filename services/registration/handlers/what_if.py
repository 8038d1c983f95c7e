"""Stored filings decided twice, by the set in force and by a candidate, on the same facts and the same day. Nothing is stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import NamedTuple

from chassis.clock import today
from chassis.what_if import Flip, Outcome
from contracts.land_check import LandFindings
from contracts.policy import Policy
from contracts.registration import FilingFacts
from services.registration.domain import Decision, Filing, Said, entry_of
from services.registration.handlers.ledger import filed_facts, still_overruled
from services.registration.rules import decide


class Found(NamedTuple):
    """What the land side finds under the set in force, and under the candidate."""

    now: LandFindings
    then: LandFindings


def compare(filings: Sequence[Filing], found: Mapping[str, Found], present: Policy, candidate: Policy) -> list[Flip]:
    """Those that would be decided otherwise. A filing without findings is passed over: the caller counts it as not judged."""
    flips = []
    for filing in filings:
        land = found.get(filing.filing_id)
        if land is not None:
            was, would_be = outcomes(filing, land, present, candidate)
            if was != would_be:
                flips.append(Flip(filing.filing_id, land.now.township_code, was, would_be))
    return flips


def outcomes(filing: Filing, land: Found, present: Policy, candidate: Policy) -> tuple[Outcome, Outcome]:
    facts, day = filed_facts(filing), day_of(filing)
    return _outcome(facts, land.now, filing.said, present, day), _outcome(facts, land.then, filing.said, candidate, day)


def day_of(filing: Filing) -> date:
    """The day of the city on which it was decided last."""
    return today(datetime.fromisoformat(filing.decision.decided_at or filing.submitted_at))


def _outcome(facts: FilingFacts, land: LandFindings, said: Said, policy: Policy, day: date) -> Outcome:
    return _as_outcome(decide(facts, land, _without_a_due_day(said, land), policy, day), policy)


def _without_a_due_day(said: Said, land: LandFindings) -> Said:
    """The day a statement is due follows from the set: counted anew from the day its clock began."""
    if said.clock is not None:
        said = replace(said, clock=replace(said.clock, due=None))
    return still_overruled(said, land)


def _as_outcome(decision: Decision, policy: Policy) -> Outcome:
    rules = {str(reason.code): entry_of(policy, reason).rule for reason in decision.reasons}
    rules |= {str(flag): policy.flag(flag).rule for flag in decision.flags}
    reasons = tuple(str(reason.code) for reason in decision.reasons)
    return Outcome(str(decision.outcome), reasons, tuple(str(flag) for flag in decision.flags), rules)
