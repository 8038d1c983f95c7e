"""The embedded system: every service behind one address, one page that leads to all of them."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from deploy.running import CannotStart, Embedded
from deploy.services import SERVICES

FILING = {
    "action": "establish",
    "subject_type": "company",
    "enterprise_name": "慈溪某某电器有限公司",
    "industry_code": "3857",
    "business_scope": "小家电制造",
    "premises": {
        "township_code": "330282112",
        "address": "新浦镇某村1号",
        "parcel_code": "330282112001JC00001",
        "used_for_production": True,
    },
    "applicant": {"name": "张三", "phone": "0574-00000000"},
}
PATHS = ["registration", "land-check", "power-grid", "notifier"]


@pytest.fixture(scope="module")
def system() -> Iterator[Embedded]:
    with Embedded(SERVICES, clock_offset="P3D") as system:
        yield system


@pytest.fixture
def anyone(system: Embedded) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=system.url) as http:
        yield http


def test_everything_is_ready_and_says_so_part_by_part(anyone: httpx.Client) -> None:
    answer = anyone.get("/readyz")

    assert answer.status_code == 200
    state = answer.json()
    assert (state["status"], state["clock_offset"], list(state["services"])) == ("ready", "P3D", PATHS)
    assert anyone.get("/healthz").json()["status"] == "alive"
    for path in PATHS:
        assert anyone.get(f"/{path}/readyz").status_code == 200
        assert anyone.get(f"/{path}/healthz").json() == {"status": "alive", "service": path}


def test_the_landing_page_leads_to_every_api_page_and_tells_how_to_get_a_token(system: Embedded, anyone: httpx.Client) -> None:
    page = anyone.get("/").text

    assert f"sluicegate token --role clerk --data {system.data}\n" in page
    assert "P3D" in page
    for address in ["/docs", "/openapi.json", *(f"/{path}/docs" for path in PATHS)]:
        assert f'href="{address}"' in page
        assert anyone.get(address).status_code == 200


def test_no_page_needs_anything_from_outside(anyone: httpx.Client) -> None:
    for address in ["/", "/docs", *(f"/{path}/docs" for path in PATHS)]:
        page = anyone.get(address).text
        assert "https://" not in page
        for file in re.findall(r'(?:src|href)="(/[^"]*docs-files[^"]*)"', page):
            assert anyone.get(file).status_code == 200


def test_one_document_describes_the_calls_of_all_services(anyone: httpx.Client) -> None:
    document = anyone.get("/openapi.json").json()

    for path in PATHS:
        assert any(call.startswith(f"/{path}/v1/") for call in document["paths"])
    references = set(re.findall(r'"#/components/schemas/([^"]+)"', anyone.get("/openapi.json").text))
    assert references <= set(document["components"]["schemas"])


def test_metrics_of_all_services_are_in_one_answer(anyone: httpx.Client) -> None:
    text = anyone.get("/metrics").text

    assert text.count("# TYPE sluicegate_outbox_pending gauge") == 1
    for path in PATHS:
        assert f'sluicegate_outbox_pending{{service="{path}"}}' in text


def test_an_address_of_no_service_is_a_problem(anyone: httpx.Client) -> None:
    answer = anyone.get("/nowhere/v1/things")

    assert (answer.status_code, answer.json()["code"]) == (404, "not-found")
    assert answer.headers["x-correlation-id"]


def test_a_body_of_ten_megabytes_is_answered_over_a_real_connection(system: Embedded) -> None:
    with system.client("clerk") as http:
        refused = http.post("/registration/v1/filings", content=b"x" * 10_000_000, headers={"Content-Type": "application/json"})
        next_one = http.get("/registration/v1/filings")

    assert (refused.status_code, refused.json()["code"]) == (413, "body-too-large")
    assert next_one.status_code == 200


def test_a_second_system_on_the_same_data_is_refused(system: Embedded) -> None:
    with pytest.raises(CannotStart, match="another Sluicegate process"), Embedded(SERVICES, system.data):
        pass


def test_a_taken_port_is_said_to_be_taken(system: Embedded, tmp_path: Path) -> None:
    port = int(system.url.rsplit(":", 1)[1])

    with pytest.raises(CannotStart, match=f"port {port} is taken"), Embedded(SERVICES, tmp_path, port=port):
        pass


def test_the_key_outlives_the_process_and_files_are_left_for_the_next(tmp_path: Path) -> None:
    with Embedded(SERVICES, tmp_path) as first:
        token = first.token("clerk")
    with Embedded(SERVICES, tmp_path) as second:
        answer = httpx.get(f"{second.url}/registration/v1/filings", headers={"Authorization": f"Bearer {token}"})

    assert answer.status_code == 200


def test_a_long_poll_is_answered_when_the_system_stops(tmp_path: Path) -> None:
    with Embedded(SERVICES, tmp_path) as system, system.client("clerk") as http, ThreadPoolExecutor(1) as pool:
        system.pause("land_check")
        filing = http.post("/registration/v1/filings", json=FILING).json()
        begun = time.monotonic()
        polled = pool.submit(http.get, f"/registration/v1/filings/{filing['filing_id']}", params={"wait": 60})
        while "under_review" not in http.get("/registration/v1/filings").text:
            time.sleep(0.01)
        system.stop()

        assert polled.result(20).json()["status"] == "under_review"
        assert time.monotonic() - begun < 15
