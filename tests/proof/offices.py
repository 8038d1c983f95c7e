"""The checker of the whole product, outside of it: what clients were answered, what offices were told, what each service wrote down.

``python -m tests.proof.offices FOLDER`` reads ``acknowledged`` (filings and install requests), ``heard`` (webhook calls in their order)
and the databases named in ``books.json``; prints its verdicts as JSON and ends with 1 if any of them is not 0.
"""

from __future__ import annotations

import json
import sys
from collections import Counter, defaultdict
from dataclasses import asdict
from pathlib import Path
from typing import Any, NamedTuple

from tests.proof.ledger import Verdicts, rows, waiting_in

UNITS = frozenset({"AMR", "PSC", "TWN", "EEB", "EMB"})
SUBMITTED = "filing_submitted"
DECIDED = {"accepted": ("filing_accepted", "filing_held"), "held": ("filing_held",)}
"""The decisions a filing may have had by its end, the last one first."""


class Said(NamedTuple):
    """An event a service wrote into its outbox."""

    stream: str
    seq: int
    kind: str
    event: str
    units: frozenset[str]


def said_by(url: str) -> list[Said]:
    found = []
    for topic, key, seq, kind, event, headers, body in rows(
        url, "SELECT topic, key, seq, type, event_id, headers, body FROM outbox ORDER BY id"
    ):
        source = json.loads(headers)["ce_source"]
        units = frozenset(json.loads(bytes(body)).get("notify") or ()) & UNITS
        found.append(Said(f"{source} {key}" if topic else key, seq, kind.split(".")[1], event, units))
    return found


def check(acknowledged: list[dict[str, Any]], heard: list[dict[str, Any]], books: dict[str, str]) -> Verdicts:
    verdicts = Verdicts()
    said = {service: said_by(url) for service, url in books.items()}
    for service, events in said.items():
        verdicts.effects += len(events)
        _check_streams(verdicts, service, events)
        if waiting := waiting_in(books[service]):
            verdicts.found("stuck", f"{service}: {waiting} events wait", waiting)
    if waiting := rows(books["notifier"], "SELECT count(*) FROM delivery WHERE status = 'pending'")[0][0]:
        verdicts.found("stuck", f"notifier: {waiting} deliveries wait", waiting)
    _check_filings(verdicts, acknowledged, said["registration"])
    _check_installs(verdicts, acknowledged, books["power_grid"])
    _check_told(verdicts, heard, [event for events in said.values() for event in events])
    return verdicts


def _check_streams(verdicts: Verdicts, service: str, events: list[Said]) -> None:
    streams: dict[str, list[int]] = defaultdict(list)
    for event in events:
        streams[event.stream].append(event.seq)
    for stream, numbers in streams.items():
        if numbers != list(range(1, len(numbers) + 1)):
            verdicts.found("reordered", f"{service}: {stream}: {numbers[:12]}")


def _check_filings(verdicts: Verdicts, acknowledged: list[dict[str, Any]], events: list[Said]) -> None:
    """Each acknowledged filing was submitted once and decided as its place demands; no other filing exists."""
    stories: dict[str, list[str]] = defaultdict(list)
    for event in events:
        stories[event.stream.split(" ")[1]].append(event.kind)
    filings = {entry["filing"]: entry["outcome"] for entry in acknowledged if "filing" in entry}
    verdicts.acknowledged = len(filings)
    if doubled := sum("filing" in entry for entry in acknowledged) - len(filings):
        verdicts.found("doubled", "two requests were answered with one filing", doubled)
    for filing, outcome in filings.items():
        story = stories.pop(filing, [])
        if story[:1] != [SUBMITTED] or DECIDED[outcome][0] not in story:
            verdicts.found("lost", f"filing {filing} should be {outcome}: {story}")
        for kind, count in Counter(story).items():
            if kind in (SUBMITTED, *DECIDED["accepted"]) and count > 1:
                verdicts.found("doubled", f"filing {filing}: {story}")
    for filing, story in stories.items():
        verdicts.found("doubled", f"filing {filing} was never acknowledged: {story}")


def _check_installs(verdicts: Verdicts, acknowledged: list[dict[str, Any]], url: str) -> None:
    asked = {entry["install"]: entry["clearance"] for entry in acknowledged if "install" in entry}
    verdicts.acknowledged += len(asked)
    kept = dict(rows(url, "SELECT request_id, clearance_id FROM clearance"))
    for request, clearance in asked.items():
        if kept.get(request) != clearance:
            verdicts.found("lost", f"install request {request}: {clearance} became {kept.get(request)}")
    for request in kept.keys() - asked.keys():
        verdicts.found("doubled", f"install request {request} was never acknowledged")


def _check_told(verdicts: Verdicts, heard: list[dict[str, Any]], said: list[Said]) -> None:
    """Every unit an event names heard of it, under one id, and of the events of one stream in their order."""
    calls: dict[tuple[str, str], set[str]] = defaultdict(set)
    order: dict[tuple[str, str], list[int]] = defaultdict(list)
    for call in heard:
        place = (call["unit"], call["event"])
        if place not in calls:
            order[call["unit"], call["stream"]].append(call["seq"])
        calls[place].add(call["call"])
    expected = {(unit, event.event) for event in said for unit in event.units}
    for place in expected - calls.keys():
        verdicts.found("lost", f"{place[0]} was not told of {place[1]}")
    for place in calls.keys() - expected:
        verdicts.found("doubled", f"{place[0]} was told of {place[1]}, which nobody said")
    for place, ids in calls.items():
        if len(ids) > 1:
            verdicts.found("doubled", f"{place[0]} was told of {place[1]} under {len(ids)} ids")
    for place, numbers in order.items():
        if numbers != sorted(numbers):
            verdicts.found("reordered", f"{place[0]} was told of {place[1]} as {numbers[:12]}")


def read(folder: Path) -> Verdicts:
    acknowledged, heard = (
        [json.loads(line) for line in (folder / name).read_text(encoding="utf-8").splitlines()] for name in ("acknowledged", "heard")
    )
    return check(acknowledged, heard, json.loads((folder / "books.json").read_text(encoding="utf-8")))


if __name__ == "__main__":
    verdicts = read(Path(sys.argv[1]))
    print(json.dumps(asdict(verdicts), ensure_ascii=False))
    sys.exit(0 if verdicts.clean else 1)
