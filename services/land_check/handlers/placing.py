"""Finding the parcel of a filing's production place: by its code, else by unit number, then point, then address."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from chassis.database import Transaction
from contracts.policy import Policy
from contracts.vocabulary import Premises
from services.land_check.domain import Filing, MatchedBy, Parcel, Site
from services.land_check.domain.geometry import cells_of_point, lies_within
from services.land_check.domain.identity import parcel_code_of_unit, same_text_key
from services.land_check.tables.parcels import load_geometries, load_parcels, parcels_at_addresses, parcels_at_point, parcels_with_units


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
    units = parcels_with_units(tx, sorted({place.unit_number for place in places if place.unit_number is not None}))
    addresses = parcels_at_addresses(tx, {place.address for place in places})
    return {_key(place): _one_of(place, units, addresses, lambda lon, lat: parcels_at_point(tx, lon, lat)) for place in places}


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


def _one_of(
    place: Premises,
    units: Mapping[str, set[str]],
    addresses: Mapping[str, set[str]],
    at_point: Callable[[float, float], set[str]],
) -> tuple[str | None, MatchedBy | None]:
    steps: tuple[tuple[MatchedBy, Callable[[], set[str]]], ...] = (
        (MatchedBy.UNIT_NUMBER, lambda: units.get(place.unit_number or "", set())),
        (MatchedBy.POINT, lambda: at_point(*place.point) if place.point is not None else set()),
        (MatchedBy.ADDRESS, lambda: addresses.get(place.address, set())),
    )
    for by, look in steps:
        found = look()
        if len(found) == 1:
            return next(iter(found)), by
        if found:
            return _UNMATCHED
    return _UNMATCHED


def _how(place: Premises, matched: Mapping[tuple[object, ...], tuple[str | None, MatchedBy | None]]) -> MatchedBy | None:
    return MatchedBy.PARCEL_CODE if place.parcel_code is not None else matched.get(_key(place), _UNMATCHED)[1]


def _site(filing: Filing, place: Premises, code: str | None, parcel: Parcel | None, by: MatchedBy | None) -> Site:
    township = filing.rulings.township_code or (parcel.township_code if parcel is not None else place.township_code)
    return Site(township, code, place.unit_number, parcel, by, filing.rulings.part)


def _key(place: Premises) -> tuple[object, ...]:
    return place.unit_number, place.point, place.address
