"""What stands in the way of a filing at a place, and its flags: for checks before anything is filed.

The decision on a real filing is registration's; these are the same reasons as far as land, statement, parks and lists give them.
"""

from __future__ import annotations

from collections.abc import Callable

from contracts.land_check import LandFindings
from contracts.policy import Policy
from contracts.registration import FilingFacts
from contracts.vocabulary import AdmissionStatus, FilingReason, Flag, LandVerdict, StatementFinding, StatementOutcome
from services.land_check.domain import Site
from services.land_check.rules.flags import flags_of_place

ReasonRule = Callable[[FilingFacts, LandFindings, Policy], FilingReason | None]

_UNSETTLED = (LandVerdict.NON_INDUSTRIAL, LandVerdict.UNKNOWN, LandVerdict.MIXED)


def land_nobody_knows_must_be_told(facts: FilingFacts, land: LandFindings, policy: Policy) -> FilingReason | None:
    """002 §二(四): unknown land waits for the map office, unless a valid statement speaks for it (R20)."""
    valid = land.statement.outcome is StatementOutcome.REQUIRED_VALID
    return FilingReason.LAND_UNKNOWN if land.land_verdict is LandVerdict.UNKNOWN and not valid else None


def mixed_land_must_be_resolved(facts: FilingFacts, land: LandFindings, policy: Policy) -> FilingReason | None:
    """002 §二(三): in which part the workshop lies decides."""
    valid = land.statement.outcome is StatementOutcome.REQUIRED_VALID
    return FilingReason.LAND_MIXED if land.land_verdict is LandVerdict.MIXED and not valid else None


def non_industrial_land_needs_a_statement(facts: FilingFacts, land: LandFindings, policy: Policy) -> FilingReason | None:
    """002 §二(三): 「市场监管部门对不能提供相关说明的此类企业不予登记」 (R03)."""
    return FilingReason.STATEMENT_MISSING if land.statement.outcome is StatementOutcome.REQUIRED_MISSING else None


def the_statement_must_hold(facts: FilingFacts, land: LandFindings, policy: Policy) -> FilingReason | None:
    """002 §二(三): 「镇(街道)出具产权说明需严格把关」: the gravest finding is named."""
    if land.statement.outcome is not StatementOutcome.REQUIRED_INVALID:
        return None
    findings = land.statement.findings
    for finding, reason in (
        (StatementFinding.FORGED, FilingReason.STATEMENT_FORGED),
        (StatementFinding.REVOKED, FilingReason.STATEMENT_REVOKED),
        (StatementFinding.DOES_NOT_SUPPORT, FilingReason.STATEMENT_NEGATIVE),
    ):
        if finding in findings:
            return reason
    return FilingReason.STATEMENT_INVALID


def polluting_trades_on_such_land_are_reviewed(facts: FilingFacts, land: LandFindings, policy: Policy) -> FilingReason | None:
    """002 §二(三): high-pollution trades outside industrial land wait for the ecology bureau (R14)."""
    polluting = policy.is_high_pollution(facts.industry_code, facts.processes) and land.land_verdict in _UNSETTLED
    held = policy.switches.high_pollution_on_non_industrial != "flag"
    return FilingReason.HIGH_POLLUTION_REVIEW if polluting and held else None


def a_park_must_have_admitted_the_enterprise(facts: FilingFacts, land: LandFindings, policy: Policy) -> FilingReason | None:
    """002 §二(五): 「建立企业入园审核、动态管理及退出机制」 (R16)."""
    admitted = land.park_id is None or land.park_admission is AdmissionStatus.APPROVED
    return None if admitted else FilingReason.PARK_ADMISSION_MISSING


def open_list_entries_are_reviewed(facts: FilingFacts, land: LandFindings, policy: Policy) -> FilingReason | None:
    """001 §三(一)1: 「对清单内企业实行闭环管理」 (R17)."""
    held = land.open_lists and policy.switches.open_list_effect == "hold"
    return FilingReason.OPEN_LIST_REVIEW if held else None


REASON_RULES: tuple[ReasonRule, ...] = (
    land_nobody_knows_must_be_told,
    mixed_land_must_be_resolved,
    non_industrial_land_needs_a_statement,
    the_statement_must_hold,
    polluting_trades_on_such_land_are_reviewed,
    a_park_must_have_admitted_the_enterprise,
    open_list_entries_are_reviewed,
)


def reasons_of_check(facts: FilingFacts, land: LandFindings, asked: bool, policy: Policy) -> list[FilingReason]:
    """Everything that would stand in the way, at once. ``asked``: the clause reaches this action, subject and trade."""
    if land.land_verdict is LandVerdict.OUT_OF_AREA:
        return [FilingReason.OUT_OF_AREA]
    if facts.production_place is None and policy.is_manufacturing(facts.industry_code):
        return [FilingReason.PRODUCTION_SITE_MISSING]
    if not asked:
        return []
    return [reason for rule in REASON_RULES if (reason := rule(facts, land, policy)) is not None]


def flags_of_check(facts: FilingFacts, site: Site, land: LandFindings, asked: bool, policy: Policy) -> tuple[Flag, ...]:
    """The flags a filing there would carry; a trade that the clause does not reach carries the village flag only."""
    flags = flags_of_place(facts, site, land.land_verdict, land.in_village, policy)
    if not asked:
        return tuple(flag for flag in flags if flag is Flag.VILLAGE_STRICT)
    relied_on = land.statement.outcome is StatementOutcome.REQUIRED_VALID
    return (*flags, Flag.STATEMENT_RELIED_ON) if relied_on else flags
