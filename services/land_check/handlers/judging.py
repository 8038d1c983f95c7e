"""Judging filings: one load of what they depend on, pure decisions in memory, one save, and the messages that follow."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import field
from hashlib import blake2b
from typing import Any

from chassis.clock import rfc3339
from chassis.database import Transaction
from chassis.messages import Command, Itself, Message, Received
from contracts.land_check import LandFindings
from contracts.policy import FIRST, Policy
from contracts.values import dataclass
from contracts.vocabulary import LandVerdict
from services.land_check.domain import Admission, Evidence, Filing, Listing, PaperEvent, Parcel, Site, Statement, StatementContext
from services.land_check.domain.identity import same_text_key
from services.land_check.handlers.placing import match_keys, place, place_in_qianwan
from services.land_check.handlers.requesting import RequestBook
from services.land_check.handlers.saying import findings_of, statement_events, verdict_issued
from services.land_check.handlers.territory import hand_over_papers
from services.land_check.rules.land import land_verdict
from services.land_check.rules.lists import entries_that_hold, lists_of, newest_admission, newest_grade, place_matters
from services.land_check.rules.statements import is_village_strict, judged, paper_matters, speaks_for, standing, statement_is_asked_for
from services.land_check.tables.filings import lock_filings, save_filings
from services.land_check.tables.registers import load_admissions, load_grades, open_listings
from services.land_check.tables.statements import Change, papers_of_filings, save_statements, unbound_papers

Cause = Command[Any] | Received[Any] | Itself


@dataclass(slots=True)
class Case:
    """A filing to be judged, and why. ``changed``: it is to be saved whether or not the findings turn out new.

    ``asked``: for a statement. ``concerned``: park, lists and grade count, also where no statement is asked for.
    ``tried``: by a set that may not be in force; a decided filing then has the paper that was there when it was filed and was not needed.
    """

    filing: Filing
    cause: Cause | None
    changed: bool = True
    verdict: LandVerdict = LandVerdict.PENDING
    asked: bool = False
    concerned: bool = False
    evidence: Evidence = field(default_factory=Evidence)
    tried: bool = False

    def may_have(self, paper: Statement) -> bool:
        """Whether a paper that no filing has yet could be this one's."""
        return self.filing.is_open or (self.tried and paper.recorded_at <= rfc3339(self.filing.facts.submitted_at))

    @property
    def site(self) -> Site:
        if self.filing.site is None:
            raise ValueError(f"filing {self.filing.filing_id} is judged before it is placed")
        return self.filing.site

    @property
    def park_id(self) -> str | None:
        """The park of the parcel, else the one the filing names (R16)."""
        parcel = self.site.parcel
        return (parcel.park_id if parcel is not None else None) or self.filing.facts.park_id


@dataclass(frozen=True, slots=True)
class Records:
    """What is recorded about some filings. ``entries`` by parcel code, ``name:`` and USCC of the controller."""

    bound: Sequence[Statement]
    unbound: Sequence[Statement]
    entries: Mapping[str, Sequence[Listing]]
    admissions: Mapping[str, Sequence[Admission]]
    grades: Mapping[str, Sequence[tuple[int, str]]]


@dataclass(slots=True)
class Judgement:
    """What judging brought: messages to publish and papers to write."""

    messages: list[Message] = field(default_factory=list)
    papers: list[Change] = field(default_factory=list)

    def say(self, cause: Cause | None, event: Any) -> None:
        """Nothing is said of a check, which nothing caused."""
        if cause is not None:
            self.messages.append(Message.because(cause, event))


def judge(tx: Transaction, cases: Sequence[Case], policy: Policy, known: Mapping[str, Parcel] | None = None) -> Judgement:
    """Place, judge and save the filings; a verdict is published only when its findings changed."""
    if not cases:
        return Judgement()
    place(tx, [case.filing for case in cases], known or {})
    place_in_qianwan(tx, [case.filing for case in cases], policy)
    hand_over_papers(tx, [case.filing for case in cases])
    read_land(cases, policy)
    judgement = Judgement()
    _gather(tx, asked_about(cases), policy, judgement)
    book = RequestBook(tx.now, policy)
    decided = [case for case in cases if _decide(case, book, policy, tx, judgement)]
    save_filings(tx, [(case.filing, watch_keys(case)) for case in decided])
    save_statements(tx, judgement.papers)
    book.write(tx)
    return judgement


def judge_again(tx: Transaction, ids: Iterable[str], cause: Cause, policy: Policy) -> Judgement:
    """Judge those filings that are open, because something they depend on changed."""
    filings = lock_filings(tx, sorted(set(ids)))
    return judge(tx, [Case(filing, cause, changed=False) for filing in filings.values() if filing.is_open], policy)


def evidence_for(tx: Transaction, filing: Filing, policy: Policy) -> Case:
    """A filing placed and its evidence gathered, without deciding or writing anything."""
    return evidence_of(tx, [filing], policy)[0]


def evidence_of(tx: Transaction, filings: Sequence[Filing], policy: Policy) -> list[Case]:
    """The same for many at once: as many queries as for one."""
    cases = [Case(filing, None) for filing in filings]
    place(tx, filings, {})
    place_in_qianwan(tx, filings, policy)
    read_land(cases, policy)
    _gather(tx, asked_about(cases), policy, Judgement())
    return cases


def read_land(cases: Sequence[Case], policy: Policy) -> None:
    """What the land of placed filings is, and what is asked of them there."""
    for case in cases:
        case.verdict = land_verdict(case.site, policy)
        case.asked = statement_is_asked_for(case.filing.facts, policy)
        case.concerned = place_matters(case.filing.facts, policy)


def asked_about(cases: Sequence[Case]) -> list[Case]:
    """Those whose evidence may matter."""
    return [case for case in cases if case.concerned and case.verdict is not LandVerdict.OUT_OF_AREA]


def with_papers(cases: Sequence[Case]) -> list[Case]:
    """Of these, those whose papers may matter."""
    return [case for case in cases if case.asked and paper_matters(case.verdict)]


def context_of(filing: Filing, site: Site, verdict: LandVerdict, paper: Statement, policy: Policy) -> StatementContext:
    """What a paper bound to the filing is held against."""
    facts = filing.facts
    industrial = policy.is_industrial_section(facts.industry_code)
    return StatementContext(
        township_code=site.township_code,
        parcel_code=site.parcel_code,
        unit_number=site.unit_number,
        enterprise_name=facts.enterprise_name,
        uscc=facts.uscc,
        filed_on=filing.submitted_on,
        village_strict=industrial and is_village_strict(site.parcel, paper.in_village, verdict),
        superseded=site.parcel is not None and bool(site.parcel.superseded_by),
    )


def watch_keys(case: Case) -> list[str]:
    """What the filing depends on beside its parcel, while it is open."""
    facts, keys = case.filing.facts, []
    keys += match_keys(facts.place)
    if case.concerned:
        if facts.uscc is not None:
            keys.append(f"uscc:{facts.uscc}")
        if case.evidence.park_id is not None:
            keys.append(f"park:{case.evidence.park_id}")
        if facts.controller is not None:
            keys.append(f"controller:{same_text_key(facts.controller.name)}")
            if facts.controller.uscc is not None:
                keys.append(f"controller:{facts.controller.uscc}")
    return keys


def _decide(case: Case, book: RequestBook, policy: Policy, tx: Transaction, judgement: Judgement) -> bool:
    """Decide one filing; True if it is to be saved."""
    filing = case.filing
    stands = standing(case.verdict, case.asked, case.evidence.papers, filing.rulings.declined)
    requested = book.settle(filing, case.site, case.verdict, stands)
    if requested is not None:
        judgement.say(case.cause, requested)
    findings = findings_of(filing, case.site, case.verdict, stands, case.evidence)
    digest = digest_of(findings, policy)
    new = digest != filing.digest
    if new:
        filing.digest, filing.verdict = digest, case.verdict
        judgement.say(case.cause, verdict_issued(filing, findings, policy, tx.now))
    return new or case.changed or requested is not None


def digest_of(findings: LandFindings, policy: Policy) -> str:
    """What tells findings apart: what they say, and under which set. The shipped one adds nothing, as in rows of old."""
    by = "" if policy.ref == FIRST.ref else f"{policy.ref.id} {policy.ref.version}"
    return blake2b(f"{findings.model_dump_json()}{by}".encode(), digest_size=16).hexdigest()


def _gather(tx: Transaction, cases: Sequence[Case], policy: Policy, judgement: Judgement) -> None:
    """Load the evidence of all cases at once; what cannot matter is not asked for."""
    if cases:
        weigh(cases, read_records(tx, cases, with_papers(cases)), policy, judgement)


def read_records(tx: Transaction, cases: Sequence[Case], on_papers: Sequence[Case]) -> Records:
    """What is recorded about the cases, whatever the policy. ``on_papers``: those whose papers may matter."""
    heard_before = [case.filing.filing_id for case in on_papers if case.filing.version]
    controllers = [case.filing.facts.controller for case in cases if case.filing.facts.controller is not None]
    wanted = [(park_id, case.filing.facts) for case in cases if (park_id := case.park_id) is not None]
    usccs = {case.filing.facts.uscc for case in cases if case.filing.facts.uscc is not None}
    entries = open_listings(
        tx,
        {case.site.parcel_code for case in cases if case.site.parcel_code is not None},
        {controller.name for controller in controllers},
        {controller.uscc for controller in controllers if controller.uscc is not None},
    )
    return Records(
        bound=papers_of_filings(tx, heard_before) if heard_before else [],
        unbound=unbound_papers(tx, {case.site.parcel_code for case in on_papers if case.site.parcel_code}) if on_papers else [],
        entries=_by_what_finds_them(entries),
        admissions=load_admissions(tx, [(park_id, facts.enterprise_name, facts.uscc) for park_id, facts in wanted]) if wanted else {},
        grades=load_grades(tx, usccs) if usccs else {},
    )


def weigh(cases: Sequence[Case], records: Records, policy: Policy, judgement: Judgement) -> None:
    """Give each case its evidence as the policy reads it: papers with their findings, lists, admission, grade."""
    _weigh_papers(with_papers(cases), records, policy, judgement)
    for case in cases:
        facts, evidence = case.filing.facts, case.evidence
        if records.entries:
            holding = entries_that_hold(_entries_about(case, records), case.site, facts.controller)
            evidence.entries = tuple(entry.entry_id for entry in holding)
            evidence.lists = lists_of(holding)
        evidence.park_id = case.park_id
        if evidence.park_id is not None:
            admission = newest_admission(records.admissions.get(evidence.park_id, ()), facts.enterprise_name, facts.uscc)
            if admission is not None:
                evidence.admission, evidence.admission_id = admission.status, admission.admission_id
        if facts.uscc is not None:
            evidence.grade = newest_grade(records.grades.get(facts.uscc, ()), case.filing.submitted_on.year)


def _weigh_papers(cases: Sequence[Case], records: Records, policy: Policy, judgement: Judgement) -> None:
    by_id = {case.filing.filing_id: case for case in cases} if records.bound else {}
    for paper in records.bound:
        case = by_id.get(str(paper.filing_id))
        if case is None:
            continue
        held = judged(paper, context_of(case.filing, case.site, case.verdict, paper, policy), policy)
        case.evidence.papers.append(held)
        if held is not paper:
            held.version += 1
            judgement.papers.append(Change(held, PaperEvent.JUDGED_AGAIN))
    there: dict[tuple[str | None, str | None], list[Case]] = {}
    for case in cases if records.unbound else ():
        there.setdefault((case.site.parcel_code, case.site.unit_number), []).append(case)
    for paper in records.unbound:
        _bind(paper, there.get((paper.parcel_code, paper.unit_number), ()), policy, judgement)


def _bind(paper: Statement, cases: Sequence[Case], policy: Policy, judgement: Judgement) -> None:
    """Bind a paper to the first filing of its enterprise; ``cases`` are those at its parcel and unit."""
    for case in cases:
        facts, site = case.filing.facts, case.site
        if case.may_have(paper) and speaks_for(paper, facts.enterprise_name, facts.uscc, policy):
            paper.filing_id, paper.township_code = case.filing.filing_id, site.township_code
            held = judged(paper, context_of(case.filing, site, case.verdict, paper, policy), policy)
            held.version += 1
            case.evidence.papers.append(held)
            judgement.papers.append(Change(held, PaperEvent.BOUND))
            for event in statement_events(held, case.filing, site):
                judgement.say(case.cause, event)
            return


def _by_what_finds_them(entries: Sequence[Listing]) -> dict[str, list[Listing]]:
    found: dict[str, list[Listing]] = {}
    for entry in entries:
        name = None if entry.controller_name is None else f"name:{same_text_key(entry.controller_name)}"
        for key in (entry.parcel_code, name, entry.controller_uscc):
            if key is not None:
                found.setdefault(key, []).append(entry)
    return found


def _entries_about(case: Case, records: Records) -> Iterator[Listing]:
    """The entries that may concern a case, some of them twice."""
    controller = case.filing.facts.controller
    keys = [case.site.parcel_code]
    if controller is not None:
        keys += [f"name:{same_text_key(controller.name)}", controller.uscc]
    for key in keys:
        if key is not None:
            yield from records.entries.get(key, ())
