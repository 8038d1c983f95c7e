"""What stands in the way of a filing at a place, and its flags: for checks before anything is filed.

The decision on a real filing is registration's; these are the same reasons as far as land, statement, parks and lists give them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from contracts import reference
from contracts.land_check import LandFindings
from contracts.policy import Policy
from contracts.registration import FilingFacts
from contracts.vocabulary import AdmissionStatus, FilingReason, Flag, LandVerdict, StatementFinding, StatementOutcome
from services.land_check.domain import Site
from services.land_check.rules.flags import flags_of_place


class Obstacle(NamedTuple):
    """A reason code and the wording of it that fits."""

    code: FilingReason
    variant: str | None = None


ReasonRule = Callable[[FilingFacts, LandFindings, Policy], Obstacle | None]

_GRAVE = (StatementFinding.FORGED, StatementFinding.REVOKED, StatementFinding.DOES_NOT_SUPPORT)
_UNSETTLED = (LandVerdict.NON_INDUSTRIAL, LandVerdict.UNKNOWN, LandVerdict.MIXED)


def land_nobody_knows_must_be_told(facts: FilingFacts, land: LandFindings, policy: Policy) -> Obstacle | None:
    """002 §二(四): unknown land waits for the map office, unless a valid statement speaks for it (R20)."""
    valid = land.statement.outcome is StatementOutcome.REQUIRED_VALID
    if land.land_verdict is not LandVerdict.UNKNOWN or valid:
        return None
    return Obstacle(FilingReason.LAND_UNKNOWN, "survey_only" if land.survey_only else None)


def mixed_land_must_be_resolved(facts: FilingFacts, land: LandFindings, policy: Policy) -> Obstacle | None:
    """002 §二(三): in which part the workshop lies decides."""
    valid = land.statement.outcome is StatementOutcome.REQUIRED_VALID
    return Obstacle(FilingReason.LAND_MIXED) if land.land_verdict is LandVerdict.MIXED and not valid else None


def the_central_city_takes_no_more_industry(facts: FilingFacts, land: LandFindings, policy: Policy) -> Obstacle | None:
    """002 §二(二): 「原则上控制…新增工业空间布局」 (R08, ``central_city_mode``)."""
    mode, unit = policy.switches.central_city_mode, reference.township(land.township_code)
    if mode == "flag" or not (land.in_qianwan or (unit is not None and unit.central_city)):
        return None
    return Obstacle(FilingReason.LAND_UNKNOWN, "central_city" if mode == "hold" else "central_city_refused")


def non_industrial_land_needs_a_statement(facts: FilingFacts, land: LandFindings, policy: Policy) -> Obstacle | None:
    """002 §二(三): 「市场监管部门对不能提供相关说明的此类企业不予登记」 (R03)."""
    if land.statement.outcome is not StatementOutcome.REQUIRED_MISSING:
        return None
    return Obstacle(FilingReason.STATEMENT_MISSING, _village(facts, land, policy))


def the_statement_must_not_be_forged(facts: FilingFacts, land: LandFindings, policy: Policy) -> Obstacle | None:
    """002 §二(九): 「完善红黑名单制度」; a forged paper is none (R03)."""
    return Obstacle(FilingReason.STATEMENT_FORGED) if _found(land, StatementFinding.FORGED) else None


def the_statement_must_not_be_revoked(facts: FilingFacts, land: LandFindings, policy: Policy) -> Obstacle | None:
    """002 §二(三): 「不能提供相关说明」: the township has withdrawn its support (R03)."""
    return Obstacle(FilingReason.STATEMENT_REVOKED) if _found(land, StatementFinding.REVOKED) else None


def the_statement_must_support_the_use(facts: FilingFacts, land: LandFindings, policy: Policy) -> Obstacle | None:
    """002 §二(三): a statement that the right is not sound supports nothing (R03)."""
    return Obstacle(FilingReason.STATEMENT_NEGATIVE) if _found(land, StatementFinding.DOES_NOT_SUPPORT) else None


def the_statement_must_hold(facts: FilingFacts, land: LandFindings, policy: Policy) -> Obstacle | None:
    """002 §二(三): 「镇(街道)出具产权说明需严格把关」; in a closed village none holds."""
    closed = land.statement.outcome is StatementOutcome.REQUIRED_VALID and village_is_closed(facts, land, policy)
    invalid = land.statement.outcome is StatementOutcome.REQUIRED_INVALID and not any(_found(land, finding) for finding in _GRAVE)
    return Obstacle(FilingReason.STATEMENT_INVALID, _village(facts, land, policy)) if closed or invalid else None


def polluting_trades_on_such_land_are_reviewed(facts: FilingFacts, land: LandFindings, policy: Policy) -> Obstacle | None:
    """002 §二(三): high-pollution trades outside industrial land wait for the ecology bureau (R14)."""
    polluting = policy.is_high_pollution(facts.industry_code, facts.processes) and land.land_verdict in _UNSETTLED
    mode = policy.switches.high_pollution_on_non_industrial
    if not polluting or mode == "flag":
        return None
    return Obstacle(FilingReason.HIGH_POLLUTION_REVIEW, "refused" if mode == "refuse" else None)


def a_park_must_have_admitted_the_enterprise(facts: FilingFacts, land: LandFindings, policy: Policy) -> Obstacle | None:
    """002 §二(五): 「建立企业入园审核、动态管理及退出机制」 (R16, ``park_admission_timing``)."""
    in_a_park = (land.park_id or facts.park_id) is not None and policy.switches.park_admission_timing == "before_acceptance"
    return Obstacle(FilingReason.PARK_ADMISSION_MISSING) if in_a_park and land.park_admission is not AdmissionStatus.APPROVED else None


def open_list_entries_are_reviewed(facts: FilingFacts, land: LandFindings, policy: Policy) -> Obstacle | None:
    """001 §三(一)1: 「对清单内企业实行闭环管理」 (R17, ``open_list_effect``)."""
    held = land.open_lists and policy.switches.open_list_effect == "hold"
    return Obstacle(FilingReason.OPEN_LIST_REVIEW) if held else None


WHATEVER_THE_ACTION: tuple[ReasonRule, ...] = (
    polluting_trades_on_such_land_are_reviewed,
    a_park_must_have_admitted_the_enterprise,
    open_list_entries_are_reviewed,
)
"""These reach every manufacturer, also where no statement is asked for."""

REASON_RULES: tuple[ReasonRule, ...] = (
    land_nobody_knows_must_be_told,
    mixed_land_must_be_resolved,
    the_central_city_takes_no_more_industry,
    non_industrial_land_needs_a_statement,
    the_statement_must_not_be_forged,
    the_statement_must_not_be_revoked,
    the_statement_must_support_the_use,
    the_statement_must_hold,
    *WHATEVER_THE_ACTION,
)


def reasons_of_check(facts: FilingFacts, land: LandFindings, asked: bool, policy: Policy) -> list[Obstacle]:
    """Everything that would stand in the way, at once. ``asked``: the clause reaches this action, subject and trade."""
    if land.land_verdict is LandVerdict.OUT_OF_AREA:
        return [Obstacle(FilingReason.OUT_OF_AREA)]
    if names_no_production_place(facts, policy):
        return [Obstacle(FilingReason.PRODUCTION_SITE_MISSING)]
    if not policy.is_manufacturing(facts.industry_code):
        closed = village_is_closed(facts, land, policy)
        return [Obstacle(FilingReason.STATEMENT_MISSING, "village_strict")] if closed else []
    rules = REASON_RULES if asked else WHATEVER_THE_ACTION
    return [obstacle for rule in rules if (obstacle := rule(facts, land, policy)) is not None]


def flags_of_check(facts: FilingFacts, site: Site, land: LandFindings, policy: Policy) -> tuple[Flag, ...]:
    """The flags a filing there would carry; a trade that is not manufacturing carries the village flag only."""
    if names_no_production_place(facts, policy) or land.land_verdict is LandVerdict.OUT_OF_AREA:
        return ()
    flags = flags_of_place(facts, site, land.land_verdict, land.in_village, policy)
    if not policy.is_manufacturing(facts.industry_code):
        return tuple(flag for flag in flags if flag is Flag.VILLAGE_STRICT)
    relied_on = land.statement.outcome is StatementOutcome.REQUIRED_VALID and not village_is_closed(facts, land, policy)
    return (*flags, Flag.STATEMENT_RELIED_ON) if relied_on else flags


def names_no_production_place(facts: FilingFacts, policy: Policy) -> bool:
    """A manufacturer with an office alone: the place to be checked is not known (R02, ``office_only_exempt``)."""
    return policy.is_manufacturing(facts.industry_code) and policy.production_place(facts) is None


def village_is_closed(facts: FilingFacts, land: LandFindings, policy: Policy) -> bool:
    """000 附件2 task 18: 「严格控制村庄内非工业土地上新办工业企业」 without 原则上 (R01, ``village_strict_mode``)."""
    if policy.switches.village_strict_mode == "soft" or policy.production_place(facts) is None:
        return False
    there = land.land_verdict is LandVerdict.NON_INDUSTRIAL and bool(land.in_village)
    return there and policy.is_new_industry(facts.action, facts.subject_type, facts.industry_code)


def _village(facts: FilingFacts, land: LandFindings, policy: Policy) -> str | None:
    return "village_strict" if village_is_closed(facts, land, policy) else None


def _found(land: LandFindings, finding: StatementFinding) -> bool:
    return land.statement.outcome is StatementOutcome.REQUIRED_INVALID and finding in land.statement.findings
