"""Whether a property-right statement is needed, what is wrong with a paper, and which of several counts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Protocol

from contracts.policy import Policy
from contracts.reference import codes_of
from contracts.registration import FilingFacts
from contracts.vocabulary import LandVerdict, StatementFinding, StatementOutcome
from services.land_check.domain import (
    CheckState,
    IssuerType,
    Parcel,
    Standing,
    Statement,
    StatementContext,
    StatementResult,
    StatementState,
)
from services.land_check.domain.identity import is_same_enterprise


class NamesAnEnterprise(Protocol):
    """A paper, kept or just brought in."""

    @property
    def enterprise_name(self) -> str: ...

    @property
    def uscc(self) -> str | None: ...


PaperRule = Callable[[Statement, StatementContext, Policy], StatementFinding | None]


def forged_paper_never_holds(paper: Statement, at: StatementContext, policy: Policy) -> StatementFinding | None:
    """002 §二(九): 「完善红黑名单制度」; a forged paper is no statement."""
    return StatementFinding.FORGED if paper.forged else None


def revoked_paper_no_longer_holds(paper: Statement, at: StatementContext, policy: Policy) -> StatementFinding | None:
    """002 §二(三): 「不能提供相关说明」: the township has withdrawn its support."""
    return StatementFinding.REVOKED if paper.revoked else None


def only_a_township_or_its_zone_issues(paper: Statement, at: StatementContext, policy: Policy) -> StatementFinding | None:
    """002 §二(三): 「镇(街道)出具产权说明」: a village committee's paper is evidence, not the statement."""
    if paper.issuer_type is IssuerType.TOWNSHIP:
        return None
    place = at.township_code or paper.issuer_township
    if paper.issuer_type is IssuerType.ZONE_COMMITTEE and place is not None and policy.zone_committee_allowed(place):
        return None
    return StatementFinding.NOT_A_TOWNSHIP


def issuer_is_the_township_of_the_place(paper: Statement, at: StatementContext, policy: Policy) -> StatementFinding | None:
    """002 §二(三): 「镇(街道)出具产权说明需严格把关」: the town where the premises lie answers for them."""
    if paper.issuer_type not in (IssuerType.TOWNSHIP, IssuerType.ZONE_COMMITTEE) or at.township_code is None:
        return None
    is_its_own = paper.issuer_township is not None and at.township_code in codes_of(paper.issuer_township)
    return None if is_its_own else StatementFinding.WRONG_TOWNSHIP


def paper_is_still_good_on_the_day_of_filing(paper: Statement, at: StatementContext, policy: Policy) -> StatementFinding | None:
    """Validity is our default (``statement_valid_days``): to be used while it runs. One that ends before it begins never does."""
    return StatementFinding.EXPIRED if paper.valid_to < max(at.filed_on, paper.issued_on) else None


def paper_names_these_premises(paper: Statement, at: StatementContext, policy: Policy) -> StatementFinding | None:
    """002 §二(三): the statement is about 「非工业土地上的房产」, this one and no other. A place without a parcel cannot contradict.

    The code of a parcel that was split or merged since names none of the premises of today.
    """
    if at.superseded:
        return StatementFinding.OTHER_PREMISES
    if at.parcel_code is None or (paper.parcel_code == at.parcel_code and paper.unit_number == at.unit_number):
        return None
    return StatementFinding.OTHER_PREMISES


def paper_names_this_enterprise(paper: Statement, at: StatementContext, policy: Policy) -> StatementFinding | None:
    """One statement for each enterprise and premises (R02, ``statement_binding``)."""
    return None if speaks_for(paper, at.enterprise_name, at.uscc, policy) else StatementFinding.OTHER_ENTERPRISE


def village_paper_has_a_second_officer(paper: Statement, at: StatementContext, policy: Policy) -> StatementFinding | None:
    """002 §二(三): 「原则上严格控制村庄内非工业土地上新办工业企业」: in a village a second officer checks (R01)."""
    return StatementFinding.SECOND_OFFICER_MISSING if at.village_strict and paper.second_officer is None else None


def paper_supports_the_right(paper: Statement, at: StatementContext, policy: Policy) -> StatementFinding | None:
    """002 §二(三): a statement that the right is not sound supports nothing (R03, ``negative_statement_refuses``)."""
    return StatementFinding.DOES_NOT_SUPPORT if paper.result is StatementResult.DOES_NOT_SUPPORT else None


PAPER_RULES: tuple[PaperRule, ...] = (
    forged_paper_never_holds,
    revoked_paper_no_longer_holds,
    paper_supports_the_right,
    only_a_township_or_its_zone_issues,
    issuer_is_the_township_of_the_place,
    paper_is_still_good_on_the_day_of_filing,
    paper_names_these_premises,
    paper_names_this_enterprise,
    village_paper_has_a_second_officer,
)


def speaks_for(paper: NamesAnEnterprise, enterprise_name: str, uscc: str | None, policy: Policy) -> bool:
    """Whether a paper is this enterprise's: the one it names, or anybody's at its premises (``statement_binding``)."""
    if policy.switches.statement_binding == "premises":
        return True
    return is_same_enterprise(paper.enterprise_name, paper.uscc, enterprise_name, uscc)


def findings_on(paper: Statement, at: StatementContext, policy: Policy) -> tuple[StatementFinding, ...]:
    """Everything that is wrong with a paper; nothing: it holds."""
    return tuple(found for rule in PAPER_RULES if (found := rule(paper, at, policy)) is not None)


def judged(paper: Statement, at: StatementContext, policy: Policy) -> Statement:
    """The paper with the findings of this place; itself if they are the same."""
    findings = findings_on(paper, at, policy)
    return paper if findings == paper.findings else replace(paper, findings=findings)


def paper_that_counts(papers: Iterable[Statement]) -> Statement | None:
    """Of several, the newest valid one, else the newest."""
    ordered = sorted(papers, key=_age)
    valid = [paper for paper in ordered if paper.state is StatementState.VALID]
    return valid[-1] if valid else (ordered[-1] if ordered else None)


def statement_is_asked_for(facts: FilingFacts, policy: Policy) -> bool:
    """Manufacturing with a production place, by an action and a subject that the clause reaches (R02, R03)."""
    return policy.production_place(facts) is not None and policy.triggers_check(facts.action, facts.subject_type, facts.industry_code)


def paper_matters(verdict: LandVerdict) -> bool:
    """On unknown and mixed land a paper counts too, though none is requested there."""
    return verdict in (LandVerdict.NON_INDUSTRIAL, LandVerdict.UNKNOWN, LandVerdict.MIXED)


def standing(verdict: LandVerdict, asked: bool, papers: Sequence[Statement], declined: bool) -> Standing:
    """How a filing stands with its statement on land of that verdict. ``papers`` have their findings."""
    if not asked or verdict in (LandVerdict.INDUSTRIAL, LandVerdict.TRANSITION):
        return Standing(StatementOutcome.NOT_REQUIRED)
    if not paper_matters(verdict):
        return Standing(StatementOutcome.UNDETERMINED)
    paper = paper_that_counts(papers)
    if paper is None:
        required = verdict is LandVerdict.NON_INDUSTRIAL
        return Standing(StatementOutcome.REQUIRED_MISSING if required else StatementOutcome.UNDETERMINED, None, declined and required)
    if paper.state is StatementState.VALID:
        return Standing(StatementOutcome.REQUIRED_VALID, paper)
    return Standing(StatementOutcome.REQUIRED_INVALID, paper, declined)


def is_in_village(parcel: Parcel | None, paper: Statement | None) -> bool | None:
    """The parcel's word, else that of the paper that counts, which is taken as yes where it is silent. None: nobody has said."""
    if parcel is not None and parcel.in_village is not None:
        return parcel.in_village
    if paper is None:
        return None
    return True if paper.in_village is None else paper.in_village


def is_village_strict(parcel: Parcel | None, in_village: bool | None, verdict: LandVerdict) -> bool:
    """Whether an industrial enterprise's paper that says ``in_village`` needs a second officer; silence of both counts as yes (R01)."""
    known = parcel.in_village if parcel is not None and parcel.in_village is not None else in_village
    return known is not False and verdict is LandVerdict.NON_INDUSTRIAL


def last_day(issued_on: date, valid_to: date | None, policy: Policy) -> date:
    """The day up to which a paper holds: what stands on it, else issue plus ``statement_valid_days`` calendar days."""
    return issued_on + timedelta(days=policy.switches.statement_valid_days) if valid_to is None else valid_to


def is_over(paper: Statement, day: date) -> bool:
    """Whether its last day is over: it can be used no more. A registration that used it in time stands."""
    return paper.valid_to < day


def state_for_anyone(paper: Statement, day: date) -> CheckState:
    """What the public check says: a statement that would hold but for its last day being over is expired."""
    if paper.state is StatementState.VALID and is_over(paper, day):
        return CheckState.EXPIRED
    return CheckState(paper.state)


def _age(paper: Statement) -> tuple[date, str, str]:
    return paper.issued_on, paper.recorded_at, paper.statement_id
