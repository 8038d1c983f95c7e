"""Which open entries of the problem lists hold a filing, and the order in which an entry moves (R17)."""

from __future__ import annotations

from collections.abc import Iterable

from contracts.policy import Policy
from contracts.registration import FilingFacts
from contracts.vocabulary import Controller, ListStatus, ListType
from services.land_check.domain import Admission, Listing, Site
from services.land_check.domain.identity import is_same_enterprise

STEPS = (
    ListStatus.FOUND,
    ListStatus.CONFIRMED,
    ListStatus.LISTED,
    ListStatus.RECTIFYING,
    ListStatus.CHECKED,
    ListStatus.DELISTED,
)
"""001 §三(一)1: 「对清单内企业实行闭环管理，对标提升，达标销号」."""


def is_next_step(now: ListStatus, to: ListStatus) -> bool:
    """One step forward at a time; ``close_out`` is reached by closing only."""
    return now in STEPS[:-1] and to is STEPS[STEPS.index(now) + 1]


def may_close(now: ListStatus, result: ListStatus) -> bool:
    """Anything open may be closed; an entry that was closed out is still open until it is delisted."""
    return now is not ListStatus.DELISTED and now is not result


def place_matters(facts: FilingFacts, policy: Policy) -> bool:
    """Whether park, lists and grade count: manufacturing with a production place, whatever the action and the subject (R10, R16, R17)."""
    return policy.production_place(facts) is not None and policy.is_manufacturing(facts.industry_code)


def entry_concerns(entry: Listing, site: Site | None, controller: Controller | None) -> bool:
    """An open entry of the four lists at the same place or of the same controller; a side that names no unit means the whole parcel."""
    if entry.status is ListStatus.DELISTED or entry.list is ListType.SOURCE_CONTROL:
        return False
    return _is_there(entry, site) or _is_controlled_by(entry, controller)


def entries_that_hold(entries: Iterable[Listing], site: Site | None, controller: Controller | None) -> tuple[Listing, ...]:
    """The open entries that concern the filing, each once, the oldest id first."""
    found = {entry.entry_id: entry for entry in entries if entry_concerns(entry, site, controller)}
    return tuple(found[entry_id] for entry_id in sorted(found))


def lists_of(entries: Iterable[Listing]) -> tuple[ListType, ...]:
    """The lists that the entries are on, each once, in the order of the vocabulary."""
    found = {entry.list for entry in entries}
    return tuple(kind for kind in ListType if kind in found) if found else ()


def newest_admission(admissions: Iterable[Admission], enterprise_name: str, uscc: str | None) -> Admission | None:
    """002 §二(五): 「建立企业入园审核、动态管理及退出机制」: the newest word on this enterprise counts (R16)."""
    own = [each for each in admissions if is_same_enterprise(each.enterprise_name, each.uscc, enterprise_name, uscc)]
    return max(own, key=lambda each: (each.decided_on, each.admission_id)) if own else None


def newest_grade(grades: Iterable[tuple[int, str]], year: int) -> str | None:
    """The grade of the newest year that is not after ``year``, that of the request."""
    known = [(given, grade) for given, grade in grades if given <= year]
    return max(known)[1] if known else None


def _is_there(entry: Listing, site: Site | None) -> bool:
    if site is None or entry.parcel_code is None or entry.parcel_code != site.parcel_code:
        return False
    return entry.unit_number is None or site.unit_number is None or entry.unit_number == site.unit_number


def _is_controlled_by(entry: Listing, controller: Controller | None) -> bool:
    if controller is None or entry.controller_name is None:
        return False
    return is_same_enterprise(entry.controller_name, entry.controller_uscc, controller.name, controller.uscc)
