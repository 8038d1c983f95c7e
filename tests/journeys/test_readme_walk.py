"""The walk of README.md, run as it is written: what a stranger types is what is tested."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
COMMAND = [sys.executable, "-m", "deploy.cli"]
READY_SECONDS = 60
WALK_SECONDS = 120
TOLD_SECONDS = 15


def blocks() -> tuple[str, list[str]]:
    """The receiver's block, and the blocks of the walk in their order."""
    walk = (ROOT / "README.md").read_text(encoding="utf-8").split("## A walk through the main job")[1].split("\n## ")[0]
    found = re.findall(r"```sh\n(.*?)```", walk, re.DOTALL)
    [receiver] = [block for block in found if "HTTPServer" in block]
    return receiver, [block for block in found if block is not receiver]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def running(arguments: list[str], environment: dict[str, str], log: Path) -> Iterator[None]:
    with log.open("w") as output:
        process = subprocess.Popen(arguments, stdout=output, stderr=subprocess.STDOUT, env=environment, cwd=ROOT)
        try:
            yield
        finally:
            process.terminate()
            process.wait(timeout=30)


def wait_for(text: str, log: Path, seconds: float, times: int = 1) -> str:
    """What ``log`` holds once it holds ``text`` as often as asked, or when the time is up."""
    end = time.monotonic() + seconds
    while (held := log.read_text(encoding="utf-8")).count(text) < times and time.monotonic() < end:
        time.sleep(0.05)
    return held


@pytest.mark.skipif(not all(shutil.which(tool) for tool in ("bash", "curl", "sha256sum")), reason="the walk needs bash, curl and sha256sum")
def test_the_walk_of_the_readme_leads_from_a_filing_to_everyone_told(tmp_path: Path) -> None:
    port, hook = free_port(), free_port()
    receiver, walk = (
        [block.replace("8080", str(port)).replace("9000", str(hook)) for block in group] for group in ([blocks()[0]], blocks()[1])
    )
    environment = os.environ | {
        "SLUICEGATE_DATA": str(tmp_path / "data"),
        "SLUICEGATE_NOTIFIER_ALLOW_PRIVATE_ADDRESSES": "true",
    }
    script = "\n".join(walk).replace(".venv/bin/sluicegate", " ".join(COMMAND))
    calls, server = tmp_path / "calls.log", tmp_path / "server.log"
    with (
        running([*COMMAND, "up", "--port", str(port)], environment, server),
        running(["bash", "-c", f"exec {receiver[0]}"], environment, calls),
    ):
        assert f"READY http://127.0.0.1:{port}" in wait_for("READY", server, READY_SECONDS)
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script],
            env=environment,
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=WALK_SECONDS,
            check=False,
        )
        told = wait_for("power_grid.block_imposed.v1", calls, TOLD_SECONDS, times=2)
    assert done.returncode == 0, done.stdout + done.stderr
    for step in (
        '"status":"held"',
        '"code":"statement_missing"',
        '"status":404',
        '"state":"valid"',
        '"status":"accepted"',
        '"decision":"block"',
    ):
        assert step in (done.stdout + done.stderr).replace(": ", ":"), f"{step} is missing in\n{done.stdout}"
    for unit in ("/AMR", "/PSC"):
        assert any(line.startswith(unit) and "v1," in line and "power_grid.block_imposed.v1" in line for line in told.splitlines()), told
