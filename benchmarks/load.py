"""The loads: filings one by one, in bulk, at a steady rate; requests for power. Each returns what it measured."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from itertools import count
from statistics import quantiles
from typing import Any

import orjson

from benchmarks.client import Connection
from benchmarks.system import System

FILINGS = "/registration/v1/filings"
SERVICES = ("registration", "land_check", "power_grid", "notifier")
CLIENTS = 16
BULK = 10_000
STEADY_RATE = 50
STEADY_SECONDS = 15.0
PARCELS_AT_ONCE = 2_000
TOWNSHIPS = ("330282121", "330282112")
"""Parcels lie in turns in 周巷镇, industrial, and in 新浦镇, homesteads in a village: half of the filings are accepted, half held."""

_numbers = count(1)


@dataclass(frozen=True, slots=True)
class Speed:
    """``rate`` per second; ``p50``, ``p99`` in milliseconds, None where a single call is not what was measured."""

    rate: float
    p50: float | None = None
    p99: float | None = None


def parcel_code(number: int) -> str:
    kind = "GB" if number % 2 == 0 else "JC"
    return f"{TOWNSHIPS[number % 2]}{100 + number // 100_000:03d}{kind}{number % 100_000:05d}"


def filing(parcels: int) -> dict[str, Any]:
    """The next filing, of an enterprise nobody has seen yet."""
    number = next(_numbers)
    parcel = number % parcels
    premises = {"township_code": TOWNSHIPS[parcel % 2], "address": f"测试路{parcel}号", "parcel_code": parcel_code(parcel)}
    return {
        "action": "establish",
        "subject_type": "company",
        "enterprise_name": f"慈溪测试{number}号电器有限公司",
        "industry_code": "3851",
        "business_scope": "小家电制造",
        "premises": premises,
        "applicant": {"name": "联系人", "phone": "0574-00000000"},
    }


async def record_parcels(system: System, first: int, last: int, as_of: str = "2026-01-01") -> None:
    """Put the parcels ``first`` to ``last`` - 1 into the register, or change them if they were recorded ``as_of`` another day."""
    async with system.connect("land_check", "map_officer") as connection:
        for start in range(first, last, PARCELS_AT_ONCE):
            features = [_feature(number, as_of) for number in range(start, min(start + PARCELS_AT_ONCE, last))]
            await connection.json("POST", "/land-check/v1/parcels:import", {"type": "FeatureCollection", "features": features})


def _feature(number: int, as_of: str) -> dict[str, Any]:
    properties = {
        "parcel_code": parcel_code(number),
        "township_code": TOWNSHIPS[number % 2],
        "in_village": number % 2 == 1,
        "registered_use": [{"scheme": "GB/T21010-2017", "code": ("0601", "0702")[number % 2]}],
        "planned_use": "unchanged",
        "source": "benchmark",
        "as_of": as_of,
    }
    return {"type": "Feature", "properties": properties, "geometry": None}


async def single_posts(system: System, filings: int, parcels: int) -> Speed:
    """``CLIENTS`` clients, each posting as soon as its last call was answered; the rate counts to the last decision."""
    left = iter(range(filings))

    async def client(times: list[float]) -> None:
        async with system.connect("registration", "clerk") as connection:
            for _ in left:
                body = orjson.dumps(filing(parcels))
                times.append(await _timed(lambda body=body: connection.call("POST", FILINGS, body), 201))  # type: ignore[misc]

    await until_quiet(system)
    times: list[float] = []
    started = time.perf_counter()
    await asyncio.gather(*(client(times) for _ in range(CLIENTS)))
    await until_decided(system)
    return speed(filings / (time.perf_counter() - started), times)


async def bulk_posts(system: System, filings: int, parcels: int) -> Speed:
    """``POST /filings:batch`` in calls of at most ``BULK`` lines; the rate counts to the last decision."""
    bodies = [b"\n".join(orjson.dumps(filing(parcels)) for _ in range(size)) for size in _pieces(filings, BULK)]
    started = time.perf_counter()
    async with system.connect("registration", "integrator") as connection:
        for body in bodies:
            status, answers = await connection.call("POST", f"{FILINGS}:batch", body)
            lines = answers.splitlines()
            if status != 200 or any(orjson.loads(line)["status"] != 201 for line in lines):
                raise RuntimeError(f"{status} {answers[:500]!r}")
    await until_decided(system)
    return Speed(filings / (time.perf_counter() - started))


async def bulk_to_the_end(system: System, filings: int, parcels: int) -> list[Speed]:
    """``bulk_posts``, and the same load until every service has heard of every filing: only then is all written that the floor writes."""
    started = time.perf_counter()
    decided = await bulk_posts(system, filings, parcels)
    await until_quiet(system)
    return [decided, Speed(filings / (time.perf_counter() - started))]


async def steady_posts(system: System, seconds: float, parcels: int) -> Speed:
    """``STEADY_RATE`` filings a second, whatever the answers take; times run from submit to the decision being readable."""
    times: list[float] = []

    async def one(idle: asyncio.Queue[Connection]) -> None:
        connection = await idle.get()
        started = time.perf_counter()
        made = await connection.json("POST", FILINGS, filing(parcels))
        decided = await connection.json("GET", f"{FILINGS}/{made['filing_id']}?wait=30")
        times.append(time.perf_counter() - started)
        if decided["status"] == "under_review":
            raise RuntimeError("not decided within 30 s")
        idle.put_nowait(connection)

    await until_quiet(system)
    idle: asyncio.Queue[Connection] = asyncio.Queue()
    connections = [await system.connect("registration", "clerk").__aenter__() for _ in range(64)]
    for connection in connections:
        idle.put_nowait(connection)
    started = time.perf_counter()
    tasks = []
    for number in range(int(seconds * STEADY_RATE)):
        await asyncio.sleep(max(0.0, started + number / STEADY_RATE - time.perf_counter()))
        tasks.append(asyncio.create_task(one(idle)))
    await asyncio.gather(*tasks)
    rate = len(tasks) / (time.perf_counter() - started)
    for connection in connections:
        await connection.__aexit__()
    return speed(rate, times)


async def install_requests(system: System, requests: int, clients: int, parcels: int, prefix: str) -> Speed:
    """Requests for a transformer, one site after the other."""
    await until_quiet(system)
    left = iter(range(requests))
    times: list[float] = []

    async def client() -> None:
        async with system.connect("power_grid", "grid") as connection:
            for number in left:
                body = orjson.dumps(_request(f"{prefix}-{number}", parcel_code(number % parcels)))
                times.append(
                    await _timed(lambda body=body: connection.call("POST", "/power-grid/v1/install-requests", body), 201)  # type: ignore[misc]
                )

    started = time.perf_counter()
    await asyncio.gather(*(client() for _ in range(clients)))
    return speed(requests / (time.perf_counter() - started), times)


def _request(request_id: str, parcel: str) -> dict[str, Any]:
    return {
        "request_id": request_id,
        "kind": "new_three_phase_transformer",
        "parcel_code": parcel,
        "unit_number": None,
        "filing_id": None,
        "capacity_kva": 315,
        "existing_capacity_kva": None,
        "applicant": {"type": "enterprise", "name": "慈溪测试电器有限公司", "uscc": None},
        "declared_industry_code": "3851",
    }


async def one_by_one(system: System, filings: int, parcels: int) -> list[Speed]:
    """Everything but the bulk load, in the order of ``table.LOADS``, each warmed up before."""
    await single_posts(system, 200, parcels)
    single = await single_posts(system, filings, parcels)
    steady = await steady_posts(system, STEADY_SECONDS, parcels)
    await install_requests(system, 200, 1, parcels, "warm")
    idle = await install_requests(system, 1_000, 1, parcels, "idle")
    busy = await install_requests(system, 4_000, CLIENTS, parcels, "busy")
    return [single, steady, idle, busy]


async def until_decided(system: System) -> None:
    """Wait until no filing is under review."""
    async with system.connect("registration", "clerk") as connection:
        while (await connection.json("GET", f"{FILINGS}?status=under_review&limit=1"))["items"]:  # noqa: ASYNC110 - another process
            await asyncio.sleep(0.1)


async def until_quiet(system: System) -> None:
    """Wait until every service has read what was said: what is measured next does not stand behind an earlier load."""
    for service in SERVICES:
        async with system.connect(service, "auditor") as connection:
            while await _lag(connection, service):  # noqa: ASYNC110 - another process
                await asyncio.sleep(0.05)


async def _lag(connection: Connection, service: str) -> int:
    path = service.replace("_", "-")
    ready = await connection.json("GET", f"/{path}/readyz")
    parts = {part["name"]: part["details"] for part in ready["services"][path]["parts"]}
    return sum(parts["consumer"]["lag"].values())


async def _timed(call: Callable[[], Awaitable[tuple[int, bytes]]], wanted: int) -> float:
    started = time.perf_counter()
    status, text = await call()
    if status != wanted:
        raise RuntimeError(f"{status} {text[:500]!r}")
    return time.perf_counter() - started


def speed(rate: float, times: list[float]) -> Speed:
    cuts = quantiles(times, n=100, method="inclusive")
    return Speed(rate, cuts[49] * 1000, cuts[98] * 1000)


def _pieces(total: int, most: int) -> Iterator[int]:
    while total > 0:
        yield min(total, most)
        total -= most
