"""However a filing comes in, it is answered alike: tried, filed alone or in bulk, on a parcel recorded or imported, or tried again."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any, NamedTuple

import httpx
import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deploy.demo.city import LAND, PATIENCE, REGISTRATION, City, Record
from deploy.running import Embedded
from deploy.services import SERVICES

pytestmark = pytest.mark.filterwarnings("ignore:Do not use the `random` module")  # the system runs on threads of this process

XINPU = "330282112"
EXAMPLES, TOGETHER = 12, 8
JUDGED = ("outcome", "land_verdict", "statement", "flags", "tags")

_numbers = count(1)


class Asked(NamedTuple):
    """What rules read: of the land, and of the filing."""

    land: Record
    filing: Record
    at_work: bool


def register(*codes: str, **more: Any) -> Record:
    return {"registered_use": [{"scheme": "GB/T21010-2017", "code": code} for code in codes], **more}


LANDS = st.sampled_from(
    [
        register("0601"),
        register("0601", inside_control_line=False),
        register("0601", planned_use="non_industrial", transition={"planned_implementation": "2035-01-01"}),
        register("0601", planned_use="non_industrial", transition={"planned_implementation": "2027-01-01"}),
        register("0601", "0501"),
        register("0604"),
        register("06"),
        register("0702", in_village=True),
        register("0702", in_village=False),
        register("0702"),
        register(survey_use={"scheme": "SANDIAO", "code": "0601"}),
        register(),
    ]
)
FILINGS = st.fixed_dictionaries(
    {
        "action": st.sampled_from(["establish", "branch"]),
        "subject_type": st.sampled_from(["company", "individual_business"]),
        "industry_code": st.sampled_from(["3851", "2110", "3360", "1019", "4412", "5211"]),
        "processes": st.sampled_from([[], ["spraying"], ["casting"]]),
        "new_land": st.sampled_from([None, {"area_mu": 8, "stand_alone": True}, {"area_mu": 20, "stand_alone": True}]),
    }
)
EVERYTHING = st.lists(st.builds(Asked, LANDS, FILINGS, st.booleans()), min_size=1, max_size=TOGETHER)


@pytest.fixture(scope="module")
def town() -> Iterator[City]:
    with Embedded(SERVICES) as running:
        offices = City(running.url, running.token)
        yield offices
        offices.close()


def parcel(asked: Asked) -> Record:
    return {
        "parcel_code": f"{XINPU}001GB{next(_numbers):05d}",
        "township_code": XINPU,
        "in_village": None,
        "planned_use": "unchanged",
        "source": "不动产登记",
        "as_of": "2026-01-01",
        **asked.land,
    }


def filing(asked: Asked, place: Record) -> Record:
    number = next(_numbers)
    premises = {
        "township_code": XINPU,
        "address": f"某路{number}号",
        "parcel_code": place["parcel_code"],
        "used_for_production": asked.at_work,
    }
    return {
        **asked.filing,
        "enterprise_name": f"慈溪{number}号制造有限公司",
        "business_scope": "制造",
        "premises": premises,
        "applicant": {"name": "联系人", "phone": "0574-00000000"},
    }


def judged(decision: Record) -> dict[str, Any]:
    return {name: decision[name] for name in JUDGED} | {"reasons": [(reason["code"], reason["due"]) for reason in decision["reasons"]]}


def in_bulk(town: City, bodies: list[Record]) -> list[Record]:
    lines = b"\n".join(orjson.dumps(body) for body in bodies)
    headers = {"Authorization": f"Bearer {town.token('integrator')}"}
    answer = httpx.post(f"{town.url}{REGISTRATION}/filings:batch", content=lines, headers=headers, timeout=90).raise_for_status()
    ids = [orjson.loads(line)["filing_id"] for line in answer.content.splitlines()]
    return [town.filing(filing_id, wait=int(PATIENCE)) for filing_id in ids]


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(EVERYTHING)
def test_tried_filed_alone_and_filed_in_bulk_are_answered_alike(town: City, everything: list[Asked]) -> None:
    recorded, imported = [parcel(asked) for asked in everything], [parcel(asked) for asked in everything]
    for place in recorded:
        town.record_parcel(place)
    features = [{"type": "Feature", "properties": place, "geometry": None} for place in imported]
    town.call("map_officer", "POST", f"{LAND}/parcels:import", {"type": "FeatureCollection", "features": features})
    bodies = [filing(*each) for each in zip(everything, recorded, strict=True)]
    tried = [town.call("clerk", "POST", f"{REGISTRATION}/pre-checks", body) for body in bodies]
    alone = [town.file(body, f"way-{next(_numbers)}", PATIENCE) for body in bodies]
    bulk = in_bulk(town, [filing(*each) for each in zip(everything, imported, strict=True)])
    assert [judged(each) for each in tried] == [judged(each["decision"]) for each in alone]
    assert [judged(each["decision"]) for each in alone] == [judged(each["decision"]) for each in bulk]


def test_tried_again_under_the_switches_in_force_nothing_is_decided_otherwise(town: City) -> None:
    """All that was filed before, by the way of a what-if."""
    answer = town.call("auditor", "POST", f"{REGISTRATION}/decisions:what-if", {"switches": {"village_strict_mode": "soft"}})
    assert answer["checked"] == answer["total"] > 0
    assert (answer["summary"]["flips"], answer["summary"]["not_judged"]) == (0, 0)
