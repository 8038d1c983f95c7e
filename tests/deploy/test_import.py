"""``sluicegate import parcels``: into the running system, whole or not at all."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from deploy.cli import app
from deploy.running import Embedded
from deploy.services import SERVICES


@pytest.fixture(scope="module")
def system() -> Iterator[Embedded]:
    with Embedded(SERVICES) as system:
        yield system


def parcel(code: str, **more: Any) -> dict[str, Any]:
    square = [[121.2, 30.2], [121.3, 30.2], [121.3, 30.3], [121.2, 30.2]]
    properties = {
        "parcel_code": code,
        "township_code": "330282112",
        "in_village": False,
        "in_qianwan": None,
        "registered_use": [{"scheme": "GB/T21010-2017", "code": "0601"}],
        "survey_use": None,
        "planned_use": "unchanged",
        "transition": None,
        "inside_control_line": True,
        "park_id": None,
        "units": [],
        "addresses": [],
        "source": "测试",
        "as_of": "2026-01-01",
    }
    return {"type": "Feature", "geometry": {"type": "Polygon", "coordinates": [square]}, "properties": properties | more}


def imported(system: Embedded, file: Path, features: list[dict[str, Any]], *options: str) -> Result:
    file.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    arguments = ["import", "parcels", str(file), "--url", system.url, "--data", str(system.data), *options]
    return CliRunner().invoke(app, arguments, env={"COLUMNS": "240"})


def known(system: Embedded, code: str) -> bool:
    with system.client("map_officer") as http:
        return http.get(f"/land-check/v1/parcels/{code}").status_code == 200


def test_parcels_of_a_file_are_in_the_register(system: Embedded, tmp_path: Path) -> None:
    done = imported(system, tmp_path / "a.json", [parcel("330282112001GB00001"), parcel("330282112001GB00002")])

    assert (done.exit_code, done.stdout) == (0, "已导入 2 条 / 2 stored\n")
    assert known(system, "330282112001GB00001")


def test_one_refused_parcel_refuses_the_file_and_is_reported(system: Embedded, tmp_path: Path) -> None:
    refused = imported(system, tmp_path / "b.json", [parcel("330282112001GB00003"), parcel("330282112001GB00004", township_code="1")])

    assert refused.exit_code == 1
    assert "330282112001GB00004" in refused.stdout
    assert "township_code" in refused.stdout
    assert not known(system, "330282112001GB00003")


def test_a_dry_run_stores_nothing(system: Embedded, tmp_path: Path) -> None:
    tried = imported(system, tmp_path / "c.json", [parcel("330282112001GB00005")], "--dry-run")

    assert (tried.exit_code, tried.stdout) == (0, "1 条全部合格，未导入 / 1 could be stored; nothing was sent\n")
    assert not known(system, "330282112001GB00005")


def test_a_dry_run_reports_what_the_import_would_refuse(system: Embedded, tmp_path: Path) -> None:
    features = [
        parcel("330282112001GB00006"),
        parcel("not a parcel code [/b]"),
        parcel("330282112001GB00007", township_code="999999999"),
        parcel("330282112001GB00006"),
        parcel("330282112001GB00008", registered_use=[{"scheme": "GB/T21010-2017", "code": "9999"}]),
        parcel("330282112001GB00009", colour="red"),
        {"type": "Point"},
    ]
    tried, refused = (imported(system, tmp_path / "f.json", features, *options) for options in (["--dry-run"], []))

    assert (tried.exit_code, tried.output) == (1, refused.output)
    for code in ("bad-parcel-code", "unknown-township", "duplicate-parcel", "unknown-land-code", "unknown-field", "not-a-feature"):
        assert tried.stdout.count(code) == 1
    assert not known(system, "330282112001GB00006")


def test_a_dry_run_needs_no_system(tmp_path: Path) -> None:
    (tmp_path / "g.json").write_text(json.dumps({"type": "FeatureCollection", "features": [], "crs": "EPSG:3857"}))
    tried = CliRunner().invoke(app, ["import", "parcels", str(tmp_path / "g.json"), "--dry-run", "--url", "http://127.0.0.1:9"])

    assert (tried.exit_code, tried.stdout.startswith("/crs: ")) == (1, True)


def test_a_file_of_another_kind_and_a_system_that_does_not_run_are_said(system: Embedded, tmp_path: Path) -> None:
    (tmp_path / "d.txt").write_text("parcel_code,township_code\n")
    other = CliRunner().invoke(app, ["import", "parcels", str(tmp_path / "d.txt"), "--data", str(system.data)])
    (tmp_path / "e.json").write_text('{"type": "FeatureCollection", "features": []}')
    silent = CliRunner().invoke(
        app, ["import", "parcels", str(tmp_path / "e.json"), "--url", "http://127.0.0.1:9", "--data", str(system.data)]
    )

    assert (other.exit_code, "not a GeoJSON FeatureCollection" in other.stderr) == (2, True)
    assert (silent.exit_code, "run sluicegate up first" in silent.stderr) == (1, True)


def test_a_token_of_elsewhere_is_read_from_its_file(system: Embedded, tmp_path: Path) -> None:
    (tmp_path / "map").write_text(system.token("map_officer", unit="NRP") + "\n")
    (tmp_path / "clerk").write_text(system.token("clerk"))
    given = imported(system, tmp_path / "a.json", [parcel("330282112001GB00071")], "--token-file", str(tmp_path / "map"))
    refused = imported(system, tmp_path / "a.json", [parcel("330282112001GB00072")], "--token-file", str(tmp_path / "clerk"))

    assert (given.exit_code, refused.exit_code) == (0, 1)
    assert known(system, "330282112001GB00071")
    assert not known(system, "330282112001GB00072")


def test_in_distributed_mode_a_token_must_be_given(system: Embedded, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLUICEGATE_DATABASE", "postgresql+psycopg://nobody@localhost/{service}")

    refused = imported(system, tmp_path / "a.json", [parcel("330282112001GB00073")])

    assert refused.exit_code == 1
    assert "use --token-file" in refused.stderr
