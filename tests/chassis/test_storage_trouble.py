"""A locked database, a full disk: a clear error, nothing half-stored, and after repair the work goes on."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from chassis.dialects import sqlite
from chassis.service import Service
from chassis.testing import client
from tests.chassis.notes_service import notes_service


@pytest.fixture
async def service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Service]:
    monkeypatch.setattr(sqlite, "BUSY_SECONDS", 0.2)
    service = notes_service(tmp_path)
    await service.start()
    yield service
    await service.stop()


def texts(listed: httpx.Response) -> list[str]:
    return [item["text"] for item in listed.json()["items"]]


async def test_a_locked_database_asks_to_come_back_and_can_still_be_read(service: Service) -> None:
    async with client(service, ["clerk"]) as http:
        await http.post("/notes/v1/notes", json={"text": "before"})
        other = sqlite3.connect(service.settings.data / "notes.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        refused = await http.post("/notes/v1/notes", json={"text": "refused"}, headers={"Idempotency-Key": "k"})
        listed = await http.get("/notes/v1/notes")
        other.close()
        repeated = await http.post("/notes/v1/notes", json={"text": "refused"}, headers={"Idempotency-Key": "k"})

        assert (refused.status_code, refused.json()["code"]) == (503, "temporarily-unavailable")
        assert int(refused.headers["retry-after"]) >= 1
        assert texts(listed) == ["before"]
        assert repeated.status_code == 201
        assert texts(await http.get("/notes/v1/notes")) == ["before", "refused"]


async def test_a_full_disk_asks_to_come_back_and_keeps_nothing(service: Service) -> None:
    async with client(service, ["clerk"]) as http:
        await service.pause()
        await service.database.write(lambda tx: tx.sql(f"PRAGMA max_page_count = {tx.sql('PRAGMA page_count')[0][0]}"))
        answers = [await http.post("/notes/v1/notes", json={"text": "x" * 100}) for _ in range(200)]

        refused = [answer for answer in answers if answer.status_code != 201]
        assert {(answer.status_code, answer.json()["code"]) for answer in refused} == {(503, "temporarily-unavailable")}
        listed = await http.get("/notes/v1/notes?limit=500")
        assert len(texts(listed)) == 200 - len(refused)
