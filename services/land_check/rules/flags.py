"""The flags that the place and the trade of a filing give: any of them is shown to those who act on it."""

from __future__ import annotations

from collections.abc import Callable

from contracts import reference
from contracts.policy import Policy
from contracts.registration import FilingFacts
from contracts.vocabulary import Flag, LandVerdict
from services.land_check.domain import Site

FlagRule = Callable[[FilingFacts, Site, LandVerdict, bool | None, Policy], Flag | None]


def village_land_is_strictly_controlled(
    facts: FilingFacts, site: Site, verdict: LandVerdict, in_village: bool | None, policy: Policy
) -> Flag | None:
    """002 §二(三): 「原则上严格控制村庄内非工业土地上新办工业企业」 (R01)."""
    there = in_village is True and verdict is LandVerdict.NON_INDUSTRIAL
    return Flag.VILLAGE_STRICT if there and policy.is_new_industry(facts.action, facts.subject_type, facts.industry_code) else None


def land_in_transition_is_shown(
    facts: FilingFacts, site: Site, verdict: LandVerdict, in_village: bool | None, policy: Policy
) -> Flag | None:
    """002 §二(二): 「设置为过渡控制区」 (R06)."""
    return Flag.TRANSITION if verdict is LandVerdict.TRANSITION else None


def central_city_is_controlled_space(
    facts: FilingFacts, site: Site, verdict: LandVerdict, in_village: bool | None, policy: Policy
) -> Flag | None:
    """002 §二(二): 「原则上控制中心城区(白沙路街道、古塘街道、浒山街道)」 (R08)."""
    unit = reference.township(site.township_code)
    return Flag.CENTRAL_CITY if unit is not None and unit.central_city else None


def qianwan_is_controlled_space(
    facts: FilingFacts, site: Site, verdict: LandVerdict, in_village: bool | None, policy: Policy
) -> Flag | None:
    """002 §二(二): 「前湾沪浙合作创新区(除高新技术产业开发区概念性规划之外)新增工业空间布局」 (R08)."""
    return Flag.QIANWAN if site.parcel is not None and site.parcel.in_qianwan else None


def polluting_trades_are_shown(
    facts: FilingFacts, site: Site, verdict: LandVerdict, in_village: bool | None, policy: Policy
) -> Flag | None:
    """002 §二(三): 「废旧塑料加工、铸造、金属表面处理、喷涂等高污染、高排放」 (R14)."""
    return Flag.HIGH_POLLUTION if policy.is_high_pollution(facts.industry_code, facts.processes) else None


def small_separate_land_is_not_supplied(
    facts: FilingFacts, site: Site, verdict: LandVerdict, in_village: bool | None, policy: Policy
) -> Flag | None:
    """002 §二(一): 「原则上对10亩以下、单独选址项目不再供地」; a place in a park is none of its own (R09)."""
    land, in_a_park = facts.new_land, (site.parcel.park_id if site.parcel is not None else None) or facts.park_id
    if land is None or not policy.land_not_supplied(land.area_mu, land.stand_alone and not in_a_park):
        return None
    return Flag.LAND_NOT_SUPPLIED


FLAG_RULES: tuple[FlagRule, ...] = (
    village_land_is_strictly_controlled,
    land_in_transition_is_shown,
    central_city_is_controlled_space,
    qianwan_is_controlled_space,
    polluting_trades_are_shown,
    small_separate_land_is_not_supplied,
)


def flags_of_place(facts: FilingFacts, site: Site, verdict: LandVerdict, in_village: bool | None, policy: Policy) -> tuple[Flag, ...]:
    """All flags of a manufacturing filing that follow from its place and trade, in the order of the rules."""
    return tuple(flag for rule in FLAG_RULES if (flag := rule(facts, site, verdict, in_village, policy)) is not None)
