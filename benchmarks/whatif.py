"""``python -m benchmarks.whatif [--filings N]``: how long a what-if over N stored filings takes, embedded."""

from __future__ import annotations

import argparse
import asyncio
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx

from benchmarks.load import bulk_posts, record_parcels
from benchmarks.system import running
from chassis.tokens import DevelopmentIssuer

PARCELS = 500
SWITCHES = {"warehouse_counts_as_industrial": True}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.whatif", description=__doc__)
    parser.add_argument("--filings", type=int, default=3_000)
    filings = parser.parse_args().filings
    with TemporaryDirectory(prefix="sluicegate-whatif-") as folder, running(Path(folder)) as system:
        asyncio.run(record_parcels(system, 0, PARCELS))
        asyncio.run(bulk_posts(system, filings, PARCELS))
        headers = {"Authorization": f"Bearer {DevelopmentIssuer(system.data).token('bench', roles=['auditor'])}"}
        began = time.perf_counter()
        address = f"http://127.0.0.1:{system.port}/registration/v1/decisions:what-if"
        found = httpx.post(address, json={"switches": SWITCHES}, headers=headers, timeout=600).raise_for_status().json()
        seconds = time.perf_counter() - began
    checked, summary = found["checked"], found["summary"]
    each = seconds / checked * 1000
    print(f"{checked} filings in {seconds:.2f} s, {each:.2f} ms each; flips {summary['flips']}, not judged {summary['not_judged']}")


if __name__ == "__main__":
    main()
