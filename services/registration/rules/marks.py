"""Flags, which make an acceptance a flagged one, and tags, which only serve reports."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from contracts import reference
from contracts.vocabulary import Flag, Grade, LandVerdict, StatementFinding, StatementOutcome, Tag
from services.registration.rules.case import Case


def in_a_village(case: Case) -> Flag | None:
    """R01, 002 §二(三): 原则上严格控制村庄内非工业土地上新办工业企业. Industry in the wide sense: sections B, C and D."""
    if case.land.land_verdict is not LandVerdict.NON_INDUSTRIAL or not case.land.in_village:
        return None
    facts = case.facts
    return Flag.VILLAGE_STRICT if case.policy.is_new_industry(facts.action, facts.subject_type, facts.industry_code) else None


def on_a_statement(case: Case) -> Flag | None:
    """R02, 002 §二(三): the township's statement carries the acceptance."""
    return Flag.STATEMENT_RELIED_ON if case.statement is StatementOutcome.REQUIRED_VALID else None


def in_a_transition_zone(case: Case) -> Flag | None:
    """R06, 002 §二(二): 对原规划工业用地调整为非工业用地的区域设置为过渡控制区."""
    return Flag.TRANSITION if case.land.land_verdict is LandVerdict.TRANSITION else None


def in_the_central_city(case: Case) -> Flag | None:
    """R08, 002 §二(二): 原则上控制中心城区(白沙路街道、古塘街道、浒山街道)…新增工业空间布局."""
    township = reference.township(case.land.township_code)
    return Flag.CENTRAL_CITY if township is not None and township.central_city else None


def in_the_qianwan_zone(case: Case) -> Flag | None:
    """R08, 002 §二(二): 前湾沪浙合作创新区."""
    return Flag.QIANWAN if case.land.in_qianwan else None


def a_polluting_trade(case: Case) -> Flag | None:
    """R14, 002 §二(三)."""
    return Flag.HIGH_POLLUTION if case.policy.is_high_pollution(case.facts.industry_code, case.facts.processes) else None


def asks_for_land_that_is_not_supplied(case: Case) -> Flag | None:
    """R09, 002 §二(一): 原则上对10亩以下、单独选址项目不再供地. A place in a park is none of its own."""
    asked, in_a_park = case.facts.new_land, (case.land.park_id or case.facts.park_id) is not None
    if asked is None or not case.policy.land_not_supplied(asked.area_mu, asked.stand_alone and not in_a_park):
        return None
    return Flag.LAND_NOT_SUPPLIED


FLAGS: tuple[Callable[[Case], Flag | None], ...] = (
    in_a_village,
    on_a_statement,
    in_a_transition_zone,
    in_the_central_city,
    in_the_qianwan_zone,
    a_polluting_trade,
    asks_for_land_that_is_not_supplied,
)


def outside_the_control_line(case: Case) -> Tag | None:
    """R11, 001 §三(一)3: 强化工业控制线管理. Not known is not outside."""
    return Tag.OUTSIDE_CONTROL_LINE if case.land.inside_control_line is False else None


def a_two_high_trade(case: Case) -> Tag | None:
    """R13, 001 §三(一)2."""
    return Tag.TWO_HIGH if case.policy.is_two_high(case.facts.industry_code) else None


def of_a_block_industry(case: Case) -> Tag | None:
    """R15, 001 §三(一)1: 传统块状行业."""
    return Tag.BLOCK_INDUSTRY if case.policy.block_industry(case.facts.industry_code) else None


def of_a_low_grade(case: Case) -> Tag | None:
    """R10, 002 §二(一): 限制、禁止综合评价C、D类企业新增用地. No effect on registration."""
    return {Grade.C: Tag.GRADE_C, Grade.D: Tag.GRADE_D}.get(case.land.grade) if case.land.grade else None


def new_land_by_grade(case: Case) -> Literal["restrict", "bar"] | None:
    """R10, 002 §二(一): 限制、禁止综合评价C、D类企业新增用地; switch ``cd_land``. It tells who supplies land, no more."""
    grade = case.land.grade
    if case.facts.new_land is None or grade not in (Grade.C, Grade.D):
        return None
    reading = case.policy.switches.cd_land.C if grade is Grade.C else case.policy.switches.cd_land.D
    return None if reading == "allow" else reading


def with_a_forged_statement(case: Case) -> Tag | None:
    """002 §二(九): recorded, not scored."""
    return Tag.FORGED_STATEMENT if case.found(StatementFinding.FORGED) else None


TAGS: tuple[Callable[[Case], Tag | None], ...] = (
    outside_the_control_line,
    a_two_high_trade,
    of_a_block_industry,
    of_a_low_grade,
    with_a_forged_statement,
)


def flags_of(case: Case) -> tuple[Flag, ...]:
    return tuple(flag for rule in FLAGS if (flag := rule(case)) is not None)


def tags_of(case: Case) -> tuple[Tag, ...]:
    return tuple(tag for rule in TAGS if (tag := rule(case)) is not None)
