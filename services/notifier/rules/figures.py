"""The figures of a weekly digest: counted by township, in the order of the townships."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable

from contracts import reference
from contracts.notifier import TownshipFigures

LONGEST_LIST = 500
"""Blocks that a digest lists one by one; its figure counts all."""

FIGURES = (
    "held",
    "overdue",
    "without_day",
    "unacknowledged",
    "blocks_imposed",
    "blocks_lifted",
    "breaches",
    "exhausted",
    "no_endpoint",
)

Count = tuple[str | None, str, int]
"""A township's code, the name of a figure, how many."""


def figures_by_township(counts: Iterable[Count], group: str | None) -> tuple[TownshipFigures, ...]:
    """Those of ``group``, or of everywhere where it is None; places whose township is not known come last, for the whole city only."""
    found: dict[str | None, Counter[str]] = defaultdict(Counter)
    for code, name, number in counts:
        canonical = None if code is None else reference.canonical_code(code)
        if group is None or (canonical is not None and reference.group_of(canonical) == group):
            found[canonical][name] += number
    order = [*(unit.code for unit in reference.townships()), None]
    return tuple(TownshipFigures(township_code=code, figures=dict(found[code])) for code in order if found.get(code))


def totals(townships: Iterable[TownshipFigures]) -> dict[str, int]:
    """Every figure, zero too."""
    sums: Counter[str] = Counter()
    for each in townships:
        sums.update(each.figures)
    return {name: sums[name] for name in FIGURES}
