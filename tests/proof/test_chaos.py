"""A minute of faults on each kind of system, from a seed that is printed: nothing lost, doubled, reordered or stuck."""

from __future__ import annotations

import secrets

import pytest

from tests.parts.unavailable import Unavailable, skip_or_fail
from tests.proof import chaos

SECONDS = 60.0


@pytest.mark.parametrize("on", sorted(chaos.KINDS))
def test_a_minute_of_faults_loses_doubles_and_swaps_nothing(on: str, capsys: pytest.CaptureFixture[str]) -> None:
    seed = secrets.randbelow(1_000_000)
    reports = []
    with capsys.disabled():
        print(f"\nchaos on {on}: seed {seed}", flush=True)
        try:
            for report in chaos.run(on, seed, SECONDS, lambda _: None):
                reports.append(report)
                print(report, flush=True)
        except Unavailable as reason:
            skip_or_fail(reason)
    assert all(report.clean for report in reports)
