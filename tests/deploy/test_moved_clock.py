"""A clock that was moved forward is told on every page a person reads: nobody takes a try for the real thing."""

from __future__ import annotations

import base64
import re
import zlib
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from deploy.running import Embedded
from deploy.services import SERVICES
from tests.deploy.test_local import FILING

ZH, EN = "系统时钟已向前拨 P3D，仅供试用", "The clock runs P3D ahead: for trying deadlines only"
XINPU, HOUSE = "330282112", "330282112001JC00001"
BROWSER = {"Accept": "text/html"}

PARCEL = {
    "parcel_code": HOUSE,
    "township_code": XINPU,
    "registered_use": [{"scheme": "GB/T21010-2017", "code": "0702"}],
    "source": "不动产登记",
    "as_of": "2026-01-01",
}
PAPER = {
    "issuer": {"type": "township", "township_code": XINPU, "name": "新浦镇人民政府"},
    "result": "supports",
    "enterprise_name": "慈溪某某电器有限公司",
    "parcel_code": HOUSE,
    "owner": "李四",
    "basis": "宅基地使用权证",
    "second_officer": "王五",
    "issued_on": "2026-01-01",
    "valid_to": "2099-12-31",
    "document_sha256": "0" * 64,
}
REQUEST = {
    "request_id": "PSC-2026-000123",
    "kind": "new_three_phase_transformer",
    "parcel_code": HOUSE,
    "capacity_kva": 315,
    "applicant": {"type": "enterprise", "name": "慈溪某某电器有限公司"},
    "declared_industry_code": "3857",
}


@pytest.fixture(scope="module", params=["P3D", "PT0S"])
def offset(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def system(offset: str) -> Iterator[Embedded]:
    with Embedded(SERVICES, clock_offset=offset) as system:
        yield system


@pytest.fixture(scope="module")
def pages(system: Embedded) -> dict[str, str]:
    """Every page there is for a filing on a homestead, its statement and the request of its power, by what it is."""
    with (
        system.client("map_officer") as map_office,
        system.client("clerk") as clerk,
        system.client("township_officer", townships=(XINPU,)) as town,
        system.client("grid", unit="PSC") as grid,
    ):
        made(map_office.put(f"/land-check/v1/parcels/{HOUSE}", json=PARCEL))
        filing = made(clerk.post("/registration/v1/filings", json=FILING))["filing_id"]
        paper = made(town.post("/land-check/v1/statements", json=PAPER))
        clerk.get(f"/registration/v1/filings/{filing}", params={"wait": 20})
        clearance = made(grid.post("/power-grid/v1/install-requests", json=REQUEST))["clearance_id"]
        block = grid.get("/power-grid/v1/blocks", params={"wait": 20}).json()["items"][0]["block_id"]
        found = {
            "the notice of a filing": clerk.get(f"/registration/v1/filings/{filing}/notice"),
            "the answer to a request": grid.get(f"/power-grid/v1/clearances/{clearance}/notice"),
            "the notice of a block": grid.get(f"/power-grid/v1/blocks/{block}/notice"),
            "the sheet of a statement": town.get(f"/land-check/v1/statements/{paper['statement_id']}/sheet"),
            "the public check": clerk.get(f"/land-check/v1/statement-checks/{paper['check_code']}", headers=BROWSER),
            "a check that found nothing": clerk.get("/land-check/v1/statement-checks/ABCD", headers=BROWSER),
            "the landing page": clerk.get("/"),
            "the API page": clerk.get("/docs"),
            **{f"the API page of {path}": clerk.get(f"/{path}/docs") for path in ("registration", "land-check", "power-grid", "notifier")},
        }
    assert all(answer.headers["content-type"].startswith("text/html") for answer in found.values())
    return {name: answer.text for name, answer in found.items()}


def made(answer: httpx.Response) -> Any:
    assert answer.status_code == 201, answer.text
    return answer.json()


def test_every_page_says_in_both_languages_that_the_clock_was_moved_and_none_when_it_was_not(pages: dict[str, str], offset: str) -> None:
    moved = offset != "PT0S"
    assert {name: (ZH in page, EN in page) for name, page in pages.items()} == dict.fromkeys(pages, (moved, moved))


def test_what_describes_the_calls_says_so_in_its_title(system: Embedded, offset: str) -> None:
    for address in ("/openapi.json", "/registration/openapi.json"):
        assert (ZH in httpx.get(system.url + address).json()["info"]["title"]) == (offset != "PT0S")


def test_a_notice_as_pdf_says_so_too(system: Embedded, offset: str) -> None:
    with system.client("clerk") as clerk:
        filing = made(clerk.post("/registration/v1/filings", json=FILING | {"enterprise_name": "慈溪另一电器有限公司"}))["filing_id"]
        printed = clerk.get(f"/registration/v1/filings/{filing}/notice", params={"format": "pdf"})
    assert printed.content.startswith(b"%PDF-")
    assert (EN in text_of(printed.content)) == (offset != "PT0S")


def text_of(pdf: bytes) -> str:
    """What is Latin on its pages, word by word."""
    streams = re.findall(rb"ASCII85Decode /FlateDecode.*?stream\r?\n(.*?)endstream", pdf, re.DOTALL)
    drawn = b"".join(zlib.decompress(base64.a85decode(stream.strip().removesuffix(b"~>"))) for stream in streams)
    return " ".join(b" ".join(re.findall(rb"\(([ -~]*?)\) Tj", drawn)).decode().split())
