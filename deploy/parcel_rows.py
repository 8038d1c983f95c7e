"""Parcels as a table: a CSV whose columns are the fields of a parcel becomes the GeoJSON that the import takes.

A cell that cannot be read as its field is handed on as it stands: the one check there is refuses it, by its row.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import orjson

from deploy.configuration import stop

TRUTH = {"true": True, "false": False}
BETWEEN = re.compile("[;；]")


class Table(NamedTuple):
    """A FeatureCollection, and for each feature the line of the file on which its row begins, counted from 1."""

    body: bytes
    lines: list[int]


def _text(cell: str) -> Any:
    return cell


def _truth(cell: str) -> Any:
    return TRUTH.get(cell.lower(), cell)


def _use(cell: str) -> Any:
    """``GB/T21010-2017:0702``."""
    scheme, colon, code = cell.rpartition(":")
    return {"scheme": scheme.strip(), "code": code.strip()} if colon else cell


def _list_of(read: Callable[[str], Any]) -> Callable[[str], Any]:
    return lambda cell: [read(part.strip()) for part in BETWEEN.split(cell) if part.strip()]


def _json(cell: str) -> Any:
    try:
        return json.loads(cell)
    except ValueError:
        return cell


COLUMNS: Mapping[str, Callable[[str], Any]] = {
    "parcel_code": _text,
    "township_code": _text,
    "in_village": _truth,
    "in_qianwan": _truth,
    "registered_use": _list_of(_use),
    "survey_use": _use,
    "planned_use": _text,
    "transition": lambda cell: {"planned_implementation": cell},
    "inside_control_line": _truth,
    "park_id": _text,
    "units": _list_of(lambda number: {"unit_number": number}),
    "addresses": _list_of(_text),
    "geometry": _json,
    "source": _text,
    "as_of": _text,
    "superseded_by": _list_of(_text),
}
NEEDED = ("parcel_code", "township_code", "registered_use", "source", "as_of")
EMPTY: Mapping[str, Any] = {"registered_use": []}
"""What an empty cell says; that of any other column says nothing, as a field that is left out."""


def table_of(content: bytes) -> Table:
    """The parcels of a CSV file in UTF-8, with or without a byte order mark. One that is no such table ends the command (2)."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        stop(f"应为 UTF-8 编码 / must be UTF-8 ({error.reason})", 2)
    features, lines = [], []
    try:
        for line, cells in _rows(text):
            lines.append(line)
            features.append(_feature(cells))
    except csv.Error as error:
        stop(f"不是有效的 CSV / not a valid CSV: {error}", 2)
    return Table(orjson.dumps({"type": "FeatureCollection", "features": features}), lines)


def _rows(text: str) -> Iterator[tuple[int, dict[str, str]]]:
    """Each row that is not empty: the line on which it begins, and its cells by their column."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    header = [name.strip() for name in next(reader, [])]
    _check(header)
    begins = reader.line_num + 1
    for row in reader:
        names = (*header, *(f"column_{number}" for number in range(len(header) + 1, len(row) + 1)))
        cells = {name: cell.strip() for name, cell in zip(names, row, strict=False)}
        if any(cells.values()):
            yield begins, cells
        begins = reader.line_num + 1


def _check(header: list[str]) -> None:
    faults = [f"没有字段 {name} / there is no field {name}" for name in header if name not in COLUMNS]
    faults += [f"缺少列 {name} / the column {name} is missing" for name in NEEDED if name not in header]
    faults += [f"列 {name} 出现两次 / the column {name} is there twice" for name in COLUMNS if header.count(name) > 1]
    if faults:
        stop("\n".join(("表头有误 / the header is not right", *faults)), 2)


def _feature(cells: Mapping[str, str]) -> dict[str, Any]:
    fields = {name: COLUMNS.get(name, _text)(cell) for name, cell in cells.items() if cell}
    fields |= {name: value for name, value in EMPTY.items() if not cells.get(name)}
    return {"type": "Feature", "geometry": fields.pop("geometry", None), "properties": fields}
