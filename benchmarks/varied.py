"""A city of which no two corners are alike: land, trades, actions, subjects, papers and parks in turns, drawn from one seed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from hashlib import sha256
from random import Random
from typing import Any, NamedTuple

import orjson

from benchmarks.client import Connection
from benchmarks.load import BULK, FILINGS, PARCELS_AT_ONCE, until_decided
from benchmarks.system import Running
from chassis.clock import SystemClock, today
from chassis.tokens import DevelopmentIssuer
from contracts import reference

SEED = 31
FILINGS_A_PARCEL = 3
PAPERS_OF = 50
"""One filing in so many brings a paper of its township."""
REQUESTS_OF = 10
"""One filing in so many asks for a transformer too."""

TOWNSHIPS = [unit.code for unit in reference.townships() if unit.in_area]
LAND: tuple[tuple[str | None, int, dict[str, Any]], ...] = (
    ("0601", 45, {}),
    ("0702", 20, {"in_village": True}),
    ("0604", 8, {}),
    ("0501", 6, {"in_village": False}),
    ("0601", 6, {"planned_use": "non_industrial", "transition": {"planned_implementation": "2035-01-01"}}),
    ("0601", 5, {"inside_control_line": False}),
    ("0601", 4, {"park_id": "PARK-1"}),
    ("06", 3, {}),
    (None, 3, {"survey_use": {"scheme": "SANDIAO", "code": "0601"}}),
)
"""Class of GB/T 21010-2017, weight, and what else the register says."""
TRADES: tuple[tuple[str, int, list[str]], ...] = (
    ("3851", 40, []),
    ("3857", 15, []),
    ("2110", 8, ["spraying"]),
    ("3391", 7, ["casting"]),
    ("2926", 8, []),
    ("5211", 14, []),
    ("4412", 3, []),
    ("1019", 2, []),
    ("3451", 3, []),
)


class Parcel(NamedTuple):
    """One of them as it is recorded."""

    code: str
    township: str
    body: dict[str, Any]


def parcels(count: int) -> list[Parcel]:
    """``count`` parcels, the same at every run."""
    drawn = Random(SEED)  # noqa: S311 - a data set, no secret
    kinds = drawn.choices(LAND, [weight for _, weight, _ in LAND], k=count)
    return [_parcel(number, drawn.choice(TOWNSHIPS), *kind) for number, kind in enumerate(kinds)]


def _parcel(number: int, township: str, use: str | None, _: int, more: dict[str, Any]) -> Parcel:
    code = f"{township}{100 + number // 100_000:03d}{'JC' if use == '0702' else 'GB'}{number % 100_000:05d}"
    body = {
        "parcel_code": code,
        "township_code": township,
        "in_village": None,
        "registered_use": [] if use is None else [{"scheme": "GB/T21010-2017", "code": use}],
        "planned_use": "unchanged",
        "source": "benchmark",
        "as_of": "2026-01-01",
        **more,
    }
    return Parcel(code, township, body)


def filings(count: int, places: list[Parcel]) -> Iterator[dict[str, Any]]:
    """``count`` filings of as many enterprises, each on one of the places, or in an office without one."""
    drawn = Random(SEED + 1)  # noqa: S311 - a data set, no secret
    trades = drawn.choices(TRADES, [weight for _, weight, _ in TRADES], k=count)
    for number, (industry, _, processes) in enumerate(trades):
        place, dice = places[number % len(places)], drawn.random()
        premises = {"township_code": place.township, "address": f"某路{number}号", "parcel_code": place.code}
        yield {
            "action": "branch" if dice > 0.9 else "establish",
            "subject_type": "individual_business" if dice < 0.25 else "company",
            "enterprise_name": f"慈溪试算{number}号工贸有限公司",
            "industry_code": industry,
            "processes": processes,
            "business_scope": "生产、加工",
            "premises": premises | {"used_for_production": dice < 0.85},
            "applicant": {"name": "联系人", "phone": "0574-00000000"},
            "new_land": {"area_mu": 8 + number % 6, "stand_alone": True} if number % 17 == 0 else None,
        }


async def fill(system: Running, count: int) -> None:
    """Record everything, and wait until it is decided. Papers come before the filings they are for."""
    places = parcels(max(1, count // FILINGS_A_PARCEL))
    made = list(filings(count, places))
    async with system.connect("land_check", "map_officer") as office:
        for start in range(0, len(places), PARCELS_AT_ONCE):
            features = [{"type": "Feature", "properties": each.body, "geometry": None} for each in places[start : start + PARCELS_AT_ONCE]]
            await office.json("POST", "/land-check/v1/parcels:import", {"type": "FeatureCollection", "features": features})
    issuer = DevelopmentIssuer(system.data)
    officer = issuer.token("bench-officer", roles=["township_officer"], townships=TOWNSHIPS)
    async with Connection(system.port, officer) as township:
        for body in made[::PAPERS_OF]:
            await township.json("POST", "/land-check/v1/statements", _paper(body))
    async with system.connect("registration", "integrator") as desk:
        for start in range(0, count, BULK):
            lines = b"\n".join(orjson.dumps(body) for body in made[start : start + BULK])
            status, answers = await desk.call("POST", f"{FILINGS}:batch", lines)
            if status != 200 or any(orjson.loads(line)["status"] != 201 for line in answers.splitlines()):
                raise RuntimeError(f"{status} {answers[:500]!r}")
    await until_decided(system)
    async with system.connect("power_grid", "grid") as company:
        for number, body in enumerate(made[::REQUESTS_OF]):
            await company.json("POST", "/power-grid/v1/install-requests", _request(number, body))


def _paper(body: dict[str, Any]) -> dict[str, Any]:
    place = body["premises"]
    return {
        "issuer": {"type": "township", "township_code": place["township_code"], "name": "镇政府"},
        "result": "supports",
        "enterprise_name": body["enterprise_name"],
        "parcel_code": place["parcel_code"],
        "owner": "业主",
        "basis": "宅基地使用权证",
        "second_officer": "复核员",
        "issued_on": (today(SystemClock().now()) - timedelta(days=10)).isoformat(),
        "document_sha256": sha256(b"paper").hexdigest(),
    }


def _request(number: int, body: dict[str, Any]) -> dict[str, Any]:
    return {
        "request_id": f"PSC-{number}",
        "kind": "new_three_phase_transformer",
        "parcel_code": body["premises"]["parcel_code"],
        "capacity_kva": 315,
        "applicant": {"type": "enterprise", "name": body["enterprise_name"], "uscc": None},
        "declared_industry_code": body["industry_code"],
    }
