"""Processes that are killed, stopped, moved in time and kept from their disk, and are started again until told otherwise."""

from __future__ import annotations

import os
import resource
import signal
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from multiprocessing.context import ForkServerProcess as Process
from pathlib import Path
from types import TracebackType

from tests.chassis.processes import processes
from tests.proof.lives import live
from tests.proof.schedule import Fault

ROOT = Path(__file__).parents[2]
PAGES_LEFT = 16
DOWN_SECONDS = 0.1
LOOK_SECONDS = 0.02
LONGEST_SELF_STOP = 0.5
START_SECONDS = 60.0


class Member:
    """One process of the system under test. A thread of its own starts it again when it has died, and resumes it when it has
    stopped itself at a failpoint. ``deaths`` counts.
    """

    def __init__(self, name: str, program: str, arguments: Sequence[str], environment: Mapping[str, str], folder: Path) -> None:
        self.name = name
        self.deaths = 0
        self._life = (program, list(arguments))
        self._environment = dict(environment)
        self._log = folder / f"{name}.log"
        self._pipe = folder / f"{name}.pipe"
        self._plan = ""
        self._held = False
        self._ending = threading.Event()
        self._ready = threading.Event()
        self._watch = threading.Thread(target=self._keep_alive, name=f"watch {name}", daemon=True)

    def __enter__(self) -> Member:
        os.mkfifo(self._pipe)
        self._kept_open = os.open(self._pipe, os.O_RDWR)  # so that the listener never meets its end
        threading.Thread(target=self._listen, daemon=True).start()
        self._process = self._start()
        self._watch.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._ending.set()
        self._watch.join()
        self._process.kill()
        self._process.join()
        os.write(self._kept_open, b"END\n")

    def suffer(self, fault: Fault) -> None:
        """Do it to this process; returns when it is over."""
        if fault.kind == "kill":
            self._process.kill()
        elif fault.kind == "failpoint":  # it dies now, so that its next life has the failpoint from the first moment
            self._plan = fault.how
            self._process.kill()
        elif fault.kind == "clock":
            self._environment["SLUICEGATE_CLOCK_OFFSET"] = fault.how
            self._process.kill()
        elif fault.kind in ("stop", "long_stop"):
            self._stop_for(float(fault.how))
        elif fault.kind == "disk":
            self._keep_from_disk(float(fault.how))
        else:
            raise ValueError(f"no such fault: {fault.kind}")

    def wait_ready(self) -> None:
        if not self._ready.wait(START_SECONDS):
            raise RuntimeError(f"{self.name} does not start: {self._log.read_text()[-2000:]}")

    def end(self) -> int:
        """As an operator ends it; its exit status."""
        self._ending.set()
        self._watch.join()
        self._process.terminate()
        self._process.join(30)
        return self._process.exitcode or 0

    def calm(self) -> None:
        """No fault any more: the next life has no failpoints, a stopped one goes on."""
        self._plan = ""

    def _stop_for(self, seconds: float) -> None:
        pid = self._pid()
        self._held = True
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGSTOP)
            time.sleep(seconds)
            os.kill(pid, signal.SIGCONT)
        self._held = False

    def _keep_from_disk(self, seconds: float) -> None:
        """No file of it may grow past a few pages: what it writes fails in the middle of it, as on a full disk."""
        pid = self._pid()
        with suppress(ProcessLookupError):
            _, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (PAGES_LEFT * 4096, hard))
            time.sleep(seconds)
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (hard, hard))

    def _pid(self) -> int:
        return self._process.pid or 0

    def _start(self) -> Process:
        plan, self._plan = self._plan, ""
        self._ready.clear()
        process = processes.Process(target=live, args=(*self._life, self._environment, plan, str(self._pipe)), daemon=True)
        process.start()
        return process

    def _listen(self) -> None:
        """What it prints comes through a pipe: a log file would share the limits of the process."""
        with self._pipe.open("rb") as pipe, self._log.open("ab") as log:
            for line in pipe:
                if line == b"END\n":
                    return
                log.write(line)
                log.flush()
                if line.startswith(b"READY"):
                    self._ready.set()

    def _keep_alive(self) -> None:
        while not self._ending.wait(LOOK_SECONDS):
            if self._process.exitcode is not None:
                self.deaths += 1
                time.sleep(DOWN_SECONDS)
                self._process = self._start()
            elif not self._held and _stopped(self._pid()):
                time.sleep(LONGEST_SELF_STOP)
                with suppress(ProcessLookupError):
                    os.kill(self._pid(), signal.SIGCONT)


def _stopped(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"
    except OSError:
        return False
