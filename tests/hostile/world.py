"""A small city with one of everything, for those who attack it: its records, and callers of every role."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from contracts.identifiers import uscc_check_character
from deploy.running import Embedded

REGISTRATION, LAND, POWER, NOTIFIER = "/registration/v1", "/land-check/v1", "/power-grid/v1", "/notifier/v1"
HERE, ELSEWHERE = "330282112", "330282108"
PARCEL, FACTORY = "330282112001JC00001", "330282112001GB00002"
USCC = "91330282MA2AG1234" + uscc_check_character("91330282MA2AG1234")
DIGEST = "ab" * 32
APPLICANT, PHONE = "欧阳暗记", "13987650042"
PATIENCE = 20.0

Json = dict[str, Any]
Answer = httpx.Response


def parcel(code: str = PARCEL, use: str = "0702", **changes: Any) -> Json:
    """Rural homestead land unless ``use`` says otherwise; 0601 is industrial."""
    return {
        "parcel_code": code,
        "township_code": HERE,
        "in_village": True,
        "registered_use": [{"scheme": "GB/T21010-2017", "code": use}],
        "source": "不动产登记",
        "as_of": "2026-01-01",
        **changes,
    }


def filing(name: str, code: str | None = PARCEL, **changes: Any) -> Json:
    premises = {
        "township_code": HERE,
        "address": "新浦镇某村1号",
        "parcel_code": code,
        "unit_number": None,
        "point": None,
        "used_for_production": True,
    }
    return {
        "action": "establish",
        "subject_type": "company",
        "enterprise_name": name,
        "uscc": None,
        "industry_code": "3851",
        "processes": [],
        "business_scope": "小家电制造",
        "premises": premises,
        "production_premises": None,
        "applicant": {"name": APPLICANT, "phone": PHONE},
        "controller": None,
        "park_id": None,
        "new_land": None,
        **changes,
    }


def install(request_id: str, **changes: Any) -> Json:
    return {
        "request_id": request_id,
        "kind": "new_three_phase_transformer",
        "parcel_code": PARCEL,
        "unit_number": None,
        "filing_id": None,
        "capacity_kva": 315,
        "existing_capacity_kva": None,
        "applicant": {"type": "enterprise", "name": "某厂", "uscc": None},
        "declared_industry_code": "3851",
        **changes,
    }


def paper(name: str, **changes: Any) -> Json:
    return {
        "filing_id": None,
        "issuer": {"type": "township", "township_code": HERE, "name": "新浦镇人民政府"},
        "result": "supports",
        "enterprise_name": name,
        "uscc": None,
        "parcel_code": PARCEL,
        "unit_number": None,
        "owner": "某村",
        "basis": "宅基地使用权证",
        "second_officer": "审核人",
        "issued_on": "2026-11-01",
        "valid_to": "2027-05-01",
        "document_sha256": DIGEST,
        "in_village": None,
        **changes,
    }


def issue(**changes: Any) -> Json:
    return {"result": "supports", "owner": "某村", "basis": "证", "second_officer": "审核人", "document_sha256": DIGEST, **changes}


def entry(**changes: Any) -> Json:
    return {
        "list": "inefficient",
        "enterprise_name": "某厂",
        "uscc": None,
        "controller": None,
        "parcel_code": FACTORY,
        "unit_number": "9",
        "found_on": "2026-11-01",
        "due": "2026-12-01",
        **changes,
    }


def finding(**changes: Any) -> Json:
    return {"kind": "manufacturing_use", "parcel_code": FACTORY, "unit_number": "8", "observed_on": "2026-11-01", **changes}


def endpoint(**changes: Any) -> Json:
    hook = {"type": "webhook", "url": "http://127.0.0.1:9/nobody-listens"}
    return {"recipient": "PSC", "channel": hook, "events": ["power_grid.block_imposed.v1"], "townships": None, "lang": "zh", **changes}


@dataclass
class World:
    """The running system and the ids of its records, by the words of the tables: ``{filing}``, ``{request}``, ``{statement}`` …"""

    system: Embedded
    ids: dict[str, str] = field(default_factory=dict)
    clients: dict[Any, httpx.Client] = field(default_factory=dict)

    def by(self, *roles: str, townships: tuple[str, ...] = (), unit: str | None = None, sub: str | None = None) -> httpx.Client:
        """A client with these claims; without a role, one without a token."""
        key = (roles, townships, unit, sub)
        if key not in self.clients:
            token = {"Authorization": f"Bearer {self.system.token(*roles, townships=townships, unit=unit, sub=sub)}"} if roles else {}
            self.clients[key] = httpx.Client(base_url=self.system.url, headers=token, timeout=60)
        return self.clients[key]

    @property
    def clerk(self) -> httpx.Client:
        return self.by("clerk")

    @property
    def officer(self) -> httpx.Client:
        return self.by("township_officer", townships=(HERE,))

    @property
    def map_office(self) -> httpx.Client:
        return self.by("map_officer", unit="NRP")

    @property
    def grid(self) -> httpx.Client:
        return self.by("grid", unit="PSC")

    @property
    def admin(self) -> httpx.Client:
        return self.by("admin", unit="AMR")

    def close(self) -> None:
        for client in self.clients.values():
            client.close()


def made(answer: Answer) -> Json:
    assert answer.is_success, f"{answer.request.method} {answer.request.url}: {answer.status_code} {answer.text[:500]}"
    body: Json = answer.json()
    return body


def eventually(look: Callable[[], Any]) -> Any:
    end = time.monotonic() + PATIENCE
    while not (found := look()) and time.monotonic() < end:
        time.sleep(0.05)
    assert found, f"not within {PATIENCE} s"
    return found


def settled(client: httpx.Client, filing_id: str) -> Json:
    return made(client.get(f"{REGISTRATION}/filings/{filing_id}", params={"wait": PATIENCE}))


def populate(world: World) -> None:
    """One of everything. The integrator ``owner`` filed what is at ``{filing}``; nobody answers its statement request."""
    ids = world.ids | {"parcel": PARCEL, "park": "PK-1"}
    made(world.map_office.put(f"{LAND}/parcels/{PARCEL}", json=parcel()))
    made(world.map_office.put(f"{LAND}/parcels/{FACTORY}", json=parcel(FACTORY, "0601")))
    made(world.map_office.put(f"{LAND}/parks/PK-1", json={"name": "园", "kind": "small_enterprise", "township_code": HERE}))
    ids["endpoint"] = made(world.admin.post(f"{NOTIFIER}/endpoints", json=endpoint()))["endpoint_id"]
    owner = world.by("integrator", sub="owner")
    ids["filing"] = made(owner.post(f"{REGISTRATION}/filings", json=filing("慈溪暗记一厂")))["filing_id"]
    assert settled(owner, ids["filing"])["status"] == "held"
    wanted = {"filing_id": ids["filing"]}
    ids["request"] = eventually(lambda: first(world.officer.get(f"{LAND}/statement-requests", params=wanted)))["statement_request_id"]
    ids["statement"] = made(world.officer.post(f"{LAND}/statements", json=paper("慈溪他厂")))["statement_id"]
    ids["check_code"] = made(world.officer.get(f"{LAND}/statements/{ids['statement']}"))["check_code"]
    ids["entry"] = made(world.officer.post(f"{LAND}/list-entries", json=entry()))["entry_id"]
    ids["clearance"] = made(world.grid.post(f"{POWER}/install-requests", json=install("PSC-2026-1")))["clearance_id"]
    ids["finding"] = made(world.officer.post(f"{POWER}/findings", json=finding()))["finding_id"]
    made(world.officer.post(f"{POWER}/findings/{ids['finding']}:close"))
    ids["block"] = eventually(lambda: first(world.grid.get(f"{POWER}/blocks")))["block_id"]
    ids["delivery"] = eventually(lambda: first(world.admin.get(f"{NOTIFIER}/deliveries")))["delivery_id"]
    world.ids = ids


def first(answer: Answer) -> Mapping[str, Any] | None:
    items = made(answer)["items"]
    return items[0] if items else None
