"""What counts as manufacturing at a place, and since when; how long a place is watched."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from datetime import date, datetime, timedelta
from operator import attrgetter

from contracts.policy import Policy
from contracts.vocabulary import Action, FilingStatus, LandVerdict
from services.power_grid.domain import DeclaredUse, Filing, Finding, Known, Manufacturing, ParcelFacts, Registered
from services.power_grid.rules.places import QUIET, covers, land_for_others, speaks_of

STILL_ASKING = (FilingStatus.UNDER_REVIEW, FilingStatus.HELD, FilingStatus.REFUSED)
COUNTING = (*STILL_ASKING, FilingStatus.ACCEPTED)
"""Who files means to manufacture there, refused or not; a withdrawn or duplicate filing means nothing."""


def means_the_same(before: Filing, after: Filing) -> bool:
    """Whether no site and no request can tell the two apart, so that nothing is to be judged again.

    Most decisions are of this kind: who is held or refused still means to manufacture there, as whoever is under review does.
    """
    if before.registered is None or after.registered is None or before.judged != after.judged or before.pending is not after.pending:
        return before == after
    return _meaning(before.registered) == _meaning(after.registered)


def comes_newly(before: Filing, after: Filing) -> bool:
    """Whether it was not judged before and still asks: nothing that stands rests on it yet.

    One that leaves a place does not come: whoever asks there later would not see that something was left.
    """
    if not before.pending or before.judged_anew or after.registered is None or before.site not in (None, after.site):
        return False
    return all(each is None or each.status in STILL_ASKING for each in (before.registered, after.registered))


_TOLD_OF = attrgetter(*(f.name for f in fields(Registered) if f.name not in ("version", "revision", "status", "decided_at")))


def _meaning(registered: Registered) -> tuple[object, ...]:
    if registered.status in STILL_ASKING:
        return _TOLD_OF(registered)
    return *_TOLD_OF(registered), registered.status, registered.decided_at


def known_at(policy: Policy, facts: ParcelFacts, unit_number: str | None) -> Known:
    """What is known at a site."""
    land, uses = facts.land(unit_number), tuple(manufacturing_at(policy, facts, unit_number))
    return Known(land, uses, watch_until_at(facts, unit_number, policy), tuple(_on_other_land(policy, facts, unit_number, land, uses)))


def _on_other_land(
    policy: Policy, facts: ParcelFacts, unit_number: str | None, land: LandVerdict, uses: tuple[Manufacturing, ...]
) -> Iterator[tuple[str, LandVerdict]]:
    counted = {use.filing_id for use in uses}
    for filing in facts.filings:
        if filing.filing_id in counted or filing.site is None or not covers(facts, unit_number, filing.site.unit_number):
            continue
        if (own := land_for_others(policy, facts, filing)) is not land:
            yield filing.filing_id, own


def manufacturing_at(policy: Policy, facts: ParcelFacts, unit_number: str | None) -> list[Manufacturing]:
    """Every manufacturing use known at a site: filings, registrations, open findings, declared uses."""
    known = [*_by_filings(policy, facts), *_by_findings(facts), *_by_declarations(facts)]
    return [use for use in known if covers(facts, unit_number, use.site.unit_number)]


def watch_until_at(facts: ParcelFacts, unit_number: str | None, policy: Policy) -> date | None:
    """The last day of the watch after manufacturing filings were withdrawn there, on land that is not industrial (R04)."""
    days = policy.switches.withdrawn_watch_days
    if days == 0:
        return None
    withdrawn = [
        filing.registered.withdrawn_on
        for filing in facts.filings
        if filing.registered is not None
        and filing.registered.withdrawn_on is not None
        and filing.registered.manufacturing
        and filing.site is not None
        and covers(facts, unit_number, filing.site.unit_number)
        and land_for_others(policy, facts, filing) not in QUIET
    ]
    return max(withdrawn) + timedelta(days=days) if withdrawn else None


def moved_away_at(facts: ParcelFacts, filing: Filing) -> datetime | None:
    """When the enterprise of an accepted filing had a later change of premises accepted: the old place stops being its site.

    A branch stays where it is when its parent moves.
    """
    old = filing.registered
    if old is None or old.status is not FilingStatus.ACCEPTED or old.uscc is None or old.decided_at is None:
        return None
    if old.goes_by_its_parents_code:
        return None
    later = [
        move.registered.decided_at
        for move in facts.moves
        if move.registered is not None
        and move.registered.uscc == old.uscc
        and move.registered.action is Action.AMEND_PREMISES
        and move.registered.status is FilingStatus.ACCEPTED
        and move.registered.decided_at is not None
        and (move.registered.decided_at, move.filing_id) > (old.decided_at, filing.filing_id)
    ]
    return min(later, default=None)


def _by_filings(policy: Policy, facts: ParcelFacts) -> Iterator[Manufacturing]:
    for filing in facts.filings:
        registered, site = filing.registered, filing.site
        if registered is None or site is None or not _counts(facts, filing, registered):
            continue
        accepted = registered.status is FilingStatus.ACCEPTED
        since = registered.decided_at if accepted and registered.decided_at is not None else registered.submitted_at
        if since is None:
            continue
        yield Manufacturing(
            source="registration" if accepted else "filing",
            filing_id=filing.filing_id,
            enterprise_name=registered.enterprise_name,
            industry_code=registered.industry_code,
            since=since,
            site=site,
            land=land_for_others(policy, facts, filing),
            uscc=registered.uscc,
            pending=filing.pending,
            judged_anew=filing.judged_anew,
            has_statement=filing.has_valid_statement,
            forged_statement=filing.has_forged_statement,
            set_aside=filing.set_aside,
        )


def _counts(facts: ParcelFacts, filing: Filing, registered: Registered) -> bool:
    return registered.manufacturing and registered.status in COUNTING and moved_away_at(facts, filing) is None


def _by_findings(facts: ParcelFacts) -> Iterator[Manufacturing]:
    for finding in facts.findings:
        if is_open_manufacturing(finding):
            yield Manufacturing(
                source="finding",
                filing_id=None,
                enterprise_name=None,
                industry_code=finding.industry_code,
                since=finding.observed_on,
                site=finding.site,
                land=facts.land(finding.site.unit_number),
            )


def is_open_manufacturing(finding: Finding) -> bool:
    return finding.kind == "manufacturing_use" and finding.state == "open"


def _by_declarations(facts: ParcelFacts) -> Iterator[Manufacturing]:
    for use in facts.uses:
        if not any(_speaks_for(facts, filing, use) for filing in facts.filings):
            yield Manufacturing(
                source="declared_use",
                filing_id=use.filing_id,
                enterprise_name=use.enterprise_name,
                industry_code=use.industry_code,
                since=use.declared_at,
                site=use.site,
                land=facts.land(use.site.unit_number),
                uscc=use.uscc,
            )


def _speaks_for(facts: ParcelFacts, filing: Filing, use: DeclaredUse) -> bool:
    """Whether a declared use is that of a filing at its place: it counts, or ended after it was declared, together with the filing.

    The end of the very filing it was declared for ends it in any unit of the parcel.
    """
    registered = filing.registered
    if registered is None or not registered.manufacturing:
        return False
    same = (
        filing.filing_id == use.filing_id
        or (use.uscc is not None and use.uscc == registered.uscc)
        or (use.enterprise_name is not None and use.enterprise_name == registered.enterprise_name)
    )
    if not same:
        return False
    if registered.duplicate_of is not None:  # the filing that stands for it says it
        return any(first.filing_id == registered.duplicate_of and _is_at_place_of(facts, first, use) for first in facts.filings)
    there = _is_at_place_of(facts, filing, use)
    if _counts(facts, filing, registered):
        return there
    ended_at = registered.withdrawn_at or moved_away_at(facts, filing)
    return ended_at is not None and use.declared_at <= ended_at and (there or filing.filing_id == use.filing_id)


def _is_at_place_of(facts: ParcelFacts, filing: Filing, use: DeclaredUse) -> bool:
    return filing.site is not None and speaks_of(facts, use.site.unit_number, filing.site.unit_number)
