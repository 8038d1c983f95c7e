"""The facts a decision names: what was filed and what people said, then what the land side found."""

from __future__ import annotations

from functools import lru_cache

from contracts import reference
from contracts.vocabulary import Fact
from services.registration.domain import Review
from services.registration.rules.case import Case
from services.registration.rules.marks import new_land_by_grade
from services.registration.rules.words import counts

FILED = "申请 / the filing"
OVERTAKEN = "此后情况已变 / overtaken by what came since"
EVALUATION = "亩均效益综合评价 / per-mu evaluation"


def facts_of_case(case: Case) -> tuple[Fact, ...]:
    return (trade(case.facts.industry_code, case.manufacturing), *_said(case), *_new_land(case), *case.land.facts)


def _word(word: Review, counts_now: bool) -> Fact:
    value = word.result if counts_now else f"{word.result} · {OVERTAKEN}"
    return Fact(name=f"review:{word.code}", value=value, source=word.unit, as_of=word.at)


def _new_land(case: Case) -> tuple[Fact, ...]:
    reading = new_land_by_grade(case)
    if reading is None:
        return ()
    grade = case.land.grade
    text = (
        f"{grade}档：限制新增用地 / grade {grade}: limited" if reading == "restrict" else f"{grade}档：禁止新增用地 / grade {grade}: barred"
    )
    return (Fact(name="new_land", value=text, source=EVALUATION),)


@lru_cache(maxsize=4096)
def trade(code: str, manufacturing: bool) -> Fact:
    """The trade and whether it is manufacturing."""
    known = reference.industry_class(code)
    name = f" {known.name_zh}" if known else ""
    reading = "制造业 / manufacturing" if manufacturing else "非制造业 / not manufacturing"
    return Fact(name="industry_code", value=f"{code}{name} · {reading}", source=FILED, as_of=None)


def _said(case: Case) -> tuple[Fact, ...]:
    said = case.said
    if not (said.cannot_provide or said.reviews):
        return ()
    declared = Fact(name="cannot_provide_statement", value="不能提供 / cannot be provided", source=FILED, as_of=case.today.isoformat())
    reviews = (_word(word, counts(word, case.land)) for word in said.reviews)
    return (declared, *reviews) if said.cannot_provide else tuple(reviews)
