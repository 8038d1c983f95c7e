"""What registration says: one function for each event, from a filing as it stands."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from chassis.clock import today
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
from contracts.vocabulary import DueRef, FilingStatus, Unit
from services.registration.domain import OPEN, Decision, Filing, Review, entry_of
from services.registration.rules.period import deadlines_of

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
    return FilingAmended(**_standing(filing, ()), filing=facts)


def withdrawn(filing: Filing, facts: FilingFacts, policy: Policy, at: str) -> FilingWithdrawn:
    manufacturing, where = policy.is_manufacturing(facts.industry_code), _standing(filing, filing.decision.notify)
    return FilingWithdrawn(**where, manufacturing=manufacturing, withdrawn_at=datetime.fromisoformat(at))


def closed(filing: Filing, policy: Policy) -> FilingClosed:
    summary = summary_of(filing.decision, policy)
    return FilingClosed(**_standing(filing, filing.decision.notify), duplicate_of=filing.duplicate_of or "", decision=summary)


def closed_still(filing: Filing, policy: Policy) -> FilingClosed:
    """Closed as before, with the verdict that the first has now: nobody need be told of the same duplicate again."""
    return closed(filing, policy).model_copy(update={"notify": ()})


def decided(filing: Filing, facts: FilingFacts, policy: Policy) -> DecidedEvent:
    """The event of the status the decision led to. A manufacturer that named no place of production has no place in it."""
    manufacturing = policy.is_manufacturing(facts.industry_code)
    where = _standing(filing, filing.decision.notify)
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


def held_on(filing: Filing, facts: FilingFacts, policy: Policy) -> DecidedEvent:
    """Held as before, with another deadline: nobody need be told of the same decision again."""
    return decided(filing, facts, policy).model_copy(update={"notify": ()})


def reviewed(filing: Filing, review: Review) -> FilingReviewed:
    about = review.about or ()
    return FilingReviewed(**_standing(filing, REVIEWS_ARE_TOLD), code=review.code, result=review.result, unit=review.unit, about=about)


def appealed(filing: Filing, state: str) -> FilingAppealed:
    return FilingAppealed(**_standing(filing, APPEALS_ARE_TOLD), state=state)


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


def due_of(filing: Filing) -> tuple[DueRef, ...]:
    """What falls due while it is open, by the rule that ``GET /deadlines`` shows it by."""
    if filing.status not in OPEN:
        return ()
    submitted_on = today(datetime.fromisoformat(filing.submitted_at))
    found = deadlines_of(filing.status, submitted_on, filing.decision, filing.said)
    return tuple(DueRef(kind=each.kind, due=each.due, owner=each.owner, paused_since=each.paused_since) for each in found)


def _standing(filing: Filing, notify: tuple[Unit, ...]) -> dict[str, Any]:
    return {**_of(filing, notify), "deadlines": due_of(filing)}


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
