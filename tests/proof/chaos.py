"""``python -m tests.proof.chaos --seconds 60 --seed 7 --on embedded``: a system under load and faults, then a look at the books.

Prints the seed, the faults, and what a checker outside the system found: lost, doubled, reordered, stuck. Ends with 1 if anything was.
"""

from __future__ import annotations

import argparse
import json
import secrets
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

from tests.proof.load import Acknowledged, Client, ask
from tests.proof.running import ROOT
from tests.proof.schedule import Fault, schedule
from tests.proof.worlds import EmbeddedWorld, World, operator, write_books

CLIENTS, NAMES = 4, 40
RECOVERY_SECONDS = 60.0
LOOK_SECONDS = 0.5


class Report(NamedTuple):
    """``verdicts`` as the checker printed them; ``recovery``: seconds from the last fault until everything had settled."""

    name: str
    verdicts: dict[str, object]
    recovery: float
    faults: int
    deaths: int

    @property
    def clean(self) -> bool:
        return not any(self.verdicts[one] for one in ("lost", "doubled", "reordered", "stuck"))

    def __str__(self) -> str:
        counts = ", ".join(f"{self.verdicts[one]} {one}" for one in ("lost", "doubled", "reordered", "stuck"))
        done = (
            f"{self.verdicts['acknowledged']} acknowledged, {self.verdicts['effects']} effects, {self.faults} faults, {self.deaths} deaths"
        )
        examples = "".join(f"\n  {one}" for one in self.verdicts["examples"])  # type: ignore[attr-defined]
        return f"{self.name}: {counts} ({done}, settled {self.recovery:.1f} s after the last fault){examples}"


@contextmanager
def embedded(folder: Path) -> Iterator[World]:
    world = EmbeddedWorld(folder)
    with world.members[0]:
        yield world


def play(world: World, folder: Path, seed: int, seconds: float, say: Callable[[str], None]) -> Report:
    """Load and faults for ``seconds``, then rest until the checker is content or patience ends."""
    faults = schedule(seed, seconds, world.kinds, [member.name for member in world.members])
    for member in world.members:
        member.wait_ready()
    books = Acknowledged(folder / "acknowledged")
    stop, given_up = threading.Event(), threading.Event()
    clients = [Client(world.url, world.token("clerk"), number, given_up) for number in range(CLIENTS)]
    arguments = (seed, NAMES, books, stop, given_up)
    threads = [threading.Thread(target=ask, args=(client, number, *arguments)) for number, client in enumerate(clients)]
    with operator(world.books["middle"]):
        for thread in threads:
            thread.start()
        _let_happen(world, faults, seconds, say)
        stop.set()
        write_books(folder, world.books)
        began = time.monotonic()
        patience = threading.Timer(RECOVERY_SECONDS, given_up.set)
        patience.start()
        for thread in threads:
            thread.join()
        patience.cancel()
        verdicts = _until_settled(folder, began + RECOVERY_SECONDS)
    deaths = sum(member.deaths for member in world.members)
    return Report("chassis", verdicts, time.monotonic() - began, len(faults), deaths)


def _let_happen(world: World, faults: Sequence[Fault], seconds: float, say: Callable[[str], None]) -> None:
    began = time.monotonic()
    happening = []
    for fault in faults:
        time.sleep(max(0.0, began + fault.at - time.monotonic()))
        say(str(fault))
        happening.append(threading.Thread(target=world.suffer, args=(fault,)))
        happening[-1].start()
    time.sleep(max(0.0, began + seconds - time.monotonic()))
    for one in happening:
        one.join()
    for member in world.members:
        member.calm()


def _until_settled(folder: Path, deadline: float) -> dict[str, object]:
    """What the checker says, in a process of its own, once it is content or it is late."""
    while True:
        done = subprocess.run(
            [sys.executable, "-m", "tests.proof.ledger", str(folder)], cwd=ROOT, capture_output=True, text=True, check=False
        )
        if done.returncode == 0 or (done.stdout and time.monotonic() > deadline):
            verdicts: dict[str, object] = json.loads(done.stdout)
            return verdicts
        if time.monotonic() > deadline + RECOVERY_SECONDS:
            raise RuntimeError(done.stderr)
        time.sleep(LOOK_SECONDS)


WORLDS: dict[str, Callable[[Path], AbstractContextManager[World]]] = {"embedded": embedded}


def run(on: str, seed: int, seconds: float, say: Callable[[str], None]) -> list[Report]:
    with tempfile.TemporaryDirectory(prefix="sluicegate-proof-") as name, ExitStack() as stack:
        folder = Path(name)
        world = stack.enter_context(WORLDS[on](folder))
        return [play(world, folder, seed, seconds, say)]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--on", choices=sorted(WORLDS), action="append")
    parser.add_argument("--quiet", action="store_true", help="do not tell of every fault")
    options = parser.parse_args()
    seed = secrets.randbelow(1_000_000) if options.seed is None else options.seed
    clean = True
    for on in options.on or sorted(WORLDS):
        print(f"chaos on {on}: seed {seed}, {options.seconds:g} s", flush=True)
        for report in run(on, seed, options.seconds, (lambda _: None) if options.quiet else lambda line: print(line, flush=True)):
            print(report, flush=True)
            clean = clean and report.clean
    return 0 if clean else 1


if __name__ == "__main__":
    sys.exit(main())
