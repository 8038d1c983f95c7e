"""``python -m tests.proof.chaos --seconds 60 --seed 7 --on embedded``: systems under load and faults, then a look at the books.

Prints the seed, the faults, and what a checker outside the system found: lost, doubled, reordered, stuck. Ends with 1 if anything was.
Half of the time goes to a small system of the chassis alone, half to Sluicegate itself.
"""

from __future__ import annotations

import argparse
import secrets
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path

from tests.proof.distributed import DistributedProduct, DistributedWorld, parts
from tests.proof.playing import Report, System, play
from tests.proof.product import EmbeddedProduct
from tests.proof.worlds import EmbeddedWorld

Makers = Sequence[Callable[[Path], System]]


@contextmanager
def embedded() -> Iterator[Makers]:
    yield EmbeddedWorld, EmbeddedProduct


@contextmanager
def distributed() -> Iterator[Makers]:
    with parts() as found:
        yield partial(DistributedWorld, parts=found), partial(DistributedProduct, parts=found)


KINDS: dict[str, Callable[[], AbstractContextManager[Makers]]] = {"embedded": embedded, "distributed": distributed}


def run(on: str, seed: int, seconds: float, say: Callable[[str], None]) -> Iterator[Report]:
    """One report for each system. Raises Unavailable."""
    with KINDS[on]() as makers:
        for make in makers:
            with tempfile.TemporaryDirectory(prefix="sluicegate-proof-") as folder:
                yield play(make(Path(folder)), Path(folder), seed, seconds / len(makers), say)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0, help="for each kind of system, shared by its systems")
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--on", choices=sorted(KINDS), action="append", help="default: all of them")
    parser.add_argument("--quiet", action="store_true", help="do not tell of every fault")
    options = parser.parse_args()
    seed = secrets.randbelow(1_000_000) if options.seed is None else options.seed
    clean = True
    for on in options.on or sorted(KINDS):
        print(f"chaos on {on}: seed {seed}, {options.seconds:g} s", flush=True)
        for report in run(on, seed, options.seconds, (lambda _: None) if options.quiet else lambda line: print(line, flush=True)):
            print(report, flush=True)
            clean = clean and report.clean
    return 0 if clean else 1


if __name__ == "__main__":
    sys.exit(main())
