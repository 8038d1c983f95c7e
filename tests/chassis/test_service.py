"""A service from end to end: what is written is published, heard, and waited for; health says how it stands."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path
from typing import Any

import httpx
from fastapi import APIRouter, Depends

from chassis.auth import requires
from chassis.health import STUCK_SECONDS
from chassis.service import Service, create_service
from chassis.settings import ServiceSettings
from chassis.testing import client
from chassis.transaction import Transaction
from tests.chassis.notes_service import heard, notes_service


async def heard_texts(service: Service) -> list[str]:
    return await service.read(lambda tx: [row.text for row in tx.rows(heard.select())])


def part_of(answer: httpx.Response, name: str) -> dict[str, Any]:
    """One part of what ``/readyz`` answered."""
    return next(part for part in answer.json()["services"]["notes"]["parts"] if part["name"] == name)


async def test_what_one_service_says_it_hears_itself(tmp_path: Path) -> None:
    service = notes_service(tmp_path)
    await service.start()
    async with client(service, ["clerk"]) as http:
        await http.post("/notes/v1/notes", json={"text": "hello"})
        texts = await service.wait_for(lambda tx: [row.text for row in tx.rows(heard.select())], bool, 5)

        assert texts == ["hello"]
    await service.stop()


async def test_a_paused_service_catches_up_when_it_resumes(tmp_path: Path) -> None:
    service = notes_service(tmp_path)
    await service.start()
    async with client(service, ["clerk"]) as http:
        await http.post("/notes/v1/notes", json={"text": "before"})
        await service.wait_for(lambda tx: len(tx.rows(heard.select())), bool, 5)
        await service.pause()
        await http.post("/notes/v1/notes", json={"text": "meanwhile"})
        await service.wait_for(lambda tx: tx.sql("SELECT count(*) FROM outbox_pending")[0][0], lambda count: count == 0, 5)
        assert await heard_texts(service) == ["before"]
        assert 'sluicegate_consumer_lag{service="notes",topic="notes.events"} 1.0' in (await http.get("/notes/metrics")).text

        await service.resume()

        await service.wait_for(lambda tx: len(tx.rows(heard.select())), lambda count: count == 2, 5)
        assert sorted(await heard_texts(service)) == ["before", "meanwhile"]
    await service.stop()


async def test_a_service_stopped_and_started_goes_on_where_it_was(tmp_path: Path) -> None:
    service = notes_service(tmp_path)
    await service.start()
    await service.pause()
    async with client(service, ["clerk"]) as http:
        await http.post("/notes/v1/notes", json={"text": "kept"})
        await service.stop()
        await service.start()

        await service.wait_for(lambda tx: len(tx.rows(heard.select())), lambda count: count == 1, 5)
        assert len((await http.get("/notes/v1/notes")).json()["items"]) == 1
    await service.stop()


async def test_waiting_ends_when_time_is_up(tmp_path: Path) -> None:
    service = notes_service(tmp_path)
    await service.start()

    assert await service.wait_for(lambda tx: 0, bool, 0.1) == 0

    await service.stop()


async def test_readiness_lists_every_part(tmp_path: Path) -> None:
    service = notes_service(tmp_path)
    async with client(service) as http:
        before = await http.get("/notes/readyz")
        await service.start()
        ready = await http.get("/notes/readyz")
        alive = await http.get("/notes/healthz")
        await service.stop()

    assert before.status_code == 503
    assert [part["name"] for part in before.json()["services"]["notes"]["parts"]] == [
        part["name"] for part in ready.json()["services"]["notes"]["parts"]
    ]
    assert ready.status_code == 200
    parts = ready.json()["services"]["notes"]["parts"]
    assert [(part["name"], part["ready"]) for part in parts] == [
        ("database", True),
        ("schema", True),
        ("bus", True),
        ("consumer", True),
        ("outbox", True),
        ("quarantine", True),
        ("policy_sweeps", True),
        ("tokens", True),
    ]
    assert alive.json() == {"status": "alive", "service": "notes"}


async def test_a_service_whose_engine_is_at_work_is_ready_and_knows_how_far_behind_it_is(tmp_path: Path) -> None:
    service = notes_service(tmp_path)
    await service.start()
    assert service._engine is not None
    work_is_done, at_work = threading.Event(), threading.Event()

    async def work() -> None:
        at_work.set()
        work_is_done.wait(20)

    working = asyncio.create_task(service._engine.run(work))
    async with client(service) as http:
        await asyncio.to_thread(at_work.wait, 5)
        busy = await http.get("/notes/readyz")
        assert service.consumer is not None
        service.consumer.turned_at -= STUCK_SECONDS
        stuck = await http.get("/notes/readyz")
    work_is_done.set()
    await working
    await service.stop()

    assert (busy.status_code, set(part_of(busy, "consumer")["details"]["lag"].values())) == (200, {0})
    assert stuck.status_code == 503
    assert "has not finished a round" in part_of(stuck, "consumer")["reason"]


async def test_metrics_count_requests_and_what_waits(tmp_path: Path) -> None:
    service = notes_service(tmp_path)
    await service.start()
    async with client(service, ["clerk"]) as http:
        await http.post("/notes/v1/notes", json={"text": "a"})
        text = (await http.get("/notes/metrics")).text
    await service.stop()

    assert 'sluicegate_http_request_seconds_count{method="POST",route="/notes/v1/notes",service="notes",status="201"} 1.0' in text
    assert 'sluicegate_outbox_pending{service="notes"}' in text
    assert 'sluicegate_handler_items_total{handler="write_notes",service="notes"} 1.0' in text


def store_an_old_message(tx: Transaction) -> None:
    columns = "id, event_id, topic, key, seq, type, headers, body, created_at"
    old = "2020-01-01T00:00:00.000000Z"
    tx.many(f"INSERT INTO outbox ({columns}) VALUES (9, 'e', 't', 'k', 1, 'x', 'no json', x'', ?)", [(old,)])  # noqa: S608
    tx.many("INSERT INTO outbox_pending (id) VALUES (?)", [(9,)])


async def test_an_outbox_that_does_not_move_makes_the_service_unready(tmp_path: Path) -> None:
    service = notes_service(tmp_path)
    await service.start()
    await service.database.write(store_an_old_message)
    async with client(service) as http:
        answer = await http.get("/notes/readyz")
    await service.stop()

    assert answer.status_code == 503
    assert "has waited" in part_of(answer, "outbox")["reason"]


def test_routers_inside_routers_keep_what_each_of_them_says(tmp_path: Path) -> None:
    inner = APIRouter(prefix="/things", tags=["inner"], dependencies=[Depends(requires("admin"))])
    outer = APIRouter(prefix="/notes/v1", tags=["outer"])

    @inner.get("/{thing_id}", status_code=202, summary="One thing", deprecated=True)
    async def thing(thing_id: str) -> None: ...

    outer.include_router(inner, prefix="/more")
    service = create_service("notes", ServiceSettings(data=tmp_path), routers=[outer], migrations=tmp_path, title_zh="", title_en="")

    call = service.app.openapi()["paths"]["/notes/v1/more/things/{thing_id}"]["get"]
    assert (call["tags"], call["summary"], call["deprecated"]) == (["outer", "inner"], "One thing", True)
    assert "202" in call["responses"]
    assert call["security"] == [{"token": []}]
