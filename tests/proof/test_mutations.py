"""Take away one safety line at a time, in a copy of the source, and the tests that guard it must fail: the proof of the proof."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.parts.kafka import Broker
from tests.parts.postgresql import GIVEN, Server
from tests.proof.mutations import MUTATIONS, Mutation
from tests.proof.running import ROOT

PLUGINS = ("-p", "pytest_asyncio.plugin", "-p", "_hypothesis_pytestplugin")
COPIED = ("contracts", "chassis", "services", "deploy", "tests")
SOME_FAILED = 1
"""pytest's exit status; a test that was not found or could not be collected has another."""


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The source tree, to be spoilt and repaired."""
    folder = tmp_path_factory.mktemp("mutant")
    for name in COPIED:
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", ".*"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


@pytest.fixture
def environment(copy: Path, request: pytest.FixtureRequest) -> dict[str, str]:
    """Python finds the copy first; a database and a broker that run already are lent."""
    found = {**os.environ, "PYTHONPATH": str(copy), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONPYCACHEPREFIX": str(copy / ".cache")}
    found.pop("PYTHONDONTWRITEBYTECODE", None)  # the same files are read again and again
    mutation = request.node.callspec.params.get("mutation") if hasattr(request.node, "callspec") else None
    if mutation is not None and "postgresql" in mutation.needs:
        server: Server = request.getfixturevalue("postgresql")
        found[GIVEN] = server.url.set(drivername="postgresql").render_as_string(hide_password=False)
    if mutation is not None and "kafka" in mutation.needs:
        broker: Broker = request.getfixturevalue("kafka")
        found["SLUICEGATE_TEST_KAFKA"] = broker.address
    return found


def run(folder: Path, environment: dict[str, str], tests: Sequence[str]) -> subprocess.CompletedProcess[str]:
    """Tracebacks are not drawn: Python 3.11 parses their source, which two threads may not do at once (its issue 106905)."""
    quiet = ("-x", "-q", "--tb=line", *PLUGINS, "-p", "no:cacheprovider", "--hypothesis-seed=0")
    command = [sys.executable, "-m", "pytest", *quiet, *tests]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=300, check=False)


@pytest.mark.parametrize("mutation", MUTATIONS, ids=[mutation.what for mutation in MUTATIONS])
def test_without_this_line_the_suite_goes_red(copy: Path, environment: dict[str, str], mutation: Mutation) -> None:
    file = copy / mutation.file
    whole = file.read_text(encoding="utf-8")
    assert whole.count(mutation.old) == 1, f"{mutation.file}: look again at {mutation.old!r}"
    file.write_text(whole.replace(mutation.old, mutation.new), encoding="utf-8")
    try:
        done = run(copy, environment, mutation.tests)
    finally:
        file.write_text(whole, encoding="utf-8")
    assert done.returncode == SOME_FAILED, f"nobody noticed: {mutation.what}\n{done.stdout[-3000:]}{done.stderr[-2000:]}"
    assert " passed" not in done.stdout or " failed" in done.stdout


def test_with_every_line_in_its_place_the_copy_is_green(copy: Path, environment: dict[str, str]) -> None:
    tests = sorted({test for mutation in MUTATIONS if not mutation.needs for test in mutation.tests})
    done = run(copy, environment, tests)
    assert done.returncode == 0, done.stdout[-3000:]
    assert f"rootdir: {copy}" in run(copy, environment, ["--co", "-v", tests[0]]).stdout
