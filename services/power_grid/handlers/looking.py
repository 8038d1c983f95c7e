"""What may be read: a site as it is now, and what somebody would get who asks before filing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from chassis.clock import today
from chassis.database import Transaction
from chassis.policies import in_force, in_force_at
from contracts.policy import Policy
from contracts.values import dataclass
from contracts.vocabulary import LandVerdict, PolicyRef
from services.power_grid import rules, tables
from services.power_grid.domain import Answer, Manufacturing, ParcelFacts, Site, SiteKey, Standing


@dataclass(frozen=True, slots=True)
class SiteView:
    """A site with everything known about it. ``answer``: what a new three-phase transformer would get."""

    key: SiteKey
    township_code: str | None
    land: LandVerdict
    manufacturing: tuple[Manufacturing, ...]
    answer: Answer
    watch_until: date | None
    epoch: int
    block_id: str | None
    policy: PolicyRef
    as_of: datetime


@dataclass(frozen=True, slots=True)
class SiteThen:
    """A site as it was known at a moment. ``recorded_from``: the first moment of which anything is recorded, null: there is none;
    ``copied``: it was known before already, and since when was not kept.
    """

    view: SiteView
    known: bool
    recorded_from: str | None
    copied: bool


def look_at_site(tx: Transaction, key: SiteKey) -> SiteView:
    """The site now; a parcel nobody told of is a site on unknown land."""
    facts = tables.load_facts(tx, [key.parcel_code])[key.parcel_code]
    return _view(in_force(tx), facts, tables.load_sites(tx, [key.parcel_code])[key.parcel_code], key, tx.now)


def look_back_at_site(tx: Transaction, key: SiteKey, then: str) -> SiteThen:
    """The site as it was known at ``then``, a moment as it is stored, under the set that decided then.

    Before anything was known it is what a parcel nobody told of is: unknown land, on which every transformer waits.
    """
    place, at = tables.place_at(tx, key.parcel_code, then), datetime.fromisoformat(then)
    known = place.recorded_from is not None and place.recorded_from <= then
    view = _view(in_force_at(tx, at), place.facts, place.sites, key, at)
    return SiteThen(view, known, place.recorded_from, place.copied)


def _view(policy: Policy, facts: ParcelFacts, rows: Mapping[str | None, Site], key: SiteKey, at: datetime) -> SiteView:
    day = today(at)
    whole = Site(SiteKey(key.parcel_code, None))
    site = rows.get(key.unit_number) or rows.get(None, whole)
    known = rules.known_at(policy, facts, key.unit_number)
    kept = key.unit_number in rows
    question = rules.question_of_site(
        policy,
        facts,
        key.unit_number,
        known,
        day,
        anyone=True,
        overridden=kept and site.overridden,
        appeal_reversed=kept and site.reversed,
    )
    watch_until = known.watch_until
    return SiteView(
        key=key,
        township_code=None if facts.parcel is None else facts.parcel.township_code,
        land=known.land,
        manufacturing=known.uses,
        answer=rules.decide(question),
        watch_until=watch_until if watch_until is not None and watch_until >= day else None,
        epoch=site.epoch,
        block_id=_block_of(facts, rows, key.unit_number),
        policy=policy.ref,
        as_of=at,
    )


def _block_of(facts: ParcelFacts, rows: Mapping[str | None, Site], unit_number: str | None) -> str | None:
    """The block that stands here: the site's own, else the strictest of those whose facts it sees."""
    own = rows.get(unit_number)
    if own is not None and own.block_id is not None:
        return own.block_id
    seen = [site for unit, site in rows.items() if site.block_id is not None and rules.covers(facts, unit_number, unit)]
    seen.sort(key=lambda site: (site.standing is not Standing.BLOCK, site.key.unit_number or ""))
    return seen[0].block_id if seen else None


@dataclass(frozen=True, slots=True)
class PlaceToCheck:
    """``land_verdict`` is the asker's knowledge of a place on no parcel we know."""

    parcel_code: str | None
    unit_number: str | None
    industry_code: str | None
    land_verdict: LandVerdict | None


def check_place(tx: Transaction, place: PlaceToCheck) -> Answer:
    """What a new three-phase transformer would get there; nothing is kept."""
    facts = ParcelFacts("") if place.parcel_code is None else tables.load_facts(tx, [place.parcel_code])[place.parcel_code]
    question = rules.question_of_check(in_force(tx), facts, place.unit_number, place.industry_code, place.land_verdict, today(tx.now))
    return rules.decide(question)
