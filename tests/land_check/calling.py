"""Callers of land_check, and what they often do."""

from __future__ import annotations

from typing import Any

import httpx

from chassis.service import Service
from chassis.testing import client
from tests.land_check.vocabulary import (
    XINPU,
)

BASE = "/land-check/v1"
PARCELS, REQUESTS, STATEMENTS, ENTRIES = f"{BASE}/parcels", f"{BASE}/statement-requests", f"{BASE}/statements", f"{BASE}/list-entries"


def mapper(service: Service) -> httpx.AsyncClient:
    return client(service, ["map_officer"], sub="map-1", unit="NRP")


def township(service: Service, code: str = XINPU) -> httpx.AsyncClient:
    return client(service, ["township_officer"], sub=f"officer-{code}", name="王五", townships=[code])


async def put(service: Service, body: dict[str, Any]) -> httpx.Response:
    return await mapper(service).put(f"{PARCELS}/{body['parcel_code']}", json=body)


async def pending(service: Service) -> dict[str, Any]:
    items: list[dict[str, Any]] = (await township(service).get(REQUESTS, params={"status": "pending"})).json()["items"]
    assert len(items) == 1
    return items[0]


def outline(*ring: list[float]) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": [list(ring)]}
