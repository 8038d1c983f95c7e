"""What stands for and against whoever asks: each use known at the place on its own land, and the asker's own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date

from contracts.policy import Policy
from contracts.vocabulary import Grade, LandVerdict
from services.power_grid.domain import Filing, InstallRequest, Manufacturing, ParcelFacts, SiteKey, Strand, Use
from services.power_grid.rules.calendar import day_of
from services.power_grid.rules.manufacturing import manufacturing_at
from services.power_grid.rules.places import land_of_filing, speaks_of

SETTLED = (LandVerdict.INDUSTRIAL, LandVerdict.TRANSITION, LandVerdict.NON_INDUSTRIAL)


def newest_grade(facts: ParcelFacts, uscc: str | None, year: int) -> Grade | None:
    """The newest per-mu grade of an enterprise that is not of a later year."""
    years = facts.grades.get(uscc, {}) if uscc is not None else {}
    return max(((given, grade) for given, grade in years.items() if given <= year), default=(0, None))[1]


def strands_at_site(
    facts: ParcelFacts, unit: str | None, land: LandVerdict, uses: Sequence[Manufacturing], year: int, *, anyone: bool
) -> tuple[Strand, ...]:
    """What is known at a site. ``anyone``: for somebody who is none of those uses, and may mean the land that none of them is on."""
    return _strands(facts, unit, land, uses, Strand(land, Use.UNDECLARED), year, beside=anyone, asking=anyone)


def strands_of_check(
    policy: Policy, facts: ParcelFacts, unit: str | None, land: LandVerdict, declared: Use, year: int
) -> tuple[Strand, ...]:
    """Whoever asks before filing is none of those known there."""
    uses = [use for use in manufacturing_at(policy, facts, unit) if _stands_against(policy, use)]
    return _strands(facts, unit, land, uses, _asker(facts, land, unit, declared, None), year, newcomer=declared is Use.MANUFACTURING)


def strands_of_place(
    policy: Policy, facts: ParcelFacts, unit: str | None, request: InstallRequest, declared: Use, year: int, connected: bool
) -> tuple[Strand, ...]:
    """A request that names no filing is judged on the land of its place, with what is known there.

    A manufacturer known there by a filing or registration is judged by that: it says it already, and better. Not for a unit that is
    named and is not where it filed: whoever asks, the land of the unit decides.
    """
    land, grade = facts.land(unit), newest_grade(facts, request.applicant_uscc, year)
    uses = [use for use in manufacturing_at(policy, facts, unit) if _stands_against(policy, use, request)]
    own = [use for use in uses if _is_applicant(use, request)]
    filed = [use for use in own if use.source != "declared_use"]
    said = any(speaks_of(facts, unit, use.site.unit_number) for use in filed)
    asker = _asker(facts, land, unit, Use.UNDECLARED if said else declared, grade)
    newcomer = not said and request.applicant_type == "enterprise" and (declared is Use.MANUFACTURING or bool(own))
    strands = _strands(facts, unit, land, uses, asker, year, grade, beside=not said, newcomer=newcomer, asking=not connected)
    return _graded(strands, grade or _worst(newest_grade(facts, use.uscc, year) for use in filed)) if filed else strands


def strands_of_filing(
    policy: Policy,
    facts: ParcelFacts,
    site: SiteKey | None,
    filing: Filing,
    request: InstallRequest,
    declared: Use,
    year: int,
) -> tuple[LandVerdict, tuple[Strand, ...]]:
    """A request for a filing is judged on that filing's land, with what is known at its unit; one for another unit on the unit's land."""
    land, grade = land_of_filing(policy, facts, filing), newest_grade(facts, request.applicant_uscc, year)
    if site is None:
        land = land if land is LandVerdict.OUT_OF_AREA else LandVerdict.UNKNOWN
        return land, (_own(facts, land, filing, declared, grade, year),)
    registered, judged, unit = filing.registered, filing.judged, site.unit_number
    there = filing.site is None or speaks_of(facts, unit, filing.site.unit_number)
    never_matched = registered is not None and not registered.manufacturing and (judged is None or judged.parcel_code is None)
    if not there or never_matched:
        land = facts.land(unit)  # nobody had to judge a place that was never matched
    uses = [use for use in manufacturing_at(policy, facts, unit) if _stands_against(policy, use, request, filing)]
    if there and facts.land(unit) is LandVerdict.MIXED:
        # the filing's part of the parcel: what is settled to lie in the other part is not there
        uses = [use for use in uses if use.filing_id == filing.filing_id or (use.land is land and land in SETTLED)]
    own = _own(facts, land, filing, declared, grade, year)
    if not there:
        own = _asker(facts, land, unit, declared, own.grade)
    others = tuple(_strand(facts, use, grade, year) for use in uses if use.filing_id != filing.filing_id or not there)
    if declared is Use.MANUFACTURING or any(use.filing_id == filing.filing_id for use in uses):
        return land, _graded((replace(own, use=Use.MANUFACTURING), *others), own.grade)
    return land, others if _is_seen(own, others) else (*others, own)


def _strands(
    facts: ParcelFacts,
    unit: str | None,
    land: LandVerdict,
    uses: Iterable[Manufacturing],
    asker: Strand,
    year: int,
    grade: Grade | None = None,
    *,
    beside: bool = True,
    newcomer: bool = False,
    asking: bool = True,
) -> tuple[Strand, ...]:
    """Every manufacturing use known there and, ``beside`` them, the asker: what others do on land of their own gives it nothing.

    On a mixed parcel the manufacturing filings there decide, each on its own part; of a manufacturer that is a ``newcomer`` nobody
    knows the part, nor, for who is still ``asking``, of one that is judged anew. What is filed elsewhere on the parcel says nothing of a
    mixed unit.
    """
    uses = list(uses)
    placed = [use for use in uses if use.source != "declared_use"]
    declared = [use for use in uses if use.source == "declared_use"]
    there = [use for use in placed if speaks_of(facts, unit, use.site.unit_number)]
    strands = [_strand(facts, use, grade, year) for use in placed]
    if land is LandVerdict.MIXED:
        waits = asking and any(use.judged_anew for use in there)
        if newcomer or waits or not there:
            strands.append(Strand(land, Use.MANUFACTURING if newcomer or waits or declared else asker.use))
        return tuple(strands)
    # whoever only declares counts by its own grade, else by that of the filings at the site (R07)
    worst = _worst(strand.grade for strand in strands)
    strands += [_strand(facts, use, grade or newest_grade(facts, use.uscc, year) or worst, year) for use in declared]
    if not strands or asker.use is Use.MANUFACTURING or (beside and not _is_seen(asker, [*there, *declared])):
        strands.append(replace(asker, grade=asker.grade or worst))
    return tuple(strands)


def _is_seen(asker: Strand, known: Iterable[Strand | Manufacturing]) -> bool:
    """Whether the land of whoever asks is judged already with what is known on it."""
    return any(each.land is asker.land for each in known)


def _graded(strands: tuple[Strand, ...], grade: Grade | None) -> tuple[Strand, ...]:
    """In the transition zone the enterprise's own project is judged, by its own grade (R07)."""
    return tuple(replace(strand, grade=grade) if strand.land is LandVerdict.TRANSITION else strand for strand in strands)


def _worst(grades: Iterable[Grade | None]) -> Grade | None:
    return max((grade for grade in grades if grade is not None), default=None)


def _stands_against(policy: Policy, use: Manufacturing, request: InstallRequest | None = None, filing: Filing | None = None) -> bool:
    """Whether a use stands against whoever asks: all at the site, or those of the same enterprise and of nobody named (R04, block_key)."""
    if policy.switches.block_key == "site" or (use.enterprise_name is None and use.uscc is None):
        return True
    if filing is not None and (use.filing_id == filing.filing_id or (use.uscc is not None and use.uscc == filing.uscc)):
        return True
    return request is not None and _is_applicant(use, request)


def _is_applicant(use: Manufacturing, request: InstallRequest) -> bool:
    if use.uscc is not None and use.uscc == request.applicant_uscc:
        return True
    return use.enterprise_name is not None and use.enterprise_name == request.applicant_name


def _asker(facts: ParcelFacts, land: LandVerdict, unit: str | None, declared: Use, grade: Grade | None) -> Strand:
    """Whoever asks, on the land of the place."""
    plan_changed_on = _plan_changed_on(facts, unit)
    return Strand(land, declared, grade, _planned(facts), survey_only=_survey_only(facts), plan_changed_on=plan_changed_on)


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


def _strand(facts: ParcelFacts, use: Manufacturing, grade: Grade | None, year: int) -> Strand:
    return Strand(
        land=use.land,
        use=Use.MANUFACTURING,
        grade=grade or newest_grade(facts, use.uscc, year),
        planned_implementation=_planned(facts),
        has_statement=use.has_statement,
        survey_only=_survey_only(facts),
        plan_changed_on=_plan_changed_on(facts, use.site.unit_number),
        set_aside=use.set_aside,
        forged_statement=use.forged_statement,
    )


def _planned(facts: ParcelFacts) -> date | None:
    return None if facts.parcel is None else facts.parcel.planned_implementation


def _survey_only(facts: ParcelFacts) -> bool:
    return facts.parcel is not None and facts.parcel.survey_only


def _plan_changed_on(facts: ParcelFacts, unit: str | None) -> date | None:
    """The day the register first told of the transition zone there: the plan was changed then or before, so no plan looks farther off."""
    parcel = facts.parcel
    if parcel is None or parcel.verdict_of(unit) is not LandVerdict.TRANSITION:
        return None
    return day_of(parcel.since_of(unit))
