"""Clearances judged by several sets on today's facts about their sites, the land read by each. Nothing is stored."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date

from chassis.clock import today
from chassis.database import Transaction
from chassis.what_if import Flip, Outcome, Question, Sets
from contracts.policy import Policy
from contracts.values import dataclass
from services.power_grid import tables
from services.power_grid.clients import Land
from services.power_grid.domain import Answer, Clearance, Filing, Judged, Parcel, ParcelFacts, Registered, Site
from services.power_grid.handlers.hearing import judged_as_read
from services.power_grid.handlers.judging import judge, place_now
from services.power_grid.tables.what_if import IsAsked, clearances_after


@dataclass(frozen=True, slots=True)
class Case:
    """A clearance with what is known about its site. Without a site nothing is known of any parcel."""

    clearance: Clearance
    filing: Filing | None
    facts: ParcelFacts
    site: Site | None
    day: date


@dataclass(frozen=True, slots=True)
class Cases:
    """Some cases. ``last``: the clearance they ended with, asked about or not; empty: there was nothing more."""

    last: str
    cases: list[Case]

    @property
    def filing_ids(self) -> set[str]:
        named = {case.filing.filing_id for case in self.cases if case.filing is not None}
        return named | {filing.filing_id for case in self.cases for filing in case.facts.filings}

    @property
    def parcel_codes(self) -> set[str]:
        return {case.facts.parcel_code for case in self.cases if case.site is not None}


def asked_by(question: Question) -> IsAsked | None:
    """What bounds the question; None: nothing does."""
    if (question.first, question.last, question.townships) == (None, None, None):
        return None
    return lambda day, township_code: question.asks_about(day) and question.asks_about_place(township_code)


def cases_after(tx: Transaction, is_asked: IsAsked | None, after: str, limit: int) -> Cases:
    """The next ``limit`` clearances in the order of their ids: one load for all. ``tx`` may be read-only."""
    last, clearances = clearances_after(tx, is_asked, after, limit)
    filings = tables.load_filings(tx, sorted({c.request.filing_id for c in clearances if c.request.filing_id is not None}))
    placed = [(c, filings.get(c.request.filing_id or ""), place_now(c, filings)) for c in clearances]
    codes = sorted({place.parcel_code for _, _, place in placed if place is not None})
    applicants = {c.request.applicant_uscc for c in clearances if c.request.applicant_uscc is not None}
    facts, sites = tables.load_facts(tx, codes, applicants=applicants), tables.load_sites(tx, codes)
    cases = [
        Case(
            clearance,
            filing,
            ParcelFacts("") if place is None else facts[place.parcel_code],
            None if place is None else sites[place.parcel_code].get(place.unit_number),
            today(clearance.decided_at),
        )
        for clearance, filing, place in placed
    ]
    return Cases(last, cases)


def flips_of(cases: Sequence[Case], land: Land, sets: Sets) -> tuple[int, list[Flip]]:
    """How many could not be judged, for want of the land side's word on what was heard, and what would be answered otherwise."""
    readers = [_Reader(sets.present, policy, place, land) for place, policy in enumerate(sets.policies)]
    flips, not_judged = [], 0
    for case in cases:
        if not _is_known(case, land):
            not_judged += 1
            continue
        change = sets.change(lambda place, case=case: readers[place].outcome(case))  # type: ignore[misc]
        if change is not None:
            flips.append(Flip(case.clearance.clearance_id, case.clearance.township_code, change))
    return not_judged, flips


def _is_known(case: Case, land: Land) -> bool:
    """Whether the land side reads the parcel as it was heard here; what it says under another set would else be about another land."""
    readings, parcel = land.parcels.get(case.facts.parcel_code), case.facts.parcel
    if readings is None or parcel is None:
        return readings is None and parcel is None
    return (readings[0].land_verdict, readings[0].units) == (parcel.verdict, parcel.units)


class _Reader:
    """Facts as one set reads them: every parcel once, however many clearances are for it."""

    def __init__(self, present: Policy, policy: Policy, place: int, land: Land) -> None:
        self._present = present
        self._policy = policy
        self._place = place
        self._land = land
        self._read: dict[str, ParcelFacts] = {}

    def outcome(self, case: Case) -> Outcome:
        code = case.facts.parcel_code
        facts = self._read.get(code) or self._read.setdefault(code, self._facts(case.facts))
        filing = None if case.filing is None else self._filing(case.filing)
        return _outcome(judge(self._policy, facts, case.site, case.clearance, filing, case.day).answer, self._policy)

    def _facts(self, facts: ParcelFacts) -> ParcelFacts:
        if self._place == 0:
            return facts
        parcel = None if facts.parcel is None else self._parcel(facts.parcel)
        return replace(facts, parcel=parcel, filings=self._filings(facts.filings), moves=self._filings(facts.moves))

    def _parcel(self, parcel: Parcel) -> Parcel:
        reading = self._land.parcels[parcel.parcel_code][self._place]
        return replace(parcel, verdict=reading.land_verdict, units=reading.units)

    def _filings(self, filings: Iterable[Filing]) -> tuple[Filing, ...]:
        return tuple(map(self._filing, filings))

    def _filing(self, filing: Filing) -> Filing:
        if self._place == 0:
            return filing
        judged, registered = self._judged(filing), self._registered(filing.registered)
        same = judged is filing.judged and registered is filing.registered
        return filing if same else replace(filing, judged=judged, registered=registered)

    def _judged(self, filing: Filing) -> Judged | None:
        """A verdict that stands as it was heard is read anew; one given on land that was another then stays as it was given."""
        judged, found = filing.judged, self._land.filings.get(filing.filing_id)
        if judged is None or found is None or found[0] != judged.revision:
            return judged
        now, then = found[1][0], found[1][self._place]
        return judged if now is then or now.land_verdict is not judged.verdict else judged_as_read(judged, then)

    def _registered(self, registered: Registered | None) -> Registered | None:
        """Whether it is manufacturing, where registration said so by the same list of trades."""
        if registered is None or (code := registered.industry_code) is None:
            return registered
        manufacturing = self._policy.is_manufacturing(code)
        if manufacturing is registered.manufacturing or self._present.is_manufacturing(code) is not registered.manufacturing:
            return registered
        return replace(registered, manufacturing=manufacturing)


def _outcome(answer: Answer, policy: Policy) -> Outcome:
    rules: Mapping[str, str] = {str(reason.code): policy.reason(reason.code, reason.variant).rule for reason in answer.reasons}
    return Outcome(str(answer.decision), tuple(str(reason.code) for reason in answer.reasons), (), rules)
