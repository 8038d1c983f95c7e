"""What the land side would find under other sets: many at once, by kinds, and the same as each filing by itself."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chassis.service import Service
from chassis.testing import client
from chassis.what_if import Question, Sets
from contracts.land_check import LandFindings
from contracts.policy import CURRENT, Policy
from contracts.vocabulary import Action, LandVerdict, SubjectType
from contracts.what_if import LandTrial
from services.land_check.domain import Parcel, Part, PlannedUse, Site, Use
from services.land_check.domain.kinds import LandKind
from services.land_check.handlers.judging import evidence_for
from services.land_check.handlers.saying import findings_of
from services.land_check.handlers.what_if import NOT_SENT, Trial, compare_land
from services.land_check.rules.land import land_verdict, parcel_verdict
from services.land_check.rules.statements import standing
from services.land_check.tables.filings import load_filings
from services.land_check.tables.parcels import load_parcels
from tests.land_check.calling import BASE, put
from tests.land_check.papers import record
from tests.land_check.vocabulary import (
    ANDONG,
    FACTORY,
    HOMESTEAD,
    HOUSE,
    INDUSTRIAL,
    NAME,
    SHOP,
    SQUARE,
    VILLAGE_LAND,
    Office,
    factory_sent,
    facts,
    filed,
    office,
    parcel_sent,
    place,
)

WAREHOUSE = {"scheme": "GB/T21010-2017", "code": "0604"}
LEVEL_1 = {"scheme": "GB/T21010-2017", "code": "06"}
SURVEYED = {"scheme": "SANDIAO", "code": "0601"}
AROUND = {"type": "Polygon", "coordinates": [[[121.0, 30.0], [121.3, 30.0], [121.3, 30.2], [121.0, 30.2], [121.0, 30.0]]]}

TURNED: dict[str, Any] = {
    "warehouse_counts_as_industrial": True,
    "historic_land": "industrial",
    "control_line_mode": "decide",
    "transition_is_industrial": False,
    "land_basis_priority": ["land_grant_contract"],
    "subject_types": ["company"],
    "office_only_exempt": False,
    "trigger_actions": ["establish"],
    "manufacturing_sections": ["C", "F"],
    "out_of_area_units": [ANDONG, "330282112"],
    "statement_issuers": {"zone_committee": ["330282112"]},
    "statement_binding": "premises",
    "qianwan_polygon": AROUND,
}

PARCEL = st.fixed_dictionaries(
    {
        "registered_use": st.lists(st.sampled_from([HOUSE, SHOP, INDUSTRIAL, WAREHOUSE, LEVEL_1]), max_size=2, unique_by=str),
        "survey_use": st.sampled_from([None, SURVEYED]),
        "planned_use": st.sampled_from(["unchanged", "industrial", "non_industrial"]),
        "inside_control_line": st.sampled_from([None, True, False]),
        "in_village": st.sampled_from([None, True, False]),
        "park_id": st.sampled_from([None, "PARK-1"]),
        "geometry": st.sampled_from([None, SQUARE]),
        "units": st.sampled_from([[], [{"unit_number": "101", "registered_use": [INDUSTRIAL]}]]),
    }
)
FILING = st.fixed_dictionaries(
    {
        "code": st.sampled_from([HOMESTEAD, VILLAGE_LAND, FACTORY, "330282112001GB09999"]),
        "unit_number": st.sampled_from([None, "101"]),
        "used_for_production": st.booleans(),
        "action": st.sampled_from([Action.ESTABLISH, Action.BRANCH]),
        "subject_type": st.sampled_from(list(SubjectType)),
        "industry_code": st.sampled_from(["3851", "5211", "4411"]),
        "paper": st.sampled_from([None, {}, {"issuer": {"type": "zone_committee", "township_code": "330282112", "name": "某管委会"}}]),
        "ends": st.booleans(),
    }
)


USE = st.sampled_from([Use("GB/T21010-2017", code) for code in ("0601", "0604", "0702", "0501", "06")] + [Use("SANDIAO", "0601")])
LAND = st.builds(
    Parcel,
    code=st.sampled_from([HOMESTEAD, VILLAGE_LAND, FACTORY]),
    township_code=st.just("330282121"),
    version=st.integers(1, 9),
    registered=st.lists(USE, max_size=2).map(tuple),
    survey=st.none() | USE,
    planned_use=st.sampled_from(list(PlannedUse)),
    planned_implementation=st.none(),
    in_village=st.none() | st.booleans(),
    in_qianwan=st.none() | st.booleans(),
    inside_control_line=st.none() | st.booleans(),
    park_id=st.none() | st.just("PARK-1"),
    units=st.dictionaries(st.just("101"), st.lists(USE, max_size=2).map(tuple), max_size=1),
    source=st.just("登记簿"),
    as_of=st.just("2026-01-01"),
    superseded_by=st.sampled_from([(), (), (FACTORY,)]),
)
SITE = st.builds(
    Site,
    township_code=st.sampled_from(["330282121", ANDONG, "330282112"]),
    unit_number=st.sampled_from([None, "101"]),
    parcel=st.none() | LAND,
    part=st.none() | st.sampled_from(list(Part)),
)
POLICIES = [CURRENT, *(CURRENT.with_switches({name: value}) for name, value in TURNED.items())]


@settings(max_examples=400, deadline=None)
@given(site=SITE)
def test_places_of_one_kind_have_one_verdict_under_every_switch(site: Site) -> None:
    alike = LandKind.of(site).site()
    assert LandKind.of(alike) == LandKind.of(site)
    assert [land_verdict(alike, policy) for policy in POLICIES] == [land_verdict(site, policy) for policy in POLICIES]


def sets_of(switches: dict[str, Any]) -> Sets:
    return Question(switches).sets(CURRENT)


def tried(at: Office, ids: list[str], sets: Sets, codes: tuple[str, ...] = ()) -> Trial:
    return at.db.read_sync(lambda tx: compare_land(tx, ids, codes, sets))


def by_itself(at: Office, filing_id: str, policy: Policy) -> dict[str, Any]:
    """The one filing judged as a check judges it."""

    def judge(tx: Any) -> LandFindings:
        (filing,) = load_filings(tx, [filing_id])
        case = evidence_for(tx, filing, policy)
        stands = standing(case.verdict, case.asked, case.evidence.papers, filing.rulings.declined)
        return findings_of(filing, case.site, case.verdict, stands, case.evidence, with_facts=False)

    return at.db.read_sync(judge).model_dump(exclude=set(NOT_SENT))


def stored(at: Office, number: int, drawn: dict[str, Any]) -> str:
    filing_id, name = f"F{number}", f"{NAME}{number}"
    where = place(drawn["code"], unit_number=drawn["unit_number"], used_for_production=drawn["used_for_production"])
    more = {key: drawn[key] for key in ("action", "subject_type", "industry_code")}
    at.submit(filing_id, facts(enterprise_name=name, premises=where, **more))
    if drawn["paper"] is not None:
        record(at, enterprise_name=name, filing_id=filing_id, parcel_code=drawn["code"], unit_number=drawn["unit_number"], **drawn["paper"])
    if drawn["ends"]:
        at.accept(filing_id)
    return filing_id


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(
    parcels=st.tuples(PARCEL, PARCEL, PARCEL),
    filings=st.lists(FILING, min_size=1, max_size=6),
    switches=st.sets(st.sampled_from(sorted(TURNED)), min_size=1, max_size=4),
)
def test_filings_judged_together_are_judged_as_each_by_itself(parcels: Any, filings: list[dict[str, Any]], switches: set[str]) -> None:
    sets = sets_of({name: TURNED[name] for name in switches})
    with office() as at:
        for code, changes in zip((HOMESTEAD, VILLAGE_LAND, FACTORY), parcels, strict=True):
            at.put(parcel_sent(code, **changes))
        ids = [stored(at, number, drawn) for number, drawn in enumerate(filings)]
        found = tried(at, ids, sets, (HOMESTEAD, VILLAGE_LAND, FACTORY))
        for filing_id, _, places in found.filings:
            for policy, at_place in zip(sets.policies, places, strict=True):
                assert found.findings[at_place].model_dump(exclude=set(NOT_SENT)) == by_itself(at, filing_id, policy)
        register = at.db.read_sync(lambda tx: load_parcels(tx, [HOMESTEAD, VILLAGE_LAND, FACTORY]))
        for code, places in found.parcels:
            for policy, at_place in zip(sets.policies, places, strict=True):
                reading = found.readings[at_place]
                assert reading.land_verdict == parcel_verdict(register[code], policy)
                assert reading.units == {unit: parcel_verdict(register[code], policy, unit) for unit in register[code].units}


def test_a_paper_of_another_enterprise_is_for_the_first_filing_there_also_if_only_the_second_is_asked_about() -> None:
    sets = sets_of({"statement_binding": "premises"})
    with office() as at:
        at.put(parcel_sent())
        at.submit("F1")
        at.submit("F2", facts(enterprise_name="慈溪乙电器有限公司"))
        record(at, enterprise_name="慈溪丙电器有限公司")
        both, second = tried(at, ["F1", "F2"], sets), tried(at, ["F2"], sets)
    outcomes = {filing_id: [both.findings[place].statement.outcome for place in places] for filing_id, _, places in both.filings}
    assert outcomes == {"F1": ["required_missing", "required_valid"], "F2": ["required_missing", "required_missing"]}
    assert [second.findings[place].statement.outcome for place in second.filings[0][2]] == ["required_missing", "required_missing"]


async def test_findings_are_answered_once_each_for_every_set_and_nothing_that_no_rule_reads(service: Service) -> None:
    await put(service, factory_sent(registered_use=[WAREHOUSE]))
    await put(service, parcel_sent())
    premises = place(FACTORY, township_code="330282121")
    for filing_id in ("F1", "F2"):
        await filed(service, filing_id, facts(enterprise_name=f"{NAME}{filing_id}", premises=premises))
    sent = {"filing_ids": ["F1", "F2", "F9"], "parcel_codes": [FACTORY, VILLAGE_LAND], "switches": {"warehouse_counts_as_industrial": True}}
    auditor = client(service, ["auditor"])
    answer = (await auditor.post(f"{BASE}/findings:what-if", json=sent)).json()
    trial = LandTrial.model_validate(answer)
    assert [(land["land_verdict"], sorted(land)) for land in answer["findings"]] == [
        ("non_industrial", ["in_village", "land_verdict", "statement", "township_code"]),
        ("industrial", ["in_village", "land_verdict", "statement", "township_code"]),
    ]
    assert trial.filings == (("F1", 1, (0, 1)), ("F2", 1, (0, 1)))
    assert [reading.land_verdict for reading in trial.of_parcels()[FACTORY]] == [LandVerdict.NON_INDUSTRIAL, LandVerdict.INDUSTRIAL]
    assert (trial.switches, trial.is_by(CURRENT.ref, ())) == ((), True)
    both = sent | {"switches": {"warehouse_counts_as_industrial": True, "subject_types": ["company"]}}
    alone = LandTrial.model_validate((await auditor.post(f"{BASE}/findings:what-if", json=both)).json())
    assert alone.switches == ("warehouse_counts_as_industrial", "subject_types")
    assert [land.land_verdict for land in alone.of_filings()["F1"][1]] == ["non_industrial", "industrial", "industrial", "non_industrial"]
    assert (await client(service, ["clerk"]).post(f"{BASE}/findings:what-if", json=sent)).status_code == 403
    assert (await auditor.post(f"{BASE}/findings:what-if", json=sent | {"filing_ids": ["F"] * 2001})).status_code == 422
