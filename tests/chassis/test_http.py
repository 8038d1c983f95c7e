"""Bad input at the edge: everything is answered with problem+json, nothing with 500, nothing half-stored."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from chassis.testing import client
from tests.chassis.notes_service import notes_service

JSON = {"content-type": "application/json"}


@pytest.fixture
async def notes(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    service = notes_service(tmp_path)
    await service.start()
    async with client(service, ["clerk"]) as http:
        yield http
    await service.stop()


async def test_a_note_is_written_and_read_back(notes: httpx.AsyncClient) -> None:
    answer = await notes.post("/notes/v1/notes", json={"text": "你好"})

    assert answer.status_code == 201
    assert answer.headers["etag"] == '"1"'
    assert answer.headers["location"] == f"/notes/v1/notes/{answer.json()['id']}"
    listed = await notes.get("/notes/v1/notes")
    assert listed.json() == {"items": [answer.json()], "next_cursor": None}


BAD_BODIES = {
    "invalid UTF-8": (b'{"text": "\xff\xfe"}', 400, "invalid-json"),
    "cut off": (b'{"text": ', 400, "invalid-json"),
    "not a number": (b'{"text": "a", "count": NaN}', 400, "invalid-json"),
    "infinite": (b'{"text": "a", "count": 1e999}', 400, "invalid-json"),
    "more than 64 bits": (b'{"text": "a", "count": 99999999999999999999}', 400, "invalid-json"),
    "half a surrogate": (b'{"text": "\\ud800"}', 400, "invalid-json"),
    "U+0000": (b'{"text": "\\u0000"}', 422, "text-invisible-characters"),
    "nested without end": (b"[" * 100_000, 400, "invalid-json"),
    "no object": (b'["text"]', 422, "invalid-input"),
    "null": (b"null", 422, "invalid-input"),
    "empty": (b"", 422, "invalid-input"),
}


@pytest.mark.parametrize("kind", ["application/json", "Application/JSON; charset=UTF-8"])
@pytest.mark.parametrize(("body", "status", "code"), BAD_BODIES.values(), ids=BAD_BODIES.keys())
async def test_a_body_that_cannot_be_read_is_refused(notes: httpx.AsyncClient, body: bytes, status: int, code: str, kind: str) -> None:
    answer = await notes.post("/notes/v1/notes", content=body, headers={"content-type": kind})

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"


async def test_u0000_is_refused_at_the_field_that_holds_it(notes: httpx.AsyncClient) -> None:
    answer = await notes.post("/notes/v1/notes", content=rb'{"text": "a\u0000", "list": [{"na/me\u0000": "\\u0000"}]}', headers=JSON)

    assert [error["pointer"] for error in answer.json()["errors"]] == ["/list/0/na~1me\x00", "/text"]


async def test_a_backslash_before_u0000_is_ordinary_text(notes: httpx.AsyncClient) -> None:
    answer = await notes.post("/notes/v1/notes", content=rb'{"text": "\\u0000"}', headers=JSON)

    assert answer.json()["text"] == r"\u0000"


async def test_ten_megabytes_are_too_much_whether_declared_or_not(notes: httpx.AsyncClient) -> None:
    async def unannounced() -> AsyncIterator[bytes]:
        for _ in range(160):
            yield b"x" * 65536

    declared = await notes.post("/notes/v1/notes", content=b"x" * 10_000_000, headers=JSON)
    streamed = await notes.post("/notes/v1/notes", content=unannounced(), headers=JSON)

    assert [(answer.status_code, answer.json()["code"]) for answer in (declared, streamed)] == [(413, "body-too-large")] * 2


async def test_an_import_may_be_larger_than_a_usual_call(notes: httpx.AsyncClient) -> None:
    answer = await notes.post("/notes/v1/notes:import", content=b"\n".join([b"x" * 100] * 12_000), headers={"content-type": "text/plain"})

    assert len(answer.json()["answers"]) == 12_000


@pytest.mark.parametrize(("method", "path"), [("PUT", "notes:import"), ("POST", "notes/x:import"), ("POST", "notes:batch")])
async def test_what_only_ends_like_an_import_may_not(notes: httpx.AsyncClient, method: str, path: str) -> None:
    answer = await notes.request(method, f"/notes/v1/{path}", content=b"x" * 10_000_000, headers={"content-type": "text/plain"})

    assert (answer.status_code, answer.json()["code"]) == (413, "body-too-large")


async def test_every_answer_carries_a_correlation_id(notes: httpx.AsyncClient) -> None:
    given = await notes.get("/notes/v1/notes", headers={"X-Correlation-Id": "case-17"})
    insane = await notes.get("/notes/v1/notes", headers={"X-Correlation-Id": "a b\tc"})
    refused = await notes.post("/notes/v1/notes", content=b"{")

    assert given.headers["x-correlation-id"] == "case-17"
    assert re.fullmatch("[0-9a-f]{32}", insane.headers["x-correlation-id"])
    assert re.fullmatch("[0-9a-f]{32}", refused.headers["x-correlation-id"])


async def test_an_unknown_address_and_a_wrong_method_are_problems(notes: httpx.AsyncClient) -> None:
    nowhere = await notes.get("/notes/v1/nowhere")
    method = await notes.put("/notes/v1/notes")

    assert (nowhere.status_code, nowhere.json()["code"]) == (404, "not-found")
    assert (method.status_code, method.json()["code"]) == (405, "method-not-allowed")
    assert method.headers["allow"]


async def test_a_bug_is_a_500_that_tells_nothing(notes: httpx.AsyncClient) -> None:
    in_handler = await notes.post("/notes/v1/notes", json={"text": "bug"})
    in_endpoint = await notes.get("/notes/v1/half")

    for answer in (in_handler, in_endpoint):
        assert (answer.status_code, answer.json()["code"]) == (500, "internal-error")
        assert "secret" not in answer.text


async def test_a_passing_trouble_asks_to_come_back(notes: httpx.AsyncClient) -> None:
    answer = await notes.post("/notes/v1/notes", json={"text": "temporary"})

    assert (answer.status_code, answer.json()["code"], answer.headers["retry-after"]) == (503, "temporarily-unavailable", "3")


async def test_a_service_that_is_not_started_is_unavailable(tmp_path: Path) -> None:
    async with client(notes_service(tmp_path), ["clerk"]) as http:
        answer = await http.post("/notes/v1/notes", json={"text": "early"})

    assert answer.status_code == 503


async def test_a_bad_cursor_or_limit_is_refused(notes: httpx.AsyncClient) -> None:
    cursor = await notes.get("/notes/v1/notes?cursor=nonsense!")
    limit = await notes.get("/notes/v1/notes?limit=501")

    assert (cursor.status_code, cursor.json()["code"], cursor.json()["errors"][0]["pointer"]) == (422, "bad-cursor", "/query/cursor")
    assert (limit.status_code, limit.json()["errors"][0]["pointer"]) == (422, "/query/limit")


async def test_pages_show_every_item_once(notes: httpx.AsyncClient) -> None:
    written = [(await notes.post("/notes/v1/notes", json={"text": str(number)})).json()["id"] for number in range(5)]

    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = (await notes.get("/notes/v1/notes", params={"limit": 2} | ({"cursor": cursor} if cursor else {}))).json()
        seen += [item["id"] for item in page["items"]]
        cursor = page["next_cursor"]

    assert seen == written


async def test_a_change_needs_the_version_that_was_seen(notes: httpx.AsyncClient) -> None:
    address = (await notes.post("/notes/v1/notes", json={"text": "a"})).headers["location"] + ":change"

    absent = await notes.post(address)
    changed = await notes.post(address, headers={"If-Match": '"1"'})
    stale = await notes.post(address, headers={"If-Match": '"1"'})
    nonsense = await notes.post(address, headers={"If-Match": '"x"'})

    assert (absent.status_code, absent.json()["code"]) == (428, "precondition-required")
    assert (changed.status_code, changed.headers["etag"]) == (200, '"2"')
    assert (stale.status_code, stale.json()["code"]) == (412, "stale-version")
    assert (nonsense.status_code, nonsense.json()["code"]) == (412, "stale-version")


async def test_one_bad_item_of_a_batch_does_not_fail_the_others(notes: httpx.AsyncClient) -> None:
    answer = await notes.post("/notes/v1/notes:import", content=b"a\nraise\nb\nrefuse\nbug\nc", headers={"content-type": "text/plain"})

    assert answer.json()["answers"] == ["a", "raised-note", "b", "refused-note", "internal-error", "c"]
    assert [item["text"] for item in (await notes.get("/notes/v1/notes")).json()["items"]] == ["a", "b", "c"]


async def test_the_api_page_needs_nothing_from_outside(notes: httpx.AsyncClient) -> None:
    page = (await notes.get("/notes/docs")).text

    assert "https://" not in page
    assert (await notes.get("/notes/docs-files/swagger-ui-bundle.js")).status_code == 200
    assert "/notes/v1/notes" in (await notes.get("/notes/openapi.json")).json()["paths"]
