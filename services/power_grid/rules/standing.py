"""What stands at a site without anybody asking, and what its answers depend on."""

from __future__ import annotations

from datetime import date, timedelta
from hashlib import blake2b

from contracts.policy import Policy
from contracts.vocabulary import LandVerdict, PowerDecision
from services.power_grid.domain import Answer, Filing, Known, Manufacturing, Parcel, ParcelFacts, Site, Standing
from services.power_grid.rules.calendar import due_from, is_due
from services.power_grid.rules.decision import decide
from services.power_grid.rules.manufacturing import known_at
from services.power_grid.rules.places import QUIET
from services.power_grid.rules.questions import question_of_site
from services.power_grid.rules.strands import newest_grade

STANDINGS = {PowerDecision.BLOCK: Standing.BLOCK, PowerDecision.HOLD: Standing.HOLD}
STRICTNESS = (Standing.NONE, Standing.HOLD, Standing.BLOCK)


def is_quiet(facts: ParcelFacts) -> bool:
    """Whether the parcel and all its units are land on which nothing else matters."""
    parcel = facts.parcel
    return parcel is not None and parcel.verdict in QUIET and all(verdict in QUIET for verdict in parcel.units.values())


def fingerprint(policy: Policy, facts: ParcelFacts, known: Known, today: date) -> str:
    """A short text that is equal exactly while the facts that decide at a site are: its epoch moves when this does."""
    land, watch_until = known.land, known.watch_until
    if land in QUIET and all(use.land in QUIET and not use.set_aside for use in known.uses) and not known.otherwise:
        return str(land)
    zone = _in_the_zone(known)
    planned = facts.parcel.planned_implementation if facts.parcel is not None and zone else None
    parts = [
        f"{land} surveyed" if land is LandVerdict.UNKNOWN and facts.parcel is not None and facts.parcel.survey_only else str(land),
        f"watch {watch_until}" if watch_until is not None and watch_until >= today else "",
        f"planned {planned} {_counted(policy, facts, planned, today)}" if zone else "",
        *sorted(_print_of(policy, facts, use, today) for use in known.uses),
        *sorted(f"{filing_id} {own}" for filing_id, own in known.otherwise),
    ]
    return blake2b("\n".join(parts).encode(), digest_size=16).hexdigest()


def _counted(policy: Policy, facts: ParcelFacts, planned: date | None, today: date) -> object:
    """What the five years come to today, or from when they are counted where time alone changes nothing (R07)."""
    if policy.switches.transition_five_year_anchor == "request_date" or facts.parcel is None:
        return is_due(planned, today)
    return facts.parcel.since, sorted(facts.parcel.units_since.items())


def _print_of(policy: Policy, facts: ParcelFacts, use: Manufacturing, today: date) -> str:
    grade = newest_grade(facts, use.uscc, today.year) if use.land is LandVerdict.TRANSITION else None
    statement = use.has_statement and policy.switches.three_phase_ban_scope == "without_statement"
    who = f"{use.source} {use.filing_id} {use.enterprise_name} {use.since.isoformat()}"
    return f"{who} {use.site.unit_number} {use.land} {grade} {statement}{' set aside' if use.set_aside else ''}"


def standing_of(policy: Policy, facts: ParcelFacts, known: Known, site: Site, today: date) -> tuple[Standing, Answer | None]:
    """What stands at a site, None where nothing does: only for manufacturing known exactly there, never for a filing never judged there."""
    uses = tuple(use for use in known.uses if use.site == site.key and (not use.pending or use.judged_anew))
    if not uses:
        return Standing.NONE, None
    exactly_there = Known(known.land, uses, known.watch_until)
    answer = decide(question_of_site(policy, facts, site.key.unit_number, exactly_there, today, appeal_reversed=site.reversed))
    standing = STANDINGS.get(answer.decision, Standing.NONE)
    return standing, None if standing is Standing.NONE else answer


def stays_meanwhile(known: Known, site: Site, standing: Standing) -> bool:
    """Whether what stands at a site outlasts ``standing``, which would follow now: an amended filing that is still there waits for its
    next verdict, and until then nothing is lifted, only made stricter. A block reversed on appeal is no longer one all the same.
    """
    if site.reversed or STRICTNESS.index(standing) > STRICTNESS.index(site.standing):
        return False
    return any(use.judged_anew and use.site == site.key for use in known.uses)


def stands_anyway(policy: Policy, parcel: Parcel | None, site: Site, filing: Filing, today: date) -> bool:
    """Whether what stands at ``site`` stays as it is when ``filing`` comes there, whatever else is known: alone it would bring the very
    same about, or nothing. Not where time may change it, nor in the transition zone, where its grade counts, nor where nothing was judged.
    """
    if filing.pending and not filing.judged_anew:
        return True
    if not site.fingerprint or site.next_look is not None:
        return False
    facts = ParcelFacts(site.key.parcel_code, parcel, filings=(filing,))
    known = known_at(policy, facts, site.key.unit_number)
    if known.watch_until is not None or _in_the_zone(known):
        return False
    standing, answer = standing_of(policy, facts, known, site, today)
    return answer is None or (standing, answer.reasons) == (site.standing, site.reasons)


def next_look(facts: ParcelFacts, known: Known, today: date) -> date | None:
    """The first day on which time alone may change an answer: a watch ends, a plan comes within five years, a new year's grade counts."""
    days = [] if known.watch_until is None else [known.watch_until + timedelta(days=1)]
    if _in_the_zone(known):
        if facts.parcel is not None and facts.parcel.planned_implementation is not None:
            days.append(due_from(facts.parcel.planned_implementation))
        days += [date(year, 1, 1) for use in known.uses if use.uscc is not None for year in facts.grades.get(use.uscc, {})]
    return min((day for day in days if day > today), default=None)


def grade_counts_at(policy: Policy, facts: ParcelFacts, unit_number: str | None) -> bool:
    """Whether the grade of whoever asks may change an answer at a site: in the transition zone only (R07)."""
    return _in_the_zone(known_at(policy, facts, unit_number))


def _in_the_zone(known: Known) -> bool:
    return known.land is LandVerdict.TRANSITION or any(use.land is LandVerdict.TRANSITION for use in known.uses)
