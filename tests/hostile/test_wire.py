"""Requests as bytes: bodies that are no JSON, headers that carry more than they should, keys used twice, many callers at once."""

from __future__ import annotations

import gzip
import json
import socket
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from deploy.running import Embedded
from deploy.services import SERVICES
from tests.hostile.world import LAND, NOTIFIER, REGISTRATION, Answer, World, filing, made, settled

FILINGS = f"{REGISTRATION}/filings"
JSON = {"Content-Type": "application/json"}
GOOD = json.dumps(filing("慈溪线一厂"))

NO_JSON = {
    "cut off": GOOD.encode()[:80],
    "more after the end": GOOD.encode() + b"{}",
    "invalid UTF-8": GOOD.encode()[:-1] + b',"x":"\xff\xfe"}',
    "UTF-16": GOOD.encode("utf-16"),
    "a byte order mark": b"\xef\xbb\xbf" + GOOD.encode(),
    "gzip": gzip.compress(GOOD.encode()),
    "NaN": b'{"area_mu": NaN}',
    "infinity": b'{"area_mu": -Infinity}',
    "1e400": b'{"area_mu": 1e400}',
    "40 digits": b'{"area_mu": ' + b"9" * 40 + b"}",
    "100,000 digits": b'{"area_mu": ' + b"9" * 100_000 + b"}",
    "half a surrogate": b'{"enterprise_name": "\\ud800"}',
    "100,000 lists": b"[" * 100_000 + b"]" * 100_000,
    "1,020 objects": b'{"a":' * 1020 + b"1" + b"}" * 1020,
    "201 objects": b'{"a":' * 201 + b"1" + b"}" * 201,
}


@pytest.mark.parametrize("body", NO_JSON.values(), ids=NO_JSON.keys())
def test_a_body_that_cannot_be_read_is_refused(world: World, body: bytes) -> None:
    for method, path in (("POST", FILINGS), ("POST", f"{FILINGS}/{world.ids['filing']}:amend"), ("POST", f"{REGISTRATION}/pre-checks")):
        answer = world.clerk.request(method, path, content=body, headers=JSON | {"If-Match": '"0"'})
        assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")
        assert " / " in answer.json()["detail"]


def test_a_body_of_200_levels_is_read(world: World) -> None:
    answer = world.clerk.post(FILINGS, content=b'{"a":' * 200 + b"1" + b"}" * 200, headers=JSON)
    assert (answer.status_code, "/a") == (422, next(e["pointer"] for e in answer.json()["errors"] if e["code"] == "unknown-field"))


@pytest.mark.parametrize("body", [b"", b"null", b"[]", b'"x"', b"1", b"true"])
def test_a_body_that_is_no_object_is_refused(world: World, body: bytes) -> None:
    assert world.clerk.post(FILINGS, content=body, headers=JSON).status_code == 422


def test_u0000_is_named_by_its_field(world: World) -> None:
    body = filing("慈溪\u0000厂")
    body["premises"]["address"] = "\u0000"
    answer = world.clerk.post(FILINGS, json=body)
    assert (answer.status_code, answer.json()["code"]) == (422, "text-invisible-characters")
    assert [error["pointer"] for error in answer.json()["errors"]] == ["/enterprise_name", "/premises/address"]


@pytest.mark.parametrize("kind", ["text/plain", "application/xml", "multipart/form-data", "application/x-www-form-urlencoded", "x"])
def test_a_body_of_another_kind_is_refused(world: World, kind: str) -> None:
    answer = world.clerk.post(FILINGS, content=GOOD, headers={"Content-Type": kind})
    assert (answer.status_code, "application/json" in answer.json()["errors"][0]["message"]) == (422, True)


def test_ten_megabytes_are_refused_whether_declared_or_not(world: World) -> None:
    def unannounced() -> Iterator[bytes]:
        yield from (b"x" * 65_536 for _ in range(160))

    for content in (b"x" * 10_000_000, unannounced()):
        answer = world.clerk.post(FILINGS, content=content, headers=JSON)
        assert (answer.status_code, answer.json()["code"]) == (413, "body-too-large")


def test_a_large_body_is_not_read_for_somebody_unknown(world: World) -> None:
    answer = world.by().post(f"{FILINGS}:batch", content=b"[" * 30_000_000)
    assert answer.status_code == 401


@pytest.mark.parametrize(
    ("method", "path"), [("PATCH", f"{NOTIFIER}/endpoints/x:import"), ("PUT", f"{LAND}/parks/x:batch"), ("POST", "/x:import")]
)
def test_a_large_body_is_for_the_calls_that_take_one_and_not_for_a_name_that_ends_alike(world: World, method: str, path: str) -> None:
    answer = world.by().request(method, path, content=b"[" * 10_000_000)
    assert (answer.status_code, answer.json()["code"]) == (413, "body-too-large")


def test_bytes_that_arrive_one_by_one_are_a_body(world: World) -> None:
    slow = (bytes([byte]) for byte in json.dumps(filing("慈溪线慢厂")).encode())
    assert world.clerk.post(FILINGS, content=slow, headers=JSON).status_code == 201


def test_a_correlation_id_comes_back_only_if_it_is_a_plain_one(world: World) -> None:
    for given, kept in ((b"walk-7.a:b", True), (b"a b", False), (b"x" * 200, False), (b"\xc3\xa9", False), (b"<b>", False)):
        answer = world.clerk.get(f"{FILINGS}/x", headers={b"X-Correlation-Id": given})
        assert (answer.headers["x-correlation-id"].encode() == given) is kept


@pytest.mark.parametrize(
    ("request_line", "statuses"),
    [
        (b"OPTIONS * HTTP/1.1", {404, 405}),
        (b"GET /registration/v1/filings/%00 HTTP/1.1", {422}),
        (b"GET /registration/v1/filings/%ff%fe HTTP/1.1", {404, 422}),
        (b"GET /registration/v1/filings/a%2f..%2fb HTTP/1.1", {404, 422}),
        (b"GET /../../etc/passwd HTTP/1.1", {404}),
        (b"GET /docs-files/..%2f..%2fpyproject.toml HTTP/1.1", {404}),
        (b"GET /registration/v1/filings?enterprise=%ff%00 HTTP/1.1", {422}),
        (b"TRACE / HTTP/1.1", {405}),
        (b"POST / HTTP/1.1", {405}),
        (b"GET /registration/v1/filings/\xff HTTP/1.1", {400}),
        ("GET /registration/v1/filings?enterprise=慈溪 HTTP/1.1".encode(), {400}),
        (b"GET / HTTP/1.1\r\nX-Correlation-Id: a\nSet-Cookie: b=c", {400}),
        (b"POST /registration/v1/filings HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked", {400}),
        (b"POST /registration/v1/filings HTTP/1.1\r\nContent-Length: -1", {400}),
    ],
)
def test_a_path_or_header_that_is_none_is_no_failure(world: World, request_line: bytes, statuses: set[int]) -> None:
    answer = spoken(world, request_line)
    status = int(answer.split(b" ", 2)[1])
    assert status in statuses
    assert b"set-cookie" not in answer.lower()
    assert b"x-correlation-id" in answer.lower()
    assert status == 200 or b"application/problem+json" in answer


def spoken(world: World, request_line: bytes) -> bytes:
    """The beginning of what the server says to these bytes."""
    host, port = world.system.url.removeprefix("http://").split(":")
    token = world.clerk.headers["authorization"].encode()
    with socket.create_connection((host, int(port)), timeout=10) as line:
        line.sendall(request_line + b"\r\nHost: x\r\nAuthorization: " + token + b"\r\nConnection: close\r\n\r\n")
        return line.recv(65_536)


@pytest.mark.parametrize("seen", ["", "*", "abc", "-1", "1.0", '"', '"1", "2"', "1,2", "9" * 30, '"0"', "\u00bd".encode()])
def test_a_version_that_is_not_the_present_one_changes_nothing(world: World, seen: str) -> None:
    before = made(world.clerk.get(f"{FILINGS}/{world.ids['filing']}"))
    for verb in ("amend", "withdraw"):
        answer = world.clerk.post(
            f"{FILINGS}/{world.ids['filing']}:{verb}", json={"business_scope": "x"} if verb == "amend" else {}, headers={"If-Match": seen}
        )
        assert (answer.status_code, answer.json()["code"]) == (412, "stale-version")
    without = world.clerk.post(f"{FILINGS}/{world.ids['filing']}:withdraw")
    assert (without.status_code, without.json()["code"]) == (428, "precondition-required")
    assert made(world.clerk.get(f"{FILINGS}/{world.ids['filing']}")) == before


@pytest.mark.parametrize("key", ["", "x" * 256, "a\tb", "键".encode(), b"\xff"])
def test_a_key_that_is_not_printable_ascii_is_refused(world: World, key: str) -> None:
    answer = world.clerk.post(FILINGS, json=filing("慈溪线键厂"), headers={"Idempotency-Key": key})
    assert (answer.status_code, answer.json()["code"]) == (422, "bad-idempotency-key")
    assert answer.json()["errors"][0]["pointer"] == "/header/Idempotency-Key"


def test_one_key_of_many_callers_at_once_makes_one_filing(world: World) -> None:
    def call(number: int) -> Answer:
        same, headers = filing("慈溪线同厂"), {**world.clerk.headers, "Idempotency-Key": "at-once"}
        return httpx.post(world.system.url + FILINGS, json=same, headers=headers, timeout=60)

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(call, range(24)))
    statuses = Counter(answer.status_code for answer in answers)
    assert set(statuses) <= {201, 409}
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} <= {"idempotency-in-progress"}
    assert len({answer.json()["filing_id"] for answer in answers if answer.status_code == 201}) == 1
    replayed = call(0)
    assert (replayed.status_code, replayed.headers["idempotency-replayed"]) == (201, "true")
    other = world.clerk.post(FILINGS, json=filing("慈溪线另厂"), headers={"Idempotency-Key": "at-once"})
    assert (other.status_code, other.json()["code"]) == (409, "idempotency-key-reused")
    theirs = world.by("integrator", sub="other").post(FILINGS, json=filing("慈溪线他厂"), headers={"Idempotency-Key": "at-once"})
    assert theirs.status_code == 201


def test_of_two_who_saw_the_same_version_one_is_told_to_look_again(world: World) -> None:
    body = filing("慈溪线争厂")
    filing_id = made(world.clerk.post(FILINGS, json=body))["filing_id"]
    held = settled(world.clerk, filing_id)

    def withdraw(_: int) -> int:
        headers = {**world.clerk.headers, "If-Match": f'"{held["version"]}"'}
        return httpx.post(f"{world.system.url}{FILINGS}/{filing_id}:withdraw", headers=headers, timeout=60).status_code

    with ThreadPoolExecutor(8) as pool:
        assert Counter(pool.map(withdraw, range(8))) == {200: 1, 412: 7}


def test_an_answer_given_before_a_restart_is_given_again_after_it(tmp_path: Path) -> None:
    key = {"Idempotency-Key": "before"}
    with Embedded(SERVICES, tmp_path) as system, system.client("clerk") as clerk:
        first = clerk.post(FILINGS, json=filing("慈溪线再厂"), headers=key)
    with Embedded(SERVICES, tmp_path) as system, system.client("clerk") as clerk:
        again = clerk.post(FILINGS, json=filing("慈溪线再厂"), headers=key)
    assert (again.status_code, again.headers["idempotency-replayed"]) == (201, "true")
    assert (again.content, again.headers["location"]) == (first.content, first.headers["location"])
