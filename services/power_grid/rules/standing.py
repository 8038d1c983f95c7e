"""What stands at a site without anybody asking, and what its answers depend on."""

from __future__ import annotations

from datetime import date, timedelta
from hashlib import blake2b

from contracts.policy import Policy
from contracts.vocabulary import LandVerdict, PowerDecision
from services.power_grid.domain import Answer, Manufacturing, ParcelFacts, SiteKey, Standing
from services.power_grid.rules.calendar import due_from, is_due
from services.power_grid.rules.decision import decide
from services.power_grid.rules.manufacturing import manufacturing_at, watch_until_at
from services.power_grid.rules.places import QUIET
from services.power_grid.rules.questions import newest_grade, question_of_site

STANDINGS = {PowerDecision.BLOCK: Standing.BLOCK, PowerDecision.HOLD: Standing.HOLD}


def is_quiet(facts: ParcelFacts) -> bool:
    """Whether the parcel and all its units are land on which nothing else matters."""
    parcel = facts.parcel
    return parcel is not None and parcel.verdict in QUIET and all(verdict in QUIET for verdict in parcel.units.values())


def fingerprint(policy: Policy, facts: ParcelFacts, unit_number: str | None, today: date) -> str:
    """A short text that is equal exactly while the facts that decide at a site are: its epoch moves when this does."""
    land = facts.land(unit_number)
    uses = manufacturing_at(facts, unit_number)
    if land in QUIET and all(use.land in QUIET for use in uses):
        return str(land)
    watch_until = watch_until_at(facts, unit_number, policy)
    lands = {land, *(use.land for use in uses)}
    zone = LandVerdict.TRANSITION in lands
    planned = facts.parcel.planned_implementation if facts.parcel is not None and zone else None
    parts = [
        str(land),
        f"watch {watch_until}" if watch_until is not None and watch_until >= today else "",
        f"planned {planned} {is_due(planned, today)}" if zone else "",
        *sorted(_print_of(policy, facts, use, today) for use in uses),
    ]
    return blake2b("\n".join(parts).encode(), digest_size=16).hexdigest()


def _print_of(policy: Policy, facts: ParcelFacts, use: Manufacturing, today: date) -> str:
    grade = newest_grade(facts, use.uscc, today.year) if use.land is LandVerdict.TRANSITION else None
    statement = use.has_statement and policy.switches.three_phase_ban_scope == "without_statement"
    who = f"{use.source} {use.filing_id} {use.enterprise_name} {use.since.isoformat()}"
    return f"{who} {use.site.unit_number} {use.land} {grade} {statement}"


def standing_of(policy: Policy, facts: ParcelFacts, key: SiteKey, today: date) -> tuple[Standing, Answer | None]:
    """The standing answer of a site: only for manufacturing known exactly there, never for a filing not judged yet."""
    uses = [use for use in manufacturing_at(facts, key.unit_number) if use.site == key and not use.pending]
    if not uses:
        return Standing.NONE, None
    answer = decide(question_of_site(policy, facts, key.unit_number, today, uses))
    return STANDINGS.get(answer.decision, Standing.NONE), answer


def next_look(policy: Policy, facts: ParcelFacts, unit_number: str | None, today: date) -> date | None:
    """The first day on which time alone may change an answer: a watch ends, a plan comes within five years, a new year's grade counts."""
    days: list[date] = []
    watch_until = watch_until_at(facts, unit_number, policy)
    if watch_until is not None:
        days.append(watch_until + timedelta(days=1))
    uses = manufacturing_at(facts, unit_number)
    if LandVerdict.TRANSITION in {facts.land(unit_number), *(use.land for use in uses)}:
        if facts.parcel is not None and facts.parcel.planned_implementation is not None:
            days.append(due_from(facts.parcel.planned_implementation))
        days += [date(year, 1, 1) for use in uses if use.uscc is not None for year in facts.grades.get(use.uscc, {})]
    return min((day for day in days if day > today), default=None)
