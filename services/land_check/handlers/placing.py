"""Finding the parcel of a filing's production place: by its code, else by unit number, then point, then address."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from chassis.database import Transaction
from contracts.identifiers import unit_is_on_parcel
from contracts.policy import Policy
from contracts.reference import codes_of
from contracts.vocabulary import Premises
from services.land_check.domain import Filing, MatchedBy, Parcel, Site
from services.land_check.domain.geometry import cells_of_point, lies_within
from services.land_check.domain.identity import parcel_code_of_unit, same_text_key
from services.land_check.tables.parcels import (
    load_geometries,
    load_parcels,
    parcels_at_addresses,
    parcels_at_point,
    parcels_with_units,
    townships_of,
)


def place(tx: Transaction, filings: Sequence[Filing], known: Mapping[str, Parcel]) -> None:
    """Give each filing its site. ``known`` are parcels already read; the others are read once for all."""
    places = [filing.facts.place for filing in filings]
    matched = match(tx, [place for place in places if place.parcel_code is None])
    codes = [place.parcel_code or matched.get(_key(place), _UNMATCHED)[0] for place in places]
    wanted = {code for code in codes if code is not None and code not in known}
    parcels = {**known, **load_parcels(tx, wanted)} if wanted else known
    for filing, place, code in zip(filings, places, codes, strict=True):
        parcel = parcels.get(code) if code is not None else None
        by = None if parcel is None else _how(place, matched)
        if _is_found_elsewhere(filing, code):
            filing.rulings = filing.rulings.elsewhere()
        filing.site = _site(filing, place, code, parcel, by)


def place_in_qianwan(tx: Transaction, filings: Sequence[Filing], policy: Policy) -> None:
    """Where the record leaves it open, the boundary of the policy says whether a parcel lies in the zone (R08, ``qianwan_polygon``)."""
    polygon = policy.switches.qianwan_polygon
    if polygon is None:
        return
    open_codes = {
        filing.site.parcel.code for filing in filings if filing.site and filing.site.parcel and filing.site.parcel.in_qianwan is None
    }
    outlines = load_geometries(tx, open_codes) if open_codes else {}
    for filing in filings:
        site = filing.site
        if site is not None and site.parcel is not None and site.parcel.code in outlines:
            filing.site = replace(site, parcel=replace(site.parcel, in_qianwan=lies_within(outlines[site.parcel.code], polygon)))


def match(tx: Transaction, places: Sequence[Premises]) -> dict[tuple[object, ...], tuple[str | None, MatchedBy | None]]:
    """For places filed without a parcel code: the one parcel found, and by what. Several at any step: none."""
    if not places:
        return {}
    numbers = sorted({place.unit_number for place in places if place.unit_number is not None})
    units = parcels_with_units(tx, numbers)
    house_numbers = [number for number in numbers if parcel_code_of_unit(number) is None]
    townships = townships_of(tx, {code for number in house_numbers for code in units.get(number, ())})
    addresses = parcels_at_addresses(tx, {place.address for place in places})
    return {_key(place): _one_of(place, _in_its_town(place, units, townships), addresses, tx) for place in places}


def match_keys(place: Premises) -> list[str]:
    """Under what an open filing without a parcel code is found when a parcel appears or changes."""
    if place.parcel_code is not None:
        return []
    keys = [f"address:{same_text_key(place.address)}"]
    if place.unit_number is not None:
        keys.append(f"unit:{place.unit_number}")
        if (code := parcel_code_of_unit(place.unit_number)) is not None:
            keys.append(f"unit-on:{code}")
    if place.point is not None:
        keys += [f"cell:{cell}" for cell in cells_of_point(*place.point)]
    return keys


_UNMATCHED: tuple[str | None, MatchedBy | None] = (None, None)


def _in_its_town(place: Premises, units: Mapping[str, set[str]], townships: Mapping[str, str]) -> set[str]:
    """The parcels with its unit number. A house number, unlike an official one, says nothing outside its township."""
    own = codes_of(place.township_code)
    return {code for code in units.get(place.unit_number or "", ()) if code not in townships or townships[code] in own}


def _one_of(
    place: Premises, with_its_unit: set[str], addresses: Mapping[str, set[str]], tx: Transaction
) -> tuple[str | None, MatchedBy | None]:
    """The first step that finds anything decides. A parcel on which its official unit number does not lie is not its parcel."""
    steps: tuple[tuple[MatchedBy, Callable[[], set[str]]], ...] = (
        (MatchedBy.UNIT_NUMBER, lambda: with_its_unit),
        (MatchedBy.POINT, lambda: parcels_at_point(tx, *place.point) if place.point is not None else set()),
        (MatchedBy.ADDRESS, lambda: addresses.get(place.address, set())),
    )
    for by, look in steps:
        found = look()
        if found:
            code = next(iter(found))
            return (code, by) if len(found) == 1 and unit_is_on_parcel(code, place.unit_number) else _UNMATCHED
    return _UNMATCHED


def _how(place: Premises, matched: Mapping[tuple[object, ...], tuple[str | None, MatchedBy | None]]) -> MatchedBy | None:
    return MatchedBy.PARCEL_CODE if place.parcel_code is not None else matched.get(_key(place), _UNMATCHED)[1]


def _is_found_elsewhere(filing: Filing, code: str | None) -> bool:
    """Whether it was found on another parcel before: what was settled for that one settles nothing for this one."""
    return filing.site is not None and filing.site.parcel_code not in (None, code)


def _site(filing: Filing, place: Premises, code: str | None, parcel: Parcel | None, by: MatchedBy | None) -> Site:
    township = filing.rulings.township_code or (parcel.township_code if parcel is not None else place.township_code)
    return Site(township, code, place.unit_number, parcel, by, filing.rulings.part)


def _key(place: Premises) -> tuple[object, ...]:
    return place.township_code, place.unit_number, place.point, place.address
