"""Why a manufacturer's filing may not be accepted now: one sentence a function, None where it does not apply."""

from __future__ import annotations

from collections.abc import Callable

from contracts.vocabulary import AdmissionStatus, FilingReason, LandVerdict, StatementFinding, StatementOutcome
from services.registration.domain import Reason
from services.registration.rules.case import STATEMENT_LAND, Case
from services.registration.rules.marks import in_the_central_city, in_the_qianwan_zone
from services.registration.rules.words import word_on

Rule = Callable[[Case], Reason | None]

REFUSING_FINDINGS = frozenset({StatementFinding.DOES_NOT_SUPPORT, StatementFinding.REVOKED, StatementFinding.FORGED})


def the_statement_was_found_forged(case: Case) -> Reason | None:
    """R03, 002 §二(三): 市场监管部门对不能提供相关说明的此类企业不予登记."""
    if not case.found(StatementFinding.FORGED):
        return None
    return case.statement_reason(FilingReason.STATEMENT_FORGED, refuses=_refuses_at_once(case))


def the_township_revoked_its_statement(case: Case) -> Reason | None:
    """R03, 002 §二(三); switch ``on_statement_revoked``."""
    if not case.found(StatementFinding.REVOKED):
        return None
    at_once = case.policy.switches.on_statement_revoked.before_decision == "refuse" and not case.paper_overruled
    return case.statement_reason(FilingReason.STATEMENT_REVOKED, refuses=at_once or case.cannot_provide or case.time_is_up)


def the_statement_does_not_support_the_use(case: Case) -> Reason | None:
    """R03, 002 §二(三): a statement that the right is not sound; switch ``negative_statement_refuses``."""
    if not case.found(StatementFinding.DOES_NOT_SUPPORT):
        return None
    at_once = case.policy.switches.negative_statement_refuses and not case.paper_overruled
    return case.statement_reason(FilingReason.STATEMENT_NEGATIVE, refuses=at_once or case.cannot_provide or case.time_is_up)


def the_statement_does_not_hold(case: Case) -> Reason | None:
    """R02, 002 §二(三): 镇(街道)出具产权说明需严格把关. Wrong issuer, expired, other premises or enterprise, no second officer."""
    if case.statement is not StatementOutcome.REQUIRED_INVALID or not REFUSING_FINDINGS.isdisjoint(case.land.statement.findings):
        return None
    return case.statement_reason(FilingReason.STATEMENT_INVALID, refuses=case.cannot_provide or case.time_is_up)


def the_statement_is_missing(case: Case) -> Reason | None:
    """R03, 002 §二(三): 市场监管部门对不能提供相关说明的此类企业不予登记. One notice first: 不能提供 is not 尚未提供."""
    if case.statement is not StatementOutcome.REQUIRED_MISSING:
        return None
    return case.statement_reason(FilingReason.STATEMENT_MISSING, refuses=case.cannot_provide or case.time_is_up)


def nobody_knows_which_township_to_ask(case: Case) -> Reason | None:
    """R02, 002 §二(三): the statement is the township's of the premises, so that one must be known."""
    return Reason(FilingReason.TOWNSHIP_DISPUTED) if case.disputed else None


def the_land_is_unknown(case: Case) -> Reason | None:
    """R20, 002 §二(四): land without a registered use is regularised case by case, not taken for industrial meanwhile."""
    if case.land.land_verdict is not LandVerdict.UNKNOWN or case.statement is StatementOutcome.REQUIRED_VALID:
        return None
    return Reason(FilingReason.LAND_UNKNOWN, variant="survey_only" if case.land.survey_only else None)


def the_land_is_mixed(case: Case) -> Reason | None:
    """R02, 002 §二(三): part of the parcel is not industrial, and nobody has said in which part the workshop lies."""
    if case.land.land_verdict is not LandVerdict.MIXED or case.statement is StatementOutcome.REQUIRED_VALID:
        return None
    return Reason(FilingReason.LAND_MIXED)


def the_central_city_takes_no_more_industry(case: Case) -> Reason | None:
    """R08, 002 §二(二): 原则上控制…新增工业空间布局,加强工业项目准入管理; switch ``central_city_mode``.

    Held: whether this is new industrial space is not known until the natural resources bureau says. Refused: every new factory is.
    """
    mode = case.policy.switches.central_city_mode
    if mode == "flag" or not (in_the_central_city(case) or in_the_qianwan_zone(case)):
        return None
    refuses = mode == "refuse" and FilingReason.LAND_UNKNOWN not in case.said.overruled
    return Reason(FilingReason.LAND_UNKNOWN, variant="central_city_refused" if refuses else "central_city", refuses=refuses)


def a_polluting_trade_off_industrial_land_needs_ecology(case: Case) -> Reason | None:
    """R14, 002 §二(三): 废旧塑料加工、铸造、金属表面处理、喷涂等高污染. A statement does not end it."""
    mode = case.policy.switches.high_pollution_on_non_industrial
    if case.land.land_verdict not in STATEMENT_LAND or mode == "flag":
        return None
    if not case.policy.is_high_pollution(case.facts.industry_code, case.facts.processes):
        return None
    refuses = mode == "refuse" and FilingReason.HIGH_POLLUTION_REVIEW not in case.said.overruled
    return Reason(FilingReason.HIGH_POLLUTION_REVIEW, variant="refused" if refuses else None, refuses=refuses)


def the_park_has_not_admitted_it(case: Case) -> Reason | None:
    """R16, 002 §二(五): 严格特色产业园、小微企业园入园把关. The parcel's park wins; switch ``park_admission_timing``."""
    if (case.land.park_id or case.facts.park_id) is None or case.policy.switches.park_admission_timing == "parallel":
        return None
    if case.land.park_admission is AdmissionStatus.APPROVED:
        return None
    return Reason(FilingReason.PARK_ADMISSION_MISSING)


def the_place_or_controller_is_on_an_open_list(case: Case) -> Reason | None:
    """R17, 001 §三(一)1: 对清单内企业实行闭环管理; switch ``open_list_effect``."""
    if not case.land.open_lists or case.policy.switches.open_list_effect == "flag":
        return None
    return Reason(FilingReason.OPEN_LIST_REVIEW)


WHATEVER_THE_ACTION: tuple[Rule, ...] = (
    a_polluting_trade_off_industrial_land_needs_ecology,
    the_park_has_not_admitted_it,
    the_place_or_controller_is_on_an_open_list,
)
"""R14, R16 and R17 name no action and no subject: they reach every manufacturer."""

RULES: tuple[Rule, ...] = (
    the_statement_was_found_forged,
    the_township_revoked_its_statement,
    the_statement_does_not_support_the_use,
    the_statement_does_not_hold,
    the_statement_is_missing,
    nobody_knows_which_township_to_ask,
    the_land_is_unknown,
    the_land_is_mixed,
    the_central_city_takes_no_more_industry,
    *WHATEVER_THE_ACTION,
)
"""All are asked, so that the applicant hears everything at once.

Those before the last ones are about the statement, the place it is for, and new factories: an amendment that neither moves in nor turns
to manufacturing, or a subject that is left out, is not asked about them (R03; switches ``trigger_actions``, ``subject_types``).
"""


def reasons_of(case: Case) -> tuple[Reason, ...]:
    """Every reason that stands after the words of the units that own them, those that refuse first."""
    rules = RULES if case.asked else WHATEVER_THE_ACTION
    found = (reason for rule in rules if (reason := rule(case)) is not None)
    standing = [reason for reason in (_after_review(reason, case) for reason in found) if reason is not None]
    return tuple(sorted(standing, key=lambda reason: not reason.refuses))


def _after_review(reason: Reason, case: Case) -> Reason | None:
    review = word_on(reason.code, case.land, case.said)
    if review is None:
        return reason
    if review.result == "refuse":
        return Reason(reason.code, reason.due, reason.variant, refuses=True)
    return None


def _refuses_at_once(case: Case) -> bool:
    return not case.paper_overruled or case.cannot_provide or case.time_is_up
