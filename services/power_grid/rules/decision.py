"""May a transformer be added here, now? The rules in the order they are asked, each with its clause."""

from __future__ import annotations

from dataclasses import replace

from contracts.vocabulary import InstallKind, LandVerdict, PowerDecision, PowerReason
from services.power_grid.domain import Answer, Obstacle, Question, Reason, Strand, Use
from services.power_grid.rules.calendar import is_due
from services.power_grid.rules.telling import units_told

NEVER_JUDGED = (LandVerdict.INDUSTRIAL, LandVerdict.OUT_OF_AREA)


def single_phase_is_not_restricted(question: Question) -> PowerDecision | None:
    """No clause of the papers restricts single-phase supply; 002 二(三) names 三相变压器 only (R04)."""
    if question.kind is not InstallKind.SINGLE_PHASE:
        return None
    return PowerDecision.REFER if question.land is LandVerdict.OUT_OF_AREA else PowerDecision.NOT_RESTRICTED


def a_place_outside_the_area_is_referred(question: Question) -> PowerDecision | None:
    """003 preamble 「不包括杭州湾新区」 (R21)."""
    return PowerDecision.REFER if question.land is LandVerdict.OUT_OF_AREA else None


def what_adds_nothing_is_allowed(question: Question) -> PowerDecision | None:
    """002 二(三) 「加装」: a like-for-like replacement or a reduction adds nothing (R04, capacity_increase_counts)."""
    if not question.adds:
        return PowerDecision.ALLOW
    increase = question.kind in (InstallKind.INCREASE_THREE_PHASE, InstallKind.REPLACE_LIKE_FOR_LIKE)
    if not increase or question.policy.switches.capacity_increase_counts:
        return None
    return PowerDecision.ALLOW


def an_awaited_verdict_is_no_permission(question: Question, strand: Strand) -> Obstacle | None:
    """000 task 19: no approval before the land has been judged (R02)."""
    if strand.land is not LandVerdict.PENDING:
        return None
    return _hold(PowerReason.LAND_VERDICT_PENDING)


def manufacturing_on_non_industrial_land_gets_no_transformer(question: Question, strand: Strand) -> Obstacle | None:
    """002 二(三) 「供电部门一律不得对此类企业加装三相变压器」 (R04, three_phase_ban_scope)."""
    if strand.land is not LandVerdict.NON_INDUSTRIAL or strand.use is not Use.MANUFACTURING:
        return None
    if question.policy.switches.three_phase_ban_scope == "without_statement":
        return None if strand.has_statement else _block(PowerReason.NON_INDUSTRIAL_SITE, "without_statement")
    return _block(PowerReason.NON_INDUSTRIAL_SITE)


def unknown_land_waits_for_the_register(question: Question, strand: Strand) -> Obstacle | None:
    """002 二(四) 「分类处置、妥善解决历史遗留工业用地」: not industrial until it is known (R02, R20, unknown_parcel_power)."""
    if strand.land is not LandVerdict.UNKNOWN:
        return None
    variant = "survey_only" if strand.survey_only else None
    blocked = question.policy.switches.unknown_parcel_power == "block"
    return _block(PowerReason.LAND_UNKNOWN, variant) if blocked else _hold(PowerReason.LAND_UNKNOWN, variant)


def mixed_land_waits_until_its_part_is_settled(question: Question, strand: Strand) -> Obstacle | None:
    """002 二(三) 「利用非工业土地上的房产」: which part of the parcel it is must be known first (R02)."""
    if strand.land is not LandVerdict.MIXED or strand.use is Use.OTHER:
        return None
    return _hold(PowerReason.LAND_MIXED)


def the_use_of_non_industrial_land_must_be_declared(question: Question, strand: Strand) -> Obstacle | None:
    """002 二(三) 「作为制造业经营场所」: without a declared use nobody can tell (R04)."""
    if strand.land is not LandVerdict.NON_INDUSTRIAL or strand.use is not Use.UNDECLARED:
        return None
    return _hold(PowerReason.USE_NOT_DECLARED)


def a_registration_set_aside_is_no_permission(question: Question, strand: Strand) -> Obstacle | None:
    """001 三(一)1 「供电部门要严格规范供电管理」: who is registered there is open again, on industrial land too (R04)."""
    if not strand.set_aside or strand.use is not Use.MANUFACTURING:
        return None
    return _hold(PowerReason.SET_ASIDE_REVIEW, "power")


def in_the_transition_zone_time_and_grade_decide(question: Question, strand: Strand) -> Obstacle | None:
    """001 四(二) 「5年内暂不实施的区域，可允许亩均效益综合评价B档以上的企业实施技改及新建扩建工业项目」 (R07)."""
    if strand.land is not LandVerdict.TRANSITION or strand.use is Use.OTHER:
        return None
    cleared, switches = question.cleared, question.policy.switches
    counted_from = question.asked_on if switches.transition_five_year_anchor == "request_date" else strand.plan_changed_on
    if is_due(strand.planned_implementation, counted_from) and PowerReason.TRANSITION_DUE not in cleared:
        return _hold(PowerReason.TRANSITION_DUE)
    if strand.grade is None:
        blocked = switches.transition_ungraded == "block"
        return _block(PowerReason.TRANSITION_UNGRADED) if blocked else _hold(PowerReason.TRANSITION_UNGRADED)
    if not question.policy.grade_reaches(strand.grade):
        blocked = switches.transition_cd == "block"
        return _block(PowerReason.TRANSITION_GRADE) if blocked else _hold(PowerReason.TRANSITION_GRADE, "hold")
    if switches.transition_auto_allow or PowerReason.TRANSITION_DUE in cleared:
        return None
    return _hold(PowerReason.TRANSITION_CONFIRMATION, proposed=PowerDecision.ALLOW)


def a_site_under_watch_needs_a_persons_word(question: Question) -> Obstacle | None:
    """000 task 16: after a withdrawn manufacturing filing the site is watched for a while (R04, withdrawn_watch_days)."""
    if question.watch_until is None or question.watch_until < question.today or question.land in NEVER_JUDGED:
        return None
    return Obstacle(PowerDecision.HOLD, Reason(PowerReason.WATCH_PERIOD, due=question.watch_until))


OPENINGS = (
    single_phase_is_not_restricted,
    a_place_outside_the_area_is_referred,
    what_adds_nothing_is_allowed,
)
"""Asked first, in this order: the first that answers ends the matter."""

OBSTACLES = (
    manufacturing_on_non_industrial_land_gets_no_transformer,
    in_the_transition_zone_time_and_grade_decide,
    an_awaited_verdict_is_no_permission,
    unknown_land_waits_for_the_register,
    mixed_land_waits_until_its_part_is_settled,
    the_use_of_non_industrial_land_must_be_declared,
    a_registration_set_aside_is_no_permission,
)
"""Asked of every strand: all that is in the way is said at once, the strictest decides."""


def decide(question: Question) -> Answer:
    """The answer to a question. Block before hold before allow; no answer is ever a permission by default."""
    for opening in OPENINGS:
        decision = opening(question)
        if decision is not None:
            reasons = (Reason(PowerReason.OUT_OF_AREA),) if decision is PowerDecision.REFER else ()
            return _answer(question, decision, reasons)
    against = _obstacles(question)
    found = _after_review(question, _after_appeal(question, against))
    blocks = tuple(obstacle.reason for obstacle in found if obstacle.decision is PowerDecision.BLOCK)
    if blocks and not question.overridden:
        return _answer(question, PowerDecision.BLOCK, blocks)
    holds = [obstacle for obstacle in found if obstacle.decision is PowerDecision.HOLD]
    if holds:
        proposed = {obstacle.proposed for obstacle in holds}
        answer = _answer(question, PowerDecision.HOLD, tuple(o.reason for o in holds), proposed.pop() if len(proposed) == 1 else None)
        softened = question.appeal_reversed and not question.overridden and any(o.decision is PowerDecision.BLOCK for o in against)
        return replace(answer, appeal_reversed=softened)
    return _answer(question, PowerDecision.ALLOW, blocks, overridden=bool(blocks))


def _obstacles(question: Question) -> list[Obstacle]:
    found: dict[PowerReason, Obstacle] = {}
    for obstacle_of in OBSTACLES:
        for strand in question.strands:
            obstacle = obstacle_of(question, strand)
            if obstacle is not None:
                found.setdefault(obstacle.reason.code, obstacle)
    if question.kind is InstallKind.LOW_VOLTAGE_THREE_PHASE and question.policy.switches.three_phase_object == "transformer":
        found = _for_low_voltage(found)
    watch = a_site_under_watch_needs_a_persons_word(question)
    if watch is not None and not any(obstacle.decision is PowerDecision.BLOCK for obstacle in found.values()):
        found[watch.reason.code] = watch
    return list(found.values())


def _for_low_voltage(found: dict[PowerReason, Obstacle]) -> dict[PowerReason, Obstacle]:
    """002 二(三) names the transformer: where one is blocked, other three-phase supply waits for a person (R04, three_phase_object)."""
    held = {code: obstacle for code, obstacle in found.items() if obstacle.decision is PowerDecision.HOLD}
    if len(held) == len(found):
        return found
    return {PowerReason.LOW_VOLTAGE_REVIEW: _hold(PowerReason.LOW_VOLTAGE_REVIEW), **held}


def _after_appeal(question: Question, found: list[Obstacle]) -> list[Obstacle]:
    """What blocks holds once the block was reversed on appeal: it never allows, two units still sign (R04, power_override_roles)."""
    if not question.appeal_reversed or question.overridden:
        return found
    return [replace(o, decision=PowerDecision.HOLD) if o.decision is PowerDecision.BLOCK else o for o in found]


def _after_review(question: Question, found: list[Obstacle]) -> list[Obstacle]:
    """What is left after the units that own the holds have spoken: cleared ones go, refused ones block."""
    kept = [o for o in found if o.reason.code not in question.cleared or o.decision is PowerDecision.BLOCK]
    return [Obstacle(PowerDecision.BLOCK, o.reason) if o.reason.code in question.refused else o for o in kept]


def _answer(
    question: Question,
    decision: PowerDecision,
    reasons: tuple[Reason, ...],
    proposed: PowerDecision | None = None,
    *,
    overridden: bool = False,
) -> Answer:
    return Answer(decision, question.land, reasons, proposed, units_told(question, reasons), overridden, question.policy.ref)


def _hold(code: PowerReason, variant: str | None = None, *, proposed: PowerDecision | None = None) -> Obstacle:
    return Obstacle(PowerDecision.HOLD, Reason(code, variant), proposed)


def _block(code: PowerReason, variant: str | None = None) -> Obstacle:
    return Obstacle(PowerDecision.BLOCK, Reason(code, variant))
