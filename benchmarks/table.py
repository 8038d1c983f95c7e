"""How measured speeds are shown."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from benchmarks.load import Speed

console = Console()
if not console.is_terminal:
    console.width = 140

LOADS = (
    "POST /filings:batch, submit to last decision",
    "POST /filings:batch, until every service has heard of every filing",
    "POST /filings, 16 clients, submit to last decision (times: the call)",
    "POST /filings at a steady 50/s (times: submit to decision)",
    "POST /install-requests, one client, idle system",
    "POST /install-requests, 16 clients",
)


def speeds(title: str, measured: Sequence[Speed], floor: float, floor_name: str) -> Table:
    """``measured`` in the order of ``LOADS``."""
    table = Table("load", "per second", "p50 ms", "p99 ms", "share of the floor", title=title)
    for name, one in zip(LOADS, measured, strict=True):
        share = f"{one.rate / floor:.2f}" if "/filings" in name and "steady" not in name else ""
        table.add_row(name, f"{one.rate:,.0f}", ms(one.p50), ms(one.p99), share)
    table.add_row(floor_name, f"{floor:,.0f}", "", "", "1")
    return table


def ms(value: float | None) -> str:
    return "" if value is None else f"{value:.1f}"
