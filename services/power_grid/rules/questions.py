"""Facts and a request made into the one question the rules answer."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from contracts.policy import Policy
from contracts.vocabulary import Grade, InstallKind, LandVerdict
from services.power_grid.domain import Filing, InstallRequest, Known, Manufacturing, ParcelFacts, Question, SiteKey, Strand, Use
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
        land, strands = _strands_of_filing(facts, site, filing, declared, grade, asked_on.year)
    else:
        land = facts.land(unit)
        uses = manufacturing_at(facts, unit)
        if declared is Use.MANUFACTURING and any(_is_applicant(use, request) for use in uses):
            declared = Use.UNDECLARED  # its own filing or registration says it already, and better
        strands = _strands(facts, land, uses, declared, grade, asked_on.year)
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


def question_of_site(policy: Policy, facts: ParcelFacts, known: Known, asked_on: date) -> Question:
    """What a new transformer would get at a site where nothing more is declared than what is known."""
    return Question(
        policy=policy,
        kind=STANDARD,
        adds=True,
        asked_on=asked_on,
        today=asked_on,
        land=known.land,
        strands=_strands(facts, known.land, known.uses, Use.UNDECLARED, None, asked_on.year),
        watch_until=known.watch_until,
        forged_statement=any(use.forged_statement for use in known.uses),
    )


def question_of_check(
    policy: Policy, facts: ParcelFacts, unit_number: str | None, industry_code: str | None, hint: LandVerdict | None, asked_on: date
) -> Question:
    """What somebody would get who asks before filing. ``hint`` is the land of a place that is on no parcel we know."""
    land = hint if facts.parcel is None and hint is not None else facts.land(unit_number)
    uses = manufacturing_at(facts, unit_number)
    return Question(
        policy=policy,
        kind=STANDARD,
        adds=True,
        asked_on=asked_on,
        today=asked_on,
        land=land,
        strands=_strands(facts, land, uses, declared_use_of(policy, industry_code), None, asked_on.year),
        watch_until=watch_until_at(facts, unit_number, policy),
    )


def _strands_of_filing(
    facts: ParcelFacts, site: SiteKey | None, filing: Filing, declared: Use, grade: Grade | None, year: int
) -> tuple[LandVerdict, tuple[Strand, ...]]:
    """A request for a filing is judged on that filing's land, with what is known at its unit."""
    land = land_of_filing(facts, filing)
    if site is None:
        land = land if land is LandVerdict.OUT_OF_AREA else LandVerdict.UNKNOWN
        return land, (_own(facts, land, filing, declared, grade, year),)
    registered = filing.registered
    if registered is not None and not registered.manufacturing and (filing.judged is None or filing.judged.parcel_code is None):
        land = facts.land(site.unit_number)  # its place was never matched because nobody had to judge it
    uses = manufacturing_at(facts, site.unit_number)
    if facts.land(site.unit_number) is LandVerdict.MIXED:
        # the filing's part of the parcel: what is settled to lie in the other part is not there
        uses = [use for use in uses if use.filing_id == filing.filing_id or (use.land is land and land in SETTLED)]
    own = _own(facts, land, filing, declared, grade, year)
    others = [_strand(facts, use, grade, year) for use in uses if use.filing_id != filing.filing_id]
    if declared is Use.MANUFACTURING or any(use.filing_id == filing.filing_id for use in uses):
        return land, (_as_manufacturing(own), *others)
    return land, tuple(others) or (own,)


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
    )


def _as_manufacturing(strand: Strand) -> Strand:
    return Strand(strand.land, Use.MANUFACTURING, strand.grade, strand.planned_implementation, strand.has_statement, strand.survey_only)


def _strands(
    facts: ParcelFacts, land: LandVerdict, uses: Iterable[Manufacturing], declared: Use, grade: Grade | None, year: int
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
        strands.append(Strand(land, declared, grade or worst, _planned(facts)))
    return tuple(strands)


def _strand(facts: ParcelFacts, use: Manufacturing, grade: Grade | None, year: int) -> Strand:
    return Strand(
        land=use.land,
        use=Use.MANUFACTURING,
        grade=grade or newest_grade(facts, use.uscc, year),
        planned_implementation=_planned(facts),
        has_statement=use.has_statement,
    )


def _planned(facts: ParcelFacts) -> date | None:
    return None if facts.parcel is None else facts.parcel.planned_implementation
