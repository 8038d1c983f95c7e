"""One clearance judged by today's facts."""

from __future__ import annotations

from collections.abc import Mapping
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


def place_now(clearance: Clearance, filings: Mapping[str, Filing]) -> SiteKey | None:
    """Where a clearance is judged: what is connected stays where it is, all else goes with its filing. ``filings`` by the ids named."""
    if clearance.committed_at is not None:
        return clearance.site
    return place_of(clearance.request, filings.get(clearance.request.filing_id or ""))


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
    """The answer to a clearance's request now. Reviews and overrides hold for the site and epoch they were given for, on a committed one
    for good.
    """
    committed = clearance.committed_at is not None
    given_for: tuple[SiteKey | None, int] = (None, 0) if site is None else (site.key, site.epoch)
    words = [review for review in clearance.reviews if committed or (review.site or given_for[0], review.epoch) == given_for]
    asked_on = today(clearance.requested_at)
    question = _question(policy, facts, site, clearance.request, filing, asked_on, day, committed=committed)
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
    policy: Policy,
    facts: ParcelFacts,
    site: Site | None,
    request: InstallRequest,
    filing: Filing | None,
    asked_on: date,
    day: date,
    *,
    committed: bool = False,
) -> Question:
    if site is not None and filing is not None and not _counts_at(filing, site, committed=committed):
        filing, request = None, replace(request, filing_id=None)
    key = None if site is None else site.key
    question = rules.question_of_request(policy, facts, key, request, filing, asked_on, day, connected=committed)
    if site is None:
        return question
    return replace(question, overridden=site.overridden, appeal_reversed=site.reversed)


def _counts_at(filing: Filing, site: Site, *, committed: bool) -> bool:
    """Whether a request is judged by the filing it names: one not judged yet is waited for, but not by what is connected
    already: that is judged by what was said of it last at this place, if anything was.
    """
    if filing.pending and not committed:
        return True
    if filing.pending and not filing.judged_anew:
        return False
    return filing.site is not None and filing.site.parcel_code == site.key.parcel_code
