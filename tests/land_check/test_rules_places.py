"""Outlines and the grid that finds them; entries of the lists and whom they concern."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.vocabulary import Controller, ListStatus, ListType
from services.land_check.domain import Listing
from services.land_check.domain.geometry import LARGEST_SPAN, BadGeometryError, box_of, cells_of_box, cells_of_point, covers
from services.land_check.rules.lists import STEPS, entries_that_hold, entry_concerns, is_next_step, lists_of, may_close
from tests.land_check.vocabulary import FACTORY, SQUARE, USCC_A, USCC_B, parcel, site

spans = st.floats(1e-6, LARGEST_SPAN - 0.01)
lons, lats = st.floats(-178, 178), st.floats(-88, 88)


@given(west=lons, south=lats, wide=spans, high=spans, right=st.floats(0, 1), up=st.floats(0, 1))
def test_a_point_in_a_parcels_box_always_shares_a_cell_with_it(
    west: float, south: float, wide: float, high: float, right: float, up: float
) -> None:
    found = box_of({"type": "Polygon", "coordinates": _rings(west, south, wide, high)})
    assert found is not None
    lon = min(found.west + right * (found.east - found.west), found.east)
    lat = min(found.south + up * (found.north - found.south), found.north)
    assert set(cells_of_box(found)) & set(cells_of_point(lon, lat))
    assert len(cells_of_box(found)) <= 9


def _rings(west: float, south: float, wide: float, high: float) -> list[list[list[float]]]:
    ring = [[west, south], [west + wide, south], [west + wide, south + high], [west, south + high], [west, south]]
    return [ring]


def test_the_edge_belongs_to_the_parcel() -> None:
    assert covers(json.dumps(SQUARE), 121.2, 30.1)
    assert covers(json.dumps(SQUARE), 121.2005, 30.1005)
    assert not covers(json.dumps(SQUARE), 121.3, 30.1)


def test_several_outlines_make_one_parcel() -> None:
    other = [[[121.3, 30.1], [121.301, 30.1], [121.301, 30.101], [121.3, 30.1]]]
    found = box_of({"type": "MultiPolygon", "coordinates": [SQUARE["coordinates"], other]})
    assert found == (121.2, 30.1, 121.301, 30.101)


@pytest.mark.parametrize(
    "coordinates",
    [
        [[[121.2, 30.1], [121.3, 30.1], [121.2, 30.1]]],
        [[[121.2, 30.1], [121.3, float("nan")], [121.3, 30.2], [121.2, 30.1]]],
        [[[121.2, 30.1], [121.3, True], [121.3, 30.2], [121.2, 30.1]]],
        [[["121.2", 30.1], [121.3, 30.1], [121.3, 30.2], ["121.2", 30.1]]],
        [[[121.2], [121.3], [121.3], [121.2]]],
        [None],
        [[]],
        [[[121.2, 30.1], [121.2, 30.1], [121.2, 30.1], [121.2, 30.1]]],
        "nonsense",
    ],
)
def test_what_is_no_outline_is_refused(coordinates: Any) -> None:
    with pytest.raises(BadGeometryError):
        box_of({"type": "Polygon", "coordinates": coordinates})


def entry(**changes: Any) -> Listing:
    given: dict[str, Any] = {
        "entry_id": "E1",
        "list": ListType.INEFFICIENT,
        "status": ListStatus.LISTED,
        "parcel_code": FACTORY,
        "unit_number": None,
        "controller_name": "周八",
        "controller_uscc": None,
    }
    return Listing(**{**given, **changes})


HERE, THERE = site(parcel(FACTORY)), site(parcel("330282121001GB00009"))


@pytest.mark.parametrize(
    ("changes", "where", "controller", "concerned"),
    [
        ({}, HERE, None, True),
        ({}, THERE, None, False),
        ({}, THERE, Controller(name="周八"), True),
        ({}, THERE, Controller(name="吴九"), False),
        ({"controller_uscc": USCC_A}, THERE, Controller(name="周八", uscc=USCC_B), False),
        ({"controller_uscc": USCC_A}, THERE, Controller(name="另名", uscc=USCC_A), True),
        ({"status": ListStatus.DELISTED}, HERE, None, False),
        ({"status": ListStatus.CLOSE_OUT}, HERE, None, True),
        ({"list": ListType.SOURCE_CONTROL}, HERE, Controller(name="周八"), False),
        ({"unit_number": "101"}, site(parcel(FACTORY), unit_number="102"), None, False),
        ({"unit_number": "101"}, site(parcel(FACTORY), unit_number="101"), None, True),
        ({"unit_number": "101"}, HERE, None, True),
        ({"parcel_code": None}, site(None), None, False),
    ],
)
def test_an_open_entry_concerns_its_place_and_its_controller(changes: dict[str, Any], where: Any, controller: Any, concerned: bool) -> None:
    assert entry_concerns(entry(**changes), where, controller) is concerned


def test_each_list_is_named_once() -> None:
    entries = [entry(), entry(entry_id="le-2", list=ListType.LOW_SCATTERED), entry(entry_id="le-3")]
    assert lists_of(entries_that_hold(entries, HERE, None)) == ("inefficient", "low_scattered")


@pytest.mark.parametrize("now", ListStatus)
def test_steps_go_one_by_one_and_the_end_is_the_end(now: ListStatus) -> None:
    following = [to for to in ListStatus if is_next_step(now, to)]
    expected = [STEPS[STEPS.index(now) + 1]] if now in STEPS[:-1] else []
    assert following == expected
    assert may_close(now, ListStatus.DELISTED) is (now is not ListStatus.DELISTED)
