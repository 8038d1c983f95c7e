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
from typing import Protocol

from benchmarks.client import Connection
from chassis.auth import DevelopmentIssuer


class System(Protocol):
    """What the loads run against."""

    def connect(self, service: str, role: str) -> Connection:
        """A connection to one of the processes of that service, as a caller with that role."""
        ...


@dataclass(frozen=True, slots=True)
class Running:
    port: int
    data: Path
    pid: int

    def connect(self, service: str, role: str) -> Connection:
        return Connection(self.port, DevelopmentIssuer(self.data).token(f"bench-{role}", roles=[role]))

    def memory(self) -> float:
        return memory(self.pid)


def memory(pid: int) -> float:
    """Resident memory of a process now, in MiB; NaN where the system does not tell."""
    status = Path(f"/proc/{pid}/status")
    lines = status.read_text().splitlines() if status.exists() else []
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS:")), float("nan"))


def processor_seconds(pid: int) -> float:
    """Time a process has spent on processors so far; NaN where the system does not tell."""
    stat = Path(f"/proc/{pid}/stat")
    if not stat.exists():
        return float("nan")
    fields = stat.read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


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
