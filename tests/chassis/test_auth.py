"""Tokens and roles: who may call, and what a caller without the right is told."""

from __future__ import annotations

import asyncio
import base64
import stat
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import orjson
import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, OKPKey

from chassis.auth import Gatekeeper, Principal
from chassis.clock import SystemClock
from chassis.problems import Problem
from chassis.service import Service
from chassis.testing import client
from chassis.tokens import ALGORITHM, AUDIENCE, DEVELOPMENT_ISSUER, KEY_FILE, DevelopmentIssuer
from tests.chassis.notes_service import notes_service


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Service]:
    service = notes_service(tmp_path)
    await service.start()
    yield service
    await service.stop()


async def ask(service: Service, authorization: str | None) -> httpx.Response:
    async with client(service) as http:
        return await http.get("/notes/v1/notes", headers={} if authorization is None else {"Authorization": authorization})


def claims(**more: object) -> dict[str, object]:
    now = int(SystemClock().now().timestamp())
    return {"iss": DEVELOPMENT_ISSUER, "aud": AUDIENCE, "sub": "a", "roles": ["clerk"], "townships": [], "exp": now + 60} | more


def unpadded(part: dict[str, object]) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(part)).decode().rstrip("=")


def signed(data: Path, payload: dict[str, object]) -> str:
    key = OKPKey.import_key(orjson.loads((data / KEY_FILE).read_bytes()))
    return jwt.encode({"alg": ALGORITHM}, payload, key, algorithms=[ALGORITHM])


async def test_a_caller_is_who_the_token_says(tmp_path: Path) -> None:
    token = DevelopmentIssuer(tmp_path).token("s", roles=["clerk"], name="张三", townships=["330282112"], unit="AMR")

    principal = await Gatekeeper(DevelopmentIssuer(tmp_path)).principal(f"Bearer {token}")

    assert principal == Principal("s", "张三", frozenset({"clerk"}), frozenset({"330282112"}), "AMR")
    assert principal.has("grid", "clerk")
    assert not principal.has("grid")


@pytest.mark.parametrize("header", [None, "", "Basic YTpi", "Bearer", "Bearer x", "Bearer a.b.c", "Bearer ~~~"])
async def test_no_token_or_nonsense_is_401(service: Service, header: str | None) -> None:
    answer = await ask(service, header)

    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")
    assert answer.headers["www-authenticate"].startswith("Bearer")


WRONG = {
    "expired": {"exp": 1_000_000},
    "for another system": {"aud": "elsewhere"},
    "of another issuer": {"iss": "elsewhere"},
    "without end": {"exp": None},
    "roles are no list": {"roles": "clerk"},
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG.keys())
async def test_a_token_that_does_not_hold_is_401(service: Service, wrong: dict[str, object]) -> None:
    answer = await ask(service, f"Bearer {signed(service.settings.data, claims(**wrong))}")

    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")


async def test_a_token_signed_by_someone_else_is_401(service: Service, tmp_path_factory: pytest.TempPathFactory) -> None:
    other = DevelopmentIssuer(tmp_path_factory.mktemp("other")).token("s", roles=["clerk"])
    symmetric = jwt.encode({"alg": "HS256"}, claims(), OctKey.import_key("x" * 32), algorithms=["HS256"])
    unsigned = ".".join([unpadded({"alg": "none"}), unpadded(claims()), ""])

    for token in (other, symmetric, unsigned):
        assert (await ask(service, f"Bearer {token}")).status_code == 401


async def test_a_token_that_ends_while_it_is_remembered_is_refused(tmp_path: Path) -> None:
    class Remembered(Gatekeeper):
        later = 0.0

        def _seconds(self) -> float:
            return super()._seconds() + self.later

    gatekeeper = Remembered(DevelopmentIssuer(tmp_path))
    header = f"Bearer {DevelopmentIssuer(tmp_path).token('s', roles=['clerk'], ttl=60)}"
    await gatekeeper.principal(header)

    gatekeeper.later = 61

    with pytest.raises(Problem, match="401"):
        await gatekeeper.principal(header)


async def test_the_wrong_role_is_403(service: Service) -> None:
    async with client(service, ["auditor"]) as http:
        answer = await http.post("/notes/v1/notes", json={"text": "a"})

    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")


async def test_who_may_not_write_is_told_so_before_the_body_is_judged(service: Service) -> None:
    async with client(service, ["auditor"]) as http:
        answer = await http.post("/notes/v1/notes", json={"nonsense": True})

    assert answer.status_code == 403


def test_the_key_is_readable_by_its_owner_only_and_made_once(tmp_path: Path) -> None:
    token = DevelopmentIssuer(tmp_path).token("s", roles=[])
    again = DevelopmentIssuer(tmp_path)

    assert asyncio.run(again.claims(token))["sub"] == "s"
    assert stat.S_IMODE((tmp_path / KEY_FILE).stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == [KEY_FILE]
