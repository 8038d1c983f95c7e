"""How measured speeds are shown."""

from __future__ import annotations

from rich.table import Table

from benchmarks.load import Speed


def speeds(title: str, measured: dict[str, Speed], floor: float, floor_name: str) -> Table:
    table = Table("load", "per second", "p50 ms", "p99 ms", "share of the floor", title=title)
    for name, one in measured.items():
        share = f"{one.rate / floor:.2f}" if "/filings" in name and "steady" not in name else ""
        table.add_row(name, f"{one.rate:,.0f}", ms(one.p50), ms(one.p99), share)
    table.add_row(floor_name, f"{floor:,.0f}", "", "", "1")
    return table


def ms(value: float | None) -> str:
    return "" if value is None else f"{value:.1f}"
