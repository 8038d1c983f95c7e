"""What the land side would find under other policy sets: read once, judge by each, store nothing."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from operator import attrgetter
from typing import Any, Generic, NamedTuple, TypeVar

from chassis.database import Transaction
from chassis.what_if import Sets
from contracts.land_check import LandFindings
from contracts.registration import FilingFacts
from contracts.vocabulary import LandVerdict
from contracts.what_if import LandReading
from services.land_check.domain import Filing, Parcel, Site
from services.land_check.domain.kinds import LandKind
from services.land_check.handlers.judging import Case, Judgement, Records, asked_about, read_land, read_records, weigh
from services.land_check.handlers.placing import place, place_in_qianwan
from services.land_check.handlers.saying import findings_of
from services.land_check.rules.land import land_verdict
from services.land_check.rules.lists import place_matters
from services.land_check.rules.statements import standing, statement_is_asked_for
from services.land_check.tables.filings import load_filings, open_filings_at
from services.land_check.tables.parcels import load_parcels

NOT_SENT = frozenset({"facts", "parcel_code", "unit_number", "matched_by"})
"""What no rule reads."""

_SENT = attrgetter(*(name for name in LandFindings.model_fields if name not in {*NOT_SENT, "statement"}))

KINDS = 20_000
"""Kinds of land whose verdicts are remembered: a city has some hundreds."""

T = TypeVar("T")


@dataclass(slots=True)
class Distinct(Generic[T]):
    """Each value once, in the order of its first appearance."""

    values: list[T] = field(default_factory=list)
    places: dict[Hashable, int] = field(default_factory=dict)

    def place_of(self, key: Hashable, value: T) -> int:
        found = self.places.setdefault(key, len(self.values))
        if found == len(self.values):
            self.values.append(value)
        return found


class Trial(NamedTuple):
    """As ``contracts.what_if.LandTrial`` sends it."""

    findings: Sequence[LandFindings]
    filings: Sequence[tuple[str, int, Sequence[int]]]
    readings: Sequence[LandReading]
    parcels: Sequence[tuple[str, Sequence[int]]]


def compare_land(tx: Transaction, ids: Collection[str], codes: Collection[str], sets: Sets) -> Trial:
    """Of the filings and parcels known here, decided ones too, by the register as it is now. ``tx`` may be read-only."""
    filings, findings = sorted(load_filings(tx, ids), key=lambda filing: filing.filing_id), Distinct[LandFindings]()
    found = _Filings(tx, sets, filings).findings(findings) if filings else {}
    readings = Distinct[LandReading]()
    parcels = [(code, _readings(parcel, sets, readings)) for code, parcel in load_parcels(tx, codes).items()]
    return Trial(findings.values, [(each.filing_id, each.revision, found[each.filing_id]) for each in filings], readings.values, parcels)


@lru_cache(maxsize=KINDS)
def verdicts(kind: LandKind, sets: Sets) -> tuple[LandVerdict, ...]:
    """The verdict on land of that kind under each set: places alike in all that the rules read are judged once."""
    site = kind.site()
    return tuple(land_verdict(site, policy) for policy in sets.policies)


class _Filings:
    """The filings of one call. Those without papers are judged once for each answer about their land, whatever set gives it."""

    def __init__(self, tx: Transaction, sets: Sets, filings: Sequence[Filing]) -> None:
        place(tx, filings, {})
        self._tx, self._sets = tx, sets
        self._cases = [Case(filing, None) for filing in filings]
        self._records = read_records(tx, self._cases, self._cases)
        self._asked: dict[Hashable, tuple[tuple[bool, bool], ...]] = {}

    def findings(self, findings: Distinct[LandFindings]) -> dict[str, Sequence[int]]:
        """By filing id, the places of its findings under each set."""
        records = self._records
        bound = {paper.filing_id for paper in records.bound}
        unbound = {paper.parcel_code for paper in records.unbound}
        bounded = any(policy.switches.qianwan_polygon is not None for policy in self._sets.policies)
        plain: list[Case] = []
        others: list[Case] = []
        for case in self._cases:
            alone = case.filing.filing_id not in bound and case.site.parcel_code not in unbound
            (plain if alone and not bounded else others).append(case)
        without_papers = replace(records, bound=(), unbound=())
        found: dict[str, Sequence[int]] = {case.filing.filing_id: self._of_plain(case, without_papers, findings) for case in plain}
        return found | self._of_others(others, findings)

    def _of_plain(self, case: Case, records: Records, findings: Distinct[LandFindings]) -> Sequence[int]:
        """Nothing but verdict and question can differ from set to set."""
        known: dict[tuple[LandVerdict, tuple[bool, bool]], int] = {}
        readings = list(zip(verdicts(LandKind.of(case.site), self._sets), self._is_asked(case.filing.facts), strict=True))
        for policy, reading in zip(self._sets.policies, readings, strict=True):
            if reading not in known:
                again = Case(case.filing, None, verdict=reading[0], asked=reading[1][0], concerned=reading[1][1])
                weigh(asked_about([again]), records, policy, Judgement())
                known[reading] = _place_of(again, findings)
        return [known[reading] for reading in readings]

    def _is_asked(self, facts: FilingFacts) -> tuple[tuple[bool, bool], ...]:
        """Under each set: whether for a statement, and whether park, lists and grade count."""
        kind = (facts.action, facts.subject_type, facts.industry_code, facts.production_place is None)
        found = self._asked.get(kind)
        if found is None:
            found = self._asked[kind] = tuple(
                (statement_is_asked_for(facts, policy), place_matters(facts, policy)) for policy in self._sets.policies
            )
        return found

    def _of_others(self, cases: Sequence[Case], findings: Distinct[LandFindings]) -> dict[str, Sequence[int]]:
        found: dict[str, list[int]] = {case.filing.filing_id: [] for case in cases}
        placed = [(case.filing, case.site) for case in (*cases, *self._rivals())] if cases else []
        for policy in self._sets.policies if placed else ():
            for filing, site in placed:
                filing.site = site
            place_in_qianwan(self._tx, [filing for filing, _ in placed], policy)
            judged = [Case(filing, None, tried=True) for filing, _ in placed]
            read_land(judged, policy)
            asked = sorted(asked_about(judged), key=lambda case: case.filing.filing_id)
            papers = [replace(paper) for paper in self._records.unbound]  # binding writes on the paper
            weigh(asked, replace(self._records, unbound=papers), policy, Judgement())
            for case in judged:
                if case.filing.filing_id in found:
                    found[case.filing.filing_id].append(_place_of(case, findings))
        return dict(found)

    def _rivals(self) -> list[Case]:
        """A paper that no filing has yet goes to the first that may have it, whether it was asked about or not."""
        codes = {paper.parcel_code for paper in self._records.unbound if paper.parcel_code is not None}
        if not codes:
            return []
        rivals = load_filings(self._tx, set(open_filings_at(self._tx, codes)) - {case.filing.filing_id for case in self._cases})
        place(self._tx, rivals, {})
        return [Case(filing, None) for filing in rivals]


def _place_of(case: Case, findings: Distinct[LandFindings]) -> int:
    stands = standing(case.verdict, case.asked, case.evidence.papers, case.filing.rulings.declined)
    found = findings_of(case.filing, case.site, case.verdict, stands, case.evidence, with_facts=False)
    return findings.place_of((_SENT(found), *found.statement.__dict__.values()), found)


def _readings(parcel: Parcel, sets: Sets, readings: Distinct[LandReading]) -> list[int]:
    whole = verdicts(LandKind.of(Site(parcel.township_code, parcel.code, None, parcel)), sets)
    units = {unit: verdicts(LandKind.of(Site(parcel.township_code, parcel.code, unit, parcel)), sets) for unit in parcel.units}
    places = []
    for place_of_set, verdict in enumerate(whole):
        of_units = {unit: found[place_of_set] for unit, found in units.items()}
        places.append(readings.place_of((verdict, tuple(of_units.items())), LandReading(land_verdict=verdict, units=of_units)))
    return places


def sent(values: Sequence[LandFindings]) -> list[dict[str, Any]]:
    """Findings as they are sent: what no rule reads is left out."""
    return [findings.model_dump(mode="json", exclude=set(NOT_SENT), exclude_defaults=True) for findings in values]
