"""Commit a clearance just before connecting; review a hold on one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from chassis.clock import rfc3339, today
from chassis.database import Transaction
from chassis.messages import Command, Message, Result
from chassis.policies import in_force
from chassis.preconditions import stale_version
from chassis.problems import Problem
from contracts.policy import Policy
from contracts.power_grid import ClearanceReviewed
from contracts.values import dataclass
from contracts.vocabulary import PowerDecision, PowerReason, Unit
from services.power_grid import errors, tables
from services.power_grid.domain import Clearance, ParcelFacts, Reason, Review, Site, TokenClaims
from services.power_grid.handlers.judging import judge
from services.power_grid.handlers.saying import answer_event, commit_event

REVIEWABLE = (
    PowerReason.TRANSITION_CONFIRMATION,
    PowerReason.TRANSITION_GRADE,
    PowerReason.TRANSITION_DUE,
    PowerReason.TRANSITION_UNGRADED,
    PowerReason.LOW_VOLTAGE_REVIEW,
    PowerReason.WATCH_PERIOD,
    PowerReason.SET_ASIDE_REVIEW,
)
"""Holds a unit's word ends. Unknown and mixed land end in the parcel register, not here."""


@dataclass(frozen=True, slots=True)
class Commit:
    """``claims`` null: the token given is not one of ours."""

    clearance_id: str
    claims: TokenClaims | None


@dataclass(frozen=True, slots=True)
class ReviewHold:
    clearance_id: str
    code: str
    result: str
    reason: str
    document_sha256: str | None
    if_match: int | None


def shown_reasons(policy: Policy, reasons: Sequence[Reason]) -> list[dict[str, Any]]:
    """Reasons as the public surface shows them."""
    return [policy.reason(reason.code, reason.variant).shown(reason.due) for reason in reasons]


def commit_clearances(batch: Sequence[Command[Commit]], tx: Transaction) -> Result:
    """Let the power company connect, if nothing at the site has changed since its token was given."""
    policy = in_force(tx)
    result = Result()
    clearances, sites = _claimed(tx, [command.data.clearance_id for command in batch])
    changed: dict[str, Clearance] = {}
    for command in batch:
        clearance = clearances.get(command.data.clearance_id)
        if clearance is None:
            result.answers.append(errors.clearance_not_found())
            continue
        now = _under(policy, clearance, sites, tx)
        if now is not clearance:
            clearances[clearance.clearance_id] = changed[clearance.clearance_id] = clearance = now
            result.messages.append(Message.because(command, answer_event(policy, clearance)))
        site = None if clearance.site is None else sites[clearance.site.parcel_code].get(clearance.site.unit_number)
        refusal = _refusal(policy, clearance, site, command.data.claims, tx)
        if refusal is None and clearance.committed_at is None:
            clearance = replace(clearance, version=clearance.version + 1, committed_under=policy.ref)
            clearance = replace(clearance, committed_at=tx.now, committed_by=command.principal.sub)
            clearances[clearance.clearance_id] = changed[clearance.clearance_id] = clearance
            result.messages.append(Message.because(command, commit_event(policy, clearance)))
        result.answers.append(clearance if refusal is None else refusal)
    tables.save_clearances(tx, changed.values())
    return result


def _under(policy: Policy, clearance: Clearance, sites: tables.Sites, tx: Transaction) -> Clearance:
    """As the set in force judges it: a token given under another one opens nothing that this one holds."""
    if clearance.committed_at is not None or clearance.answer.policy == policy.ref:
        return clearance
    judged = _judge_again(tx, policy, clearance, sites)
    return clearance if judged.answer == clearance.answer else judged


def _claimed(tx: Transaction, clearance_ids: Sequence[str]) -> tuple[dict[str, Clearance], tables.Sites]:
    """The clearances and their sites, sites locked first, as everywhere: no commit passes a hold that is being imposed."""
    seen = tables.load_clearances(tx, clearance_ids)
    sites = tables.claim_sites(tx, [clearance.site.parcel_code for clearance in seen.values() if clearance.site is not None])
    return tables.lock_clearances(tx, clearance_ids), sites


def _refusal(policy: Policy, clearance: Clearance, site: Site | None, claims: TokenClaims | None, tx: Transaction) -> Problem | None:
    answer = clearance.answer
    reasons = shown_reasons(policy, answer.reasons)
    epoch = clearance.site_epoch if site is None else site.epoch
    if not clearance.ever_allowed:
        return errors.not_allowed(answer.decision, reasons, epoch)
    if claims is None or claims.clearance_id != clearance.clearance_id:
        return errors.bad_token()
    if clearance.committed_at is not None:
        return None
    if site is None or (claims.site, claims.epoch) != (clearance.site, epoch):
        return errors.site_changed(answer.decision, reasons, epoch)
    if not clearance.allowed:
        return errors.not_allowed(answer.decision, reasons, epoch)
    if claims.expires_at <= tx.now:
        return errors.clearance_expired(rfc3339(claims.expires_at))
    return None


def review_clearances(batch: Sequence[Command[ReviewHold]], tx: Transaction) -> Result:
    """End a hold by the word of the unit that owns it; ``refuse`` makes it a block. Good as long as the site does not change."""
    result = Result()
    for command in batch:
        messages, answer = _review(command, tx)
        result.messages += messages
        result.answers.append(answer)
    return result


def _review(command: Command[ReviewHold], tx: Transaction) -> tuple[list[Message], Clearance | Problem]:
    policy, data = in_force(tx), command.data
    clearances, sites = _claimed(tx, [data.clearance_id])
    clearance = clearances.get(data.clearance_id)
    if clearance is None:
        return [], errors.clearance_not_found()
    refusal = _may_not_review(policy, clearance, data, command.principal.unit)
    if refusal is not None:
        return [], refusal
    unit = Unit(str(command.principal.unit))
    given_for = clearance.site_epoch, clearance.site
    review = Review(data.code, data.result, data.reason, data.document_sha256, unit, command.principal.sub, tx.now, *given_for)
    clearance = replace(clearance, reviews=(*clearance.reviews, review))
    judged = _judge_again(tx, policy, clearance, sites)
    tables.save_clearances(tx, [judged])
    reviewed = ClearanceReviewed(
        filing_id=judged.request.filing_id,
        parcel_code=None if judged.site is None else judged.site.parcel_code,
        unit_number=None if judged.site is None else judged.site.unit_number,
        township_code=judged.township_code,
        notify=judged.answer.notify,
        clearance_id=judged.clearance_id,
        code=data.code,
        result=data.result,
        unit=unit,
    )
    return [Message.because(command, reviewed), Message.because(command, answer_event(policy, judged))], judged


def _may_not_review(policy: Policy, clearance: Clearance, data: ReviewHold, unit: str | None) -> Problem | None:
    if data.if_match is not None and data.if_match != clearance.version:
        return stale_version(clearance.version)
    if clearance.committed_at is not None:
        return errors.already_committed()
    reasons = clearance.answer.reasons if clearance.answer.decision is PowerDecision.HOLD else ()
    held = {str(reason.code): reason for reason in reasons if reason.code in REVIEWABLE}
    if data.code not in held:
        return errors.no_such_hold(data.code, [reason.code for reason in held.values()])
    owner = policy.reason(data.code, held[data.code].variant).owner
    return None if owner is not None and unit == owner else errors.not_the_owner(str(owner))


def _judge_again(tx: Transaction, policy: Policy, clearance: Clearance, sites: tables.Sites) -> Clearance:
    """At the site where it is kept: what moves it there or away has it judged at once."""
    request, place = clearance.request, clearance.site
    filing = tables.load_filings(tx, [request.filing_id]).get(request.filing_id) if request.filing_id is not None else None
    facts, site = ParcelFacts(""), None
    if place is not None:
        applicants = () if request.applicant_uscc is None else (request.applicant_uscc,)
        facts = tables.load_facts(tx, [place.parcel_code], applicants=applicants)[place.parcel_code]
        site = sites[place.parcel_code].get(place.unit_number)
    found = judge(policy, facts, site, clearance, filing, today(tx.now))
    return found.recorded(clearance, place, clearance.site_epoch, clearance.township_code, tx.now)
