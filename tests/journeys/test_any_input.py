"""Whatever is sent to whatever call: an answer in the agreed form, never a failure of ours. The calls come from the OpenAPI documents."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.core.result import Ok
from schemathesis.schemas import APIOperation

from contracts.vocabulary import Role
from deploy.running import Embedded

# the system under test runs on threads of this process: what it draws at random is no part of a generated case
pytestmark = [
    pytest.mark.filterwarnings("ignore:Do not use the `random` module"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),  # of the libraries that apprise loads
]

EXAMPLES = 12
NOT_PROVIDED_YET = 501
EVERY_ROLE = [role.value for role in Role]

GARBAGE = {
    "nothing": b"",
    "a byte that is no UTF-8": b'{"reason": "\xff"}',
    "half a surrogate pair": b'{"reason": "\\ud800"}',
    "a NUL character": b'{"reason": "\\u0000", "enterprise_name": "\\u0000"}',
    "not an object": b"[]",
    "cut off": b'{"reason": ',
    "a number without end": b'{"capacity_kva": 1e999, "year": 123456789012345678901234567890}',
    "no number": b'{"capacity_kva": NaN}',
    "very deep": b"[" * 100_000,
    "ten megabytes": b'{"reason": "' + b"x" * 10_000_000 + b'"}',
}

Call = APIOperation[Any, Any, Any, Any]

DOCUMENTS = sorted((Path(__file__).resolve().parents[2] / "deploy" / "openapi").glob("*.json"))
FOUND = [found for path in DOCUMENTS for found in schemathesis.openapi.from_path(path).get_all_operations()]
CALLS: dict[str, Call] = {found.ok().label: found.ok() for found in FOUND if isinstance(found, Ok)}
CHANGES = {label: call for label, call in CALLS.items() if call.method in ("post", "put", "patch")}


@schemathesis.serializer("application/x-ndjson")
def _ndjson(_: schemathesis.SerializationContext, value: object) -> bytes:
    return str(value).encode("utf-8", "surrogatepass")


@pytest.fixture(scope="session")
def headers(system: Embedded) -> dict[str, str]:
    """Someone who may do everything: what is refused is refused for what was sent."""
    return {"Authorization": f"Bearer {system.token(*EVERY_ROLE, townships=('330282112',), unit='MGO', sub='anyone')}"}


def assert_agreed_form(status: int, headers: Mapping[str, str], body: Any) -> None:
    assert status < 500 or status == NOT_PROVIDED_YET, body
    assert headers["x-correlation-id"]
    if status >= 400:
        assert headers["content-type"] == "application/problem+json"
        assert {"type", "title", "status", "detail", "code"} <= body.keys()
        assert body["status"] == status


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS.keys())
def test_every_call_answers_any_input_in_the_agreed_form(call: Call, system: Embedded, headers: dict[str, str]) -> None:
    @given(st.data())
    @settings(max_examples=EXAMPLES, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
    def answers(data: st.DataObject) -> None:
        case = data.draw(call.as_strategy())
        (case.query or {}).pop("wait", None)  # a long poll is an answer too, only later
        answer = case.call(base_url=system.url, headers=headers)
        seen = {name: values[0] for name, values in answer.headers.items()}
        assert_agreed_form(answer.status_code, seen, answer.json() if answer.status_code >= 400 else None)

    answers()


@pytest.mark.parametrize("garbage", GARBAGE.values(), ids=GARBAGE.keys())
def test_every_call_that_takes_a_body_answers_garbage_in_the_agreed_form(garbage: bytes, system: Embedded, headers: dict[str, str]) -> None:
    with httpx.Client(
        base_url=system.url, headers={**headers, "Content-Type": "application/json", "If-Match": '"1"'}, timeout=60
    ) as client:
        for call in CHANGES.values():
            answer = client.request(call.method, re.sub(r"\{\w+\}", "none", call.path), content=garbage)
            assert_agreed_form(answer.status_code, answer.headers, answer.json() if answer.status_code >= 400 else None)
