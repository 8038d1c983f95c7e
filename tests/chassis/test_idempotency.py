"""Idempotency-Key: the same call again is answered again and done once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from chassis.clock import FixedClock
from chassis.idempotency import forget_old_answers
from chassis.service import Service
from chassis.testing import client
from tests.chassis.notes_service import notes_service

pytestmark = pytest.mark.usefixtures("backend")


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Service]:
    service = notes_service(tmp_path, clock=FixedClock(datetime(2026, 11, 22, tzinfo=UTC)))
    await service.start()
    yield service
    await service.stop()


@pytest.fixture
async def notes(service: Service) -> AsyncIterator[httpx.AsyncClient]:
    async with client(service, ["clerk"]) as http:
        yield http


async def written(notes: httpx.AsyncClient) -> list[str]:
    return [item["text"] for item in (await notes.get("/notes/v1/notes")).json()["items"]]


def key(value: str) -> dict[str, str]:
    return {"Idempotency-Key": value}


async def test_the_same_call_again_gets_the_same_answer_and_does_nothing(notes: httpx.AsyncClient) -> None:
    first = await notes.post("/notes/v1/notes", json={"text": "a", "count": 1}, headers=key("k1"))
    again = await notes.post("/notes/v1/notes", json={"count": 1, "text": "a"}, headers=key("k1"))

    assert (again.status_code, again.content) == (201, first.content)
    assert again.headers["etag"] == first.headers["etag"]
    assert again.headers["location"] == first.headers["location"]
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    assert await written(notes) == ["a"]


async def test_the_same_key_with_another_body_is_refused(notes: httpx.AsyncClient) -> None:
    await notes.post("/notes/v1/notes", json={"text": "a"}, headers=key("k1"))
    other = await notes.post("/notes/v1/notes", json={"text": "b"}, headers=key("k1"))

    assert (other.status_code, other.json()["code"]) == (409, "idempotency-key-reused")
    assert await written(notes) == ["a"]


async def test_a_key_belongs_to_one_caller_and_one_address(service: Service, notes: httpx.AsyncClient) -> None:
    first = await notes.post("/notes/v1/notes", json={"text": "a"}, headers=key("k1"))
    changed = await notes.post(first.headers["location"] + ":change", headers=key("k1") | {"If-Match": '"1"'})
    async with client(service, ["clerk"], sub="somebody else") as other:
        theirs = await other.post("/notes/v1/notes", json={"text": "b"}, headers=key("k1"))

    assert (changed.status_code, theirs.status_code) == (200, 201)


async def test_a_change_repeated_with_its_key_is_answered_though_the_version_moved(notes: httpx.AsyncClient) -> None:
    address = (await notes.post("/notes/v1/notes", json={"text": "a"})).headers["location"] + ":change"
    headers = key("k2") | {"If-Match": '"1"'}

    first = await notes.post(address, headers=headers)
    again = await notes.post(address, headers=headers)

    assert (first.status_code, again.status_code) == (200, 200)
    assert again.headers["etag"] == '"2"'


async def test_calls_at_the_same_moment_are_done_once(notes: httpx.AsyncClient) -> None:
    calls = [notes.post("/notes/v1/notes", json={"text": "a"}, headers=key("k1")) for _ in range(20)]
    answers = await asyncio.gather(*calls)

    assert {answer.status_code for answer in answers} <= {201, 409}
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} <= {"idempotency-in-progress"}
    assert await written(notes) == ["a"]


async def test_a_refusal_is_not_kept(notes: httpx.AsyncClient) -> None:
    refused = await notes.post("/notes/v1/notes", json={"text": "refuse"}, headers=key("k1"))
    raised = await notes.post("/notes/v1/notes", json={"text": "raise"}, headers=key("k1"))
    corrected = await notes.post("/notes/v1/notes", json={"text": "good"}, headers=key("k1"))

    assert (refused.status_code, raised.status_code, corrected.status_code) == (409, 409, 201)


@pytest.mark.parametrize("value", ["", "x" * 256, "caf\u00e9", "a\tb"])
async def test_a_key_that_is_not_printable_ascii_is_refused(notes: httpx.AsyncClient, value: str) -> None:
    answer = await notes.post("/notes/v1/notes", json={"text": "a"}, headers=[(b"Idempotency-Key", value.encode("latin-1"))])

    assert (answer.status_code, answer.json()["code"]) == (422, "bad-idempotency-key")


async def test_old_answers_are_forgotten(service: Service, notes: httpx.AsyncClient) -> None:
    await notes.post("/notes/v1/notes", json={"text": "a"}, headers=key("k1"))
    assert isinstance(service.clock, FixedClock)

    service.clock.advance(timedelta(days=29))
    kept = await service.database.write(lambda tx: forget_old_answers(tx, 30))
    service.clock.advance(timedelta(days=2))
    forgotten = await service.database.write(lambda tx: forget_old_answers(tx, 30))

    assert (kept, forgotten) == (0, 1)


async def test_concurrent_calls_share_transactions_and_a_bad_one_fails_alone(service: Service, notes: httpx.AsyncClient) -> None:
    texts = [f"note {number}" for number in range(60)]
    texts[10], texts[20], texts[30] = "raise", "refuse", "bug"
    answers = await asyncio.gather(*(notes.post("/notes/v1/notes", json={"text": text}) for text in texts))

    assert [answer.status_code for answer in answers[10:31:10]] == [409, 409, 500]
    assert sum(answer.status_code == 201 for answer in answers) == 57
    listed = await notes.get("/notes/v1/notes?limit=500")
    assert len(listed.json()["items"]) == 57
