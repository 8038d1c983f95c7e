"""A value that never changes: guarded by the type checker, compared and hashed by its fields at run time."""

from __future__ import annotations

from dataclasses import field, fields, replace
from pathlib import Path

from mypy import api

from contracts.values import dataclass
from tests.architecture.vocabulary import ROOT

CHANGED = """
from contracts.values import dataclass

@dataclass(frozen=True, slots=True)
class Place:
    parcel_code: str

Place("330282121100GB00001").parcel_code = "330282121100GB00002"
"""


@dataclass(frozen=True, slots=True)
class Place:
    parcel_code: str
    unit_number: str | None = None
    seen: int = field(default=0, compare=False)


@dataclass(frozen=True, eq=False)
class Token:
    name: str


@dataclass(slots=True)
class Draft:
    text: str


def test_values_with_equal_fields_are_one_key() -> None:
    assert Place("P1", "2") == Place("P1", "2", seen=7)
    assert {Place("P1", "2"): "there"}[Place("P1", "2", seen=7)] == "there"
    assert len({Place("P1"), Place("P1"), Place("P2")}) == 2


def test_a_value_is_an_ordinary_dataclass_and_a_changed_copy_is_another_value() -> None:
    assert [each.name for each in fields(Place)] == ["parcel_code", "unit_number", "seen"]
    assert replace(Place("P1"), unit_number="3") == Place("P1", "3")
    assert not hasattr(Place("P1"), "__dict__")


def test_what_is_compared_as_itself_and_what_may_change_stay_so() -> None:
    assert Token("a") != Token("a")
    assert len({Token("a"), Token("a")}) == 2
    assert Draft.__hash__ is None


def test_the_type_checker_refuses_a_change(tmp_path: Path) -> None:
    source = tmp_path / "changes.py"
    source.write_text(CHANGED, encoding="utf-8")
    said, trouble, status = api.run(["--config-file", str(ROOT / "pyproject.toml"), "--cache-dir", str(tmp_path / "cache"), str(source)])
    assert status == 1, trouble
    assert 'Property "parcel_code" defined in "Place" is read-only' in said
    assert "Found 1 error" in said
