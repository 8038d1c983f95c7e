"""The facts a verdict stands on, each with its source and day, as they are shown to people."""

from __future__ import annotations

from contracts import reference
from contracts.vocabulary import Fact
from services.land_check.domain import Filing, Parcel, Part, PlannedUse, Site, Use

REGISTER = "land register"
HOMESTEAD_DECIDES = "登记用途为工业，宗地代码为宅基地，以宗地代码为准 / registered as industrial, but the code says homestead and decides"


def facts_of_parcel(parcel: Parcel, unit_number: str | None = None) -> list[Fact]:
    """What the register says about a parcel, or about one of its units."""
    uses = parcel.uses_at(unit_number)
    facts = [_fact(parcel, "registered_use", "、".join(map(named, uses)) or "未登记 / none")]
    if parcel.survey is not None:
        facts.append(_fact(parcel, "survey_use", named(parcel.survey)))
    if parcel.planned_use is not PlannedUse.UNCHANGED:
        facts.append(_fact(parcel, "planned_use", parcel.planned_use))
    if parcel.planned_implementation is not None:
        facts.append(_fact(parcel, "planned_implementation", parcel.planned_implementation.isoformat()))
    if parcel.superseded_by:
        codes = "、".join(parcel.superseded_by)
        text = f"已分割或合并为 {codes}，请按现宗地代码申请 / split or merged into {codes}: file under a code of today"
        facts.append(_fact(parcel, "superseded_by", text))
    if parcel.is_homestead:
        facts.append(_fact(parcel, "parcel_feature", "JC 宅基地使用权 / homestead right"))
        if any(reads_as_industrial(use) for use in uses):
            facts.append(_fact(parcel, "register_disagreement", HOMESTEAD_DECIDES))
    return facts


def facts_of_filing(filing: Filing, site: Site) -> list[Fact]:
    """What people have said about the place: the township filed, rulings of the map office, how the parcel was found."""
    facts = []
    place, parcel, rulings = filing.facts.place, site.parcel, filing.rulings
    if parcel is not None and place.township_code != parcel.township_code:
        filed, real = township_named(place.township_code), township_named(parcel.township_code)
        text = f"申报为{filed}，地籍为{real}，以地籍为准 / filed {place.township_code}, but the register says {parcel.township_code}"
        facts.append(_fact(parcel, "township", text))
    if rulings.township_code is not None:
        facts.append(Fact(name="township_set", value=township_named(rulings.township_code), source="map office"))
    if site.part is not None:
        text = "工业部分 / industrial part" if site.part is Part.INDUSTRIAL else "非工业部分 / non-industrial part"
        facts.append(Fact(name="part", value=text, source="map office"))
    if parcel is None:
        facts.append(Fact(name="parcel", value="登记册中没有或不能唯一确定 / not in the register, or not one parcel", source=REGISTER))
    return facts


def named(use: Use) -> str:
    """A land-use class as people read it: scheme, code, Chinese and English name."""
    land = reference.land_class(use.scheme, use.code)
    return f"{use.scheme} {use.code}" + (f" {land.name_zh} / {land.name_en}" if land else "")


def reads_as_industrial(use: Use) -> bool:
    """Whether the class is called industrial land in its own scheme."""
    land = reference.land_class(use.scheme, use.code)
    return land is not None and land.industrial_default == "yes"


def township_named(code: str) -> str:
    """The Chinese name of a township, its code if it has none."""
    unit = reference.township(code)
    return unit.name_zh if unit else code


def _fact(parcel: Parcel, name: str, value: str) -> Fact:
    return Fact(name=name, value=value, source=parcel.source, as_of=parcel.as_of)
