"""Facts and a request made into the one question the rules answer."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from contracts.policy import Policy
from contracts.vocabulary import Grade, InstallKind, LandVerdict
from services.power_grid.domain import Filing, InstallRequest, Known, Manufacturing, ParcelFacts, Question, SiteKey, Strand, Use
from services.power_grid.rules.calendar import day_of
from services.power_grid.rules.manufacturing import manufacturing_at, watch_until_at
from services.power_grid.rules.places import land_of_filing

STANDARD = InstallKind.NEW_THREE_PHASE_TRANSFORMER
SETTLED = (LandVerdict.INDUSTRIAL, LandVerdict.TRANSITION, LandVerdict.NON_INDUSTRIAL)


def declared_use_of(policy: Policy, industry_code: str | None) -> Use:
    """A declared industry as a use."""
    if industry_code is None:
        return Use.UNDECLARED
    return Use.MANUFACTURING if policy.is_manufacturing(industry_code) else Use.OTHER


def newest_grade(facts: ParcelFacts, uscc: str | None, year: int) -> Grade | None:
    """The newest per-mu grade of an enterprise that is not of a later year."""
    years = facts.grades.get(uscc, {}) if uscc is not None else {}
    return max(((given, grade) for given, grade in years.items() if given <= year), default=(0, None))[1]


def question_of_request(
    policy: Policy,
    facts: ParcelFacts,
    site: SiteKey | None,
    request: InstallRequest,
    filing: Filing | None,
    asked_on: date,
    today: date,
) -> Question:
    """The question of an install request. ``filing`` is the one it names, if it is known and at this place.

    A filing that is named but not known, or not judged, is pending: no approval without a verdict.
    """
    declared = declared_use_of(policy, request.declared_industry_code)
    if declared is Use.UNDECLARED and filing is not None and filing.registered is not None:
        declared = declared_use_of(policy, filing.registered.industry_code)
    grade = newest_grade(facts, request.applicant_uscc, asked_on.year)
    unit = None if site is None else site.unit_number
    watch_until = None if site is None else watch_until_at(facts, unit, policy)
    strands: tuple[Strand, ...]
    if request.filing_id is not None and (filing is None or filing.pending):
        land, strands = LandVerdict.PENDING, (Strand(LandVerdict.PENDING, declared),)
    elif filing is not None:
        land, strands = _strands_of_filing(policy, facts, site, filing, request, declared, grade, asked_on.year)
    else:
        land = facts.land(unit)
        strands = _strands_of_place(policy, facts, unit, request, declared, grade, asked_on.year)
    return Question(
        policy=policy,
        kind=request.kind,
        adds=request.adds,
        asked_on=asked_on,
        today=today,
        land=land,
        strands=strands,
        watch_until=watch_until,
        registered=filing is not None and filing.registered is not None,
        forged_statement=filing is not None and filing.has_forged_statement,
    )


def question_of_site(
    policy: Policy, facts: ParcelFacts, known: Known, asked_on: date, *, overridden: bool = False, appeal_reversed: bool = False
) -> Question:
    """What a new transformer would get at a site where nothing more is declared than what is known."""
    return Question(
        policy=policy,
        kind=STANDARD,
        adds=True,
        asked_on=asked_on,
        today=asked_on,
        land=known.land,
        strands=_strands(facts, known.land, None, known.uses, Use.UNDECLARED, None, asked_on.year),
        watch_until=known.watch_until,
        forged_statement=any(use.forged_statement for use in known.uses),
        overridden=overridden,
        appeal_reversed=appeal_reversed,
    )


def question_of_check(
    policy: Policy, facts: ParcelFacts, unit_number: str | None, industry_code: str | None, hint: LandVerdict | None, asked_on: date
) -> Question:
    """What somebody would get who asks before filing. ``hint`` is the land of a place that is on no parcel we know."""
    land = hint if facts.parcel is None and hint is not None else facts.land(unit_number)
    uses = [use for use in manufacturing_at(policy, facts, unit_number) if _stands_against(policy, use)]
    declared = declared_use_of(policy, industry_code)
    strands = _strands(facts, land, unit_number, uses, declared, None, asked_on.year)
    return Question(
        policy=policy,
        kind=STANDARD,
        adds=True,
        asked_on=asked_on,
        today=asked_on,
        land=land,
        strands=_beside_grandfathered(policy, strands, Strand(land, declared)),
        watch_until=watch_until_at(facts, unit_number, policy),
    )


def _strands_of_place(
    policy: Policy, facts: ParcelFacts, unit: str | None, request: InstallRequest, declared: Use, grade: Grade | None, year: int
) -> tuple[Strand, ...]:
    """A request that names no filing is judged on the land of its place, with what is known there."""
    land = facts.land(unit)
    uses = [use for use in manufacturing_at(policy, facts, unit) if _stands_against(policy, use, request)]
    if not any(_is_applicant(use, request) for use in uses):
        return _beside_grandfathered(policy, _strands(facts, land, unit, uses, declared, grade, year), Strand(land, declared))
    if declared is Use.MANUFACTURING:
        declared = Use.UNDECLARED  # its own filing or registration says it already, and better
    return _strands(facts, land, unit, uses, declared, grade, year)


def _stands_against(policy: Policy, use: Manufacturing, request: InstallRequest | None = None, filing: Filing | None = None) -> bool:
    """Whether a use stands against whoever asks: all at the site, or those of the same enterprise and of nobody named (R04, block_key)."""
    if policy.switches.block_key == "site" or (use.enterprise_name is None and use.uscc is None):
        return True
    if filing is not None and (use.filing_id == filing.filing_id or (use.uscc is not None and use.uscc == filing.uscc)):
        return True
    return request is not None and _is_applicant(use, request)


def _beside_grandfathered(policy: Policy, strands: tuple[Strand, ...], asker: Strand) -> tuple[Strand, ...]:
    """What a registration keeps from before a reclassification is its own: others are judged on the land as it is now (R04)."""
    seen = asker.land is LandVerdict.MIXED or any(strand.land is asker.land for strand in strands)
    if seen or policy.switches.on_reclassification != "grandfather":
        return strands
    return (*strands, asker)


def _strands_of_filing(
    policy: Policy,
    facts: ParcelFacts,
    site: SiteKey | None,
    filing: Filing,
    request: InstallRequest,
    declared: Use,
    grade: Grade | None,
    year: int,
) -> tuple[LandVerdict, tuple[Strand, ...]]:
    """A request for a filing is judged on that filing's land, with what is known at its unit."""
    land = land_of_filing(policy, facts, filing)
    if site is None:
        land = land if land is LandVerdict.OUT_OF_AREA else LandVerdict.UNKNOWN
        return land, (_own(facts, land, filing, declared, grade, year),)
    registered = filing.registered
    if registered is not None and not registered.manufacturing and (filing.judged is None or filing.judged.parcel_code is None):
        land = facts.land(site.unit_number)  # its place was never matched because nobody had to judge it
    uses = [use for use in manufacturing_at(policy, facts, site.unit_number) if _stands_against(policy, use, request, filing)]
    if facts.land(site.unit_number) is LandVerdict.MIXED:
        # the filing's part of the parcel: what is settled to lie in the other part is not there
        uses = [use for use in uses if use.filing_id == filing.filing_id or (use.land is land and land in SETTLED)]
    own = _own(facts, land, filing, declared, grade, year)
    others = [_strand(facts, use, grade, year) for use in uses if use.filing_id != filing.filing_id]
    if declared is Use.MANUFACTURING or any(use.filing_id == filing.filing_id for use in uses):
        return land, (_as_manufacturing(own), *others)
    return land, _beside_grandfathered(policy, tuple(others), own) if others else (own,)


def _is_applicant(use: Manufacturing, request: InstallRequest) -> bool:
    if use.uscc is not None and use.uscc == request.applicant_uscc:
        return True
    return use.enterprise_name is not None and use.enterprise_name == request.applicant_name


def _own(facts: ParcelFacts, land: LandVerdict, filing: Filing, declared: Use, grade: Grade | None, year: int) -> Strand:
    judged = filing.judged
    return Strand(
        land=land,
        use=declared,
        grade=grade or newest_grade(facts, filing.uscc, year),
        planned_implementation=_planned(facts) or (judged.planned_implementation if judged is not None and facts.parcel is None else None),
        has_statement=filing.has_valid_statement,
        survey_only=judged is not None and judged.survey_only,
        plan_changed_on=None if filing.site is None else _plan_changed_on(facts, filing.site.unit_number),
        set_aside=filing.set_aside,
    )


def _as_manufacturing(strand: Strand) -> Strand:
    return replace(strand, use=Use.MANUFACTURING)


def _strands(
    facts: ParcelFacts, land: LandVerdict, unit: str | None, uses: Iterable[Manufacturing], declared: Use, grade: Grade | None, year: int
) -> tuple[Strand, ...]:
    """Without a filing named: every manufacturing use known there, and the declared one.

    On a mixed parcel the manufacturing filings there decide, each on its own part; a declaration says nothing about the part.
    """
    uses = list(uses)
    if land is LandVerdict.MIXED:
        placed = [use for use in uses if use.source != "declared_use"]
        if placed:
            return tuple(_strand(facts, use, grade, year) for use in placed)
        return (Strand(land, Use.MANUFACTURING if uses else declared),)
    strands = [_strand(facts, use, grade, year) for use in uses if use.source != "declared_use"]
    # whoever only declares counts by its own grade, else by that of the filings at the site (R07)
    worst = max((strand.grade for strand in strands if strand.grade is not None), default=None)
    strands += [
        _strand(facts, use, grade or newest_grade(facts, use.uscc, year) or worst, year) for use in uses if use.source == "declared_use"
    ]
    if declared is Use.MANUFACTURING or not strands:
        strands.append(Strand(land, declared, grade or worst, _planned(facts), plan_changed_on=_plan_changed_on(facts, unit)))
    return tuple(strands)


def _strand(facts: ParcelFacts, use: Manufacturing, grade: Grade | None, year: int) -> Strand:
    return Strand(
        land=use.land,
        use=Use.MANUFACTURING,
        grade=grade or newest_grade(facts, use.uscc, year),
        planned_implementation=_planned(facts),
        has_statement=use.has_statement,
        plan_changed_on=_plan_changed_on(facts, use.site.unit_number),
        set_aside=use.set_aside,
    )


def _planned(facts: ParcelFacts) -> date | None:
    return None if facts.parcel is None else facts.parcel.planned_implementation


def _plan_changed_on(facts: ParcelFacts, unit: str | None) -> date | None:
    """The day the register first told of the transition zone there: the plan was changed then or before, so no plan looks farther off."""
    parcel = facts.parcel
    if parcel is None or parcel.verdict_of(unit) is not LandVerdict.TRANSITION:
        return None
    return day_of(parcel.since_of(unit))
