"""One clearance judged by today's facts."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

from chassis.clock import today
from contracts.policy import Policy
from contracts.values import dataclass
from contracts.vocabulary import PowerDecision
from services.power_grid import rules
from services.power_grid.domain import Answer, Clearance, Filing, InstallRequest, ParcelFacts, Past, Question, Site, SiteKey


def place_of(request: InstallRequest, filing: Filing | None) -> SiteKey | None:
    """The site a request is about: the parcel it names, narrowed to its filing's unit, else where its filing is. None: not known yet."""
    there = None if filing is None else filing.site
    if request.parcel_code is None:
        return there
    if request.unit_number is None and there is not None and there.parcel_code == request.parcel_code:
        return there
    return SiteKey(request.parcel_code, request.unit_number)


@dataclass(frozen=True, slots=True)
class Judged:
    """What a clearance is worth now."""

    answer: Answer

    @property
    def allowed(self) -> bool:
        return self.answer.decision is PowerDecision.ALLOW

    def recorded(self, clearance: Clearance, site: SiteKey | None, epoch: int, township_code: str | None, now: datetime) -> Clearance:
        """The clearance with this answer; a different answer before it goes into the history."""
        history, answer = clearance.history, self.answer
        if answer == clearance.answer:
            answer = replace(answer, policy=clearance.answer.policy)  # the set that said it first
        else:
            history = (*history, Past(clearance.answer, clearance.site_epoch, clearance.decided_at))
        return replace(
            clearance,
            version=clearance.version + 1,
            site=site,
            township_code=township_code,
            answer=answer,
            site_epoch=epoch,
            decided_at=now,
            history=history,
            ever_allowed=clearance.ever_allowed or self.allowed,
        )


def judge(policy: Policy, facts: ParcelFacts, site: Site | None, clearance: Clearance, filing: Filing | None, day: date) -> Judged:
    """The answer to a clearance's request now. Reviews and overrides hold for the epoch they were given in, on a committed one for good."""
    committed = clearance.committed_at is not None
    epoch = 0 if site is None else site.epoch
    words = [review for review in clearance.reviews if committed or review.epoch == epoch]
    question = _question(policy, facts, site, clearance.request, filing, today(clearance.requested_at), day)
    question = replace(
        question,
        cleared=frozenset(review.code for review in words if review.result == "clear"),
        refused=frozenset(review.code for review in words if review.result == "refuse"),
        overridden=question.overridden or (committed and clearance.answer.overridden),
    )
    return Judged(rules.decide(question))


def first_answer(
    policy: Policy, facts: ParcelFacts, site: Site | None, request: InstallRequest, filing: Filing | None, day: date
) -> Answer:
    """The answer to a new request."""
    return rules.decide(_question(policy, facts, site, request, filing, day, day))


def _question(
    policy: Policy, facts: ParcelFacts, site: Site | None, request: InstallRequest, filing: Filing | None, asked_on: date, day: date
) -> Question:
    if site is not None and filing is not None and not filing.pending and not _is_there(filing, site):
        filing, request = None, replace(request, filing_id=None)
    question = rules.question_of_request(policy, facts, None if site is None else site.key, request, filing, asked_on, day)
    if site is None:
        return question
    return replace(question, overridden=site.overridden, appeal_reversed=site.reversed)


def _is_there(filing: Filing, site: Site) -> bool:
    return filing.site is not None and filing.site.parcel_code == site.key.parcel_code
