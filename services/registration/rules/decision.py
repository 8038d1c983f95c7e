"""The decision on a filing: gates that end the question, then every reason at once; refuse before hold before accept."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date

from contracts.land_check import LandFindings
from contracts.policy import Policy
from contracts.registration import FilingFacts
from contracts.vocabulary import Action, FilingReason, FilingStatus, Flag, LandVerdict, Outcome, Unit
from services.registration.domain import STATEMENT_DUE, Decision, Filing, Reason, Said, pending
from services.registration.rules import told
from services.registration.rules.case import Case, case_of
from services.registration.rules.facts import facts_of_case
from services.registration.rules.marks import flags_of, new_land_by_grade, tags_of
from services.registration.rules.reasons import reasons_of
from services.registration.rules.set_aside import after_set_aside


def decide(facts: FilingFacts, findings: LandFindings, said: Said, policy: Policy, today: date, at: str = "") -> Decision:
    """The decision on ``today`` (a date of the city); ``at`` is the time it is stamped with, RFC 3339."""
    case = case_of(facts, findings, said, policy, today, at)
    decision = next((decision for gate in GATES if (decision := gate(case)) is not None), None)
    if decision is not None and decision.land_verdict is LandVerdict.PENDING:
        return decision
    return after_set_aside(decision or the_land_and_the_statement_decide(case), said)


def the_verdict_is_still_awaited(case: Case) -> Decision | None:
    """Nothing is allowed before the land is known to be what it is."""
    return pending(case.policy.ref, case.at) if case.land.land_verdict is LandVerdict.PENDING else None


def the_place_is_out_of_the_area(case: Case) -> Decision | None:
    """R21, 003 preamble: 不包括杭州湾新区."""
    if case.land.land_verdict is not LandVerdict.OUT_OF_AREA:
        return None
    return _decision(case, Outcome.REFER, (Reason(FilingReason.OUT_OF_AREA),), notify=told.OUT_OF_AREA)


def the_village_is_closed_to_mines_and_power_plants(case: Case) -> Decision | None:
    """R01 reaches sections B and D too, which need no statement; switch ``village_strict_mode``."""
    if case.manufacturing or not case.village_is_closed:
        return None
    flags = (Flag.VILLAGE_STRICT,)
    reasons = (case.statement_reason(FilingReason.STATEMENT_MISSING, refuses=True),)
    return _decision(case, Outcome.REFUSE, reasons, notify=told.told_of_others(flags), flags=flags)


def the_trade_is_not_manufacturing(case: Case) -> Decision | None:
    """R02, 002 §二(三) speaks of 制造业经营场所. Mining and energy in a village carry the flag of R01."""
    if case.manufacturing:
        return None
    flags = tuple(flag for flag in flags_of(case) if flag == "village_strict")
    outcome = Outcome.ACCEPT_FLAGGED if flags else Outcome.ACCEPT
    return _decision(case, outcome, notify=told.told_of_others(flags), flags=flags)


def the_production_place_is_not_named(case: Case) -> Decision | None:
    """R02: an office alone is no 经营场所 of manufacturing: the place of production must be named; switch ``office_only_exempt``."""
    if case.policy.production_place(case.facts) is not None:
        return None
    land = LandVerdict.UNKNOWN
    reasons = (Reason(FilingReason.PRODUCTION_SITE_MISSING),)
    return replace(_decision(case, Outcome.HOLD, reasons, notify=told.REGISTRAR_AND_POWER), land_verdict=land)


GATES: tuple[Callable[[Case], Decision | None], ...] = (
    the_verdict_is_still_awaited,
    the_place_is_out_of_the_area,
    the_village_is_closed_to_mines_and_power_plants,
    the_trade_is_not_manufacturing,
    the_production_place_is_not_named,
)
"""Asked in this order; the first that answers ends the question."""


def the_land_and_the_statement_decide(case: Case) -> Decision:
    """002 §二(三): collect every reason; one that refuses refuses, any other holds, none accepts."""
    reasons, flags = reasons_of(case), flags_of(case)
    if any(reason.refuses for reason in reasons):
        outcome = Outcome.REFUSE
    elif reasons:
        outcome = Outcome.HOLD
    else:
        outcome = Outcome.ACCEPT_FLAGGED if flags else Outcome.ACCEPT
    notify = told.told_of_manufacturing(case.land.land_verdict, reasons, flags, wants_land=new_land_by_grade(case) is not None)
    clock_runs = outcome is Outcome.HOLD and case.clock is not None and not case.disputed
    refuse_after = case.clock.due if clock_runs and case.clock else None
    return _decision(case, outcome, reasons, notify=notify, flags=flags, refuse_after=refuse_after)


def duplicate_of(first: Decision, manufacturing: bool, policy: Policy) -> Decision:
    """Closed because ``first`` stands: the same land and statement, and those told who are told of the first."""
    pending_first = first.land_verdict is LandVerdict.PENDING
    undecided = told.REGISTRAR_AND_POWER if manufacturing else told.told_of_others(())
    return Decision(
        Outcome.CLOSED,
        first.land_verdict,
        first.statement,
        policy.ref,
        (Reason(FilingReason.DUPLICATE),),
        notify=undecided if pending_first else first.notify,
    )


def with_the_verdict_of(first: Decision, closed: Decision) -> Decision:
    """``closed`` as a duplicate of ``first`` before that had its verdict: it has the same now, and who was told stays told."""
    return replace(closed, land_verdict=first.land_verdict, statement=first.statement)


def has_moved_away(filing: Filing, others: Iterable[Filing]) -> bool:
    """Whether the enterprise of an accepted filing has left its place by the newest accepted change of premises.

    Who comes back files anew, and no duplicate. A branch under its parent's code does not move with the parent.
    """
    if filing.status is not FilingStatus.ACCEPTED or filing.uscc is None or _is_a_branch_under_its_parents_code(filing):
        return False
    moves = [other for other in others if _is_a_move(other, filing.uscc) and _order(other) > _order(filing)]
    return bool(moves) and max(moves, key=_order).place.where != filing.place.where


def _is_a_branch_under_its_parents_code(filing: Filing) -> bool:
    return str(filing.request["action"]) == Action.BRANCH and filing.uscc == filing.request["uscc"]


def _is_a_move(filing: Filing, uscc: str) -> bool:
    return filing.status is FilingStatus.ACCEPTED and filing.uscc == uscc and str(filing.request["action"]) == Action.AMEND_PREMISES


def _order(filing: Filing) -> tuple[str, str]:
    return filing.decision.decided_at, filing.filing_id


def withdrawn(last: Decision, told_so_far: tuple[Unit, ...]) -> Decision:
    """Closed by the applicant: land and statement stay as they were, those told so far are told."""
    return replace(last, outcome=Outcome.CLOSED, reasons=(), notify=told_so_far, clock=None, refuse_after=None)


def held_again(facts: FilingFacts, findings: LandFindings, said: Said, policy: Policy, today: date, at: str = "") -> Decision:
    """After an appeal: judged with what was overruled left out, held for the remaining reasons, never accepted by itself."""
    decision = decide(facts, findings, said, policy, today, at)
    return decision if decision.outcome is Outcome.HOLD else replace(decision, outcome=Outcome.HOLD)


def may_declare_no_statement(decision: Decision) -> bool:
    """不能提供 can be said while a statement is required and missing or invalid."""
    return decision.statement in STATEMENT_DUE


def _decision(
    case: Case,
    outcome: Outcome,
    reasons: tuple[Reason, ...] = (),
    *,
    notify: tuple[Unit, ...],
    flags: tuple[Flag, ...] = (),
    refuse_after: date | None = None,
) -> Decision:
    return Decision(
        outcome=outcome,
        land_verdict=case.land.land_verdict,
        statement=case.statement,
        policy=case.policy.ref,
        reasons=reasons,
        flags=flags,
        tags=tags_of(case) if case.manufacturing else (),
        notify=notify,
        facts=facts_of_case(case),
        decided_at=case.at,
        clock=case.clock,
        refuse_after=refuse_after,
    )
