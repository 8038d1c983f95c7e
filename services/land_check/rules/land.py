"""What the land of a place is. The rules are asked in order; the first that has an answer gives the verdict."""

from __future__ import annotations

from collections.abc import Callable

from contracts import reference
from contracts.policy import Policy
from contracts.vocabulary import LandVerdict
from services.land_check.domain import Parcel, Part, PlannedUse, Site, Use

LandRule = Callable[[Site, Policy], LandVerdict | None]

SURVEYED_INDUSTRY = (Use("SANDIAO", "0601"), Use("GB/T21010-2017", "0601"))
"""工业用地 as the surveys write it."""


def place_outside_the_area_is_referred(site: Site, policy: Policy) -> LandVerdict | None:
    """003 preamble: 「本规划范围为慈溪市本级行政区域内，不包括杭州湾新区」 (R21)."""
    return None if policy.in_area(site.township_code) else LandVerdict.OUT_OF_AREA


def place_without_a_parcel_is_unknown(site: Site, policy: Policy) -> LandVerdict | None:
    """Not in the register, not matched, or matched twice: nobody has said what the land is (002 §二(四), R20)."""
    return LandVerdict.UNKNOWN if site.parcel is None else None


def a_parcel_split_or_merged_since_is_unknown(site: Site, policy: Policy) -> LandVerdict | None:
    """002 §二(四): the old code names no land any more; which of the parcels of today it is, nobody has said (R20)."""
    return LandVerdict.UNKNOWN if site.parcel is not None and site.parcel.superseded_by else None


def homestead_is_never_industrial(site: Site, policy: Policy) -> LandVerdict | None:
    """GB/T 37346-2019: JC in the parcel code is a homestead right, whatever the registered use says."""
    return LandVerdict.NON_INDUSTRIAL if site.parcel and site.parcel.is_homestead else None


def historic_industry_may_count_until_it_is_settled(site: Site, policy: Policy) -> LandVerdict | None:
    """002 §二(四): 「妥善解决历史遗留工业用地」: surveyed as industrial, nothing registered; switch ``historic_land`` (R20)."""
    if policy.switches.historic_land == "unknown" or site.parcel is None or _registered(site):
        return None
    if site.parcel.survey not in SURVEYED_INDUSTRY:
        return None
    return (
        a_plan_may_end_industrial_use(site, policy) or a_control_line_may_rule_land_out(site, policy) or _industrial_as_planned(site.parcel)
    )


def land_without_registered_use_is_unknown(site: Site, policy: Policy) -> LandVerdict | None:
    """002 §二(四): 「分类处置、妥善解决历史遗留工业用地和违法建筑问题」: a survey shows what stands there, not a right (R20).

    The register knows no land grant contracts: where only those decide (``land_basis_priority``), everything is unknown.
    """
    return None if _uses(site, policy) else LandVerdict.UNKNOWN


def use_that_does_not_tell_is_unknown(site: Site, policy: Policy) -> LandVerdict | None:
    """A level-1 class covers both kinds, industry in a survey is evidence only (R02, land_basis_priority)."""
    return LandVerdict.UNKNOWN if any(_is_industrial(use, policy) is None for use in _uses(site, policy)) else None


def a_plan_may_end_industrial_use(site: Site, policy: Policy) -> LandVerdict | None:
    """002 §二(二): 「原规划工业用地调整为非工业用地」 read as non-industrial at once; switch ``transition_is_industrial`` (R06)."""
    ended = site.parcel is not None and site.parcel.planned_use is PlannedUse.NON_INDUSTRIAL
    return LandVerdict.NON_INDUSTRIAL if ended and not policy.switches.transition_is_industrial else None


def a_control_line_may_rule_land_out(site: Site, policy: Policy) -> LandVerdict | None:
    """001 §三(一)3: 「强化工业控制线管理」: outside the line no use is industrial; switch ``control_line_mode`` (R11).

    Inside the line the registered use still decides: a line is a plan and gives no right.
    """
    outside = site.parcel is not None and site.parcel.inside_control_line is False
    return LandVerdict.NON_INDUSTRIAL if outside and policy.switches.control_line_mode == "decide" else None


def both_kinds_of_use_are_mixed_until_the_part_is_named(site: Site, policy: Policy) -> LandVerdict | None:
    """002 §二(三) speaks of 「非工业土地上的房产」: on a mixed parcel it matters in which part the building stands."""
    if len({_is_industrial(use, policy) for use in _uses(site, policy)}) < 2:
        return None
    match site.part:
        case None:
            return LandVerdict.MIXED
        case Part.NON_INDUSTRIAL:
            return LandVerdict.NON_INDUSTRIAL
        case Part.INDUSTRIAL:
            return _industrial_as_planned(site.parcel)


def non_industrial_use_is_non_industrial(site: Site, policy: Policy) -> LandVerdict | None:
    """002 §二(三): 「利用非工业土地上的房产作为制造业经营场所」 (R02)."""
    return LandVerdict.NON_INDUSTRIAL if not any(_is_industrial(use, policy) for use in _uses(site, policy)) else None


def industrial_use_is_industrial_or_in_transition(site: Site, policy: Policy) -> LandVerdict | None:
    """002 §二(二): 「对原规划工业用地调整为非工业用地的区域设置为过渡控制区」 (R06)."""
    return _industrial_as_planned(site.parcel)


RULES: tuple[LandRule, ...] = (
    place_outside_the_area_is_referred,
    place_without_a_parcel_is_unknown,
    a_parcel_split_or_merged_since_is_unknown,
    homestead_is_never_industrial,
    historic_industry_may_count_until_it_is_settled,
    land_without_registered_use_is_unknown,
    use_that_does_not_tell_is_unknown,
    a_plan_may_end_industrial_use,
    a_control_line_may_rule_land_out,
    both_kinds_of_use_are_mixed_until_the_part_is_named,
    non_industrial_use_is_non_industrial,
    industrial_use_is_industrial_or_in_transition,
)


def land_verdict(site: Site, policy: Policy) -> LandVerdict:
    """The verdict on a place: the first answer of ``RULES``."""
    for rule in RULES:
        verdict = rule(site, policy)
        if verdict is not None:
            return verdict
    return LandVerdict.UNKNOWN


def is_mixed_before_any_ruling(site: Site, policy: Policy) -> bool:
    """Whether the map office's word on the part is wanted, or was."""
    bare = Site(site.township_code, site.parcel_code, site.unit_number, site.parcel, site.matched_by)
    return land_verdict(bare, policy) is LandVerdict.MIXED


def parcel_verdict(parcel: Parcel, policy: Policy, unit_number: str | None = None) -> LandVerdict:
    """The verdict on a whole parcel, or on one of its units, without any filing."""
    return land_verdict(Site(parcel.township_code, parcel.code, unit_number, parcel), policy)


def is_known_from_survey_only(site: Site) -> bool:
    """No registered use, but the survey shows industry: the built-on-farmland case (R20)."""
    survey = None if site.parcel is None or _registered(site) else site.parcel.survey
    land = None if survey is None else reference.land_class(survey.scheme, survey.code)
    return land is not None and land.industrial_default in ("yes", "evidence_only")


def _registered(site: Site) -> tuple[Use, ...]:
    return () if site.parcel is None else site.parcel.uses_at(site.unit_number)


def _uses(site: Site, policy: Policy) -> tuple[Use, ...]:
    """The uses that decide: those registered, while the policy takes the register for a ground."""
    return _registered(site) if policy.registered_use_decides else ()


def _is_industrial(use: Use, policy: Policy) -> bool | None:
    return policy.land_is_industrial(use.scheme, use.code)


def _industrial_as_planned(parcel: Parcel | None) -> LandVerdict:
    if parcel is not None and parcel.planned_use is PlannedUse.NON_INDUSTRIAL:
        return LandVerdict.TRANSITION
    return LandVerdict.INDUSTRIAL
