"""Clients outside the system: each says its requests one after the other, repeats what was not answered, and writes down the answers."""

from __future__ import annotations

import itertools
import json
import random
import threading
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx

PAUSE = 0.05
POISON, AGAIN = 0.01, 0.05
"""How often a request is poison, and how often one that was answered is said again."""


class Acknowledged:
    """A file of what clients were told: one JSON object a line."""

    def __init__(self, path: Path) -> None:
        path.touch()
        self._path = path
        self._lock = threading.Lock()

    def note(self, **entry: Any) -> None:
        with self._lock, self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(entry, ensure_ascii=False) + "\n")


class Client:
    """``call`` says a request until it is answered with 2xx, under one Idempotency-Key."""

    def __init__(self, url: Callable[[], str], token: str, given_up: threading.Event) -> None:
        self._url = url
        self._headers = {"Authorization": f"Bearer {token}"}
        self._http = httpx.Client(timeout=5, headers=self._headers)
        self._given_up = given_up

    def close(self) -> None:
        self._http.close()

    def call(self, method: str, path: str, body: Any, key: str | None) -> dict[str, Any] | None:
        """The answer; None if the run was given up meanwhile."""
        headers = {"Idempotency-Key": key} if key else {}
        while not self._given_up.is_set():
            try:
                answer = self._http.request(method, self._url() + path, json=body, headers=headers)
            except httpx.TransportError:
                self._http.close()
                self._http = httpx.Client(timeout=5, headers=self._headers)
            else:
                if answer.is_success:
                    found: dict[str, Any] = answer.json() if answer.content else {}
                    return found
                if answer.status_code not in (409, 429, 500, 502, 503, 504):
                    raise AssertionError(f"{method} {path}: {answer.status_code} {answer.text[:300]}")
            time.sleep(PAUSE)
        return None


def ask(client: Client, number: int, seed: int, names: int, books: Acknowledged, stop: threading.Event) -> None:
    """A client of the small world, until told to stop."""
    chance = random.Random(f"{seed}-{number}")  # noqa: S311 - repeatable is what it must be
    with closing(client):
        for count in itertools.count(1):
            body = {"name": f"name-{chance.randrange(names)}", "request": f"{number}-{count}", "poison": chance.random() < POISON}
            key = f"ask-{number}-{count}"
            if stop.is_set() or (answer := client.call("POST", "/front/v1/asks", body, key)) is None:
                return
            books.note(**answer)
            if chance.random() < AGAIN and (again := client.call("POST", "/front/v1/asks", body, key)) not in (None, answer):
                books.note(contradicted=body["request"], first=answer, then=again)
