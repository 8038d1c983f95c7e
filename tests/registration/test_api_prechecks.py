"""A filing tried without being filed: answered as it would be decided, never allowed when the land side is silent."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.registration.vocabulary import door, land, sent

ASKED = {name: value for name, value in sent().items() if name not in ("enterprise_name", "applicant", "business_scope")}

HOUSE = {
    "land_verdict": "non_industrial",
    "statement": "required_missing",
    "flags": ["village_strict"],
    "three_phase": "block",
    "reasons": [],
}


def land_side(answer: Callable[[httpx.Request], httpx.Response]) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.MockTransport(answer), base_url="http://peers")


async def tried(data: Path, peers: httpx.AsyncClient | None, **changes: Any) -> dict[str, Any]:
    async with door(data, peers) as at:
        answer = await at.caller("integrator")("POST", "/pre-checks", ASKED | changes)
        assert answer.status_code == 200, answer.text
        assert (await at.caller("clerk")("GET", "/filings")).json()["items"] == []
        return dict(answer.json())


async def test_a_house_would_wait_for_its_paper_and_get_no_transformer(tmp_path: Path) -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json=HOUSE)

    decision = await tried(tmp_path, land_side(answer))
    assert (decision["outcome"], decision["flags"], decision["three_phase"]) == ("hold", ["village_strict"], "block")
    assert decision["reasons"][0]["due"] == "2026-12-04"
    assert seen[0].url.path == "/land-check/v1/checks"
    assert seen[0].headers["authorization"].startswith("Bearer ")


async def test_whole_findings_are_used_where_they_are_given(tmp_path: Path) -> None:
    findings = land("industrial", park_id="P1").model_dump(mode="json")
    body = HOUSE | {"land_verdict": "industrial", "three_phase": "allow", "findings": findings}
    decision = await tried(tmp_path, land_side(lambda _: httpx.Response(200, json=body)))
    assert [reason["code"] for reason in decision["reasons"]] == ["park_admission_missing"]


def unreachable(_: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("nobody there")


@pytest.mark.parametrize(
    "peers",
    [
        None,
        land_side(unreachable),
        land_side(lambda _: httpx.Response(503)),
        land_side(lambda _: httpx.Response(200, content=b"<html>")),
        land_side(lambda _: httpx.Response(200, json=[])),
        land_side(lambda _: httpx.Response(200, json={"land_verdict": "perhaps"})),
        land_side(lambda _: httpx.Response(200, json=HOUSE | {"land_verdict": "industrial", "three_phase": "perhaps"})),
    ],
)
async def test_a_silent_or_strange_land_side_is_no_permission(tmp_path: Path, peers: httpx.AsyncClient | None) -> None:
    decision = await tried(tmp_path, peers)
    assert (decision["outcome"], decision["land_verdict"], decision["three_phase"]) == ("hold", "pending", "hold")
