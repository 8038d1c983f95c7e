"""The checker outside the system: it reads what clients were answered and what each service wrote down, and nothing else.

``python -m tests.proof.ledger FOLDER`` reads ``FOLDER/acknowledged`` and the databases named in ``FOLDER/books.json``
({service: {"url": ..., "topics": [...]}}), prints its verdicts as JSON and ends with 1 if any of them is not 0.
"""

from __future__ import annotations

import json
import sqlite3
import sys
from collections import defaultdict
from contextlib import closing
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import psycopg

SHOWN = 5


@dataclass
class Verdicts:
    """How many acknowledged requests had no effect somewhere, took effect more than once, or out of order; how many events wait for ever.

    ``examples`` say which.
    """

    lost: int = 0
    doubled: int = 0
    reordered: int = 0
    stuck: int = 0
    acknowledged: int = 0
    effects: int = 0
    examples: list[str] = field(default_factory=list)

    @property
    def clean(self) -> bool:
        return not (self.lost or self.doubled or self.reordered or self.stuck)

    def found(self, verdict: str, example: str, count: int = 1) -> None:
        setattr(self, verdict, getattr(self, verdict) + count)
        if len(self.examples) < SHOWN:
            self.examples.append(f"{verdict}: {example}")


@dataclass
class Effects:
    """What one service wrote down, in order: (topic, key, seq, event id, name, request, n); ``waiting``: events it has not dealt with."""

    rows: list[tuple[str, str, int, str, str, str, int]]
    waiting: int


def rows(url: str, query: str) -> list[Any]:
    """Read with the driver alone: nothing of the system under test is asked."""
    if url.startswith("sqlite:///"):
        with closing(sqlite3.connect(f"file:{url.removeprefix('sqlite:///')}?mode=ro", uri=True, timeout=10)) as store:
            return store.execute(query).fetchall()
    with psycopg.connect(url.replace("postgresql+psycopg://", "postgresql://"), connect_timeout=10) as server:
        return server.execute(query).fetchall()


def effects_of(url: str) -> Effects:
    found = rows(url, "SELECT topic, key, seq, event_id, name, request, n FROM effect ORDER BY id")
    return Effects([tuple(row) for row in found], waiting_in(url))


def waiting_in(url: str) -> int:
    """Events that are still to be published, and events in quarantine."""
    pending = rows(url, "SELECT count(*) FROM outbox_pending")[0][0]
    kept = rows(url, "SELECT count(*) FROM dead_letter WHERE status IN ('retrying', 'parked', 'held')")[0][0]
    return int(pending) + int(kept)


def check(acknowledged: list[dict[str, Any]], books: dict[str, tuple[Effects, list[str]]]) -> Verdicts:
    """``books``: for each service its effects and the topics it must have heard everything of."""
    verdicts = Verdicts()
    requests: dict[str, tuple[str, int]] = {}
    for entry in acknowledged:
        if "contradicted" in entry:
            verdicts.found("doubled", f"two answers to one key: {entry}")
        elif requests.setdefault(entry["request"], (entry["name"], entry["n"])) != (entry["name"], entry["n"]):
            verdicts.found("doubled", f"{entry['request']} was answered twice, differently")
    verdicts.acknowledged = len(requests)
    given = sorted(requests.values())
    if len(set(given)) != len(given):
        verdicts.found("doubled", "one number was given to two requests", len(given) - len(set(given)))
    for service, (effects, topics) in sorted(books.items()):
        verdicts.effects += len(effects.rows)
        if effects.waiting:
            verdicts.found("stuck", f"{service}: {effects.waiting} events wait", effects.waiting)
        for topic in topics:
            _check_topic(verdicts, requests, f"{service} {topic}", [row for row in effects.rows if row[0] == topic])
    return verdicts


def _check_topic(verdicts: Verdicts, requests: dict[str, tuple[str, int]], place: str, found: list[tuple[Any, ...]]) -> None:
    times: dict[str, int] = defaultdict(int)
    by_key: dict[str, list[int]] = defaultdict(list)
    by_name: dict[str, list[int]] = defaultdict(list)
    for _, key, seq, _, name, request, n in found:
        times[request] += 1
        by_key[key].append(seq)
        by_name[name].append(n)
        if requests.get(request, (name, n)) != (name, n):
            verdicts.found("lost", f"{place}: {request} arrived as {name} {n}")
    for request in requests.keys() - times.keys():
        verdicts.found("lost", f"{place}: {request} was acknowledged and had no effect")
    for request, count in times.items():
        if count > 1:
            verdicts.found("doubled", f"{place}: {request} took effect {count} times")
        if request not in requests:
            verdicts.found("doubled", f"{place}: {request} took effect and was never asked for")
    for kind, streams in (("key", by_key), ("name", by_name)):
        for stream, numbers in streams.items():
            wrong = sum(after != before + 1 for before, after in zip([0, *numbers], numbers, strict=False))
            if wrong:
                verdicts.found("reordered", f"{place}: {kind} {stream}: {numbers[:12]}...", wrong)


def read(folder: Path) -> Verdicts:
    acknowledged = [json.loads(line) for line in (folder / "acknowledged").read_text(encoding="utf-8").splitlines()]
    named = json.loads((folder / "books.json").read_text(encoding="utf-8"))
    return check(acknowledged, {service: (effects_of(book["url"]), book["topics"]) for service, book in named.items()})


if __name__ == "__main__":
    verdicts = read(Path(sys.argv[1]))
    print(json.dumps(asdict(verdicts), ensure_ascii=False))
    sys.exit(0 if verdicts.clean else 1)
