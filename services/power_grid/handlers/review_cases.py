"""Connected sites under a policy set that came into force since: nothing is disconnected, a case asks a person about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from chassis.database import Transaction
from chassis.messages import Command, Result
from chassis.policies import in_force_at, named
from chassis.review_cases import CloseCase, Otherwise, SetRef, Side
from contracts.policy import Policy
from services.power_grid.domain import Answer, Clearance, Filing, ParcelFacts, Site
from services.power_grid.handlers.judging import judge
from services.power_grid.tables.review_cases import REVIEW_CASES


def allowed_when_committed(
    tx: Transaction, facts: ParcelFacts, site: Site | None, clearance: Clearance, filing: Filing | None, day: date
) -> Policy | None:
    """The set that was in force at the commit, if it would still allow the connection on the facts of now, with the land as it read it."""
    if clearance.committed_at is None:
        return None
    under = clearance.committed_under
    policy = in_force_at(tx, clearance.committed_at) if under is None else named(under)
    if facts.parcel is not None:
        facts = replace(facts, parcel=facts.parcel.as_read_at(clearance.committed_at))
    return policy if judge(policy, facts, site, clearance, filing, day).allowed else None


def held_by_another_set(clearance: Clearance, answer: Answer, stood_by: Policy) -> Otherwise:
    """``answer`` is what the set in force would say; the clearance keeps the answer it was committed on."""
    about = {
        "request_id": clearance.request.request_id,
        "filing_id": clearance.request.filing_id,
        "parcel_code": None if clearance.site is None else clearance.site.parcel_code,
        "unit_number": None if clearance.site is None else clearance.site.unit_number,
    }
    was = replace(clearance.answer, policy=stood_by.ref)
    return Otherwise(clearance.clearance_id, clearance.township_code, _side(was), _side(answer), about)


def _side(answer: Answer) -> Side:
    reasons = tuple((str(reason.code), reason.variant) for reason in answer.reasons)
    return Side(str(answer.decision), SetRef(answer.policy.id, answer.policy.version), reasons)


def close_review_cases(batch: Sequence[Command[CloseCase]], tx: Transaction) -> Result:
    """A person has looked: the connection stands, or that it be set aside is sought. Nothing is disconnected by it."""
    return REVIEW_CASES.close(batch, tx)
