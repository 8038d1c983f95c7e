"""The names of the public surface, field by field, in what the running system answers."""

from __future__ import annotations

import base64
from hashlib import sha256
from typing import Any

import pytest

from tests.hostile.world import (
    HERE,
    LAND,
    NOTIFIER,
    PARCEL,
    POWER,
    REGISTRATION,
    World,
    entry,
    eventually,
    filing,
    finding,
    install,
    made,
    parcel,
    settled,
)

DECISION = "outcome flags tags land_verdict statement reasons policy facts notify would_change_if decided_at"
REASON = "code rule owner clause message remedy due"
FILING = (
    "filing_id version status submitted_at action subject_type enterprise_name uscc industry_code processes business_scope premises "
    "production_premises applicant controller park_id new_land matched_by decision duplicate_of appeal history_url"
)
PARCEL_FIELDS = (
    "parcel_code township_code in_village in_qianwan registered_use survey_use planned_use transition inside_control_line park_id "
    "units addresses geometry source as_of"
)
STATEMENT = (
    "statement_id check_code filing_id issuer result enterprise_name uscc parcel_code unit_number owner basis second_officer issued_on "
    "valid_to document_sha256 in_village state findings recorded_by recorded_at"
)
CLEARANCE = "clearance_id request_id decision proposed reasons land_verdict site_epoch token expires_at notify policy decided_at history"
SITE = (
    "parcel_code unit_number township_code land_verdict manufacturing three_phase single_phase watch_until site_epoch block_id reasons "
    "policy as_of"
)
REQUEST = "statement_request_id filing_id township_code enterprise_name parcel_code unit_number flags status requested_at due statement_id"
BLOCK = "type block_id parcel_code unit_number streamseq reasons policy at"
DELIVERY = "delivery_id endpoint_id recipient event_id event_type filing_id parcel_code township_code status created_at attempts"

RECORDS = [
    ("clerk", REGISTRATION + "/filings/{filing}", "", FILING),
    ("clerk", REGISTRATION + "/filings/{filing}", "decision", DECISION),
    ("clerk", REGISTRATION + "/filings/{filing}", "decision.reasons.0", REASON),
    ("clerk", REGISTRATION + "/filings/{filing}", "decision.reasons.0.clause", "document section quote"),
    ("clerk", REGISTRATION + "/filings/{filing}", "decision.reasons.0.message", "zh en"),
    ("clerk", REGISTRATION + "/filings/{filing}", "decision.facts.0", "name value source as_of"),
    ("clerk", REGISTRATION + "/filings/{filing}", "decision.policy", "id version"),
    ("clerk", REGISTRATION + "/filings/{filing}/history", "items.0", "version at by event decision"),
    ("clerk", REGISTRATION + "/filings/{filing}/history", "items.0.decision", DECISION),
    ("map_office", LAND + "/parcels/{parcel}", "", PARCEL_FIELDS),
    ("map_office", LAND + "/parcels/{parcel}/history", "items.0", PARCEL_FIELDS + " version valid_from recorded_at recorded_by"),
    ("officer", LAND + "/statement-requests/{request}", "", REQUEST),
    ("officer", LAND + "/statements/{statement}", "", STATEMENT),
    ("officer", LAND + "/statements/{statement}", "issuer", "type township_code name"),
    ("officer", LAND + "/list-entries/{entry}", "", "entry_id list status cause enterprise_name controller parcel_code found_on due"),
    ("map_office", LAND + "/parks/{park}", "", "park_id name kind township_code"),
    ("grid", POWER + "/clearances/{clearance}", "", CLEARANCE),
    ("grid", POWER + "/clearances/{clearance}", "reasons.0", REASON),
    ("grid", POWER + "/sites/{parcel}", "", SITE),
    ("grid", POWER + "/sites/{parcel}", "manufacturing.0", "source filing_id enterprise_name industry_code since"),
    ("grid", POWER + "/blocks", "items.0", BLOCK),
    ("grid", POWER + "/blocks:snapshot", "", "items cursor digest"),
    ("grid", POWER + "/blocks:snapshot", "items.0", BLOCK),
    ("admin", NOTIFIER + "/endpoints/{endpoint}", "", "endpoint_id recipient channel events townships lang state"),
    ("admin", NOTIFIER + "/deliveries/{delivery}", "", DELIVERY),
]
VERSIONED = [path for _, path, inside, _ in RECORDS if not inside and path.endswith(("filing}", "parcel}", "request}", "statement}"))]


def inside(record: Any, path: str) -> Any:
    for step in filter(None, path.split(".")):
        record = record[int(step) if step.isdigit() else step]
    return record


@pytest.mark.parametrize(("office", "path", "place", "fields"), RECORDS, ids=[f"{path} {place}" for _, path, place, _ in RECORDS])
def test_every_field_of_the_surface_is_there(world: World, office: str, path: str, place: str, fields: str) -> None:
    answer = getattr(world, office).get(path.format(**world.ids))
    assert set(fields.split()) <= set(inside(made(answer), place))
    assert answer.headers["x-correlation-id"]
    if path in VERSIONED and "/sites/" not in path:
        assert answer.headers["etag"] == f'"{answer.json()["version"]}"'


@pytest.mark.parametrize(("office", "path"), [(office, path) for office, path, place, _ in RECORDS if place == "items.0"])
def test_every_list_has_items_and_a_next_cursor(world: World, office: str, path: str) -> None:
    listed = made(getattr(world, office).get(path.format(**world.ids)))
    assert "items" in listed
    assert ":snapshot" in path or "/filings/" in path or "next_cursor" in listed


def test_a_new_filing_says_where_it_is_and_that_nothing_is_decided(world: World) -> None:
    answer = world.clerk.post(f"{REGISTRATION}/filings", json=filing("慈溪名一厂"), headers={"X-Correlation-Id": "walk-1"})
    told = made(answer)
    assert (answer.status_code, answer.headers["location"]) == (201, f"{REGISTRATION}/filings/{told['filing_id']}")
    assert (answer.headers["etag"], answer.headers["x-correlation-id"]) == ('"1"', "walk-1")
    decision = told["decision"]
    assert (told["status"], decision["outcome"], decision["land_verdict"]) == ("under_review", "hold", "pending")
    assert (decision["statement"], decision["notify"]) == ("undetermined", [])
    held = settled(world.clerk, told["filing_id"])
    assert made(world.clerk.get(held["history_url"]))["items"]
    assert held["decision"]["notify"] == ["AMR", "PSC", "TWN", "EEB", "EMB"]


def test_the_digest_of_the_snapshot_can_be_computed_by_anyone(world: World) -> None:
    snapshot = made(world.grid.get(f"{POWER}/blocks:snapshot"))
    lines = sorted(f"{at['parcel_code']},{at['unit_number'] or ''},{at['block_id']},{at['streamseq']}\n" for at in snapshot["items"])
    assert snapshot["digest"] == sha256("".join(lines).encode()).hexdigest()
    assert made(world.grid.get(f"{POWER}/blocks", params={"after": snapshot["cursor"]}))["items"] == []


def test_a_check_stores_nothing_and_answers_with_the_names_agreed(world: World) -> None:
    place = filing("x")["premises"]
    checked = made(world.by("supervisor", unit="SG1").post(f"{LAND}/checks", json={"premises": place, "industry_code": "3851"}))
    assert {"land_verdict", "statement", "flags", "three_phase", "reasons"} <= set(checked)
    body = {name: value for name, value in filing("x").items() if name not in ("enterprise_name", "applicant", "business_scope")}
    before = made(world.clerk.get(f"{REGISTRATION}/filings", params={"limit": 500}))["items"]
    assert set(made(world.clerk.post(f"{REGISTRATION}/pre-checks", json=body))) >= {*DECISION.split(), "three_phase"}
    assert made(world.clerk.get(f"{REGISTRATION}/filings", params={"limit": 500}))["items"] == before


def test_an_officer_sees_nothing_of_other_townships_in_any_list(world: World) -> None:
    elsewhere = world.by("township_officer", townships=("330282108",))
    for path in ("statement-requests", "statements", "list-entries"):
        for query in ({}, {"township_code": HERE}, {"parcel_code": PARCEL}):
            assert made(elsewhere.get(f"{LAND}/{path}", params=query))["items"] == []
        assert made(world.officer.get(f"{LAND}/{path}"))["items"]


def test_an_integrator_lists_its_own_filings_only(world: World) -> None:
    assert made(world.by("integrator", sub="stranger").get(f"{REGISTRATION}/filings"))["items"] == []
    own = made(world.by("integrator", sub="owner").get(f"{REGISTRATION}/filings"))["items"]
    assert [filed["filing_id"] for filed in own] == [world.ids["filing"]]


@pytest.mark.parametrize("service", ["", "/registration", "/land-check", "/power-grid", "/notifier"])
def test_health_metrics_and_documents_are_open_to_all(world: World, service: str) -> None:
    for page in ("healthz", "readyz", "metrics", "openapi.json", "docs"):
        assert world.by().get(f"{service}/{page}").status_code == 200


def test_an_officer_is_known_by_either_code_of_its_township_and_without_one_does_nothing(world: World) -> None:
    code = "330282123001JC00001"
    made(world.map_office.put(f"{LAND}/parcels/{code}", json=parcel(code, township_code="330282402")))
    either = [world.by("township_officer", townships=(township,)) for township in ("330282402", "330282123")]
    eventually(lambda: world.officer.post(f"{POWER}/findings", json=finding(parcel_code=code)).status_code == 403)
    for officer in either:
        assert officer.post(f"{POWER}/findings", json=finding(parcel_code=code)).status_code == 201
        assert officer.post(f"{LAND}/list-entries", json=entry(parcel_code=code)).status_code == 201
    nowhere = world.by("township_officer")
    for place in (code, "330282123001JC00099"):
        assert nowhere.post(f"{POWER}/findings", json=finding(parcel_code=place)).status_code == 403
        assert not nowhere.post(f"{LAND}/list-entries", json=entry(parcel_code=place)).is_success


def test_a_token_that_was_tampered_with_is_none(world: World) -> None:
    head, claims, signature = world.system.token("clerk").split(".")
    other = world.system.token("admin").split(".")[1]
    unsigned = base64.urlsafe_b64encode(b'{"alg":"none"}').decode().rstrip("=")
    for token in (f"{head}.{other}.{signature}", f"{head}.{claims}.", f"{unsigned}.{claims}.", f"{unsigned}.{claims}.{signature}", "a.b.c"):
        answer = world.by().get(f"{REGISTRATION}/filings", headers={"Authorization": f"Bearer {token}"})
        assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")


def test_a_clearance_is_committed_with_its_own_token_only(world: World) -> None:
    place = "330282112001GB00088"
    made(world.map_office.put(f"{LAND}/parcels/{place}", json=parcel(place, "0601")))
    eventually(lambda: made(world.grid.get(f"{POWER}/sites/{place}"))["land_verdict"] == "industrial")
    one, two = (made(world.grid.post(f"{POWER}/install-requests", json=install(f"TOKEN-{n}", parcel_code=place))) for n in (1, 2))
    assert (one["decision"], two["decision"]) == ("allow", "allow")
    commit = f"{POWER}/clearances/{one['clearance_id']}:commit"
    for token in (two["token"], world.system.token("grid"), one["token"][:-4], "x", "", None):
        answer = world.grid.post(commit, json={"token": token})
        assert (answer.status_code, answer.json()["code"]) == (403, "bad-token")
    for _ in range(2):
        assert world.grid.post(commit, json={"token": one["token"]}).status_code == 200
    assert made(world.clerk.get(f"{POWER}/clearances/{two['clearance_id']}"))["token"] is None


def test_check_codes_cannot_be_tried_out(world: World) -> None:
    answers = [world.by().get(f"{LAND}/statement-checks/{number}") for number in range(80)]
    assert [answer.status_code for answer in answers[-5:]] == [429] * 5
    assert int(answers[-1].headers["retry-after"]) >= 1
