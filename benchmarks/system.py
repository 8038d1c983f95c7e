"""A real ``sluicegate up`` in a process of its own, and the tokens to use it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from chassis.auth import DevelopmentIssuer


@dataclass(frozen=True, slots=True)
class Running:
    port: int
    data: Path
    pid: int

    def token(self, role: str, *townships: str, unit: str | None = None) -> str:
        return DevelopmentIssuer(self.data).token(f"bench-{role}", roles=[role], townships=list(townships), unit=unit)

    def memory(self) -> float:
        """Resident memory of the process now, in MiB; NaN where the system does not tell."""
        status = Path(f"/proc/{self.pid}/status")
        lines = status.read_text().splitlines() if status.exists() else []
        return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS:")), float("nan"))


@contextmanager
def running(data: Path) -> Generator[Running]:
    """Start the system on a free port; stop it at the end."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-c", "from deploy.cli import main; main()", "up", "--port", str(port), "--data", str(data)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, env=os.environ | {"SLUICEGATE_LOG_LEVEL": "error"}, text=True)
    try:
        ready = process.stdout.readline() if process.stdout else ""
        if not ready.startswith("READY"):
            raise RuntimeError(f"sluicegate up did not start: {ready!r}")
        yield Running(port, data, process.pid)
    finally:
        process.terminate()
        process.wait(30)
