"""The history of a statement and of a request over HTTP: who sees it, what it says, and what it does not know of older records."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest

from chassis.clock import FixedClock
from chassis.service import Service
from chassis.testing import client
from services.land_check.tables.rows import STATEMENT, STATEMENT_HISTORY
from services.land_check.tables.search import one
from tests.land_check.calling import BASE, REQUESTS, STATEMENTS, mapper, pending, put, township
from tests.land_check.vocabulary import XINPU, ZHOUXIANG, filed, issue_sent, land_check, noon, paper_sent, parcel_sent

KEYS = {
    "version",
    "at",
    "by",
    "event",
    "state",
    "reason",
    "findings",
    "filing_id",
    "township_code",
    "statement_request_id",
    "suggested_township_code",
}
AT = "2026-11-22T04:00:00.000000Z"


async def issued(service: Service, code: str = XINPU) -> dict[str, Any]:
    request = (await township(service, code).get(REQUESTS, params={"status": "pending"})).json()["items"][0]
    url = f"{REQUESTS}/{request['statement_request_id']}:issue"
    made: dict[str, Any] = (await township(service, code).post(url, json=issue_sent())).json()
    return made


async def history(service: Service, path: str, by: Any = None) -> dict[str, Any]:
    answer = await (by or client(service, ["clerk"])).get(f"{path}/history")
    assert answer.status_code == 200
    body: dict[str, Any] = answer.json()
    return body


async def forget(service: Service, record_id: str) -> None:
    """As the row was written before there was a history."""

    def work(tx: Any) -> None:
        tx.delete(STATEMENT_HISTORY, STATEMENT_HISTORY.c.record_id, [record_id])
        row = one(tx, STATEMENT, record_id)
        if row is not None:
            body = {name: value for name, value in orjson.loads(row.body).items() if name != "spent_at"}
            tx.upsert(STATEMENT, [dict(row._mapping) | {"body": orjson.dumps(body).decode()}])

    await service.database.write(work)


async def test_a_statement_tells_how_it_was_asked_for_and_what_became_of_it(service: Service) -> None:
    await put(service, parcel_sent())
    await filed(service)
    asked = (await pending(service))["statement_request_id"]
    paper = await issued(service)
    url = f"{STATEMENTS}/{paper['statement_id']}"
    await township(service).post(f"{url}:revoke", json={"reason": "权属有变"})
    told = await history(service, url)
    assert [set(item) for item in told["items"]] == [KEYS] * 3
    steps = [(item["version"], item["event"], item["state"], item["by"], item["reason"]) for item in told["items"]]
    assert steps == [
        (0, "requested", "pending", "system", None),
        (1, "issued", "valid", f"officer-{XINPU}", None),
        (2, "revoked", "revoked", f"officer-{XINPU}", "权属有变"),
    ]
    assert {item["statement_request_id"] for item in told["items"]} == {asked}
    assert {item["at"] for item in told["items"]} == {AT}
    assert (told["complete"], told["valid_to"], told["expired"]) == (True, "2027-05-21", False)
    assert (await client(service, ["clerk"]).get(f"{url}/history")).headers["ETag"] == '"2"'


async def test_history_is_seen_by_whoever_sees_the_record(service: Service) -> None:
    await put(service, parcel_sent())
    await filed(service)
    asked = (await pending(service))["statement_request_id"]
    paper = await issued(service)
    for path in (f"{STATEMENTS}/{paper['statement_id']}/history", f"{REQUESTS}/{asked}/history"):
        assert (await township(service).get(path)).status_code == 200
        assert (await client(service, ["auditor"]).get(path)).status_code == 200
        assert (await township(service, ZHOUXIANG).get(path)).status_code == 404
        assert (await client(service, ["grid"]).get(path)).status_code == 404
    assert (await township(service).get(f"{STATEMENTS}/st-nothing/history")).status_code == 404
    assert (await township(service).get(f"{REQUESTS}/sr-nothing/history")).status_code == 404


async def test_the_next_township_does_not_read_what_the_first_one_wrote(service: Service) -> None:
    await put(service, parcel_sent())
    await filed(service)
    asked = (await pending(service))["statement_request_id"]
    back = {"reason": "不在辖区", "suggested_township_code": ZHOUXIANG}
    await township(service).post(f"{REQUESTS}/{asked}:return", json=back)
    await mapper(service).post(f"{BASE}/filings/F1:set-township", json={"township_code": ZHOUXIANG, "reason": "界线"})
    paper = await issued(service, ZHOUXIANG)
    path = f"{STATEMENTS}/{paper['statement_id']}"
    told = (await history(service, path))["items"]
    assert [(item["version"], item["event"], item["township_code"], item["suggested_township_code"]) for item in told] == [
        (0, "requested", XINPU, None),
        (0, "returned", XINPU, ZHOUXIANG),
        (0, "requested", ZHOUXIANG, None),
        (1, "issued", ZHOUXIANG, None),
    ]
    assert told[1]["reason"] == "不在辖区"
    own = (await history(service, path, township(service, ZHOUXIANG)))["items"]
    assert [item["event"] for item in own] == ["requested", "issued"]
    assert [item["event"] for item in (await history(service, f"{REQUESTS}/{asked}"))["items"]] == ["requested", "returned"]


async def test_the_end_of_validity_is_no_event_but_is_shown(tmp_path: Path) -> None:
    async with land_check(tmp_path) as service:
        await put(service, parcel_sent())
        paper = (await township(service).post(STATEMENTS, json=paper_sent(valid_to="2026-11-22"))).json()
        told = await history(service, f"{STATEMENTS}/{paper['statement_id']}")
        assert (told["valid_to"], told["expired"]) == ("2026-11-22", False)
        assert isinstance(service.clock, FixedClock)
        service.clock.set(noon("2026-11-23"))
        told = await history(service, f"{STATEMENTS}/{paper['statement_id']}")
        assert ([item["event"] for item in told["items"]], told["expired"]) == (["recorded"], True)


async def test_a_statement_from_before_the_history_says_what_it_knows_and_no_more(service: Service) -> None:
    await put(service, parcel_sent())
    paper = (await township(service).post(STATEMENTS, json=paper_sent())).json()
    url = f"{STATEMENTS}/{paper['statement_id']}"
    await forget(service, paper["statement_id"])
    told = await history(service, url)
    assert [(item["event"], item["state"], item["at"]) for item in told["items"]] == [("recorded", "valid", AT)]
    assert told["complete"]
    await township(service).post(f"{url}:revoke", json={"reason": "权属有变"})
    told = await history(service, url)
    assert [(item["version"], item["event"], item["state"], item["at"]) for item in told["items"]] == [
        (1, "recorded", None, AT),
        (2, "revoked", "revoked", AT),
    ]
    await forget(service, paper["statement_id"])
    told = await history(service, url)
    assert [(item["version"], item["event"], item["state"], item["at"], item["by"], item["reason"]) for item in told["items"]] == [
        (1, "recorded", None, AT, f"officer-{XINPU}", None),
        (2, "revoked", "revoked", None, None, "权属有变"),
    ]


async def test_versions_that_were_not_kept_are_said_to_be_missing(service: Service) -> None:
    await put(service, parcel_sent())
    paper = (await township(service).post(STATEMENTS, json=paper_sent())).json()
    await filed(service)
    await forget(service, paper["statement_id"])
    url = f"{STATEMENTS}/{paper['statement_id']}"
    told = await history(service, url)
    assert [(item["version"], item["event"], item["filing_id"]) for item in told["items"]] == [(1, "recorded", None), (2, None, "F1")]
    await township(service).post(f"{url}:revoke", json={"reason": "权属有变"})
    told = await history(service, url)
    assert [item["version"] for item in told["items"]] == [1, 3]
    assert told["complete"] is False
    then = await township(service).get(url, params={"as_of": "2026-11-22T11:59:00+08:00"})
    assert (then.status_code, then.json()["code"]) == (404, "not-known-then")


async def test_a_request_from_before_the_history_knows_when_its_statement_was_issued(service: Service) -> None:
    await put(service, parcel_sent())
    await filed(service)
    asked = (await pending(service))["statement_request_id"]
    await issued(service)
    await forget(service, asked)
    told = (await history(service, f"{REQUESTS}/{asked}"))["items"]
    assert [(item["version"], item["event"], item["at"], item["by"]) for item in told] == [
        (1, "requested", AT, "system"),
        (2, "issued", AT, f"officer-{XINPU}"),
    ]


async def test_a_request_declined_before_the_history_keeps_the_reason_and_not_the_moment(service: Service) -> None:
    await put(service, parcel_sent())
    await filed(service)
    asked = (await pending(service))["statement_request_id"]
    await township(service).post(f"{REQUESTS}/{asked}:decline", json={"reason": "无权属"})
    await forget(service, asked)
    told = (await history(service, f"{REQUESTS}/{asked}"))["items"]
    assert [(item["event"], item["at"], item["by"], item["reason"]) for item in told[1:]] == [("declined", None, None, "无权属")]


async def test_a_statement_can_be_read_as_it_stood_on_a_day(tmp_path: Path) -> None:
    async with land_check(tmp_path) as service:
        await put(service, parcel_sent())
        paper = (await township(service).post(STATEMENTS, json=paper_sent())).json()
        url = f"{STATEMENTS}/{paper['statement_id']}"
        assert isinstance(service.clock, FixedClock)
        service.clock.set(noon("2026-11-24"))
        await township(service).post(f"{url}:revoke", json={"reason": "权属有变"})
        reads = township(service)
        then = (await reads.get(url, params={"as_of": "2026-11-23"})).json()
        assert then == paper | {"as_of": "2026-11-23T15:59:59.999999Z"}
        assert (await reads.get(url, params={"as_of": "2026-11-24"})).json()["state"] == "revoked"
        assert (await reads.get(url, params={"as_of": "2026-11-21"})).json()["code"] == "not-known-then"
        assert (await reads.get(url, params={"as_of": "2026-11-25"})).json()["code"] == "as-of-to-come"
        assert (await township(service, ZHOUXIANG).get(url, params={"as_of": "2026-11-23"})).status_code == 404
        await forget(service, paper["statement_id"])
        assert (await reads.get(url, params={"as_of": "2026-11-23"})).json()["code"] == "not-kept"
        assert (await reads.get(url, params={"as_of": "2026-11-24"})).json()["state"] == "revoked"


@pytest.mark.parametrize("as_of", ["yesterday", "2026-02-30", "9" * 40, ""])
async def test_a_day_that_is_none_is_refused(service: Service, as_of: str) -> None:
    answer = await township(service).get(f"{STATEMENTS}/st-x", params={"as_of": as_of})
    assert (answer.status_code, answer.json()["code"]) == (422, "not-a-time")
