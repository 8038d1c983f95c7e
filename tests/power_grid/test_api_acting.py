"""Acting on blocks and clearances over HTTP: what answers with which version, and who is told that the thing is not there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from chassis.clock import FixedClock
from chassis.service import Service
from chassis.testing import NOON
from contracts.vocabulary import LandVerdict
from tests.power_grid.events import HOUSE, LATER, SHA, Filed, parcel
from tests.power_grid.test_api import hear
from tests.power_grid.vocabulary import caller, running

OVERRIDE = {"reason": "民生保障", "document_sha256": SHA}


@pytest.fixture
async def power(tmp_path: Path) -> AsyncIterator[Service]:
    async with running(tmp_path, FixedClock(NOON)) as service:
        yield service


async def test_a_block_a_site_and_every_action_on_them_answer_with_a_version_that_grows(power: Service) -> None:
    filing = Filed()
    await hear(power, parcel(), filing.submitted(), filing.judged(LandVerdict.NON_INDUSTRIAL))
    async with (
        caller(power, "grid", sub="psc-1", unit="PSC") as grid,
        caller(power, "admin", sub="amr-1", unit="AMR") as market,
        caller(power, "admin", sub="mgo-1", unit="MGO") as office,
    ):
        site = await grid.get(f"/power-grid/v1/sites/{HOUSE}")
        assert site.headers["ETag"] == f'"{site.json()["site_epoch"]}"'
        block = f"/power-grid/v1/blocks/{site.json()['block_id']}"
        answers = [
            await grid.get(block),
            await grid.post(f"{block}:acknowledge"),
            await grid.post(f"{block}:acknowledge"),
            await market.post(f"{block}:acknowledge"),
            await grid.post(f"{block}:appeal", json={"text": "用于办公"}),
            await grid.get(f"{block}/notice"),
        ]
        assert [answer.headers["ETag"] for answer in answers] == ['"1"', '"2"', '"2"', '"3"', '"4"', '"4"']
        signed = [await signatory.post(f"{block}:override", json=OVERRIDE) for signatory in (office, grid)]
        assert [(answer.status_code, answer.headers["ETag"]) for answer in signed] == [(202, '"1"'), (200, '"2"')]
        await hear(power, parcel(HOUSE, LandVerdict.INDUSTRIAL, version=2, at=LATER))
        assert (await grid.get(block)).headers["ETag"] == '"5"'
        moved = await grid.get(f"/power-grid/v1/sites/{HOUSE}")
        assert moved.json()["site_epoch"] > site.json()["site_epoch"]
        assert moved.headers["ETag"] == f'"{moved.json()["site_epoch"]}"'


@pytest.mark.parametrize(
    ("action", "sent"),
    [
        ("clearances/clr_x:commit", {"token": "x"}),
        ("clearances/clr_x:review", {"code": "watch_period", "result": "clear", "reason": "r"}),
        ("blocks/blk_x:acknowledge", None),
        ("blocks/blk_x:override", OVERRIDE),
    ],
)
async def test_who_may_not_see_a_thing_gets_404_for_acting_on_it_and_who_only_sees_it_403(power: Service, action: str, sent: Any) -> None:
    answers = {}
    for role in ("integrator", "township_officer", "supervisor", "clerk", "auditor"):
        async with caller(power, role) as someone:
            answers[role] = (await someone.post(f"/power-grid/v1/{action}", json=sent)).status_code
    assert answers == {"integrator": 404, "township_officer": 404, "supervisor": 404, "clerk": 403, "auditor": 403}
