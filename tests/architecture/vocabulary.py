"""What the laws of the repository are stated about: its members, its files and its functions."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
SERVICES = ("registration", "land_check", "power_grid", "notifier")
MEMBERS = ("contracts", "chassis", *(f"services/{name}" for name in SERVICES), "deploy")
CODE = ("contracts", "chassis", "services", "deploy", "benchmarks", "tests")
DOCUMENTS = ("README.md", "ARCHITECTURE.md", "DECISIONS.md", "CHANGELOG.md", "CONTRIBUTING.md")
TEXT = {".py", ".md", ".toml", ".txt", ".json", ".csv", ".html", ".sql", ".sh", ".yaml", ".yml", ".mako", ""}

Function = ast.FunctionDef | ast.AsyncFunctionDef


class Piece(NamedTuple):
    """One function: ``place`` is ``file:line name``, ``lines`` counts signature and docstring."""

    place: str
    lines: int


@cache
def files(*folders: str) -> tuple[Path, ...]:
    """Every text file of ours under ``folders``, generated caches left out."""
    return tuple(
        path
        for folder in folders
        for path in sorted((ROOT / folder).rglob("*"))
        if path.suffix in TEXT
        and path.is_file()
        and not any(part.startswith((".", "__pycache__")) for part in path.relative_to(ROOT).parts)
    )


def root_files() -> Iterator[Path]:
    yield from (path for path in sorted(ROOT.iterdir()) if path.is_file() and path.suffix in TEXT)
    yield from (path for path in sorted((ROOT / ".ci").iterdir()) if path.is_file())


def code(*folders: str) -> Iterator[Path]:
    yield from (path for path in files(*folders) if path.suffix == ".py")


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def functions(*folders: str) -> Iterator[Piece]:
    for path in code(*folders):
        for node in ast.walk(tree(path)):
            if isinstance(node, Function):
                yield Piece(f"{name(path)}:{node.lineno} {node.name}", (node.end_lineno or node.lineno) - node.lineno + 1)
