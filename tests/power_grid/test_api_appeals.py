"""An appeal against a block over HTTP: who may, what is shown to whom, what the notices say, how it stood then."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from chassis.clock import FixedClock, rfc3339
from chassis.service import Service
from chassis.testing import NOON
from contracts.vocabulary import LandVerdict
from tests.power_grid.events import HOUSE, MAKER, SHA, TRADER, Filed, parcel
from tests.power_grid.test_api import body, hear
from tests.power_grid.vocabulary import caller, running

API = "/power-grid/v1"
APPEAL = {"text": "该处为仓库，张三", "documents": [{"name": "照片", "sha256": SHA}]}
DECISION = {"result": "reversed", "reason": "经复核并非生产", "document_sha256": SHA}
WHO = {
    "company": ("grid", "PSC"),
    "clerk": ("clerk", None),
    "office": ("reviewer", "MGO"),
    "ecology": ("reviewer", "EEB"),
    "map_office": ("map_officer", None),
    "stranger": ("integrator", None),
}


class Desks:
    """Everybody who may come to a block at a maker's house, and a request that waits there."""

    def __init__(self, power: Service, clock: FixedClock, callers: dict[str, httpx.AsyncClient]) -> None:
        self.power, self.clock, self._callers = power, clock, callers
        self.block = self.clearance = ""

    async def get(self, who: str, path: str, **query: str) -> httpx.Response:
        return await self._callers[who].get(API + path, params=query)

    async def read(self, who: str, path: str, **query: str) -> Any:
        answer = await self.get(who, path, **query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def page(self, path: str) -> str:
        return (await self.get("clerk", f"{path}/notice")).text

    async def post(self, who: str, path: str, sent: Any, **headers: str) -> httpx.Response:
        return await self._callers[who].post(API + path, json=sent, headers=headers)

    async def open(self) -> None:
        filing = Filed()
        await hear(self.power, parcel(), filing.submitted(), filing.judged(LandVerdict.NON_INDUSTRIAL), filing.held())
        asked = await self.post("company", "/install-requests", body(parcel_code=HOUSE, industry=MAKER))
        self.clearance = f"/clearances/{asked.json()['clearance_id']}"
        self.block = f"/blocks/{(await self.read('company', '/blocks'))['items'][-1]['block_id']}"

    async def is_lifted(self) -> None:
        await hear(self.power, parcel(verdict=LandVerdict.INDUSTRIAL, version=2, at=NOON + timedelta(hours=1)))


@pytest.fixture
async def desks(tmp_path: Path) -> AsyncIterator[Desks]:
    clock = FixedClock(NOON)
    async with running(tmp_path, clock) as power, AsyncExitStack() as doors:
        callers = {who: await doors.enter_async_context(caller(power, role, sub=who, unit=unit)) for who, (role, unit) in WHO.items()}
        desks = Desks(power, clock, callers)
        await desks.open()
        yield desks


@pytest.mark.parametrize(
    ("who", "verb", "sent", "status"),
    [
        ("stranger", "appeal", APPEAL, 404),
        ("map_office", "appeal", APPEAL, 403),
        ("office", "appeal", APPEAL, 403),
        ("clerk", "appeal", {"text": ""}, 422),
        ("clerk", "appeal", {**APPEAL, "more": 1}, 422),
        ("clerk", "appeal", {"text": "x", "documents": [{"name": "照片", "sha256": "x"}]}, 422),
        ("stranger", "decide-appeal", DECISION, 404),
        ("clerk", "decide-appeal", DECISION, 403),
        ("company", "decide-appeal", DECISION, 403),
        ("ecology", "decide-appeal", DECISION, 403),
        ("office", "decide-appeal", {**DECISION, "result": "clear"}, 422),
        ("office", "decide-appeal", DECISION, 409),
    ],
)
async def test_who_may_not_or_says_it_wrong_is_refused(desks: Desks, who: str, verb: str, sent: Any, status: int) -> None:
    answer = await desks.post(who, f"{desks.block}:{verb}", sent)
    assert (answer.status_code, answer.json()["status"]) == (status, status)
    assert (await desks.read("clerk", desks.block))["appeal"] is None


async def test_filed_once_it_is_open_and_what_was_written_is_for_those_who_need_it(desks: Desks) -> None:
    key = {"Idempotency-Key": "appeal-1"}
    filed, again = [await desks.post("clerk", f"{desks.block}:appeal", APPEAL, **key) for _ in range(2)]
    assert (filed.status_code, again.status_code, again.headers["Idempotency-Replayed"]) == (200, 200, "true")
    assert filed.json() == again.json()
    appeal = {"state": "open", "filed_at": rfc3339(NOON), "decided_at": None, "reason": None}
    assert (await desks.read("map_office", desks.block))["appeal"] == appeal
    assert (await desks.read("office", desks.block))["appeal"] == {**appeal, **APPEAL, "document_sha256": None}
    once_more = await desks.post("company", f"{desks.block}:appeal", APPEAL)
    assert (once_more.status_code, once_more.json()["code"]) == (409, "wrong-state")


async def test_the_notices_name_the_way_to_appeal_and_its_state(desks: Desks) -> None:
    number = desks.block.removeprefix("/blocks/")
    for path in (desks.block, desks.clearance):
        assert f"凭限制编号 {number} 在本系统提出申诉" in await desks.page(path)
    await desks.post("clerk", f"{desks.block}:appeal", APPEAL)
    for path in (desks.block, desks.clearance):
        assert "已提出申诉，尚未决定" in await desks.page(path)
    await desks.post("office", f"{desks.block}:decide-appeal", DECISION)
    hold = (await desks.read("clerk", f"/sites/{HOUSE}"))["block_id"]
    for path, words in ((desks.block, "撤销限制，改为暂缓"), (f"/blocks/{hold}", "不因此放行"), (desks.clearance, "不因此放行")):
        page = await desks.page(path)
        assert words in page, path
        assert "张三" not in page


async def test_reversed_the_site_is_held_instead_and_everything_shows_it(desks: Desks) -> None:
    await desks.post("clerk", f"{desks.block}:appeal", APPEAL)
    decided = await desks.post("office", f"{desks.block}:decide-appeal", DECISION)
    shown = decided.json()["appeal"]
    assert (decided.status_code, shown["state"], shown["reason"]) == (200, "reversed", DECISION["reason"])
    site = await desks.read("clerk", f"/sites/{HOUSE}")
    assert (site["three_phase"], site["appeal_reversed"], site["reasons"][0]["code"]) == ("hold", True, "non_industrial_site")
    hold = await desks.read("clerk", f"/blocks/{site['block_id']}")
    assert (hold["type"], f"/blocks/{hold['after_appeal_of']}", hold["appeal"]) == ("hold", desks.block, None)
    feed = (await desks.read("company", "/blocks"))["items"]
    assert [item["type"] for item in feed][-2:] == ["block_lifted", "hold_imposed"]
    held = await desks.read("company", desks.clearance)
    assert (held["decision"], held["appeal_reversed"], held["token"]) == ("hold", True, None)
    assert [past["decision"] for past in held["history"]] == ["block"]


async def test_a_block_is_read_as_it_stood_then(desks: Desks) -> None:
    moments = [NOON, NOON + timedelta(hours=1), NOON + timedelta(hours=2), NOON + timedelta(hours=3)]
    seen = [await desks.read("clerk", desks.block)]
    for moment, (who, verb, sent) in zip(
        moments[1:], [("company", "acknowledge", None), ("clerk", "appeal", APPEAL), ("office", "decide-appeal", DECISION)], strict=True
    ):
        desks.clock.set(moment)
        assert (await desks.post(who, f"{desks.block}:{verb}", sent)).status_code == 200
        seen.append(await desks.read("clerk", desks.block))
    assert [one["appeal"] and one["appeal"]["state"] for one in seen] == [None, None, "open", "reversed"]
    for moment, then in zip(moments, seen, strict=True):
        assert await desks.read("clerk", desks.block, as_of=rfc3339(moment)) == {**then, "as_of": rfc3339(moment)}
    early, late = await desks.get("clerk", desks.block, as_of="2026-11-21"), await desks.get("clerk", desks.block, as_of="2027-01-01")
    assert [(each.status_code, each.json()["code"]) for each in (early, late)] == [(404, "not-known-then"), (422, "as-of-to-come")]
    site = await desks.read("clerk", f"/sites/{HOUSE}", as_of=rfc3339(NOON))
    assert (site["three_phase"], f"/blocks/{site['block_id']}") == ("block", desks.block)


async def test_an_appeal_that_its_block_did_not_outlive_is_shown_as_lapsed(desks: Desks) -> None:
    assert (await desks.post("company", f"{desks.block}:appeal", {"text": "不服"})).status_code == 200
    await desks.is_lifted()
    assert (await desks.read("company", desks.block))["appeal"]["state"] == "lapsed"
    assert "申诉终止" in await desks.page(desks.block)
    shop = await desks.post("company", "/install-requests", body("PSC-2", parcel_code=HOUSE, industry=TRADER))
    assert shop.json()["decision"] == "allow"
