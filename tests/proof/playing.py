"""A system under load and faults for some seconds, then rest until a checker outside of it is content or patience ends."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from tests.proof.load import Acknowledged
from tests.proof.running import ROOT, Member
from tests.proof.schedule import Fault, schedule

RECOVERY_SECONDS = 60.0
LOOK_SECONDS = 0.5
VERDICTS = ("lost", "doubled", "reordered", "stuck")


class Books(NamedTuple):
    """What a client of a run needs: its seed, where to write down answers, when to begin nothing new, when to give up waiting."""

    seed: int
    acknowledged: Acknowledged
    stop: threading.Event
    given_up: threading.Event


class System(Protocol):
    """A system under test. ``kinds``: the faults it can suffer; ``places``: its failpoints; ``checker``: the module that judges it."""

    name: str
    checker: str

    @property
    def places(self) -> Sequence[str]: ...
    @property
    def kinds(self) -> Sequence[str]: ...
    @property
    def members(self) -> Sequence[Member]: ...

    def running(self) -> AbstractContextManager[None]:
        """Started, ready, with its operators at work."""
        ...

    def clients(self, books: Books) -> Sequence[Callable[[], None]]:
        """Each runs on a thread of its own until ``books.stop`` is set."""
        ...

    def suffer(self, fault: Fault) -> None:
        """Returns when the fault is over."""
        ...

    def write_books(self) -> None:
        """Say to the checker where to look."""
        ...


class Report(NamedTuple):
    """``verdicts`` as the checker printed them; ``recovery``: seconds from the last fault until everything had settled."""

    name: str
    verdicts: dict[str, Any]
    recovery: float
    faults: int
    deaths: int

    @property
    def clean(self) -> bool:
        return not any(self.verdicts[one] for one in VERDICTS)

    def __str__(self) -> str:
        counts = ", ".join(f"{self.verdicts[one]} {one}" for one in VERDICTS)
        done = f"{self.verdicts['acknowledged']} acknowledged, {self.verdicts['effects']} effects"
        done += f", {self.faults} faults, {self.deaths} deaths"
        examples = "".join(f"\n  {one}" for one in self.verdicts["examples"])
        return f"{self.name}: {counts} ({done}, settled {self.recovery:.1f} s after the last fault){examples}"


def play(system: System, folder: Path, seed: int, seconds: float, say: Callable[[str], None]) -> Report:
    faults = schedule(seed, seconds, system.kinds, [member.name for member in system.members], system.places)
    books = Books(seed, Acknowledged(folder / "acknowledged"), threading.Event(), threading.Event())
    with system.running():
        threads = [threading.Thread(target=client) for client in system.clients(books)]
        for thread in threads:
            thread.start()
        _let_happen(system, faults, seconds, say)
        began = time.monotonic()
        _rest(books, threads)
        system.write_books()
        verdicts = _until_settled(system.checker, folder, began + RECOVERY_SECONDS)
    return Report(system.name, verdicts, time.monotonic() - began, len(faults), sum(member.deaths for member in system.members))


def _let_happen(system: System, faults: Sequence[Fault], seconds: float, say: Callable[[str], None]) -> None:
    began = time.monotonic()
    happening = []
    for fault in faults:
        time.sleep(max(0.0, began + fault.at - time.monotonic()))
        say(str(fault))
        happening.append(threading.Thread(target=system.suffer, args=(fault,)))
        happening[-1].start()
    time.sleep(max(0.0, began + seconds - time.monotonic()))
    for one in happening:
        one.join()
    for member in system.members:
        member.calm()


def _rest(books: Books, threads: Sequence[threading.Thread]) -> None:
    """Clients hear the answer to their last request."""
    books.stop.set()
    patience = threading.Timer(RECOVERY_SECONDS, books.given_up.set)
    patience.start()
    for thread in threads:
        thread.join()
    patience.cancel()


def _until_settled(checker: str, folder: Path, deadline: float) -> dict[str, Any]:
    """What the checker says, in a process of its own, once it is content or it is late."""
    while True:
        done = subprocess.run([sys.executable, "-m", checker, str(folder)], cwd=ROOT, capture_output=True, text=True, check=False)
        if done.returncode == 0 or (done.stdout and time.monotonic() > deadline):
            verdicts: dict[str, Any] = json.loads(done.stdout)
            return verdicts
        if time.monotonic() > deadline + RECOVERY_SECONDS:
            raise RuntimeError(done.stderr)
        time.sleep(LOOK_SECONDS)
