"""A what-if agrees with what happens: a city that lived the same under the candidate decided as the what-if of the other said."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from chassis.what_if import Flip, Question, Sets
from contracts.policy import CURRENT
from contracts.vocabulary import PolicyRef
from contracts.what_if import LandTrial
from services.land_check.handlers.what_if import Trial as LandFound
from services.land_check.handlers.what_if import compare_land
from services.power_grid.clients import Land
from services.power_grid.handlers.what_if import cases_after, flips_of
from services.registration.handlers.what_if import Trial
from services.registration.tables.what_if import Bounds, filings_after
from tests.land_check.vocabulary import INDUSTRIAL, SHOP
from tests.policy.three_offices import GRIDS, PLACE, Offices, offices

WAREHOUSE = {"scheme": "GB/T21010-2017", "code": "0604"}
NAMES = ("慈溪甲制造有限公司", "慈溪乙制造有限公司", "慈溪丙制造有限公司")
TURNED: dict[str, Any] = {
    "warehouse_counts_as_industrial": True,
    "land_basis_priority": ["land_grant_contract"],
    "subject_types": ["company"],
    "trigger_actions": ["establish"],
    "manufacturing_sections": ["C", "F"],
    "negative_statement_refuses": False,
    "missing_statement_grace_days": 0,
    "high_pollution_on_non_industrial": "refuse",
    "three_phase_ban_scope": "without_statement",
    "unknown_parcel_power": "block",
    "block_key": "enterprise",
}

FILED = st.fixed_dictionaries(
    {
        "action": st.sampled_from(["establish", "branch"]),
        "subject_type": st.sampled_from(["company", "individual_business"]),
        "industry_code": st.sampled_from(["3851", "3391", "5211"]),
    }
)
STORY = st.fixed_dictionaries(
    {
        "uses": st.sampled_from([[INDUSTRIAL], [SHOP], [WAREHOUSE], [WAREHOUSE, SHOP], [INDUSTRIAL, WAREHOUSE], []]),
        "filings": st.lists(FILED, min_size=1, max_size=len(NAMES)),
        "papers": st.lists(st.sampled_from([None, "supports", "does_not_support"]), min_size=3, max_size=3),
        "asked": st.lists(st.sampled_from([None, 0, 1, 2]), max_size=3),
    }
)
Answer = tuple[str, tuple[str, ...]]


def lived(at: Offices, story: dict[str, Any]) -> None:
    at.record(story["uses"])
    for name, result in zip(NAMES, story["papers"], strict=True):
        if result is not None:
            at.paper(name, result)
    for name, filed in zip(NAMES, story["filings"], strict=False):
        at.file(name, **filed)
    at.deliver()
    for number in story["asked"]:
        at.ask(number)
    at.deliver()


def decided(at: Offices) -> tuple[list[Answer], list[Answer]]:
    """What the city has decided: filings and clearances in their order, each with its reasons."""
    filings = [at.filing(filing_id).decision for filing_id in at.filings]
    clearances = [at.clearance(on[GRIDS[0]]).answer for _, on in at.clearances]
    return (
        [(str(each.outcome), tuple(str(reason.code) for reason in each.reasons)) for each in filings],
        [(str(each.decision), tuple(str(reason.code) for reason in each.reasons)) for each in clearances],
    )


def tried(at: Offices, switches: dict[str, Any]) -> tuple[list[Answer], list[Answer]]:
    """What the what-if says they would be."""
    sets = Question(switches).sets(CURRENT)
    stored = at.db["registration"].read_sync(lambda tx: filings_after(tx, Bounds(None, None, None), "", 100))
    answer = _answer(_land(at, sets), sets)
    flips = Trial(sets).flips(stored, {each: places for each, _, places in answer.filings}, answer.findings)
    power = at.db[GRIDS[0]].read_sync(lambda tx: cases_after(tx, None, "", 100))
    not_judged, others = flips_of(power.cases, Land(answer.of_filings(), answer.of_parcels()), sets)
    assert not_judged == 0
    now = decided(at)
    return (_with(at.filings, now[0], flips), _with([on[GRIDS[0]] for _, on in at.clearances], now[1], others))


def _land(at: Offices, sets: Sets) -> LandFound:
    return at.db["land"].read_sync(lambda tx: compare_land(tx, at.filings, [PLACE], sets))


def _answer(found: LandFound, sets: Sets) -> LandTrial:
    return LandTrial.model_validate(
        {"policy": PolicyRef(id=CURRENT.ref.id, version=CURRENT.ref.version), "switches": sets.alone, **found._asdict()}
    )


def _with(ids: list[str], now: list[Answer], flips: list[Flip]) -> list[Answer]:
    changes = {flip.id: flip.change for flip in flips}
    for each, (outcome, reasons) in zip(ids, now, strict=True):
        assert each not in changes or (changes[each].was.outcome, changes[each].was.reasons) == (outcome, reasons)
    return [
        (changes[each].would_be.outcome, changes[each].would_be.reasons) if each in changes else answer
        for each, answer in zip(ids, now, strict=True)
    ]


@settings(max_examples=15, deadline=None, phases=[Phase.generate], suppress_health_check=[HealthCheck.too_slow])
@given(story=STORY, turned=st.sets(st.sampled_from(sorted(TURNED)), min_size=1, max_size=3))
def test_what_would_be_is_what_is_where_the_candidate_was_in_force(story: dict[str, Any], turned: set[str]) -> None:
    switches = {name: TURNED[name] for name in turned}
    with offices() as here:
        lived(here, story)
        would_be = tried(here, switches)
    with offices() as there:
        there.under(switches)
        lived(there, story)
        assert decided(there) == would_be
