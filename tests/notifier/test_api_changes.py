"""What changes an endpoint or a delivery, what follows from it, and the version that each answer names."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest

from chassis.service import Service
from chassis.testing import client, command, eventually
from services.notifier import handlers
from services.notifier.domain import Channel, ChannelType
from services.notifier.handlers.endpoints import Registration
from tests.notifier.receivers import answer_with, never_answer, receiver
from tests.notifier.test_api import DELIVERIES, ENDPOINTS, asked, ended, notifier, told
from tests.notifier.vocabulary import REFUSED, XINPU, refusal


async def taken_by_an_earlier_release(service: Service, address: str) -> None:
    """An endpoint whose address would be refused today."""
    wanted = Registration("AMR", Channel(ChannelType.WEBHOOK, address), (REFUSED,), None, "zh")
    await service.database.write(lambda tx: handlers.create([command(wanted)], tx))


async def version_of(admin: httpx.AsyncClient, delivery_id: str) -> int:
    """As the ETag of the delivery and its body say."""
    answer = await admin.get(f"{DELIVERIES}/{delivery_id}")
    version: int = answer.json()["version"]
    assert answer.headers["etag"] == f'"{version}"'
    return version


async def test_an_attempt_that_ends_as_nobody_foresaw_is_a_failed_one_and_holds_nobody_up_for_ever(tmp_path: Path) -> None:
    async with notifier(tmp_path) as service, client(service, ["admin"]) as admin:
        await taken_by_an_earlier_release(service, "no address")
        await told(service, refusal(), refusal(seq=2))
        given_up = await eventually(lambda: _two(admin), 10)
        for delivery in given_up:
            assert [(each["status_code"], each["error"]) for each in delivery["attempts"]] == [(None, "UnsupportedProtocol")] * 3


async def _two(admin: httpx.AsyncClient) -> list[dict[str, Any]]:
    found = await ended(admin, "exhausted")
    return found if len(found) == 2 else []


async def test_the_version_of_a_delivery_grows_with_every_change(tmp_path: Path) -> None:
    away = answer_with(b"HTTP/1.1 500 Broken\r\nContent-Length: 0\r\n\r\n")
    async with receiver(away) as there, notifier(tmp_path) as service, client(service, ["admin"]) as admin:
        endpoint_id = (await admin.post(ENDPOINTS, json=asked(there.url))).json()["endpoint_id"]
        made = await admin.post(f"{ENDPOINTS}/{endpoint_id}:test")
        delivery_id = made.json()["delivery_id"]
        assert (made.headers["etag"], made.json()["version"]) == ('"1"', 1)
        await ended(admin, "exhausted")
        assert await version_of(admin, delivery_id) == 4, "three attempts"
        again = await admin.post(f"{DELIVERIES}/{delivery_id}:replay")
        assert (again.headers["etag"], again.json()["version"]) == ('"5"', 5)
        await ended(admin, "exhausted")
        assert await version_of(admin, delivery_id) == 8, "three more"


async def test_what_is_given_up_with_its_endpoint_has_changed(tmp_path: Path) -> None:
    async with receiver(never_answer) as there, notifier(tmp_path) as service, client(service, ["admin"]) as admin:
        place = (await admin.post(ENDPOINTS, json=asked(there.url))).headers["location"]
        delivery_id = (await admin.post(f"{place}:test")).json()["delivery_id"]
        await admin.patch(place, json={"state": "disabled"})
        assert await version_of(admin, delivery_id) == 2


async def test_an_endpoint_becomes_another_units_and_what_waited_for_the_former_one_is_not_sent_there(tmp_path: Path) -> None:
    async with receiver(never_answer) as there, notifier(tmp_path) as service, client(service, ["admin"]) as admin:
        place = (await admin.post(ENDPOINTS, json=asked(there.url))).headers["location"]
        await told(service, refusal())
        changed = await admin.patch(place, json={"recipient": "PSC"}, headers={"If-Match": '"1"'})
        assert (changed.status_code, changed.headers["etag"], changed.json()["recipient"]) == (200, '"2"', "PSC")
        assert [item["recipient"] for item in await ended(admin, "exhausted")] == ["AMR"]
        await told(service, refusal("f2"))
        lines = (await admin.get(DELIVERIES, params={"filing_id": "f2"})).json()["items"]
        assert {item["recipient"]: item["status"] for item in lines} == {"AMR": "no_endpoint", "PSC": "pending"}


@pytest.mark.parametrize("unit", ["TWN", "SG"])
async def test_an_endpoint_that_becomes_a_townships_names_townships(tmp_path: Path, unit: str) -> None:
    async with notifier(tmp_path) as service, client(service, ["admin"]) as admin:
        place = (await admin.post(ENDPOINTS, json=asked())).headers["location"]
        refused = await admin.patch(place, json={"recipient": unit})
        assert (refused.status_code, refused.json()["code"]) == (422, "townships-required")
        changed = await admin.patch(place, json={"recipient": unit, "townships": [XINPU]})
        assert (changed.json()["recipient"], changed.json()["version"]) == (unit, 2)
        assert (await admin.patch(place, json={"townships": None})).json()["code"] == "townships-required"
