"""What is played: facts as they stand in the two files, and the decision each must get."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from contracts.reference import section_of, township_named

FOLDER = Path(__file__).parent
MANUFACTURING = "C"

SCHEMES = {"GB21010": "GB/T21010-2017", "YDYH23": "YDYH-2023", "GB50137": "GB50137-2011", "SANDIAO": "SANDIAO"}
SUBJECTS = {"COMPANY": "company", "INDIVIDUAL": "individual_business", "OWNER": "company"}
KINDS = {
    "NONE": None,
    "NEW_3PH_TRANSFORMER": "new_three_phase_transformer",
    "INCREASE_3PH": "increase_three_phase",
    "SINGLE_PHASE": "single_phase",
}
PLANNED = {"UNCHANGED": "unchanged", "NON_INDUSTRIAL": "non_industrial"}

LandUse = tuple[str, str]
"""(scheme, code)."""


class Decided(NamedTuple):
    """A decision on all sides, in the words of ``scenarios.csv``; ``notify``: the units told because of it."""

    land_verdict: str
    statement: str
    registration: str
    three_phase: str
    single_phase: str
    notify: frozenset[str]


@dataclass(frozen=True, slots=True)
class Case:
    """One story. ``name`` and ``title`` are for the reader only: nothing is decided or set up by them.

    ``filing``: None, or ``submitted``, ``duplicate`` (filed twice), ``registered`` (filed and accepted before the land changed).
    ``implemented_late``: the transition zone's plan is carried out after more than five years. ``statement`` and ``power_kind``
    as in the file; ``new_land_mu`` only for projects on new land.
    """

    name: str
    title: str
    filing: str | None
    action: str
    subject_type: str
    industry_code: str
    pollutes: bool
    township_code: str
    in_village: bool
    registered_use: tuple[LandUse, ...]
    survey_use: LandUse | None
    planned_use: str
    implemented_late: bool | None
    grade: str | None
    statement: str
    power_kind: str | None
    applicant: str
    verdict_pending: bool
    expected: Decided
    enterprise_name: str | None = None
    new_land_mu: float | None = None


def scenarios() -> list[Case]:
    """The worked cases. Raises KeyError or ValueError for a word the demonstration does not know."""
    return [_scenario(row) for row in _rows("scenarios.csv")]


def annex_projects() -> list[Case]:
    """The 39 projects, each on industrial land of its own with a transformer asked for: nothing stands against them."""
    return [_project(row) for row in _rows("annex_projects.csv")]


def _rows(name: str) -> Iterator[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _scenario(row: Mapping[str, str]) -> Case:
    extra = row["extra"] or None
    if extra not in (None, "verdict_pending"):
        raise ValueError(f"{row['id']}: no such thing to set up: {extra}")
    status = row["filing_status"]
    return Case(
        name=row["id"],
        title=row["title"],
        filing=None if status == "NONE" else status.lower(),
        action="establish" if row["action"] == "NONE" else row["action"].lower(),
        subject_type=SUBJECTS[row["subject"]],
        industry_code=row["industry_code"],
        pollutes=row["high_pollution"] == "Y",
        township_code=_township(row["area"]),
        in_village=row["in_village"] == "Y",
        registered_use=_uses(row["registered_use"]),
        survey_use=next(iter(_uses(row["survey_use"])), None),
        planned_use=PLANNED[row["planned_use"]],
        implemented_late=None if row["transition_5y"] == "-" else row["transition_5y"] == "Y",
        grade=None if row["grade"] == "NONE" else row["grade"],
        statement=row["statement"],
        power_kind=KINDS[row["power_request"]],
        applicant="owner" if row["power_applicant"] == "OWNER" else "enterprise",
        verdict_pending=extra is not None,
        expected=Decided(
            row["exp_land_verdict"],
            row["exp_statement"],
            row["exp_registration"],
            row["exp_three_phase"],
            row["exp_single_phase"],
            frozenset(row["exp_notify"].split(";")),
        ),
    )


def _project(row: Mapping[str, str]) -> Case:
    new_company = row["to_be_registered"] == "Y"
    return Case(
        name=f"附件 {row['serial']}",
        title=row["project_zh"],
        filing="submitted",
        action="establish" if new_company else "branch",  # a firm that exists builds a new works: its code is not in the paper
        subject_type="company",
        industry_code=row["industry_code"],
        pollutes=False,
        township_code=_township(row["township_canonical"]),
        in_village=False,
        registered_use=((SCHEMES["GB21010"], "0601"),),
        survey_use=None,
        planned_use="unchanged",
        implemented_late=None,
        grade=None,
        statement="NOT_GIVEN",
        power_kind="new_three_phase_transformer",
        applicant="enterprise",
        verdict_pending=False,
        expected=Decided("INDUSTRIAL", "NOT_REQUIRED", "ACCEPT", "ALLOW", "NOT_RESTRICTED", frozenset({"AMR", "PSC"})),
        enterprise_name=row["company_zh"],
        new_land_mu=float(row["new_land_mu"]),
    )


def manufactures(case: Case) -> bool:
    return section_of(case.industry_code) == MANUFACTURING


def _township(name: str) -> str:
    found = township_named(name)
    if found is None:
        raise ValueError(f"no such township: {name}")
    return found.code


def _uses(text: str) -> tuple[LandUse, ...]:
    """``GB21010:0601+GB21010:0501`` as pairs of scheme and code; nothing for an empty text or NONE."""
    if text in ("", "NONE"):
        return ()
    return tuple((SCHEMES[scheme], code) for scheme, _, code in (part.partition(":") for part in text.split("+")))
