"""The list of policy sets: the shipped one first, then those handed in, a page at a time."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from chassis.transaction import Transaction
from contracts.policy import CURRENT
from tests.registration.vocabulary import TODAY, Door, door

pytestmark = pytest.mark.usefixtures("backend")

SHIPPED = (CURRENT.ref.id, CURRENT.ref.version)
HANDED_IN = [("another-city", 1), (CURRENT.ref.id, 2), (CURRENT.ref.id, 11)]


@pytest.fixture
async def at(tmp_path: Path) -> AsyncIterator[Door]:
    """Three sets were handed in; the second has one signature, the third two."""
    async with door(tmp_path) as each:
        for name, version in HANDED_IN:
            body = CURRENT.set.model_dump(mode="json") | {"id": name, "version": version}
            assert (await each.caller("admin", unit="MGO")("POST", "/policies", body)).status_code == 201
        for unit, version in (("MGO", 2), ("MGO", 11), ("AMR", 11)):
            each.clock.advance(timedelta(minutes=1))
            admin = each.caller("admin", unit=unit, sub=f"admin-{unit}")
            activation = {"effective_from": TODAY.isoformat(), "reason": "会议纪要"}
            assert (await admin("POST", f"/policies/{CURRENT.ref.id}/{version}:activate", activation)).is_success
        yield each


async def page(at: Door, limit: int, cursor: str | None = None) -> tuple[list[dict[str, Any]], str | None]:
    after = "" if cursor is None else f"&cursor={cursor}"
    answer = (await at.caller("auditor")("GET", f"/policies?limit={limit}{after}")).json()
    return answer["items"], answer["next_cursor"]


@pytest.mark.parametrize("limit", [1, 2, 3, 4, 5])
async def test_page_by_page_every_set_is_listed_once(at: Door, limit: int) -> None:
    seen, (items, cursor) = [], await page(at, limit)
    while cursor is not None:
        assert len(items) == limit
        seen += items
        items, cursor = await page(at, limit, cursor)
    seen += items
    assert [(each["id"], each["version"]) for each in seen] == [SHIPPED, *HANDED_IN]
    assert [(each["state"], each["signed"]) for each in seen] == [
        ("shipped", []),
        ("draft", []),
        ("one_signature", ["MGO"]),
        ("activated", ["MGO", "AMR"]),
    ]


async def test_the_signatures_of_a_page_are_read_at_once(at: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[str] = []
    rows = Transaction.rows

    def counted(tx: Transaction, statement: Any, parameters: Any = None) -> Any:
        looks.append(str(statement))
        return rows(tx, statement, parameters)

    monkeypatch.setattr(Transaction, "rows", counted)
    assert len((await page(at, 50))[0]) == 4
    assert sum("policy_signature" in look for look in looks) == 1


async def test_a_set_that_does_not_word_every_case_is_neither_taken_nor_tried(at: Door) -> None:
    key = "non_industrial_site:without_statement"
    body = CURRENT.set.model_dump(mode="json") | {"version": 12}
    body["switches"]["three_phase_ban_scope"] = "without_statement"
    del body["reasons"][key]
    for path in ("/policies", "/decisions:what-if"):
        answer = await at.caller("admin", unit="MGO")("POST", path, body)
        assert answer.status_code == 422, answer.text
        assert [(each["pointer"], each["code"]) for each in answer.json()["errors"]] == [(f"/reasons/{key}", "wording-missing")]
