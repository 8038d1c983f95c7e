"""The demonstration ends well, and knows its cases by their facts alone."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from chassis.clock import SystemClock
from chassis.settings import ServiceSettings
from deploy.demo.cases import Case, annex_projects, scenarios
from deploy.demo.city import City
from deploy.demo.play import Stage
from deploy.demo.show import load
from deploy.running import Embedded
from deploy.services import SERVICES

FIRST_NUMBER = 5_000
"""Beyond the numbers of any other story on the same system."""


@pytest.mark.parametrize("offset", ["PT0S", "P200D"])
def test_every_decision_of_the_demonstration_is_the_expected_one(offset: str) -> None:
    command, moved = [sys.executable, "-m", "deploy.cli", "demo"], os.environ | {"SLUICEGATE_CLOCK_OFFSET": offset}
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False, env=moved)
    assert done.returncode == 0, done.stdout
    assert f"all {len(annex_projects()) + len(scenarios())} cases as expected" in done.stdout


@pytest.mark.parametrize(("number", "case"), list(enumerate(scenarios(), FIRST_NUMBER)), ids=lambda value: getattr(value, "name", None))
def test_a_case_without_its_name_is_decided_the_same(city: City, system: Embedded, number: int, case: Case) -> None:
    @contextmanager
    def unreachable() -> Generator[None]:
        system.pause("land_check")
        yield
        system.resume("land_check")

    nameless = replace(case, name="?", title="?")
    assert Stage(city, SystemClock().now(), unreachable).play(nameless, number).decided == case.expected


def test_the_annex_is_the_paper(city: City) -> None:
    projects = annex_projects()
    assert len(projects) == 39
    assert sum(project.new_land_mu or 0 for project in projects) == pytest.approx(3107.91)


def test_loaded_once_the_data_is_not_loaded_again(tmp_path: Path) -> None:
    (tmp_path / "demo.loaded").touch()
    load("http://127.0.0.1:1", ServiceSettings(data=tmp_path))  # nobody listens there: nothing is called


def test_it_is_loaded_on_a_clock_that_was_moved_past_the_last_day_of_every_paper(tmp_path: Path) -> None:
    settings = ServiceSettings(data=tmp_path, clock_offset=timedelta(days=200))
    with Embedded(SERVICES, tmp_path, clock_offset=settings.clock_offset) as system:
        load(system.url, settings)
    assert (tmp_path / "demo.loaded").exists()
