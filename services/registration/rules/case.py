"""Everything one decision is taken from, in one value; and how the statement and its deadline are read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

from chassis.deadlines import working_days_after, working_days_between
from contracts.land_check import LandFindings
from contracts.policy import Policy
from contracts.registration import FilingFacts
from contracts.values import dataclass
from contracts.vocabulary import FilingReason, LandVerdict, StatementFinding, StatementOutcome
from services.registration.domain import STATEMENT_DUE, Clock, Pause, Reason, Said
from services.registration.rules.pauses import paused
from services.registration.rules.words import word_on

UNSETTLED_LAND = frozenset({LandVerdict.UNKNOWN, LandVerdict.MIXED})
STATEMENT_LAND = UNSETTLED_LAND | {LandVerdict.NON_INDUSTRIAL}
"""Land on which a statement counts: the township may vouch for a place whose land is not industrial or not settled."""

NOBODY_IS_ASKED = frozenset({StatementOutcome.REQUIRED_VALID, StatementOutcome.NOT_REQUIRED})
"""Where a statement is there or none is wanted, it does not matter which township would be asked."""

DUE_IN_WORKING_DAYS = frozenset({FilingReason.STATEMENT_MISSING, FilingReason.STATEMENT_INVALID})

IN_A_CLOSED_VILLAGE = {
    StatementOutcome.REQUIRED_VALID: StatementOutcome.REQUIRED_INVALID,
    StatementOutcome.NOT_REQUIRED: StatementOutcome.REQUIRED_MISSING,
}
"""Where no exception is made, a good statement counts for nothing, and mines and power plants can bring none either."""

DECLINED = "declined"
"""In ``Said.overruled``: the township's word that it cannot provide a statement."""


@dataclass(frozen=True, slots=True)
class Case:
    """One filing to be decided on ``today`` (a date of the city).

    ``statement`` is read for this case by ``statement_of``; ``clock`` runs while a statement is wanted, else None.
    ``village_is_closed``: no statement counts here, see there.
    """

    facts: FilingFacts
    land: LandFindings
    said: Said
    policy: Policy
    today: date
    manufacturing: bool
    statement: StatementOutcome
    clock: Clock | None
    at: str
    village_is_closed: bool = False

    @property
    def asked(self) -> bool:
        """Whether it must answer for its land: R01 to R03 reach those that make a place a manufacturing site, see ``triggers_check``."""
        return self.policy.triggers_check(self.facts.action, self.facts.subject_type, self.facts.industry_code)

    @property
    def cannot_provide(self) -> bool:
        """不能提供: the applicant declared it, or the township asked cannot issue one."""
        return self.said.cannot_provide or (self.land.statement.declined and DECLINED not in self.said.overruled)

    @property
    def disputed(self) -> bool:
        """No township is known to be the right one to ask, and the map office has not settled it."""
        return is_disputed(self.land, self.said, self.statement)

    @property
    def time_is_up(self) -> bool:
        """The correction notice has run out; it does not run while nobody knows which township to ask.

        A notice without a day of grace is over as it begins. A day once promised stands, whatever set comes into force before it.
        """
        if self.clock is None or self.disputed or self.clock.due is None:
            return False
        return self.today > self.clock.due or self.clock.due <= self.clock.since

    def found(self, finding: StatementFinding) -> bool:
        """Whether the paper that counts has this finding."""
        return self.statement is StatementOutcome.REQUIRED_INVALID and finding in self.land.statement.findings

    @property
    def paper_overruled(self) -> bool:
        """An appeal took the refusing effect from the paper that counts."""
        paper = self.land.statement.statement_id
        return paper is not None and paper in self.said.overruled

    def statement_reason(self, code: FilingReason, refuses: bool) -> Reason:
        """A reason that a paper ends, with the day by which it must come; in a closed village none can come."""
        if self.village_is_closed and code in DUE_IN_WORKING_DAYS:
            return Reason(code, variant="village_strict", refuses=True)
        due = self.clock.due if self.clock else None
        return Reason(code, due, "calendar_missing" if due is None and code in DUE_IN_WORKING_DAYS else None, refuses)


def case_of(facts: FilingFacts, land: LandFindings, said: Said, policy: Policy, today: date, at: str) -> Case:
    closed = village_is_closed(facts, land, said, policy)
    statement = statement_of(facts, land, policy)
    if closed:
        statement = IN_A_CLOSED_VILLAGE.get(statement, statement)
    clock = clock_of(said.clock, is_disputed(land, said, statement), today, policy) if statement in STATEMENT_DUE and not closed else None
    return Case(facts, land, said, policy, today, policy.is_manufacturing(facts.industry_code), statement, clock, at, closed)


def village_is_closed(facts: FilingFacts, land: LandFindings, said: Said, policy: Policy) -> bool:
    """R01, 000 附件2 第18项, which leaves out 原则上: switch ``village_strict_mode`` refuse. An appeal may still make the exception."""
    if policy.switches.village_strict_mode == "soft" or not DUE_IN_WORKING_DAYS.isdisjoint(said.overruled):
        return False
    there = land.land_verdict is LandVerdict.NON_INDUSTRIAL and bool(land.in_village) and policy.production_place(facts) is not None
    return there and policy.is_new_industry(facts.action, facts.subject_type, facts.industry_code)


def statement_of(facts: FilingFacts, land: LandFindings, policy: Policy) -> StatementOutcome:
    """What is asked for here. On land that is not industrial a missing or unread paper is a missing one, never none asked for."""
    verdict, paper = land.land_verdict, land.statement.outcome
    if verdict is LandVerdict.PENDING:
        return StatementOutcome.UNDETERMINED
    if not policy.triggers_check(facts.action, facts.subject_type, facts.industry_code):
        return StatementOutcome.NOT_REQUIRED
    if policy.production_place(facts) is None or verdict is LandVerdict.OUT_OF_AREA:
        return StatementOutcome.UNDETERMINED
    if verdict not in STATEMENT_LAND:
        return StatementOutcome.NOT_REQUIRED
    if paper in (StatementOutcome.REQUIRED_VALID, StatementOutcome.REQUIRED_INVALID):
        return paper
    return StatementOutcome.UNDETERMINED if verdict in UNSETTLED_LAND else StatementOutcome.REQUIRED_MISSING


def is_disputed(land: LandFindings, said: Said, statement: StatementOutcome) -> bool:
    if not land.township_disputed or statement in NOBODY_IS_ASKED:
        return False
    review = word_on(FilingReason.TOWNSHIP_DISPUTED, land, said)
    return review is None or review.result != "clear"


def clock_of(running: Clock | None, disputed: bool, today: date, policy: Policy) -> Clock:
    """The clock that runs already, else one that starts today: a new paper does not move it.

    It stands still while the townships dispute whose place it is, and goes on with the days that were left of those it promised.
    """
    clock = running or Clock(today, None)
    pauses = paused(clock.pauses, disputed, today)
    if clock.due is not None and (disputed or pauses == clock.pauses):
        return replace(clock, pauses=pauses)
    due = working_days_after(clock.since, _days_of(clock, policy), _left_out(pauses))
    return Clock(clock.since, due, pauses)


def _days_of(clock: Clock, policy: Policy) -> int:
    """The working days a clock gives: those of the day it promised, else those of the set."""
    promised = None if clock.due is None else working_days_between(clock.since, clock.due, _left_out(clock.pauses))
    return policy.switches.missing_statement_grace_days if promised is None else promised


def _left_out(pauses: tuple[Pause, ...]) -> Callable[[date], bool] | None:
    """The days of pauses that have ended; the first of each still counts."""
    if not pauses:
        return None
    return lambda day: any(pause.until is not None and pause.since < day <= pause.until for pause in pauses)
