"""The applicant's name and phone: for clerks, auditors and the integrator that sent them, and kept by registration alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from deploy.demo.receiver import Receiver
from tests.hostile.world import (
    APPLICANT,
    LAND,
    NOTIFIER,
    PHONE,
    POWER,
    REGISTRATION,
    World,
    endpoint,
    eventually,
    filing,
    finding,
    first,
    install,
    issue,
    made,
    settled,
)

TOLD = [
    "registration.filing_held.v1",
    "registration.filing_accepted.v1",
    "land_check.statement_requested.v1",
    "land_check.statement_issued.v1",
    "power_grid.block_imposed.v1",
]
MARKS = [form for text in (APPLICANT, PHONE) for form in (text.encode(), json.dumps(text)[1:-1].encode())]


def holds_a_mark(content: bytes) -> bool:
    return any(mark in content for mark in MARKS)


def applicant_in(answer: Any) -> Any:
    return made(answer)["applicant"]


def test_the_applicant_is_shown_to_few(world: World) -> None:
    at = f"{REGISTRATION}/filings/{world.ids['filing']}"
    whole = {"name": APPLICANT, "phone": PHONE}
    for reader in (world.clerk, world.by("auditor"), world.by("integrator", sub="owner")):
        assert applicant_in(reader.get(at)) == whole
        assert PHONE in reader.get(f"{REGISTRATION}/filings", params={"limit": 500}).text
        assert APPLICANT in reader.get(f"{at}/notice").text
    for reader in (world.map_office, world.by("reviewer", unit="MGO")):
        assert applicant_in(reader.get(at)) is None
        for path in (at, f"{at}/history", f"{at}/notice", f"{REGISTRATION}/filings"):
            assert not holds_a_mark(reader.get(path).content)


def test_one_who_is_reviewer_and_integrator_sees_no_more_of_anothers_filing(world: World) -> None:
    both = world.by("integrator", "reviewer", sub="other", unit="MGO")
    assert applicant_in(both.get(f"{REGISTRATION}/filings/{world.ids['filing']}")) is None


def test_nothing_but_registration_ever_holds_the_applicant(world: World, capfd: pytest.CaptureFixture[str]) -> None:
    """A filing goes all the way, with refusals in between; then every database, the log and every call made to a unit are searched."""
    with Receiver() as receiver:
        for unit in ("AMR", "PSC"):
            hook = {"type": "webhook", "url": receiver.url(unit)}
            receiver.secrets[unit] = made(
                world.admin.post(f"{NOTIFIER}/endpoints", json=endpoint(recipient=unit, channel=hook, events=TOLD))
            )["secret"]
        filing_id = made(world.clerk.post(f"{REGISTRATION}/filings", json=filing("慈溪暗记二厂")))["filing_id"]
        assert settled(world.clerk, filing_id)["status"] == "held"
        refused = [
            world.clerk.post(f"{REGISTRATION}/filings", json=filing("慈溪暗记三厂", **{APPLICANT: PHONE})),
            world.clerk.post(f"{REGISTRATION}/filings", json=filing("慈溪暗记三厂", industry_code=PHONE)),
            world.clerk.get(f"{REGISTRATION}/filings/{PHONE}"),
            world.clerk.get(f"{REGISTRATION}/filings", params={"enterprise": APPLICANT, "cursor": PHONE}),
        ]
        assert [answer.status_code for answer in refused] == [422, 422, 404, 422]
        wanted = {"filing_id": filing_id, "status": "pending"}
        request = eventually(lambda: first(world.officer.get(f"{LAND}/statement-requests", params=wanted)))
        made(world.officer.post(f"{LAND}/statement-requests/{request['statement_request_id']}:issue", json=issue()))
        accepted = eventually(lambda: made(world.clerk.get(f"{REGISTRATION}/filings/{filing_id}"))["status"] == "accepted")
        assert accepted
        made(world.grid.post(f"{POWER}/install-requests", json=install("PSC-2026-2", filing_id=filing_id)))
        made(world.officer.post(f"{POWER}/findings", json=finding()))
        delivered = {"filing_id": filing_id, "status": "delivered"}
        eventually(lambda: len(made(world.admin.get(f"{NOTIFIER}/deliveries", params=delivered))["items"]) >= 2)
        assert not receiver.told.forged

    files = [file for file in world.system.data.iterdir() if file.name.partition(".")[0] != "registration"]
    assert {"bus.db", "land_check.db", "power_grid.db", "notifier.db"} <= {file.name for file in files}
    assert [file.name for file in files if holds_a_mark(file.read_bytes())] == []
    assert any(holds_a_mark(file.read_bytes()) for file in registration_files(world.system.data)), "the search finds what is there"
    log = capfd.readouterr()
    assert not holds_a_mark((log.out + log.err).encode())
    for path in (f"{POWER}/clearances", f"{POWER}/blocks"):
        assert not holds_a_mark(world.grid.get(path).content)
    assert not holds_a_mark(world.admin.get(f"{NOTIFIER}/deliveries", params={"limit": 500}).content)
    assert not holds_a_mark(world.officer.get(f"{LAND}/statement-requests", params={"limit": 500}).content)


def registration_files(data: Path) -> list[Path]:
    return [file for file in data.iterdir() if file.name.startswith("registration.db")]


def test_what_an_applicant_wrote_is_text_in_the_notice_never_markup(world: World) -> None:
    evil = "<script>alert(1)</script>\"'&<img src=x onerror=y>"
    body = filing(f"慈溪{evil}厂", business_scope=evil, applicant={"name": evil, "phone": "<b>1</b>"})
    body["premises"]["address"] = evil
    filing_id = made(world.clerk.post(f"{REGISTRATION}/filings", json=body))["filing_id"]
    settled(world.clerk, filing_id)
    for lang in ("zh", "en"):
        page = world.clerk.get(f"{REGISTRATION}/filings/{filing_id}/notice", params={"lang": lang})
        assert page.status_code == 200
        assert page.headers["content-type"].startswith("text/html")
        assert "&lt;script&gt;alert(1)" in page.text
        for markup in ("<script", "<img", "<b>1"):
            assert markup not in page.text
        assert "default-src 'none'" in page.headers["content-security-policy"]
    assert world.clerk.get(f"{REGISTRATION}/filings/{filing_id}/notice", params={"lang": "fr"}).status_code == 422
