"""Decided filings under a policy set that came into force since: the filing stays, a case asks a person about it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from chassis.clock import today
from chassis.database import Transaction
from chassis.messages import Command, Result
from chassis.policies import named
from chassis.review_cases import CloseCase, Otherwise, SetRef, Side
from contracts.land_check import LandFindings, LandVerdictIssued
from contracts.policy import Policy
from contracts.vocabulary import FilingStatus
from services.registration.domain import Decision, Filing
from services.registration.handlers.ledger import filed_facts
from services.registration.handlers.what_if import whole_decision
from services.registration.tables import filing_of
from services.registration.tables.review_cases import REVIEW_CASES

DECIDED = (FilingStatus.ACCEPTED, FilingStatus.REFUSED)


def look_again(tx: Transaction, verdicts: Sequence[tuple[LandVerdictIssued, Row[Any]]]) -> None:
    """Open a case for each decided filing that the set of its new findings would decide otherwise. The filing itself is not touched."""
    found = (_otherwise(filing_of(row), event) for event, row in verdicts if row.status in DECIDED)
    REVIEW_CASES.open(tx, [each for each in found if each is not None])


def _otherwise(filing: Filing, event: LandVerdictIssued) -> Otherwise | None:
    """None if the set it was decided by has spoken, or if this one would decide the same, as decided or as the set before would today.

    The second comparison is that of a what-if: what only the register changed since is no matter of the set.
    """
    stands = filing.decision
    if event.policy == stands.policy:
        return None
    would_be = decided_by(filing, event.land, named(event.policy))
    if _says(would_be) == _says(stands):
        return None
    review = event.review
    if review is not None and review.policy is not None:
        before = decided_by(filing, review.before or event.land, named(review.policy))
        if _says(before) == _says(would_be):
            return None
    return Otherwise(filing.filing_id, filing.place.township_code, _side(stands), _side(would_be))


def decided_by(filing: Filing, land: LandFindings, policy: Policy) -> Decision:
    """What another set decides on the day on which the filing was decided."""
    day = today(datetime.fromisoformat(filing.decision.decided_at))
    return whole_decision(filed_facts(filing), land, filing.said, policy, day)


def _says(decision: Decision) -> tuple[object, ...]:
    """What flips: as far as a what-if compares."""
    return decision.outcome, [reason.code for reason in decision.reasons], decision.flags


def _side(decision: Decision) -> Side:
    reasons = tuple((str(reason.code), reason.variant) for reason in decision.reasons)
    return Side(
        str(decision.outcome), SetRef(decision.policy.id, decision.policy.version), reasons, tuple(str(flag) for flag in decision.flags)
    )


def close_review_cases(batch: Sequence[Command[CloseCase]], tx: Transaction) -> Result:
    """A person has looked: the decision stands, or that it be set aside is sought. Neither changes the filing."""
    return REVIEW_CASES.close(batch, tx)
