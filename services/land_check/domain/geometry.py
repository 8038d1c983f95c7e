"""Outlines of parcels: what is accepted as GeoJSON, and a grid that finds the parcels at a point without geometry."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from math import floor
from typing import Any

import orjson
from shapely import Point, from_geojson, is_valid_reason
from shapely.errors import ShapelyError
from shapely.geometry.base import BaseGeometry

from services.land_check.domain.nouns import Box

CELL_SIZES = (0.002, 0.016, 0.128, 1.024)
"""Degrees; a parcel lies in the cells of the smallest size that is not smaller than its box, so in four, rarely a few more."""

LARGEST_SPAN = CELL_SIZES[-1]
MOST_POSITIONS = 20_000
MOST_CELLS = 2_500
_NUMBERS = frozenset({int, float})


class BadGeometryError(ValueError):
    """Not an outline of a parcel. ``code`` is stable, ``zh`` and ``en`` say what to do."""

    def __init__(self, code: str, zh: str, en: str) -> None:
        super().__init__(f"{zh} / {en}")
        self.code = code
        self.zh = zh
        self.en = en


def box_of(geometry: dict[str, Any]) -> Box | None:
    """The bounding box of a GeoJSON Polygon or MultiPolygon in [lon, lat]; None for one without coordinates (RFC 7946: as null).

    Raises BadGeometryError: ring not closed, order or range of coordinates, edges that cross, too large.
    """
    kind, coordinates = geometry.get("type"), geometry.get("coordinates")
    if kind not in ("Polygon", "MultiPolygon") or not isinstance(coordinates, list):
        raise BadGeometryError(
            "bad-geometry", "geometry 应为 GeoJSON Polygon 或 MultiPolygon", "geometry must be a GeoJSON Polygon or MultiPolygon"
        )
    if not coordinates:
        return None
    count = 0
    for ring in _rings(kind, coordinates):
        count += len(ring)
        if count > MOST_POSITIONS:
            raise BadGeometryError("geometry-too-large", f"坐标点最多 {MOST_POSITIONS} 个", f"at most {MOST_POSITIONS} positions")
        _check_ring(ring)
    box = box_of_outline(geometry)
    if box.east - box.west > LARGEST_SPAN or box.north - box.south > LARGEST_SPAN:
        raise BadGeometryError("geometry-too-large", "宗地跨度不应超过约1度", "a parcel does not span more than about one degree")
    _check_validity(geometry)
    return box


def box_of_outline(geometry: dict[str, Any]) -> Box:
    """The bounding box of an outline that ``box_of`` accepted before."""
    positions = [position for ring in _rings(geometry["type"], geometry["coordinates"]) for position in ring]
    lons, lats = [position[0] for position in positions], [position[1] for position in positions]
    return Box(min(lons), min(lats), max(lons), max(lats))


def covers(outline: str, lon: float, lat: float) -> bool:
    """Whether the point lies in the outline, given as GeoJSON text, or on its edge."""
    return bool(from_geojson(outline).covers(Point(lon, lat)))


def lies_within(outline: dict[str, Any], area: dict[str, Any]) -> bool:
    """Whether a place lies in an area: where its inner point lies, as the edges of two maps never agree."""
    return bool(_area(orjson.dumps(area)).covers(from_geojson(orjson.dumps(outline)).representative_point()))


@lru_cache(maxsize=8)
def _area(text: bytes) -> BaseGeometry:
    """An area of the policy, read once for all places."""
    return from_geojson(text)


def cells_of_box(box: Box) -> list[str]:
    """The cells a parcel lies in."""
    span = max(box.east - box.west, box.north - box.south)
    level = next(level for level, size in enumerate(CELL_SIZES) if span <= size)
    size = CELL_SIZES[level]
    columns = range(floor(box.west / size), floor(box.east / size) + 1)
    rows = range(floor(box.south / size), floor(box.north / size) + 1)
    return [f"{level}:{column}:{row}" for column in columns for row in rows]


def cells_touching(box: Box) -> list[str] | None:
    """The cells of every size that a box touches, where parcels in it may be; None if they are too many to be looked up."""
    cells: list[str] = []
    for level, size in enumerate(CELL_SIZES):
        columns = range(floor(box.west / size), floor(box.east / size) + 1)
        rows = range(floor(box.south / size), floor(box.north / size) + 1)
        if len(columns) * len(rows) > MOST_CELLS:
            return None
        cells += [f"{level}:{column}:{row}" for column in columns for row in rows]
    return cells


def cells_of_point(lon: float, lat: float) -> list[str]:
    """The cells in which a parcel at this point may be, one of each size."""
    return [f"{level}:{floor(lon / size)}:{floor(lat / size)}" for level, size in enumerate(CELL_SIZES)]


def _rings(kind: str, coordinates: list[Any]) -> Iterator[list[Any]]:
    for polygon in [coordinates] if kind == "Polygon" else coordinates:
        if not isinstance(polygon, list) or not polygon:
            raise BadGeometryError("bad-geometry", "多边形应为环的列表", "a polygon is a list of rings")
        for ring in polygon:
            if not isinstance(ring, list) or len(ring) < 4:
                raise BadGeometryError("bad-geometry", "环至少有 4 个坐标点", "a ring has 4 positions or more")
            yield ring


def _check_ring(ring: list[Any]) -> None:
    for position in ring:
        if type(position) is not list or len(position) not in (2, 3) or not _NUMBERS.issuperset(map(type, position)):
            raise BadGeometryError("bad-geometry", "坐标点应为 [经度, 纬度]", "a position is [lon, lat]")
        if not (-180 <= position[0] <= 180 and -90 <= position[1] <= 90):
            raise BadGeometryError(
                "coordinates-out-of-range",
                "坐标超出范围：应为 [经度, 纬度]，经度在前，CGCS2000",
                "out of range: positions are [lon, lat], longitude first, CGCS2000",
            )
    if ring[0] != ring[-1]:
        raise BadGeometryError("ring-not-closed", "环的首尾坐标应相同", "the first and the last position of a ring must be the same")


def _check_validity(geometry: dict[str, Any]) -> None:
    try:
        outline = from_geojson(orjson.dumps(geometry))
    except (ShapelyError, ValueError, TypeError) as error:
        raise BadGeometryError("bad-geometry", "多边形无法读取", "the polygon cannot be read") from error
    if not outline.is_valid:
        reason = is_valid_reason(outline)
        raise BadGeometryError("bad-geometry", f"多边形不成立：{reason}", f"not a valid polygon: {reason}")
