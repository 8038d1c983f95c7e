"""Bulk submission: every line answered in its order, nothing taken that is not answered for."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from tests.registration.vocabulary import Caller, Door, door, sent


@pytest.fixture
async def at(tmp_path: Path) -> AsyncIterator[Door]:
    async with door(tmp_path) as each:
        yield each


def lines(bodies: Iterable[Any]) -> bytes:
    return b"".join(body if isinstance(body, bytes) else orjson.dumps(body, option=orjson.OPT_APPEND_NEWLINE) for body in bodies)


async def sent_in_bulk(by: Caller, body: bytes, **headers: Any) -> list[dict[str, Any]]:
    answer = await by("POST", "/filings:batch", body, Content_Type="application/x-ndjson", **headers)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/x-ndjson"), answer.text
    return answered(answer)


def answered(answer: httpx.Response) -> list[dict[str, Any]]:
    return [orjson.loads(line) for line in answer.content.splitlines()]


def named(number: int, **more: Any) -> dict[str, Any]:
    return sent(enterprise_name=f"慈溪{number}号厂") | more


async def taken(at: Door) -> int:
    return len((await at.caller("clerk")("GET", "/filings?limit=500")).json()["items"])


async def test_each_line_is_answered_in_its_order(at: Door) -> None:
    bodies = [named(1, client_ref="a"), named(2, industry_code="1"), b"{no json\n", b"[]\n", named(3)]
    answers = await sent_in_bulk(at.caller("integrator"), lines(bodies))
    assert [(each["line"], each["client_ref"], each["status"]) for each in answers] == [
        (1, "a", 201),
        (2, None, 422),
        (3, None, 422),
        (4, None, 422),
        (5, None, 201),
    ]
    assert answers[1]["errors"][0]["pointer"] == "/industry_code"
    assert (answers[1]["code"], answers[2]["code"], answers[3]["code"]) == ("unknown-industry-code", "invalid-json", "not-an-object")
    assert await taken(at) == 2


async def test_the_same_lines_again_are_the_same_filings(at: Door) -> None:
    body = lines(named(number, client_ref=f"r{number}") for number in range(3))
    first = await sent_in_bulk(at.caller("integrator"), body)
    assert await sent_in_bulk(at.caller("integrator"), body) == first
    assert await taken(at) == 3
    (other,) = await sent_in_bulk(at.caller("integrator"), lines([named(9, client_ref="r0")]))
    assert (other["status"], other["code"]) == (409, "idempotency-key-reused")


async def test_a_key_on_the_call_stands_for_references_on_its_lines(at: Door) -> None:
    body = lines(named(number) for number in range(3))
    first = await sent_in_bulk(at.caller("clerk"), body, Idempotency_Key="k")
    assert await sent_in_bulk(at.caller("clerk"), body, Idempotency_Key="k") == first
    assert first[0]["client_ref"] is None
    assert await taken(at) == 3


async def test_more_than_ten_thousand_lines_are_not_taken_at_all(at: Door) -> None:
    answer = await at.caller("clerk")("POST", "/filings:batch", b"{}\n" * 10_001)
    assert (answer.status_code, answer.json()["code"]) == (413, "too-many-lines")
    assert await taken(at) == 0


async def test_ten_thousand_lines_are_answered(at: Door) -> None:
    answers = await sent_in_bulk(at.caller("clerk"), b"{}\n" * 10_000)
    assert (len(answers), answers[-1]["line"], {each["status"] for each in answers}) == (10_000, 10_000, {422})


async def test_several_transactions_keep_order_and_find_duplicates_across_them(at: Door) -> None:
    answers = await sent_in_bulk(at.caller("clerk"), lines(named(number % 600) for number in range(1200)))
    assert [each["line"] for each in answers] == list(range(1, 1201))
    assert len({each["filing_id"] for each in answers}) == 1200
    clerk = at.caller("clerk")
    assert (await clerk("GET", f"/filings/{answers[599]['filing_id']}")).json()["status"] == "under_review"
    assert (await clerk("GET", f"/filings/{answers[600]['filing_id']}")).json()["duplicate_of"] == answers[0]["filing_id"]


async def test_a_reference_is_a_short_text(at: Door) -> None:
    (answer,) = await sent_in_bulk(at.caller("clerk"), lines([named(1, client_ref={"a": 1})]))
    assert (answer["status"], answer["code"]) == (422, "bad-client-ref")


async def test_nothing_sent_nothing_answered(at: Door) -> None:
    assert await sent_in_bulk(at.caller("clerk"), b"\n\n") == []


async def test_a_byte_order_mark_and_windows_line_ends_are_no_part_of_the_lines(at: Door) -> None:
    body = b"\xef\xbb\xbf" + b"\r\n\r\n".join(orjson.dumps(named(number)) for number in (1, 2))
    answers = await sent_in_bulk(at.caller("clerk"), body)
    assert [(each["line"], each["status"]) for each in answers] == [(1, 201), (3, 201)]


async def test_a_body_of_blank_lines_without_end_is_refused(at: Door) -> None:
    answer = await at.caller("clerk")("POST", "/filings:batch", b"\n" * 200_000, Content_Type="application/x-ndjson")
    assert (answer.status_code, answer.json()["code"]) == (413, "too-many-lines")
