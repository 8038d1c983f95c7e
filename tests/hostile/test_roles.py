"""Who may do what: every call of the public surface by every role, as section 3 of the surface and its tables say.

The table stands in ``roles.txt``. ``yes``: not refused for who asks. 404: to this role the thing is not there.
403: it may see the thing, or the call as such, but not do this.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.hostile.world import DIGEST, ELSEWHERE, HERE, USCC, World, entry, eventually, finding, issue, paper

# owner, other: integrators, the filing is the first one's. officer, elsewhere: of the filing's township and of another.
TABLE = Path(__file__).with_name("roles.txt").read_text(encoding="utf-8")

HEADER, *LINES = TABLE.strip("\n").splitlines()
ROLES = HEADER.split()
STALE = {"If-Match": '"0"'}
UNUSED = "nope"
"""An id nobody has: who may act is told 404, which is then no word about the role."""

BODIES: dict[str, Any] = {
    ":amend": {"business_scope": "x"},
    ":answer": {"code": "statement_missing", "text": "t"},
    ":appeal": {"text": "t"},
    ":decide-appeal": {"result": "upheld", "reason": "r", "document_sha256": DIGEST},
    "filing}:review": {"code": "land_unknown", "result": "clear", "reason": "r"},
    "clearance}:review": {"code": "watch_period", "result": "clear", "reason": "r"},
    ":extend": {"reason": "r"},
    ":record-uscc": {"uscc": USCC},
    ":set-aside": {"reason": "r"},
    ":correct": {"business_scope": "x", "reason": "r"},
    ":issue": issue(valid_to="2026-01-01"),
    ":decline": {"reason": "r"},
    ":return": {"reason": "r"},
    ":revoke": {"reason": "r"},
    ":report-forged": {"reason": "r"},
    ":resolve-unit": {"part": "industrial_part", "reason": "r"},
    ":set-township": {"township_code": HERE, "reason": "r"},
    ":advance": {"to": "close_out", "reason": "r"},
    "entry}:close": {"result": "delisted", "reason": "r"},
    "nope:close": {"result": "stands", "reason": "r"},
    ":commit": {"token": "x"},
    ":override": {"reason": "r", "document_sha256": DIGEST},
    "/statements": paper("慈溪某厂"),
    "/list-entries": entry(),
    "/findings": finding(),
    "endpoints/{endpoint}": {"lang": "zh"},
}
WITHOUT_BODY = ("GET", "DELETE")


def callers(world: World) -> dict[str, httpx.Client]:
    return {
        "clerk": world.clerk,
        "owner": world.by("integrator", sub="owner"),
        "other": world.by("integrator", sub="other"),
        "officer": world.officer,
        "elsewhere": world.by("township_officer", townships=(ELSEWHERE,)),
        "map": world.map_office,
        "reviewer": world.by("reviewer", unit="EEB"),
        "grid": world.grid,
        "super": world.by("supervisor", unit="SG1"),
        "auditor": world.by("auditor"),
        "admin": world.admin,
    }


def asked(world: World, by: httpx.Client, method: str, template: str) -> httpx.Response:
    """The call with a body that is understood, and does no harm where the role may make it."""
    body: Any = next((body for ending, body in BODIES.items() if template.endswith(ending)), {})
    headers = STALE if method != "GET" else {}
    path = template.format(**world.ids)
    return by.request(method, path, headers=headers, json=None if method in WITHOUT_BODY else body)


def word(answer: httpx.Response, template: str) -> str:
    if answer.status_code == 404 and UNUSED in template:
        return "yes"
    return str(answer.status_code) if answer.status_code in (401, 403, 404) else "yes"


@pytest.mark.parametrize("line", LINES, ids=[" ".join(line.split()[:2]) for line in LINES])
def test_each_role_may_do_what_the_table_says_and_no_more(world: World, line: str) -> None:
    method, template, *expected = line.split()
    answers = {role: asked(world, by, method, template) for role, by in callers(world).items()}
    assert {role: word(answer, template) for role, answer in answers.items()} == dict(zip(ROLES, expected, strict=True))
    for answer in answers.values():
        assert answer.status_code < 500 or answer.json()["code"] == "not-implemented-yet", answer.text
    nobody = asked(world, world.by(), method, template)
    assert (nobody.status_code, nobody.json()["code"]) == (401, "unauthenticated")
    assert nobody.headers["www-authenticate"].startswith("Bearer")


def test_the_table_names_every_call_there_is(world: World) -> None:
    document = world.by().get("/openapi.json").json()
    there = {(verb.upper(), shape(path)) for path, calls in document["paths"].items() for verb in calls if "/v1/" in path}
    named = {
        (line.split()[0], shape(line.split()[1].replace(UNUSED, "{}").replace("x/1:", "{}/{}:").replace("cixi-source-control/1", "{}/{}")))
        for line in LINES
    }
    assert named == there - {("GET", "/land-check/v1/statement-checks/{}")}


def shape(path: str) -> str:
    return "".join("{}" if place % 2 else part for place, part in enumerate(path.replace("}", "{").split("{")))


def test_anyone_may_look_up_a_check_code_and_learns_nothing_personal(world: World) -> None:
    path = f"/land-check/v1/statement-checks/{world.ids['check_code']}"
    answer = eventually(lambda: given(world.by().get(path)))  # those who ask too often wait
    assert set(answer.json()) == {"issuer", "issued_on", "valid_to", "state"}


def given(answer: httpx.Response) -> httpx.Response | None:
    return answer if answer.is_success else None
