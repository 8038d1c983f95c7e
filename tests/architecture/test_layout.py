"""Every service has the same rooms, no file and no function grows past its ceiling, and only the clock tells the time."""

from __future__ import annotations

import ast

import pytest

from tests.architecture.vocabulary import CODE, ROOT, SERVICES, code, functions, name, tree

FILE_CEILING = 300
FUNCTION_CEILING = 50
NINE_OF_TEN_FUNCTIONS = 25

ROOMS = {"__main__", "app", "api", "consumers", "handlers", "rules", "domain", "tables", "errors", "settings", "migrations"}
OPTIONAL_ROOMS = {"clients"}
OTHER_FILES = {"README.md", "__init__.py", "pyproject.toml", "py.typed"}
NAMES_THAT_SAY_NOTHING = {
    "utils",
    "util",
    "common",
    "helpers",
    "helper",
    "misc",
    "core",
    "base",
    "manager",
    "models",
    "schemas",
    "service_layer",
}

CLOCK = "chassis/clock.py"
TELLS_THE_TIME = {("datetime", "now"), ("datetime", "utcnow"), ("datetime", "today"), ("date", "today")}


@pytest.mark.parametrize("service", SERVICES)
def test_every_service_has_the_same_rooms(service: str) -> None:
    entries = [entry for entry in (ROOT / "services" / service).iterdir() if entry.name != "__pycache__"]
    rooms = {entry.stem for entry in entries if entry.name not in OTHER_FILES}
    assert rooms - OPTIONAL_ROOMS == ROOMS
    assert {entry.name for entry in entries} >= OTHER_FILES


@pytest.mark.parametrize("service", SERVICES)
def test_every_service_is_tested_room_by_room(service: str) -> None:
    rooms = {path.stem for path in (ROOT / "tests" / service).rglob("test_*.py")}
    for room in ("rules", "handlers", "api"):
        assert any(stem.startswith(f"test_{room}") for stem in rooms), f"tests/{service} has no test_{room}.py"


def test_no_file_is_longer_than_the_ceiling() -> None:
    lengths = {name(path): len(path.read_text(encoding="utf-8").splitlines()) for path in code(*CODE)}
    assert {file: lines for file, lines in lengths.items() if lines > FILE_CEILING} == {}


def test_no_function_is_longer_than_the_ceiling() -> None:
    assert [piece for piece in functions(*CODE) if piece.lines > FUNCTION_CEILING and "/migrations/versions/" not in piece.place] == []


def test_nine_of_ten_functions_fit_in_25_lines() -> None:
    lengths = sorted(piece.lines for piece in functions("chassis", "services", "deploy"))
    assert lengths[int(len(lengths) * 0.9)] <= NINE_OF_TEN_FUNCTIONS


def test_no_file_has_a_name_that_says_nothing() -> None:
    assert [
        name(path)
        for path in code(*CODE)
        if path.stem in NAMES_THAT_SAY_NOTHING or path.parent.name in NAMES_THAT_SAY_NOTHING - {"schemas"}
    ] == []


def test_every_module_says_in_a_docstring_what_it_is() -> None:
    assert [
        name(path)
        for path in code("contracts", "chassis", "services", "deploy", "benchmarks")
        if path.stat().st_size and ast.get_docstring(tree(path)) is None
    ] == []


def test_only_the_clock_tells_the_time() -> None:
    tellers = [
        f"{name(path)}:{node.lineno}"
        for path in code("contracts", "chassis", "services", "deploy")
        if name(path) != CLOCK
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and (node.value.id, node.attr) in TELLS_THE_TIME
    ]
    assert tellers == []


def test_what_is_frozen_is_frozen_by_the_type_checker_alone() -> None:
    """The guard of ``dataclasses`` costs a call for each field of each new value (DECISIONS 87)."""
    assert [
        name(path)
        for path in code("contracts", "chassis", "services")
        if "@dataclass(frozen=True" in (text := path.read_text(encoding="utf-8")) and "from contracts.values import dataclass" not in text
    ] == []
