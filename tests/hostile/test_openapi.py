"""What the OpenAPI document of each service allows, sent by somebody unknown and by somebody powerless: no form of it opens a door."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.core.result import Ok
from schemathesis.schemas import APIOperation

from tests.hostile.world import World

# the system under test runs on threads of this process: what it draws at random is no part of a generated case
pytestmark = pytest.mark.filterwarnings("ignore:Do not use the `random` module")

EXAMPLES = 2
Call = APIOperation[Any, Any, Any, Any]

DOCUMENTS = sorted((Path(__file__).resolve().parents[2] / "deploy" / "openapi").glob("*.json"))
FOUND = [found for path in DOCUMENTS for found in schemathesis.openapi.from_path(path).get_all_operations()]
CALLS: dict[str, Call] = {found.ok().label: found.ok() for found in FOUND if isinstance(found, Ok) and "/v1/" in found.ok().path}

OPEN_TO_ALL = "/land-check/v1/statement-checks/{check_code}"
UNREADABLE = (400, 413, 422)
"""What cannot be read is refused before anyone asks who sent it."""
NOTHING_STORED = ("/land-check/v1/checks", "/power-grid/v1/checks")
"""Calls by POST that everyone with a token may make."""


@schemathesis.serializer("application/x-ndjson")
def _ndjson(_: schemathesis.SerializationContext, value: object) -> bytes:
    return str(value).encode("utf-8", "surrogatepass")


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS.keys())
def test_no_form_of_a_call_opens_a_door(call: Call, world: World) -> None:
    powerless = world.system.token("supervisor", unit="SG9", sub="powerless")

    @given(st.data())
    @settings(max_examples=EXAMPLES, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
    def stays_shut(data: st.DataObject) -> None:
        case = data.draw(call.as_strategy())
        (case.query or {}).pop("wait", None)
        unknown = case.call(base_url=world.system.url, headers={"Authorization": "Bearer e30.e30.e30"})
        assert call.path == OPEN_TO_ALL or unknown.status_code in (401, *UNREADABLE), unknown.text
        answer = case.call(base_url=world.system.url, headers={"Authorization": f"Bearer {powerless}"})
        assert answer.status_code < 500, answer.text
        changed = call.method.upper() != "GET" and answer.status_code < 300
        assert not changed or call.path in NOTHING_STORED, answer.text
        for told in (unknown, answer):
            assert "Traceback" not in told.text
            assert told.status_code < 400 or told.json()["code"]

    stays_shut()
