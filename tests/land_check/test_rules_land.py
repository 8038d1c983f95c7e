"""The land verdict: tables of cases, and what must always hold."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts import reference
from contracts.policy import CURRENT
from contracts.vocabulary import LandVerdict
from services.land_check.domain import Part, PlannedUse, Use
from services.land_check.rules.land import is_known_from_survey_only, is_mixed_before_any_ruling, land_verdict, parcel_verdict
from tests.land_check.vocabulary import ANDONG, FACTORY, HOMESTEAD, parcel, site

GB, YDYH, OLD, SURVEY = "GB/T21010-2017", "YDYH-2023", "GB50137-2011", "SANDIAO"
ALL_USES = [(land.scheme, land.code) for land in reference.land_classes()]
INDUSTRIAL_USES = [use for use in ALL_USES if CURRENT.land_is_industrial(*use)]

GIVEN = Path(__file__).with_name("given")
"""The reference as it was given: every class with its reading, and the codes that mean other land in other schemes."""

READINGS = {"Y": "industrial", "N": "non_industrial", "AMBIGUOUS": "unknown", "EVIDENCE_ONLY": "unknown"}

uses = st.lists(st.sampled_from(ALL_USES), max_size=5)
some_uses = st.lists(st.sampled_from(ALL_USES), min_size=1, max_size=5)


@pytest.mark.parametrize(
    ("registered", "verdict"),
    [
        ([(GB, "0601")], "industrial"),
        ([(YDYH, "1001")], "industrial"),
        ([(YDYH, "100102")], "industrial"),
        ([(OLD, "M2")], "industrial"),
        ([(YDYH, "0601")], "non_industrial"),  # rural road there
        ([(GB, "1001")], "non_industrial"),  # railway there
        ([(GB, "0702")], "non_industrial"),
        ([(GB, "0604")], "non_industrial"),
        ([(GB, "06")], "unknown"),
        ([(YDYH, "10")], "unknown"),
        ([(GB, "10")], "non_industrial"),  # transport land, all of it
        ([(SURVEY, "0601")], "unknown"),
        ([(SURVEY, "0601"), (GB, "0601")], "unknown"),
        ([(SURVEY, "0702")], "non_industrial"),
        ([(SURVEY, "0702"), (GB, "0601")], "mixed"),
        ([], "unknown"),
        ([(GB, "0601"), (GB, "0501")], "mixed"),
        ([(GB, "0601"), (YDYH, "1001")], "industrial"),
        ([(GB, "0601"), (GB, "06")], "unknown"),
    ],
)
def test_registered_use_with_its_scheme_decides(registered: list[tuple[str, str]], verdict: str) -> None:
    assert land_verdict(site(parcel(FACTORY, *registered)), CURRENT) == verdict


def given_classes() -> list[tuple[str, str, str]]:
    """Scheme, code and reading. An attribute beside the class (CZCSXM) is no class of land."""
    with (GIVEN / "land_use_classes.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["industrial_default"] != "ATTRIBUTE"]
    return [(row["scheme"].split(" ")[0], row["code"], row["industrial_default"]) for row in rows]


def given_collisions() -> list[tuple[str, str, str]]:
    collisions = json.loads((GIVEN / "land_code_collisions.json").read_text(encoding="utf-8"))["collisions"]
    return [(scheme, each["code"], reading) for each in collisions for scheme, reading in each["industrial"].items()]


@pytest.mark.parametrize(("scheme", "code", "reading"), [*given_classes(), *given_collisions()])
def test_every_class_is_read_as_the_given_reference_reads_it(scheme: str, code: str, reading: str) -> None:
    assert land_verdict(site(parcel(FACTORY, (scheme, code))), CURRENT) == READINGS[reading]


def test_of_the_survey_industry_alone_and_the_level_that_holds_it_do_not_tell() -> None:
    survey = [land for land in reference.land_classes() if land.scheme == SURVEY]
    verdicts = {land.code: land_verdict(site(parcel(FACTORY, (SURVEY, land.code))), CURRENT) for land in survey}
    assert {code for code, verdict in verdicts.items() if verdict == "unknown"} == {"06", "0601"}
    assert set(verdicts.values()) == {"unknown", "non_industrial"}


def test_place_without_a_parcel_is_unknown() -> None:
    assert land_verdict(site(None), CURRENT) == "unknown"


def test_place_outside_the_area_is_out_of_area_whatever_the_land() -> None:
    assert land_verdict(site(parcel(FACTORY, (GB, "0601")), township=ANDONG), CURRENT) == "out_of_area"


def test_homestead_code_is_non_industrial_whatever_is_registered() -> None:
    assert land_verdict(site(parcel(HOMESTEAD, (GB, "0601"))), CURRENT) == "non_industrial"
    assert land_verdict(site(parcel(HOMESTEAD)), CURRENT) == "non_industrial"


def test_industrial_land_planned_otherwise_is_in_transition() -> None:
    on = parcel(FACTORY, (GB, "0601"), planned_use=PlannedUse.NON_INDUSTRIAL)
    assert land_verdict(site(on), CURRENT) == "transition"


def test_non_industrial_land_planned_as_industrial_stays_what_it_is() -> None:
    assert land_verdict(site(parcel(FACTORY, (GB, "0501"), planned_use=PlannedUse.INDUSTRIAL)), CURRENT) == "non_industrial"


@pytest.mark.parametrize(("part", "verdict"), [(Part.INDUSTRIAL, "industrial"), (Part.NON_INDUSTRIAL, "non_industrial"), (None, "mixed")])
def test_the_part_of_a_mixed_parcel_decides_once_it_is_named(part: Part | None, verdict: str) -> None:
    assert land_verdict(site(parcel(FACTORY, (GB, "0601"), (GB, "0501")), part=part), CURRENT) == verdict


def test_industrial_part_of_a_parcel_planned_otherwise_is_in_transition() -> None:
    on = parcel(FACTORY, (GB, "0601"), (GB, "0501"), planned_use=PlannedUse.NON_INDUSTRIAL)
    assert land_verdict(site(on, part=Part.INDUSTRIAL), CURRENT) == "transition"


def test_a_ruling_changes_nothing_where_the_land_is_not_mixed() -> None:
    assert land_verdict(site(parcel(FACTORY, (GB, "0501")), part=Part.INDUSTRIAL), CURRENT) == "non_industrial"
    assert not is_mixed_before_any_ruling(site(parcel(FACTORY, (GB, "0501")), part=Part.INDUSTRIAL), CURRENT)


def test_a_unit_with_a_use_of_its_own_decides() -> None:
    on = parcel(FACTORY, (GB, "0601"), (GB, "0501"), units={"U1": (Use(GB, "0601"),), "U2": (Use(GB, "0501"),), "U3": ()})
    assert parcel_verdict(on, CURRENT, "U1") == "industrial"
    assert parcel_verdict(on, CURRENT, "U2") == "non_industrial"
    assert parcel_verdict(on, CURRENT, "U3") == "unknown"
    assert parcel_verdict(on, CURRENT, "U9") == "mixed"


@pytest.mark.parametrize("survey", [Use(SURVEY, "0601"), Use(GB, "0601")])
def test_survey_of_industry_without_a_certificate_is_shown(survey: Use) -> None:
    assert is_known_from_survey_only(site(parcel(FACTORY, survey=survey)))
    assert not is_known_from_survey_only(site(parcel(FACTORY, (GB, "0601"), survey=survey)))


@pytest.mark.parametrize(
    "survey", [None, Use(SURVEY, "0702"), Use(SURVEY, "0508"), Use(SURVEY, "0101"), Use(GB, "0702"), Use(YDYH, "0601")]
)
def test_survey_of_anything_else_is_no_historic_industry(survey: Use | None) -> None:
    assert not is_known_from_survey_only(site(parcel(FACTORY, survey=survey)))


def test_warehouse_land_is_industrial_only_by_the_switch() -> None:
    changed = CURRENT.with_switches({"warehouse_counts_as_industrial": True})
    assert land_verdict(site(parcel(FACTORY, (GB, "0604"))), changed) == "industrial"


def test_a_surveyed_warehouse_is_not_industrial_and_by_the_switch_unknown_since_a_survey_gives_no_right() -> None:
    changed = CURRENT.with_switches({"warehouse_counts_as_industrial": True})
    assert land_verdict(site(parcel(FACTORY, (SURVEY, "0508"))), CURRENT) == "non_industrial"
    assert land_verdict(site(parcel(FACTORY, (SURVEY, "0508"))), changed) == "unknown"


@given(survey=st.sampled_from(ALL_USES))
def test_survey_use_alone_never_gives_industrial(survey: tuple[str, str]) -> None:
    assert land_verdict(site(parcel(FACTORY, survey=Use(*survey))), CURRENT) == "unknown"


@given(code=st.sampled_from(sorted({code for _, code in ALL_USES if len(code) == 2})), scheme=st.sampled_from([GB, YDYH]))
def test_a_level_one_class_never_gives_industrial(code: str, scheme: str) -> None:
    assert land_verdict(site(parcel(FACTORY, (scheme, code))), CURRENT) != "industrial"


@given(registered=uses, planned=st.sampled_from(PlannedUse))
def test_a_homestead_is_never_industrial(registered: list[tuple[str, str]], planned: PlannedUse) -> None:
    assert land_verdict(site(parcel(HOMESTEAD, *registered, planned_use=planned)), CURRENT) == "non_industrial"


@given(registered=some_uses, more=st.sampled_from(ALL_USES))
def test_adding_a_use_never_turns_unknown_into_anything_better(registered: list[tuple[str, str]], more: tuple[str, str]) -> None:
    if land_verdict(site(parcel(FACTORY, *registered)), CURRENT) == "unknown":
        assert land_verdict(site(parcel(FACTORY, *registered, more)), CURRENT) == "unknown"


@given(registered=some_uses, seed=st.randoms())
def test_the_order_of_uses_does_not_matter(registered: list[tuple[str, str]], seed: Any) -> None:
    shuffled = list(registered)
    seed.shuffle(shuffled)
    assert land_verdict(site(parcel(FACTORY, *registered)), CURRENT) == land_verdict(site(parcel(FACTORY, *shuffled)), CURRENT)


@given(registered=uses, part=st.sampled_from([None, *Part]))
def test_only_registered_industrial_use_gives_industrial(registered: list[tuple[str, str]], part: Part | None) -> None:
    verdict = land_verdict(site(parcel(FACTORY, *registered), part=part), CURRENT)
    if verdict in (LandVerdict.INDUSTRIAL, LandVerdict.TRANSITION):
        assert set(registered) & set(INDUSTRIAL_USES)
