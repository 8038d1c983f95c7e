"""Which facts a site sees, and what the land of a filing is now."""

from __future__ import annotations

from contracts.policy import Policy
from contracts.vocabulary import FilingStatus, LandVerdict
from services.power_grid.domain import Filing, ParcelFacts

QUIET = (LandVerdict.INDUSTRIAL, LandVerdict.OUT_OF_AREA)
"""Land on which no manufacturing and no paper changes an answer."""


def covers(facts: ParcelFacts, viewer: str | None, unit_number: str | None) -> bool:
    """Whether a site at ``viewer`` sees a fact at ``unit_number``.

    The whole parcel sees all; a unit sees itself and what is said of the whole parcel. A unit the register does not know counts as
    the whole parcel, both ways: nobody can tell it from the others.
    """
    units = {} if facts.parcel is None else facts.parcel.units
    if viewer is None or viewer not in units:
        return True
    return unit_number == viewer or unit_number not in units


def speaks_of(facts: ParcelFacts, asked: str | None, unit_number: str | None) -> bool:
    """Whether who has filed at ``unit_number`` has said what it does at ``asked``: there, not in another unit of the parcel.

    Of the whole parcel it is said in a unit the register does not know, which counts as the whole parcel; not in one it knows.
    """
    if asked is None or asked == unit_number:
        return True
    return unit_number is None and (facts.parcel is None or asked not in facts.parcel.units)


GRANDFATHERED = (LandVerdict.INDUSTRIAL, LandVerdict.TRANSITION)


def land_of_filing(policy: Policy, facts: ParcelFacts, filing: Filing) -> LandVerdict:
    """The land of a filing on the parcel of ``facts``, as it is now: the filing's own verdict or the parcel's, whichever is newer.

    A part settled by the map office is newer than the parcel being mixed; a reclassified parcel is newer than an old verdict,
    unless it is grandfathered. While a filing is judged anew, its last verdict counts: whoever asks for it still has to wait.
    """
    judged, site = filing.judged, filing.site
    if (filing.pending and not filing.judged_anew) or judged is None or judged.verdict is None or judged.judged_at is None:
        return LandVerdict.PENDING
    if facts.parcel is None or site is None or site.parcel_code != facts.parcel_code:
        return judged.verdict
    if judged.judged_at >= facts.parcel.since_of(site.unit_number):
        return judged.verdict
    if is_grandfathered(policy, filing):
        return judged.verdict
    return facts.parcel.verdict_of(site.unit_number)


def is_grandfathered(policy: Policy, filing: Filing) -> bool:
    """Whether a registration keeps the industrial land it was accepted on when the parcel changes; switch ``on_reclassification`` (R04)."""
    if policy.switches.on_reclassification != "grandfather" or filing.registered is None or filing.judged is None:
        return False
    return filing.registered.status is FilingStatus.ACCEPTED and filing.judged.verdict in GRANDFATHERED


def land_for_others(policy: Policy, facts: ParcelFacts, filing: Filing) -> LandVerdict:
    """The same for whoever asks about the site without naming the filing: until it is judged there, the register's word."""
    land = land_of_filing(policy, facts, filing)
    site = filing.site
    return facts.land(None if site is None else site.unit_number) if land is LandVerdict.PENDING else land
