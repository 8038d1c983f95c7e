"""Every member declares what it imports, no more and no less, and the locks fix every version without naming a host."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from tests.architecture.vocabulary import MEMBERS, ROOT, code, tree

OURS = {"contracts", "chassis", "services", "deploy", "benchmarks", "tests"}
USED_WITHOUT_IMPORT = {"uvloop", "httptools", "tzdata", "psycopg"}
"""Chosen by name: by uvicorn (event loop, parser), zoneinfo (time zones), SQLAlchemy (driver)."""

PART_OF = {"pydantic-core": "pydantic"}
"""Documented as a part of the other, which fixes its version."""


@cache
def installed() -> Mapping[str, list[str]]:
    """The distributions of each top-level module; reading them all is slow."""
    return packages_distributions()


def requirement(line: str) -> str:
    """The normalised distribution name of a requirement line."""
    return re.split(r"[\s\[<>=!~;]", line, maxsplit=1)[0].lower().replace("_", "-").replace(".", "-")


def imports(path: Path) -> Iterator[str]:
    """Every module that a file imports, with its dots."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module


def distribution(module: str) -> str | None:
    """The distribution of an imported module; None for the standard library."""
    top, *rest = module.split(".")
    if top in sys.stdlib_module_names:
        return None
    if top in OURS:
        member = "sluicegate" if top == "deploy" else f"sluicegate-{rest[0] if top == 'services' else top}"
        return member.replace("_", "-")
    found = requirement(installed()[top][0])
    return PART_OF.get(found, found)


def project(member: str) -> dict[str, list[str]]:
    """The ``[project]`` table of a member with every optional dependency among its dependencies."""
    table = tomllib.loads((ROOT / member / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = [line for lines in table.get("optional-dependencies", {}).values() for line in lines]
    return {"name": [table["name"]], "dependencies": [*table["dependencies"], *extras]}


@pytest.mark.parametrize("member", MEMBERS)
def test_a_member_declares_exactly_what_it_imports(member: str) -> None:
    table = project(member)
    declared = {requirement(line) for line in table["dependencies"]}
    imported = {distribution(module) for path in code(member) for module in imports(path)} - {None, *table["name"]}
    assert imported - declared == set(), "imported and not declared"
    assert declared - imported - USED_WITHOUT_IMPORT == set(), "declared and not imported"


@pytest.mark.parametrize("lock", ["requirements.txt", "requirements-dev.txt"])
def test_a_lock_fixes_every_version_by_hash_and_names_no_host(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    entries = re.split(r"\n(?=[a-z0-9])", text)
    assert "://" not in text
    assert [entry.splitlines()[0] for entry in entries if "==" not in entry or "--hash=sha256:" not in entry] == []


@pytest.mark.parametrize("lock", ["requirements.txt", "requirements-dev.txt"])
def test_the_lock_holds_every_declared_dependency(lock: str) -> None:
    locked = {requirement(line) for line in (ROOT / lock).read_text(encoding="utf-8").splitlines() if line[:1].isalnum()}
    tables = [tomllib.loads((ROOT / member / "pyproject.toml").read_text(encoding="utf-8"))["project"] for member in MEMBERS]
    declared = {requirement(line) for table in tables for line in table["dependencies"]}
    assert declared - locked - {f"sluicegate-{member.split('/')[-1].replace('_', '-')}" for member in MEMBERS} == set()


def test_both_locks_fix_the_same_versions() -> None:
    def versions(lock: str) -> dict[str, str]:
        lines = (ROOT / lock).read_text(encoding="utf-8").splitlines()
        return {requirement(line): line.split(" ")[0] for line in lines if line[:1].isalnum()}

    running, developing = versions("requirements.txt"), versions("requirements-dev.txt")
    assert {name: developing.get(name) for name in running} == running
