"""Twenty times SIGKILL during a load: every acknowledged filing is decided exactly once, in order, and each unit told once."""

from __future__ import annotations

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

import httpx

from chassis.auth import DevelopmentIssuer
from contracts.land_check import StatementRequested
from contracts.registration import FilingAccepted, FilingHeld
from deploy.demo.city import NOTIFIER, REGISTRATION, City, Record
from deploy.demo.receiver import Receiver
from tests.journeys.vocabulary import HOMESTEAD, INDUSTRIAL, filing, parcel, told_at

FILINGS, CLIENTS, PLACES = 2_000, 4, 40
SECONDS_OF_A_LIFE = 60.0

COMMITS = ("api", "bus", "relay", "consumer", "progress", "notifier.claim", "notifier.record")
PLACES_TO_DIE = (
    *(f"{label}.{moment}_commit" for label in COMMITS for moment in ("before", "after")),
    "relay.after_read",
    "relay.after_publish",
    "relay.after_delete",
    "consumer.after_fetch",
    "consumer.after_cas",
    "notifier.after_send",
)
"""Twenty: around every commit and every publish of the main job."""


class System:
    """``sluicegate up`` in a process that may die at any moment."""

    def __init__(self, data: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self._port = probe.getsockname()[1]
        self.data = data
        self.url = f"http://127.0.0.1:{self._port}"

    def start(self, failpoint: str = "") -> None:
        environment = os.environ | {
            "SLUICEGATE_FAILPOINTS": failpoint,
            "SLUICEGATE_LOG_LEVEL": "error",
            "SLUICEGATE_NOTIFIER_ALLOW_PRIVATE_ADDRESSES": "true",
            "SLUICEGATE_NOTIFIER_RETRY_DELAYS": "[0, 0.1, 0.2, 0.5, 1, 1, 1]",
        }
        command = [sys.executable, "-m", "deploy.cli", "up", "--port", str(self._port), "--data", str(self.data)]
        self.process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
        if self.process.stdout:
            self.process.stdout.readline()  # READY, or nothing when it died before

    def __enter__(self) -> System:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.kill()

    def kill(self) -> int:
        self.process.kill()
        return self._end()

    def stop(self) -> int:
        self.process.terminate()
        return self._end()

    def _end(self) -> int:
        if self.process.stdout:
            self.process.stdout.close()
        return self.process.wait(30)

    def token(self, role: str, /, *, townships: tuple[str, ...] = (), unit: str | None = None) -> str:
        return DevelopmentIssuer(self.data).token(f"kill-{role}", roles=[role], townships=list(townships), unit=unit)


class Load:
    """Clients that repeat every filing, under its key, until it is acknowledged."""

    def __init__(self, system: System, places: list[Record]) -> None:
        self.acknowledged: dict[str, str] = {}
        self._url = f"{system.url}{REGISTRATION}/filings"
        self._headers = {"Authorization": f"Bearer {system.token('clerk')}"}
        self._bodies = iter([(f"key-{number}", filing(places[number % PLACES])) for number in range(FILINGS)])
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._run) for _ in range(CLIENTS)]

    def __enter__(self) -> Load:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for thread in self._threads:
            thread.join()

    def _run(self) -> None:
        with httpx.Client(headers=self._headers, timeout=5) as client:
            for key, body in self._next():
                while key not in self.acknowledged:
                    self._post(client, key, body)

    def _next(self) -> Iterator[tuple[str, Record]]:
        while True:
            with self._lock:
                item = next(self._bodies, None)
            if item is None:
                return
            yield item

    def _post(self, client: httpx.Client, key: str, body: Record) -> None:
        try:
            answer = client.post(self._url, json=body, headers={"Idempotency-Key": key})
        except httpx.TransportError:
            time.sleep(0.05)
            return
        if answer.status_code == 201:
            self.acknowledged[key] = answer.json()["filing_id"]
        else:
            time.sleep(0.05)


def test_twenty_kills_lose_nothing_and_tell_nobody_twice(tmp_path: Path) -> None:
    with System(tmp_path) as system, Receiver() as receiver:
        system.start()
        city = City(system.url, system.token)
        places = [parcel(INDUSTRIAL if number % 2 else HOMESTEAD) for number in range(PLACES)]
        for place in places:
            city.record_parcel(place)
        told_at(city, receiver, "AMR", "PSC", "TWN", "EEB", "EMB")
        with Load(system, places) as load:
            system.kill()
            deaths = [live_and_die(system, load, number, name) for number, name in enumerate(PLACES_TO_DIE, 1)]
            system.start()
        decided = all_decided(city, load)
        assert set(deaths) == {-signal.SIGKILL}
        assert len(set(load.acknowledged.values())) == FILINGS == len(decided)
        assert Counter(decided.values()) == {"accepted": FILINGS // 2, "held": FILINGS // 2}
        for _ in range(10):
            left = city.until(lambda: waiting(city), lambda items: not items)
        assert left == []
        assert system.stop() == 0
        city.close()
    assert_said_once_in_order(tmp_path / "registration.db", decided)
    assert_told_once(receiver, decided)


def live_and_die(system: System, load: Load, number: int, failpoint: str) -> int:
    """One life: it ends at its failpoint, or is ended when its share of the load is done."""
    system.start(f"{failpoint}=kill@{5 + 3 * number % 20}")
    share = FILINGS * number // len(PLACES_TO_DIE) - 5
    deadline = time.monotonic() + SECONDS_OF_A_LIFE
    while system.process.poll() is None and len(load.acknowledged) < share and time.monotonic() < deadline:
        time.sleep(0.01)
    return system.kill()


def all_decided(city: City, load: Load) -> dict[str, str]:
    """Status of every filing in the system, once none is under review and all were acknowledged."""

    def look() -> dict[str, str]:
        found: dict[str, str] = {}
        page: Record = {"next_cursor": ""}
        while page["next_cursor"] is not None:
            more = {"cursor": page["next_cursor"]} if page["next_cursor"] else {}
            page = city.call("clerk", "GET", f"{REGISTRATION}/filings", limit=500, **more)
            found |= {item["filing_id"]: item["status"] for item in page["items"]}
        return found

    for _ in range(4):
        decided: dict[str, str] = city.until(look, lambda found: len(load.acknowledged) == FILINGS and "under_review" not in found.values())
    return decided


def waiting(city: City) -> list[Record]:
    items: list[Record] = city.call("admin", "GET", f"{NOTIFIER}/deliveries", status="pending", limit=1)["items"]
    return items


def assert_said_once_in_order(database: Path, decided: dict[str, str]) -> None:
    """The service's own record: submitted, then decided, once each."""
    with sqlite3.connect(database) as store:
        rows = store.execute("SELECT key, seq, type FROM outbox WHERE topic = 'registration.events' ORDER BY key, seq").fetchall()
    store.close()
    said: dict[str, list[tuple[int, str]]] = {}
    for key, seq, kind in rows:
        said.setdefault(key, []).append((seq, kind.split(".")[1]))
    wanted = {filing_id: [(1, "filing_submitted"), (2, f"filing_{status}")] for filing_id, status in decided.items()}
    assert said == wanted


def assert_told_once(receiver: Receiver, decided: dict[str, str]) -> None:
    """Every named unit heard of every decision, under one webhook id however often it came."""
    heard = receiver.told.events
    wanted = {"accepted": (FilingAccepted.type, ("AMR", "PSC")), "held": (FilingHeld.type, ("AMR", "PSC", "TWN", "EEB", "EMB"))}
    expected = {(unit, wanted[status][0], filing_id) for filing_id, status in decided.items() for unit in wanted[status][1]}
    expected |= {("TWN", StatementRequested.type, filing_id) for filing_id, status in decided.items() if status == "held"}
    assert set(heard) == expected
    assert {len(ids) for ids in heard.values()} == {1}
    assert receiver.told.forged == 0
