"""``sluicegate import parcels FILE.csv``: a table as the map office keeps it, row by row as strict as GeoJSON."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from deploy.cli import app
from deploy.running import Embedded
from deploy.services import SERVICES

CODE = "330282112001GB000"
ROW = {"township_code": "330282112", "registered_use": "GB/T21010-2017:0601", "source": "不动产登记", "as_of": "2026-01-01"}
SQUARE = '{"type": "Polygon", "coordinates": [[[121.2, 30.2], [121.3, 30.2], [121.3, 30.3], [121.2, 30.2]]]}'


@pytest.fixture(scope="module")
def system() -> Iterator[Embedded]:
    with Embedded(SERVICES) as system:
        yield system


def table(*rows: dict[str, str]) -> str:
    written = io.StringIO(newline="")
    names = list(dict.fromkeys(name for row in rows for name in row))
    writer = csv.DictWriter(written, names, restval="")
    writer.writeheader()
    writer.writerows(rows)
    return written.getvalue()


def row(number: str, **more: str) -> dict[str, str]:
    return {"parcel_code": CODE + number, **ROW, **more}


def imported(system: Embedded, file: Path, text: str, *options: str, encoding: str = "utf-8") -> Result:
    file.write_bytes(text.encode(encoding))
    arguments = ["import", "parcels", str(file), "--url", system.url, "--data", str(system.data), *options]
    return CliRunner().invoke(app, arguments, env={"COLUMNS": "240"})


def stored(system: Embedded, number: str) -> Any:
    with system.client("map_officer") as http:
        answer = http.get(f"/land-check/v1/parcels/{CODE}{number}")
        return answer.json() if answer.status_code == 200 else None


def test_every_field_of_a_parcel_has_its_column(system: Embedded, tmp_path: Path) -> None:
    unit = f"{CODE}01F00010001"
    whole = row(
        "01",
        registered_use="GB/T21010-2017:0601; GB/T21010-2017:0602",
        survey_use="SANDIAO:0601",
        in_village="TRUE",
        in_qianwan="false",
        inside_control_line="",
        planned_use="non_industrial",
        transition="2032-01-01",
        park_id="P1",
        units=unit,
        addresses="新浦镇某村1号；新浦镇某村2号",
        geometry=SQUARE,
    )
    done = imported(system, tmp_path / "a.csv", table(whole, row("02", superseded_by=f"{CODE}01")))

    assert (done.exit_code, done.stdout) == (0, "已导入 2 条 / 2 stored\n"), done.output
    first = stored(system, "01")
    assert first["registered_use"] == [{"scheme": "GB/T21010-2017", "code": code} for code in ("0601", "0602")]
    assert (first["survey_use"], first["transition"]) == (
        {"scheme": "SANDIAO", "code": "0601"},
        {"planned_implementation": "2032-01-01"},
    )
    assert (first["in_village"], first["in_qianwan"], first["inside_control_line"]) == (True, False, None)
    assert (first["addresses"], first["source"], first["park_id"]) == (["新浦镇某村1号", "新浦镇某村2号"], "不动产登记", "P1")
    assert ([each["unit_number"] for each in first["units"]], first["geometry"]["type"]) == ([unit], "Polygon")
    assert stored(system, "02")["superseded_by"] == [f"{CODE}01"]


def test_a_mark_at_the_beginning_empty_rows_and_empty_cells_are_as_a_spreadsheet_writes_them(system: Embedded, tmp_path: Path) -> None:
    text = table(row("03", registered_use="", planned_use="", in_village="")) + ",,,,,,\r\n\r\n"
    done = imported(system, tmp_path / "b.CSV", text, encoding="utf-8-sig")

    assert (done.exit_code, done.stdout) == (0, "已导入 1 条 / 1 stored\n"), done.output
    shown = stored(system, "03")
    assert (shown["registered_use"], shown["planned_use"], shown["in_village"]) == ([], "unchanged", None)


def test_each_refusal_is_told_by_its_line_and_nothing_is_stored(system: Embedded, tmp_path: Path) -> None:
    rows = [
        row("04", source="不动产登记\n"),  # a cell of two lines: the row after it begins on line 4
        row("05", registered_use="0601"),
        row("06", in_village="perhaps", township_code="999999999"),
        row("04"),
        row("07", geometry="{no outline"),
    ]
    text = table(*rows) + f"{CODE}08,330282112,GB/T21010-2017:0601,x,2026-01-01,,,,too many\r\n"
    for options in (["--dry-run"], []):
        refused = imported(system, tmp_path / "c.csv", text, *options)
        assert refused.exit_code == 1
        told = [[cell.strip() for cell in line.split("│")[1:4]] for line in refused.stdout.splitlines() if line.startswith("│")]
        assert told == [
            ["4", f"{CODE}05", "/registered_use/0"],
            ["5", f"{CODE}06", "/township_code"],
            ["5", f"{CODE}06", "/in_village"],
            ["6", f"{CODE}04", "/parcel_code"],
            ["7", f"{CODE}07", "/geometry"],
            ["8", f"{CODE}08", "/column_9"],
        ]
    assert stored(system, "04") is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "the column parcel_code is missing"),
        ("parcel_code,township_code,registered_use,source\n", "the column as_of is missing"),
        ("parcel_code,township_code,registered_use,source,as_of,colour\n", "there is no field colour"),
        ("parcel_code,township_code,registered_use,source,as_of,as_of\n", "the column as_of is there twice"),
        ('parcel_code,township_code,registered_use,source,as_of\n"1', "not a valid CSV"),
    ],
)
def test_what_is_no_table_of_parcels_is_refused_in_a_sentence(system: Embedded, tmp_path: Path, text: str, said: str) -> None:
    refused = imported(system, tmp_path / "d.csv", text, "--dry-run")
    assert (refused.exit_code, said in refused.stderr) == (2, True)


def test_a_table_in_another_encoding_is_refused_in_a_sentence(system: Embedded, tmp_path: Path) -> None:
    refused = imported(system, tmp_path / "e.csv", table(row("09")), "--dry-run", encoding="gbk")
    assert (refused.exit_code, "must be UTF-8" in refused.stderr) == (2, True)
