"""Places, filings and papers of the stories. Every story has a parcel and an enterprise of its own."""

from __future__ import annotations

from hashlib import sha256
from itertools import count
from typing import Any

from contracts.catalogue import STREAMS
from deploy.demo.city import LAND, NOTIFIER, POWER, City, Record, UnexpectedAnswer
from deploy.demo.receiver import Receiver

XINPU, ZHOUXIANG = "330282112", "330282121"
INDUSTRIAL, HOMESTEAD = "0601", "0702"
EVERY_EVENT = [event.type for stream in STREAMS for event in stream.events if "notify" in event.model_fields]

_numbers = count(1)


def parcel(code: str = HOMESTEAD, **changes: Any) -> Record:
    """A new parcel of 新浦镇: a homestead in a village unless said otherwise."""
    kind = "JC" if code == HOMESTEAD else "GB"
    return {
        "parcel_code": f"{XINPU}801{kind}{next(_numbers):05d}",
        "township_code": XINPU,
        "in_village": code == HOMESTEAD,
        "registered_use": [{"scheme": "GB/T21010-2017", "code": code}],
        "planned_use": "unchanged",
        "source": "story",
        "as_of": "2026-01-01",
        **changes,
    }


def filing(place: Record, **changes: Any) -> Record:
    """A new manufacturer of small appliances on ``place``."""
    premises = {"township_code": place["township_code"], "address": "某村1号", "parcel_code": place["parcel_code"]}
    return {
        "action": "establish",
        "subject_type": "company",
        "enterprise_name": f"慈溪故事{next(_numbers)}号电器有限公司",
        "industry_code": "3851",
        "business_scope": "小家电制造",
        "premises": premises,
        "applicant": {"name": "联系人", "phone": "0574-00000000"},
        **changes,
    }


def statement(**changes: Any) -> Record:
    """What the township writes when it answers a request."""
    return {
        "result": "supports",
        "owner": "村民",
        "basis": "宅基地使用权证",
        "second_officer": "复核员",
        "valid_to": None,
        "document_sha256": sha256(b"paper").hexdigest(),
        "in_village": None,
        **changes,
    }


def filed(city: City, body: Record) -> Record:
    """The filing once it has left ``under_review``."""
    return city.file(body, f"story-{next(_numbers)}", 15)


def transformer(place: Record, of: Record | None = None, **changes: Any) -> Record:
    """The power company's request for 315 kVA."""
    return {
        "request_id": f"PSC-{next(_numbers)}",
        "kind": "new_three_phase_transformer",
        "parcel_code": place["parcel_code"],
        "filing_id": of["filing_id"] if of else None,
        "capacity_kva": 315,
        "applicant": {"type": "enterprise", "name": "慈溪故事电器有限公司", "uscc": None},
        "declared_industry_code": "3851",
        **changes,
    }


def answered(city: City, request: Record) -> Record:
    """The clearance once the power side has heard the land verdict."""
    made = city.ask_for_power(request)
    settled: Record = city.until(
        lambda: city.clearance(made["clearance_id"]),
        lambda one: all(reason["code"] != "land_verdict_pending" for reason in one["reasons"]),
    )
    return settled


def connected(city: City, clearance: Record) -> Record:
    """The commit of an allowed clearance; read again and tried again where something about its site was still on its way."""

    def tried() -> Record | None:
        now = city.clearance(clearance["clearance_id"])
        try:
            return city.call("grid", "POST", f"{POWER}/clearances/{now['clearance_id']}:commit", {"token": now["token"]})
        except UnexpectedAnswer as error:
            if "site-changed" in str(error):
                return None
            raise

    made: Record = city.until(tried, bool)
    return made


def feed(city: City, place: Record) -> list[Record]:
    """The block feed of one parcel, in its order."""
    page = city.call("grid", "GET", f"{POWER}/blocks", limit=500)
    items: list[Record] = page["items"]
    while page["items"]:
        page = city.call("grid", "GET", f"{POWER}/blocks", limit=500, after=page["next_cursor"])
        items += page["items"]
    return [item for item in items if item["parcel_code"] == place["parcel_code"]]


def fed(city: City, place: Record, *types: str) -> list[Record]:
    """The feed of a parcel once it holds exactly these types; otherwise as it is when patience ends."""
    items: list[Record] = city.until(lambda: feed(city, place), lambda seen: [item["type"] for item in seen] == list(types))
    return items


def statements_of(city: City, made: Record) -> list[Record]:
    items: list[Record] = city.call("clerk", "GET", f"{LAND}/statements", enterprise=made["enterprise_name"])["items"]
    return items


def told_at(city: City, receiver: Receiver, *units: str) -> None:
    """Every event for these units goes to the receiver."""
    for unit in units:
        body = {
            "recipient": unit,
            "channel": {"type": "webhook", "url": receiver.url(unit)},
            "events": EVERY_EVENT,
            "townships": [XINPU, ZHOUXIANG] if unit == "TWN" else None,
        }
        receiver.secrets[unit] = city.call("admin", "POST", f"{NOTIFIER}/endpoints", body)["secret"]
