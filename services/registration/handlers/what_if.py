"""Stored filings decided by several sets on the same findings and day; those alike in all that rules read, once. Nothing is stored."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any, NamedTuple

from chassis.clock import today
from chassis.what_if import Change, Flip, Outcome, Sets
from contracts.land_check import LandFindings
from contracts.policy import Policy
from contracts.registration import FilingFacts
from services.registration.domain import Decision, Said, entry_of
from services.registration.handlers.ledger import still_overruled
from services.registration.rules import decide
from services.registration.tables import said_in
from services.registration.tables.what_if import Stored

MOST_KEPT = 50_000
"""Kinds of cases whose answer one run remembers."""

LONGEST_KEPT = 1000
"""What was said in more characters is somebody's own words, and nobody else's case."""

_NEW: Any = object()


class Asked(NamedTuple):
    """Of what is filed, all that any rule reads: who files, and where exactly, is nothing to them but through the land findings."""

    action: str
    subject_type: str
    industry_code: str
    processes: tuple[str, ...]
    used_for_production: bool
    produces_elsewhere: bool
    park_id: str | None
    new_land: tuple[float, bool] | None

    @classmethod
    def of(cls, request: Mapping[str, Any]) -> Asked:
        land = request["new_land"]
        return cls(
            request["action"],
            request["subject_type"],
            request["industry_code"],
            tuple(request["processes"]),
            request["premises"]["used_for_production"],
            request["production_premises"] is not None,
            request["park_id"],
            None if land is None else (land["area_mu"], land["stand_alone"]),
        )

    def facts(self) -> FilingFacts:
        """A filing of which nothing else is known. Whatever rules decide on it, they decide on every filing of this kind."""
        elsewhere = {"township_code": "", "address": "", "used_for_production": True}
        return FilingFacts.model_validate(
            {
                "action": self.action,
                "subject_type": self.subject_type,
                "enterprise_name": "",
                "uscc": None,
                "industry_code": self.industry_code,
                "processes": self.processes,
                "premises": elsewhere | {"used_for_production": self.used_for_production},
                "production_premises": elsewhere if self.produces_elsewhere else None,
                "park_id": self.park_id,
                "new_land": None if self.new_land is None else {"area_mu": self.new_land[0], "stand_alone": self.new_land[1]},
                "submitted_at": datetime.fromtimestamp(0, UTC),
            }
        )


class Trial:
    """One run through stored filings. ``remembers`` false: every filing is decided by itself."""

    def __init__(self, sets: Sets, *, remembers: bool = True) -> None:
        self._sets = sets
        self._remembers = remembers
        self._known: dict[Hashable, Change | None] = {}
        self._findings: dict[LandFindings, int] = {}

    def flips(self, filings: Sequence[Stored], found: Mapping[str, Sequence[int]], findings: Sequence[LandFindings]) -> list[Flip]:
        """Those that would be decided otherwise. ``found``: by filing id, the places in ``findings`` of what was found under each set.

        A filing without findings is passed over: the caller counts it as not judged.
        """
        exactly = [self._number(land) for land in findings]
        by_any_record = [self._number(_of_any_record(land)) for land in findings]
        flips = []
        for filing in filings:
            places = found.get(filing.filing_id)
            if places is None:
                continue
            said = said_once(filing.said)
            # only where one was overruled, or a word was given, does it matter which paper, entry, admission or request it is
            numbers = exactly if said.overruled or said.reviews else by_any_record
            key = (Asked.of(filing.request), filing.said, day_of(filing), tuple([numbers[place] for place in places]))
            change = self._known.get(key, _NEW) if self._remembers else _NEW
            if change is _NEW:
                change = self._decided(key, said, [findings[place] for place in places])
            if change is not None:
                flips.append(Flip(filing.filing_id, findings[places[0]].township_code, change))
        return flips

    def _number(self, land: LandFindings) -> int:
        """Equal findings have one number throughout the run, so that they are compared once for a chunk and not for every filing."""
        return self._findings.setdefault(land, len(self._findings))

    def _decided(self, key: tuple[Asked, str | None, date, Any], said: Said, lands: Sequence[LandFindings]) -> Change | None:
        facts, policies, day = key[0].facts(), self._sets.policies, key[2]
        change = self._sets.change(lambda place: outcome_of(facts, lands[place], said, policies[place], day))
        if len(self._known) < MOST_KEPT and len(key[1] or "") <= LONGEST_KEPT:
            self._known[key] = change
        return change


@lru_cache(maxsize=512)
def said_once(text: str | None) -> Said:
    """What was said; many filings have the same, or nothing."""
    return said_in(text)


def day_of(filing: Stored) -> date:
    """The day of the city on which it was decided last."""
    return today(datetime.fromisoformat(filing.decided_at))


def outcome_of(facts: FilingFacts, land: LandFindings, said: Said, policy: Policy, day: date) -> Outcome:
    return _as_outcome(whole_decision(facts, land, said, policy, day), policy)


def whole_decision(facts: FilingFacts, land: LandFindings, said: Said, policy: Policy, day: date) -> Decision:
    """All of a decision of which ``outcome_of`` tells what may flip."""
    return decide(facts, land, _without_a_due_day(said, land), policy, day)


def _of_any_record(land: LandFindings) -> LandFindings:
    """The findings without the ids of the records they stand on."""
    if land.statement.statement_id is None and not (land.open_entries or land.admission_id or land.disputed_request):
        return land
    statement = land.statement.model_copy(update={"statement_id": None})
    return land.model_copy(update={"statement": statement, "open_entries": (), "admission_id": None, "disputed_request": None})


def _without_a_due_day(said: Said, land: LandFindings) -> Said:
    """What a set decides had it been in force from the start: it counts the notice's day anew. A set that comes into force keeps it."""
    if said.clock is not None:
        said = replace(said, clock=replace(said.clock, due=None))
    return still_overruled(said, land)


def _as_outcome(decision: Decision, policy: Policy) -> Outcome:
    rules = {str(reason.code): entry_of(policy, reason).rule for reason in decision.reasons}
    rules |= {str(flag): policy.flag(flag).rule for flag in decision.flags}
    reasons = tuple(str(reason.code) for reason in decision.reasons)
    return Outcome(str(decision.outcome), reasons, tuple(str(flag) for flag in decision.flags), rules)
