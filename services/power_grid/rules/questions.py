"""Facts and a request made into the one question the rules answer."""

from __future__ import annotations

from datetime import date

from contracts.policy import Policy
from contracts.vocabulary import InstallKind, LandVerdict
from services.power_grid.domain import Filing, InstallRequest, Known, ParcelFacts, Question, SiteKey, Strand, Use
from services.power_grid.rules.manufacturing import watch_until_at
from services.power_grid.rules.strands import strands_at_site, strands_of_check, strands_of_filing, strands_of_place

STANDARD = InstallKind.NEW_THREE_PHASE_TRANSFORMER


def declared_use_of(policy: Policy, industry_code: str | None) -> Use:
    """A declared industry as a use."""
    if industry_code is None:
        return Use.UNDECLARED
    return Use.MANUFACTURING if policy.is_manufacturing(industry_code) else Use.OTHER


def question_of_request(
    policy: Policy,
    facts: ParcelFacts,
    site: SiteKey | None,
    request: InstallRequest,
    filing: Filing | None,
    asked_on: date,
    today: date,
    *,
    connected: bool = False,
) -> Question:
    """The question of an install request. ``filing`` is the one it names, if it is known and at this place.

    A filing that is named but not known, or not judged, is pending: no approval without a verdict. What is ``connected``
    already was approved by the last one.
    """
    declared = declared_use_of(policy, request.declared_industry_code)
    if declared is Use.UNDECLARED and filing is not None and filing.registered is not None:
        declared = declared_use_of(policy, filing.registered.industry_code)
    unit = None if site is None else site.unit_number
    watch_until = None if site is None else watch_until_at(facts, unit, policy)
    strands: tuple[Strand, ...]
    if request.filing_id is not None and (filing is None or (filing.pending and not connected)):
        land, strands = LandVerdict.PENDING, (Strand(LandVerdict.PENDING, declared),)
    elif filing is not None:
        land, strands = strands_of_filing(policy, facts, site, filing, request, declared, asked_on.year)
    else:
        land, strands = facts.land(unit), strands_of_place(policy, facts, unit, request, declared, asked_on.year, connected)
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
        forged_statement=any(strand.forged_statement for strand in strands) if filing is None else filing.has_forged_statement,
    )


def question_of_site(
    policy: Policy,
    facts: ParcelFacts,
    unit_number: str | None,
    known: Known,
    asked_on: date,
    *,
    anyone: bool = False,
    overridden: bool = False,
    appeal_reversed: bool = False,
) -> Question:
    """What a new transformer would get at a site where nothing more is declared than what is known.

    ``anyone``: asked by somebody who may be none of those known there.
    """
    return Question(
        policy=policy,
        kind=STANDARD,
        adds=True,
        asked_on=asked_on,
        today=asked_on,
        land=known.land,
        strands=strands_at_site(facts, unit_number, known.land, known.uses, asked_on.year, anyone=anyone),
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
    return Question(
        policy=policy,
        kind=STANDARD,
        adds=True,
        asked_on=asked_on,
        today=asked_on,
        land=land,
        strands=strands_of_check(policy, facts, unit_number, land, declared_use_of(policy, industry_code), asked_on.year),
        watch_until=watch_until_at(facts, unit_number, policy),
    )
