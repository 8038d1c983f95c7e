"""What registration says: one function for each event, from a filing as it stands."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from contracts.policy import Policy
from contracts.registration import (
    DecidedEvent,
    DecisionSummary,
    FilingAccepted,
    FilingAmended,
    FilingAppealed,
    FilingClosed,
    FilingFacts,
    FilingHeld,
    FilingReferred,
    FilingRefused,
    FilingReviewed,
    FilingSubmitted,
    FilingWithdrawn,
)
from contracts.vocabulary import FilingStatus, Unit
from services.registration.domain import Decision, Filing, Review, entry_of

DECIDED: Mapping[FilingStatus, type[DecidedEvent]] = {
    FilingStatus.HELD: FilingHeld,
    FilingStatus.ACCEPTED: FilingAccepted,
    FilingStatus.REFUSED: FilingRefused,
    FilingStatus.REFERRED: FilingReferred,
}

REVIEWS_ARE_TOLD = (Unit.AMR,)
APPEALS_ARE_TOLD = (Unit.AMR, Unit.MGO)


def submitted(filing: Filing, facts: FilingFacts) -> FilingSubmitted:
    return FilingSubmitted(**_of(filing, ()), filing=facts)


def amended(filing: Filing, facts: FilingFacts) -> FilingAmended:
    """``revision`` grew: judged again. The same revision: only the USCC known now, which ``facts`` carry."""
    return FilingAmended(**_of(filing, ()), filing=facts)


def withdrawn(filing: Filing, facts: FilingFacts, policy: Policy, at: str) -> FilingWithdrawn:
    manufacturing = policy.is_manufacturing(facts.industry_code)
    return FilingWithdrawn(**_of(filing, filing.decision.notify), manufacturing=manufacturing, withdrawn_at=datetime.fromisoformat(at))


def closed(filing: Filing, policy: Policy) -> FilingClosed:
    summary = summary_of(filing.decision, policy)
    return FilingClosed(**_of(filing, filing.decision.notify), duplicate_of=filing.duplicate_of or "", decision=summary)


def decided(filing: Filing, facts: FilingFacts, policy: Policy) -> DecidedEvent:
    """The event of the status the decision led to. A manufacturer that named no place of production has no place in it."""
    manufacturing = policy.is_manufacturing(facts.industry_code)
    where = _of(filing, filing.decision.notify)
    if manufacturing and policy.production_place(facts) is None:
        where |= {"parcel_code": None, "unit_number": None}
    return DECIDED[filing.status](
        **where,
        status=filing.status,
        action=facts.action,
        industry_code=facts.industry_code,
        manufacturing=manufacturing,
        decision=summary_of(filing.decision, policy),
    )


def reviewed(filing: Filing, review: Review) -> FilingReviewed:
    return FilingReviewed(**_of(filing, REVIEWS_ARE_TOLD), code=review.code, result=review.result, unit=review.unit)


def appealed(filing: Filing, state: str) -> FilingAppealed:
    return FilingAppealed(**_of(filing, APPEALS_ARE_TOLD), state=state)


def summary_of(decision: Decision, policy: Policy) -> DecisionSummary:
    return DecisionSummary(
        outcome=decision.outcome,
        flags=decision.flags,
        tags=decision.tags,
        land_verdict=decision.land_verdict,
        statement=decision.statement,
        reasons=tuple(entry_of(policy, reason).ref(reason.due) for reason in decision.reasons),
        policy=decision.policy,
        decided_at=datetime.fromisoformat(decision.decided_at),
    )


def _of(filing: Filing, notify: tuple[Unit, ...]) -> dict[str, Any]:
    return {
        "filing_id": filing.filing_id,
        "version": filing.version,
        "revision": filing.revision,
        "enterprise_name": filing.name,
        "uscc": filing.uscc,
        "township_code": filing.place.township_code,
        "parcel_code": filing.place.parcel_code,
        "unit_number": filing.place.unit_number,
        "notify": notify,
    }
