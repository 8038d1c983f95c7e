"""SIGKILL at every failpoint, in processes of their own, then a look at the books: nothing lost, doubled, stuck or out of order."""

from __future__ import annotations

import signal
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.chassis import crash_world
from tests.chassis.processes import processes

EVERYWHERE = (
    "api.before_commit",
    "api.after_commit",
    "relay.after_read",
    "relay.after_publish",
    "relay.after_delete",
    "bus.before_commit",
    "bus.after_commit",
    "consumer.after_fetch",
    "consumer.after_cas",
    "consumer.before_commit",
    "consumer.after_commit",
)
ONCE_A_LIFE = ("park.before_commit", "replay.before_open", "replay.before_commit", "replay.after_commit")


def live(folder: Path, plan: str, rounds: int) -> int | None:
    """One life of the system; its exit code."""
    process = processes.Process(target=crash_world.live, args=(folder, plan, rounds))
    process.start()
    process.join(40)
    assert process.exitcode is not None, "stuck"
    return process.exitcode


def effects(folder: Path, name: str) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    with closing(sqlite3.connect(folder / f"{name}.db")) as books:
        for key, n in books.execute("SELECT key, n FROM effect ORDER BY id"):
            found.setdefault(key, []).append(n)
    return found


def check_the_books(folder: Path) -> None:
    source, sink = effects(folder, "source"), effects(folder, "sink")
    acknowledged: dict[str, list[int]] = {}
    for line in (folder / "acknowledged").read_text().splitlines():
        key, number = line.split()
        acknowledged.setdefault(key, []).append(int(number))
    for key in crash_world.KEYS:
        assert sink[key] == list(range(1, len(sink[key]) + 1)), f"{key} is lost, doubled or out of order at the sink"
        assert source[key] == sink[key], f"{key} differs at the source"
        assert set(acknowledged.get(key, [])) <= set(sink[key]), f"{key}: acknowledged, then lost"
        assert len(set(acknowledged.get(key, []))) == len(acknowledged.get(key, [])), f"{key}: one number given twice"
    poison = sink[crash_world.POISON]
    assert poison == source[crash_world.POISON] == [0, 1] * (len(poison) // 2), "poison: replayed out of order"
    with closing(sqlite3.connect(folder / "sink.db")) as books:
        settled = books.execute(
            "SELECT count(*), count(DISTINCT off), min(status) IN ('replayed', 'superseded') FROM dead_letter"
        ).fetchone()
        assert settled[0] == settled[1]
        assert settled[2] == 1


@pytest.mark.parametrize("place", EVERYWHERE)
def test_killed_anywhere_it_loses_doubles_and_swaps_nothing(tmp_path: Path, place: str) -> None:
    for hit in (1, 4):
        assert live(tmp_path, f"{place}=kill@{hit}", 6) == -signal.SIGKILL, f"{place} was not reached {hit} times"
    assert live(tmp_path, "", 2) == 0
    check_the_books(tmp_path)


@pytest.mark.parametrize("place", ONCE_A_LIFE)
def test_killed_while_parking_or_replaying_it_keeps_the_order_of_the_key(tmp_path: Path, place: str) -> None:
    assert live(tmp_path, f"{place}=kill@1", 2) == -signal.SIGKILL, f"{place} was not reached"
    assert live(tmp_path, "", 2) == 0
    check_the_books(tmp_path)
