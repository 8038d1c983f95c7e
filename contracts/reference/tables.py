"""Reads the package's own CSV files."""

import csv
from importlib.resources import files


def rows_of(name: str) -> list[dict[str, str]]:
    """All rows of ``data/<name>.csv`` as text fields."""
    text = files("contracts.reference").joinpath("data", f"{name}.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def parts_of(field: str) -> tuple[str, ...]:
    """A field that holds several values, parted by ``|``."""
    return tuple(part for part in field.split("|") if part)
