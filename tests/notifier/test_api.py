"""Endpoints and the ledger over HTTP, with a receiver that is really called."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from standardwebhooks import Webhook

from chassis.service import Service
from chassis.testing import client, eventually
from contracts.catalogue import EVENTS
from services.notifier import handlers
from services.notifier.app import create
from services.notifier.settings import NotifierSettings
from tests.notifier.receivers import answer_ok, answer_with, never_answer, receiver
from tests.notifier.vocabulary import REFUSED, refusal

ENDPOINTS, DELIVERIES = "/notifier/v1/endpoints", "/notifier/v1/deliveries"
FAST = (0.0, 0.01, 0.01)
SLACK = "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ"


@asynccontextmanager
async def notifier(folder: Path, **settings: Any) -> AsyncIterator[Service]:
    chosen = {"notifier_allow_private_addresses": True, "notifier_retry_delays": FAST, **settings}
    service = create(NotifierSettings(data=folder, **chosen))
    await service.start()
    try:
        yield service
    finally:
        await service.stop()


def asked(url: str = "https://hooks.example/", **changes: Any) -> dict[str, Any]:
    return {"recipient": "AMR", "channel": {"type": "webhook", "url": url}, "events": [REFUSED], "townships": None, "lang": "zh", **changes}


async def told(service: Service, *events: Any) -> None:
    await service.database.write(lambda tx: handlers.tell(events, tx))


async def ended(admin: httpx.AsyncClient, status: str) -> list[dict[str, Any]]:
    async def look() -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = (await admin.get(DELIVERIES, params={"status": status})).json()["items"]
        return items

    return await eventually(look, 10)


async def test_the_secret_is_shown_once(tmp_path: Path) -> None:
    async with notifier(tmp_path) as service, client(service, ["admin"]) as admin:
        made = await admin.post(ENDPOINTS, json=asked())
        assert made.status_code == 201
        assert made.json()["secret"].startswith("whsec_")
        shown = await admin.get(made.headers["location"])
        assert "secret" not in shown.json()
        assert (shown.headers["etag"], shown.json()["state"]) == ('"1"', "active")
        assert "secret" not in (await admin.get(ENDPOINTS)).json()["items"][0]


async def test_a_named_unit_gets_a_signed_call_and_the_ledger_says_so(tmp_path: Path) -> None:
    async with receiver() as there, notifier(tmp_path) as service, client(service, ["admin"]) as admin:
        secret = (await admin.post(ENDPOINTS, json=asked(there.url))).json()["secret"]
        await told(service, refusal())
        delivery = (await ended(admin, "delivered"))[0]
        event = Webhook(secret).verify(there.calls[0].body, there.calls[0].headers)
        assert there.calls[0].headers["webhook-id"] == delivery["delivery_id"]
        assert (event["type"], event["data"]["filing_id"], delivery["attempts"][0]["status_code"]) == (REFUSED, "f1", 200)
        unheard = (await admin.get(DELIVERIES, params={"recipient": "PSC"})).json()["items"]
        assert [(item["status"], item["endpoint_id"]) for item in unheard] == [("no_endpoint", None)]


async def test_a_failing_receiver_is_tried_again_under_one_id_until_the_end(tmp_path: Path) -> None:
    broken = answer_with(b"HTTP/1.1 500 Broken\r\nContent-Length: 0\r\n\r\n")
    async with receiver(broken) as there, notifier(tmp_path) as service, client(service, ["admin"]) as admin:
        await admin.post(ENDPOINTS, json=asked(there.url))
        await told(service, refusal())
        delivery = (await ended(admin, "exhausted"))[0]
        assert [attempt["status_code"] for attempt in delivery["attempts"]] == [500, 500, 500]
        assert {call.headers["webhook-id"] for call in there.calls} == {delivery["delivery_id"]}


async def test_receivers_that_hang_do_not_starve_one_that_answers(tmp_path: Path) -> None:
    settings = {"notifier_send_timeout": 3.0, "notifier_concurrency": 4}
    async with (
        receiver(never_answer) as hanging,
        receiver(answer_ok) as there,
        notifier(tmp_path, **settings) as service,
        client(service, ["admin"]) as admin,
    ):
        await admin.post(ENDPOINTS, json=asked(hanging.url))
        await admin.post(ENDPOINTS, json=asked(there.url))
        await told(service, *(refusal(f"f{number}") for number in range(30)))
        await eventually(lambda: len(there.calls) == 30, 2.5)
        assert len(hanging.calls) <= 2


async def test_gone_disables_the_endpoint(tmp_path: Path) -> None:
    gone = answer_with(b"HTTP/1.1 410 Gone\r\nContent-Length: 0\r\n\r\n")
    async with receiver(gone) as there, notifier(tmp_path) as service, client(service, ["admin"]) as admin:
        made = (await admin.post(ENDPOINTS, json=asked(there.url))).json()
        await told(service, refusal())
        await ended(admin, "exhausted")
        assert (await admin.get(f"{ENDPOINTS}/{made['endpoint_id']}")).json()["state"] == "disabled"
        assert (await admin.post(f"{ENDPOINTS}/{made['endpoint_id']}:test")).json()["code"] == "endpoint-disabled"


async def test_what_was_not_recorded_before_a_crash_is_sent_again_under_the_same_id(tmp_path: Path) -> None:
    async with receiver(never_answer) as there, notifier(tmp_path) as service, client(service, ["admin"]) as admin:
        await admin.post(ENDPOINTS, json=asked(there.url))
        await told(service, refusal())
        await eventually(lambda: there.calls)
    first = there.calls[0].headers["webhook-id"]
    async with notifier(tmp_path) as service, client(service, ["admin"]) as admin:
        delivery: Any = await eventually(lambda: _attempted(admin, first), 10)
        assert delivery["delivery_id"] == first


async def _attempted(admin: httpx.AsyncClient, delivery_id: str) -> Any:
    delivery = (await admin.get(f"{DELIVERIES}/{delivery_id}")).json()
    return delivery if delivery["attempts"] else None


async def test_a_trial_goes_through_the_same_ledger_and_a_replay_repeats_it(tmp_path: Path) -> None:
    async with receiver() as there, notifier(tmp_path) as service, client(service, ["admin"]) as admin:
        endpoint_id = (await admin.post(ENDPOINTS, json=asked(there.url))).json()["endpoint_id"]
        delivery = (await admin.post(f"{ENDPOINTS}/{endpoint_id}:test")).json()
        await ended(admin, "delivered")
        assert (await admin.post(f"{DELIVERIES}/{delivery['delivery_id']}:replay")).status_code == 200
        await eventually(lambda: len(there.calls) == 2)
        assert {call.headers["webhook-id"] for call in there.calls} == {delivery["delivery_id"]}


async def test_an_endpoint_is_changed_rotated_and_deleted(tmp_path: Path) -> None:
    async with notifier(tmp_path) as service, client(service, ["admin"]) as admin:
        made = (await admin.post(ENDPOINTS, json=asked())).json()
        place = f"{ENDPOINTS}/{made['endpoint_id']}"
        changed = await admin.patch(place, json={"townships": ["330282402"], "lang": "en"}, headers={"If-Match": '"1"'})
        assert (changed.headers["etag"], changed.json()["townships"], changed.json()["lang"]) == ('"2"', ["330282123"], "en")
        assert (await admin.patch(place, json={"lang": "zh"}, headers={"If-Match": '"1"'})).status_code == 412
        assert (await admin.post(f"{place}:rotate-secret")).json()["secret"] != made["secret"]
        assert (await admin.delete(place)).status_code == 204
        assert (await admin.get(place)).status_code == 404


async def test_a_change_to_what_is_there_already_changes_nothing(tmp_path: Path) -> None:
    async with notifier(tmp_path) as service, client(service, ["admin"]) as admin:
        made = (await admin.post(ENDPOINTS, json=asked(townships=["330282402"]))).json()
        place = f"{ENDPOINTS}/{made['endpoint_id']}"
        same = {name: made[name] for name in ("recipient", "channel", "events", "townships", "lang", "state")}
        for body in ({}, {"lang": "zh"}, same):
            answer = await admin.patch(place, json=body, headers={"If-Match": '"1"'})
            assert (answer.status_code, answer.headers["etag"], answer.json()["version"]) == (200, '"1"', 1)
        partly = await admin.patch(place, json={**same, "lang": "en"})
        assert (partly.json()["version"], partly.json()["lang"]) == (2, "en")
        assert (await admin.patch(place, json={}, headers={"If-Match": '"1"'})).status_code == 412


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of the libraries that apprise loads
@pytest.mark.parametrize(
    ("body", "code"),
    [
        (asked(recipient="TWN"), "townships-required"),
        (asked(recipient="SG"), "townships-required"),
        (asked(townships=["999999999"]), "unknown-township"),
        (asked(events=["registration.filing_eaten.v1"]), "unknown-event"),
        (asked(events=[]), "invalid-input"),
        (asked(recipient="XYZ"), "invalid-input"),
        (asked(url="not a url"), "invalid-input"),
        (asked(url="ftp://hooks.example/"), "not-a-url"),
        (asked(url="https://user:pass@hooks.example/"), "not-a-url"),
        (asked(url="https://127.0.0.1/hook"), "address-not-allowed"),
        (asked(url="http://hooks.example/"), "address-not-allowed"),
        (asked(channel={"type": "email", "to": "someone@hooks.example"}), "email-not-configured"),
        (asked(channel={"type": "email", "to": "a@b.example\r\nBcc: c@d.example"}), "invalid-input"),
        (asked(channel={"type": "apprise", "url": "json://127.0.0.1/"}), "address-not-allowed"),
        (asked(channel={"type": "apprise", "url": "json://hooks.invalid/"}), "channel-not-allowed"),
        (asked(channel={"type": "apprise", "url": "json://[/"}), "channel-not-allowed"),
        (asked(channel={"type": "apprise", "url": "dingtalk://abc/13500000000/,json://127.0.0.1:8080/x"}), "channel-not-allowed"),
        (asked(channel={"type": "apprise", "url": f"{SLACK}/?template=http://127.0.0.1/x"}), "channel-not-allowed"),
        (asked(channel={"type": "pigeon", "url": "x"}), "invalid-input"),
        (asked(colour="red"), "invalid-input"),
    ],
)
async def test_bad_endpoints_are_refused_with_a_code_and_nothing_is_kept(tmp_path: Path, body: dict[str, Any], code: str) -> None:
    async with notifier(tmp_path, notifier_allow_private_addresses=False) as service, client(service, ["admin"]) as admin:
        answer = await admin.post(ENDPOINTS, json=body)
        assert (answer.status_code, answer.json()["code"]) == (422, code)
        assert answer.json()["errors"] or code == "townships-required"
        assert (await admin.get(ENDPOINTS)).json()["items"] == []


@pytest.mark.parametrize(("roles", "status"), [([], 401), (["clerk"], 403), (["auditor"], 403)])
async def test_only_an_admin_keeps_endpoints(tmp_path: Path, roles: list[str], status: int) -> None:
    async with notifier(tmp_path) as service, client(service, roles) as someone:
        assert (await someone.post(ENDPOINTS, json=asked())).status_code == status


async def test_an_auditor_reads_the_ledger_and_may_not_replay(tmp_path: Path) -> None:
    async with notifier(tmp_path) as service, client(service, ["auditor"]) as auditor:
        await told(service, *(refusal(f"f{number}") for number in range(3)))
        page = (await auditor.get(DELIVERIES, params={"limit": 4})).json()
        rest = (await auditor.get(DELIVERIES, params={"limit": 4, "cursor": page["next_cursor"]})).json()
        assert (len(page["items"]), len(rest["items"]), rest["next_cursor"]) == (4, 2, None)
        assert len((await auditor.get(DELIVERIES, params={"filing_id": "f1"})).json()["items"]) == 2
        assert (await auditor.post(f"{DELIVERIES}/{rest['items'][0]['delivery_id']}:replay")).status_code == 403


ONE_ENDPOINT = [("GET", ""), ("PATCH", ""), ("DELETE", ""), ("POST", ":rotate-secret"), ("POST", ":test")]
ONE_DELIVERY = [("GET", ""), ("POST", ":replay")]


async def answers(caller: httpx.AsyncClient, place: str, calls: list[tuple[str, str]]) -> list[int]:
    return [(await caller.request(verb, place + end, json={} if verb == "PATCH" else None)).status_code for verb, end in calls]


@pytest.mark.parametrize("role", ["clerk", "integrator", "township_officer", "map_officer", "reviewer", "grid", "supervisor"])
async def test_to_a_role_that_may_not_see_endpoints_and_deliveries_there_are_none(tmp_path: Path, role: str) -> None:
    async with notifier(tmp_path) as service, client(service, ["admin"]) as admin, client(service, [role]) as someone:
        place = (await admin.post(ENDPOINTS, json=asked())).headers["location"]
        await told(service, refusal())
        line = f"{DELIVERIES}/{(await admin.get(DELIVERIES)).json()['items'][0]['delivery_id']}"
        assert await answers(someone, place, ONE_ENDPOINT) == [404] * 5
        assert await answers(someone, line, ONE_DELIVERY) == [404] * 2
        assert [(await someone.get(all_of_them)).status_code for all_of_them in (ENDPOINTS, DELIVERIES)] == [403, 403]
        assert (await admin.get(place)).status_code == 200


async def test_an_auditor_reads_endpoints_and_keeps_none(tmp_path: Path) -> None:
    async with notifier(tmp_path) as service, client(service, ["admin"]) as admin, client(service, ["auditor"]) as auditor:
        made = await admin.post(ENDPOINTS, json=asked())
        read = await auditor.get(made.headers["location"])
        assert read.json() == {name: value for name, value in made.json().items() if name != "secret"}
        assert (await auditor.get(ENDPOINTS)).json()["items"] == [read.json()]
        assert await answers(auditor, made.headers["location"], ONE_ENDPOINT) == [200, 403, 403, 403, 403]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of the libraries that apprise loads
@pytest.mark.parametrize(
    ("channel", "url", "seen"),
    [
        ("webhook", "https://hooks.example/amr", "https://hooks.example/amr"),
        ("webhook", "https://hooks.example/send?key=abc", "https://hooks.example/send?***"),
        ("apprise", "dingtalk://abcdefgh/13500000000/", "dingtalk://***"),
    ],
)
async def test_an_auditor_sees_no_key_that_an_address_holds(tmp_path: Path, channel: str, url: str, seen: str) -> None:
    async with notifier(tmp_path) as service, client(service, ["admin"]) as admin, client(service, ["auditor"]) as auditor:
        made = await admin.post(ENDPOINTS, json=asked(channel={"type": channel, "url": url}))
        assert made.status_code == 201, made.text
        assert (await auditor.get(made.headers["location"])).json()["channel"] == {"type": channel, "url": seen}
        assert (await admin.get(made.headers["location"])).json()["channel"] == {"type": channel, "url": url}


async def test_every_event_of_the_catalogue_can_be_asked_for(tmp_path: Path) -> None:
    async with notifier(tmp_path) as service, client(service, ["admin"]) as admin:
        made = await admin.post(ENDPOINTS, json=asked(events=sorted(EVENTS)))
        assert (made.status_code, made.json()["events"]) == (201, sorted(EVENTS))
        assert {"policy.activated.v1", "notifier.delivery_exhausted.v1", "notifier.endpoint_disabled.v1"} <= set(EVENTS)
