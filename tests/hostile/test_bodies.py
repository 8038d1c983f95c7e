"""Every field of every body the system takes, one at a time filled with what does not belong there."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.hostile.world import (
    DIGEST,
    HERE,
    LAND,
    NOTIFIER,
    PARCEL,
    POWER,
    REGISTRATION,
    USCC,
    Answer,
    World,
    endpoint,
    entry,
    filing,
    finding,
    install,
    issue,
    paper,
    parcel,
)

RING = [[121.2, 30.1], [121.21, 30.1], [121.21, 30.11], [121.2, 30.1]]
DOCUMENTS = [{"name": "证", "sha256": DIGEST}]
WORKSHOP = filing("x")["premises"] | {"point": [121.2, 30.1], "unit_number": "3"}
WHOLE_FILING = filing(
    "慈溪某厂",
    uscc=USCC,
    processes=["spraying"],
    premises={**WORKSHOP, "used_for_production": False},
    production_premises=WORKSHOP,
    controller={"name": "某", "uscc": USCC},
    park_id="P",
    new_land={"area_mu": 8, "stand_alone": True},
)
WHOLE_PARCEL = parcel(
    units=[{"unit_number": "1", "registered_use": [{"scheme": "GB/T21010-2017", "code": "0601"}]}],
    addresses=["某路1号"],
    survey_use={"scheme": "SANDIAO", "code": "0602"},
    in_qianwan=False,
    planned_use="unchanged",
    transition={"planned_implementation": "2032-01-01"},
    inside_control_line=True,
    park_id="P",
    geometry={"type": "Polygon", "coordinates": [RING]},
)

CALLS: list[tuple[str, str, str, Any]] = [
    ("clerk", "POST", f"{REGISTRATION}/filings", WHOLE_FILING),
    ("clerk", "POST", f"{REGISTRATION}/pre-checks", WHOLE_FILING),
    ("clerk", "POST", f"{REGISTRATION}/filings/{{filing}}:amend", {"premises": WORKSHOP, "processes": ["casting"], "business_scope": "x"}),
    ("clerk", "POST", f"{REGISTRATION}/filings/{{filing}}:withdraw", {"reason": "r"}),
    ("clerk", "POST", f"{REGISTRATION}/filings/{{filing}}:answer", {"code": "land_unknown", "text": "t", "documents": DOCUMENTS}),
    ("clerk", "POST", f"{REGISTRATION}/filings/{{filing}}:appeal", {"text": "t", "documents": DOCUMENTS}),
    ("clerk", "POST", f"{REGISTRATION}/filings/{{filing}}:record-uscc", {"uscc": USCC}),
    ("map_office", "PUT", f"{LAND}/parcels/{PARCEL}", WHOLE_PARCEL),
    ("map_office", "PUT", f"{LAND}/grades", {"year": 2025, "items": [{"uscc": USCC, "grade": "A"}]}),
    ("map_office", "PUT", f"{LAND}/parks/P", {"name": "园", "kind": "small_enterprise", "township_code": HERE}),
    (
        "map_office",
        "POST",
        f"{LAND}/parks/P/admissions",
        {"enterprise_name": "某", "uscc": USCC, "unit_number": "1", "status": "approved", "decided_on": "2026-11-01"},
    ),
    ("map_office", "POST", f"{LAND}/filings/{{filing}}:resolve-unit", {"part": "industrial_part", "reason": "r"}),
    ("map_office", "POST", f"{LAND}/filings/{{filing}}:set-township", {"township_code": HERE, "reason": "r"}),
    ("officer", "POST", f"{LAND}/statement-requests/{{request}}:issue", issue(valid_to="2027-01-01", in_village=True)),
    ("officer", "POST", f"{LAND}/statement-requests/{{request}}:return", {"reason": "r", "suggested_township_code": HERE}),
    ("officer", "POST", f"{LAND}/statements", paper("慈溪某厂", uscc=USCC, unit_number="1", in_village=False)),
    ("officer", "POST", f"{LAND}/list-entries", entry(uscc=USCC, controller={"name": "某", "uscc": USCC})),
    ("officer", "POST", f"{LAND}/list-entries/{{entry}}:advance", {"to": "confirmed", "reason": "r"}),
    ("clerk", "POST", f"{LAND}/checks", {"premises": WORKSHOP, "industry_code": "3851"}),
    ("grid", "POST", f"{POWER}/install-requests", install("R", existing_capacity_kva=100, unit_number="1")),
    ("grid", "POST", f"{POWER}/blocks/{{block}}:override", {"reason": "r", "document_sha256": DIGEST}),
    ("officer", "POST", f"{POWER}/findings", finding(industry_code="3851", capacity_kva=9, note="n", document_sha256=DIGEST)),
    ("admin", "POST", f"{NOTIFIER}/endpoints", endpoint(townships=[HERE])),
    ("admin", "PATCH", f"{NOTIFIER}/endpoints/{{endpoint}}", endpoint(townships=[HERE])),
]

WRONG: list[Any] = [{"unknown": 1}, [["x"]], "\u202e\u0007", "a\u0000b", "x" * 5000, -1e300, 2**62]


def places(value: Any, place: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    yield place
    for key, inside in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from places(inside, (*place, key))


def with_changed(value: Any, place: tuple[str | int, ...], new: Any) -> Any:
    if not place:
        return new
    changed = copy.deepcopy(value)
    here = changed
    for key in place[:-1]:
        here = here[key]
    here[place[-1]] = new
    return changed


def pointer_of(place: tuple[str | int, ...]) -> str:
    return "".join(f"/{key}" for key in place)


def sent(world: World, call: tuple[str, str, str, Any], body: Any) -> Answer:
    office, method, path, _ = call
    answer: Answer = getattr(world, office).request(method, path.format(**world.ids), json=body, headers={"If-Match": '"0"'})
    return answer


def check_refusal(answer: Answer, place: tuple[str | int, ...], wrong: Any) -> None:
    """422 that points at the place, or into it, or at what holds it; in two languages."""
    what = f"{pointer_of(place)} = {wrong!r:.40}: {answer.status_code} {answer.text[:400]}"
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json"), what
    wanted = pointer_of(place)
    pointers = [error["pointer"] for error in answer.json()["errors"]]
    assert any(pointer.startswith(wanted) or (pointer and wanted.startswith(pointer)) for pointer in pointers), what
    assert all(" / " in error["message"] for error in answer.json()["errors"]), what


@pytest.mark.parametrize("call", CALLS, ids=[f"{method} {path}" for _, method, path, _ in CALLS])
def test_what_does_not_belong_in_a_field_is_refused_at_that_field(world: World, call: tuple[str, str, str, Any]) -> None:
    for place in places(call[3]):
        for wrong in WRONG:
            check_refusal(sent(world, call, with_changed(call[3], place, wrong)), place, wrong)


@pytest.mark.parametrize("call", CALLS, ids=[f"{method} {path}" for _, method, path, _ in CALLS])
def test_a_field_nobody_knows_is_refused_by_name(world: World, call: tuple[str, str, str, Any]) -> None:
    for place in places(call[3]):
        here = call[3]
        for key in place:
            here = here[key]
        if isinstance(here, dict):
            answer = sent(world, call, with_changed(call[3], place, {**here, "zzz": 1}))
            check_refusal(answer, (*place, "zzz"), 1)
            codes = {error["code"] for error in answer.json()["errors"]}
            assert "unknown-field" in codes


@pytest.mark.parametrize("day", ["2026-02-30", "0001-01-01", "9999-12-31", "2026-11-01T00:00:00", 1700006400, "２０２６-11-01", True])
def test_a_day_that_is_none_is_refused(world: World, day: Any) -> None:
    for office, method, path, body, place in (
        ("map_office", "PUT", f"{LAND}/parcels/{PARCEL}", parcel(as_of=day), ("as_of",)),
        ("officer", "POST", f"{LAND}/statements", paper("x", issued_on=day), ("issued_on",)),
        ("officer", "POST", f"{LAND}/list-entries", entry(found_on=day), ("found_on",)),
        ("officer", "POST", f"{POWER}/findings", finding(observed_on=day), ("observed_on",)),
    ):
        check_refusal(getattr(world, office).request(method, path, json=body), place, day)


@pytest.mark.parametrize(
    ("coordinates", "code"),
    [
        ([[[121.2, 30.1], [121.21, 30.11], [121.21, 30.1], [121.2, 30.11], [121.2, 30.1]]], "bad-geometry"),
        ([[*RING[:-1], [121.3, 30.2]]], "ring-not-closed"),
        ([[[lat, lon] for lon, lat in RING]], "coordinates-out-of-range"),
        ([RING[:3]], "bad-geometry"),
        ([[[121.2, 30.1]] * 4], "bad-geometry"),
        ([[]], "bad-geometry"),
        ([RING * 10_000], "geometry-too-large"),
        ([[[-180, -90], [180, -90], [180, 90], [-180, -90]]], "geometry-too-large"),
    ],
    ids=["crossing", "open", "latitude first", "three points", "one point", "empty", "endless", "the whole earth"],
)
def test_an_outline_that_is_none_is_refused(world: World, coordinates: Any, code: str) -> None:
    body = parcel(geometry={"type": "Polygon", "coordinates": coordinates})
    answer = world.map_office.put(f"{LAND}/parcels/{PARCEL}", json=body)
    check_refusal(answer, ("geometry",), code)
    assert answer.json()["code"] == code


def test_one_bad_feature_keeps_a_whole_file_out(world: World) -> None:
    good, bad = "330282112001JC00071", "0702"
    features = [{"type": "Feature", "properties": parcel(code), "geometry": None} for code in (good, bad)]
    for wrong in (features, [*features[:1], features[0]], [*features[:1], None], [*features[:1], {"type": "Feature"}]):
        answer = world.map_office.post(f"{LAND}/parcels:import", json={"type": "FeatureCollection", "features": wrong})
        assert (answer.status_code, answer.json()["stored"]) == (422, 0)
        assert [(at["index"], bool(at["errors"])) for at in answer.json()["refused"]] == [(1, True)]
    assert world.map_office.get(f"{LAND}/parcels/{good}").status_code == 404


def test_a_thousand_mistakes_are_counted_and_a_hundred_named(world: World) -> None:
    answer = world.clerk.post(f"{REGISTRATION}/filings", content=json.dumps({f"f{number}": 1 for number in range(1000)}))
    assert len(answer.json()["errors"]) == 100
    assert "10" in answer.json()["detail"]


@pytest.mark.parametrize("number", ["0", "-1", "1e9", "1e400", "NaN", '"315"', "true", "9" * 40])
def test_a_capacity_that_is_none_is_refused(world: World, number: str) -> None:
    body = json.dumps(install("CAP")).replace("315", number)
    answer = world.grid.post(f"{POWER}/install-requests", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == (400 if number in ("1e400", "NaN", "9" * 40) else 422)
    assert world.grid.get(f"{POWER}/clearances", params={"request_id": "CAP"}).json()["items"] == []
