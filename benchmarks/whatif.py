"""``python -m benchmarks.whatif [--filings N]``: what a what-if over N stored filings takes, where switches really flip things."""

from __future__ import annotations

import argparse
import asyncio
import time
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx
from rich.console import Console
from rich.table import Table

from benchmarks.system import Running, memory, processor_seconds, running
from benchmarks.varied import fill
from chassis.tokens import DevelopmentIssuer

LONGEST = 3600.0
ONE = {"warehouse_counts_as_industrial": True}
MANY = {
    **ONE,
    "subject_types": ["company"],
    "office_only_exempt": False,
    "village_strict_mode": "refuse",
    "transition_is_industrial": False,
    "central_city_mode": "hold",
    "control_line_mode": "decide",
    "historic_land": "industrial",
    "park_admission_timing": "parallel",
    "high_pollution_on_non_industrial": "refuse",
    "three_phase_ban_scope": "without_statement",
    "unknown_parcel_power": "block",
}
PARTS = (("registration", "filings"), ("power-grid", "clearances"))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.whatif", description=__doc__)
    parser.add_argument("--filings", type=int, default=3_000, help="how many are stored first (100,000 takes some minutes)")
    count = parser.parse_args().filings
    table = Table("what", "switches", "checked", "flips", "not judged", "s", "CPU s", "CPU ms each", "peak MiB", "before MiB")
    by_switch: dict[str, dict[str, int]] = {}
    with TemporaryDirectory(prefix="sluicegate-whatif-") as folder, running(Path(folder)) as system:
        asyncio.run(fill(system, count))
        for switches in (ONE, MANY):
            for part, what in PARTS:
                found, cells = _measured(system, part, switches)
                table.add_row(what, str(len(switches)), *cells)
                if len(switches) > 1:
                    by_switch[what] = found["summary"].get("by_switch", {})
    console = Console(width=140)
    console.print(table)
    for what, counts in by_switch.items():
        console.print(f"flips of {what} by switch:", counts)


def _measured(system: Running, part: str, switches: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Ask, and what it took the one process that holds every service."""
    token = DevelopmentIssuer(system.data).token("bench", roles=["auditor"])
    before = memory(system.pid)
    _forget_peak(system.pid)
    began, spent = time.perf_counter(), processor_seconds(system.pid)
    address = f"http://127.0.0.1:{system.port}/{part}/v1/decisions:what-if"
    answer = httpx.post(address, json={"switches": switches}, headers={"Authorization": f"Bearer {token}"}, timeout=LONGEST)
    found: dict[str, Any] = answer.raise_for_status().json()
    seconds, cpu = time.perf_counter() - began, processor_seconds(system.pid) - spent
    checked, summary = found["checked"], found["summary"]
    numbers = [f"{seconds:.1f}", f"{cpu:.1f}", f"{cpu / max(1, checked) * 1000:.2f}", f"{_peak(system.pid):.0f}", f"{before:.0f}"]
    return found, [f"{checked}", f"{summary['flips']}", f"{summary['not_judged']}", *numbers]


def _forget_peak(pid: int) -> None:
    """Linux: the highest resident memory is counted anew (5)."""
    clear = Path(f"/proc/{pid}/clear_refs")
    if clear.exists():
        clear.write_text("5")


def _peak(pid: int) -> float:
    """The highest resident memory since then, in MiB; NaN where the system does not tell."""
    status = Path(f"/proc/{pid}/status")
    lines = status.read_text().splitlines() if status.exists() else []
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM:")), float("nan"))


if __name__ == "__main__":
    main()
