"""What power_grid has been told: filings in two halves, parcels, grades, findings, declared uses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import date, datetime
from typing import NamedTuple

from contracts.values import dataclass
from contracts.vocabulary import Action, FilingStatus, Grade, LandVerdict

Grades = Mapping[str, Mapping[int, Grade]]
"""Per-mu grades: USCC, then year."""


class SiteKey(NamedTuple):
    """A site: a whole parcel (``unit_number`` null) or one unit of it."""

    parcel_code: str
    unit_number: str | None


@dataclass(frozen=True, slots=True)
class Registered:
    """The half of a filing that registration tells. ``has_place`` is false for a manufacturer that has named no production premises.

    ``decided_at`` is the last decision; ``withdrawn_on`` the day of withdrawal in the city.
    ``parents_uscc`` is the code that a branch was filed under. ``set_aside``: its decision was, and the next one is awaited.
    ``duplicate_of``: the filing that stands for this one, which was closed beside it.
    """

    version: int
    revision: int
    status: FilingStatus
    action: Action | None
    enterprise_name: str
    uscc: str | None
    township_code: str
    parcel_code: str | None
    unit_number: str | None
    industry_code: str | None
    manufacturing: bool
    has_place: bool
    submitted_at: datetime | None
    decided_at: datetime | None = None
    withdrawn_at: datetime | None = None
    withdrawn_on: date | None = None
    parents_uscc: str | None = None
    set_aside: bool = False
    duplicate_of: str | None = None

    @property
    def goes_by_its_parents_code(self) -> bool:
        """A branch that has no code of its own yet: what is filed under the code is its parent's."""
        return self.uscc is not None and self.uscc == self.parents_uscc


@dataclass(frozen=True, slots=True)
class Judged:
    """The half of a filing that land_check tells: the newest verdict, the valid statements bound to the filing since, and those that no
    longer hold.
    """

    revision: int
    verdict: LandVerdict | None = None
    parcel_code: str | None = None
    unit_number: str | None = None
    township_code: str | None = None
    planned_implementation: date | None = None
    survey_only: bool = False
    statement_id: str | None = None
    statement_valid: bool = False
    judged_at: datetime | None = None
    void_statements: tuple[str, ...] = ()
    forged: bool = False
    newer_statements: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Filing:
    """A filing as far as both streams have told it; either half may be missing for a moment."""

    filing_id: str
    registered: Registered | None = None
    judged: Judged | None = None

    @property
    def pending(self) -> bool:
        """True until the land verdict for the filing's newest revision has been heard."""
        if self.judged is None or self.judged.verdict is None:
            return True
        return self.registered is not None and self.judged.revision < self.registered.revision

    @property
    def judged_anew(self) -> bool:
        """True while an amended filing waits for another verdict on the very place where it was judged before."""
        judged = self.judged
        if judged is None or judged.verdict is None or judged.parcel_code is None or not self.pending:
            return False
        return self.site == SiteKey(judged.parcel_code, judged.unit_number)

    @property
    def site(self) -> SiteKey | None:
        """Where production is meant to be: as land_check matched it, else as filed. An office alone is no such place.

        An amendment that names no parcel leaves it where it was matched, until the next verdict says otherwise.
        """
        registered, judged = self.registered, self.judged
        if registered is not None and not registered.has_place:
            return None
        if judged is not None and judged.parcel_code is not None and (not self.pending or _left_open(registered, judged)):
            return SiteKey(judged.parcel_code, judged.unit_number)
        if registered is None or registered.parcel_code is None:
            return None
        return SiteKey(registered.parcel_code, registered.unit_number)

    @property
    def township_code(self) -> str | None:
        if self.judged is not None and self.judged.township_code is not None and not self.pending:
            return self.judged.township_code
        return None if self.registered is None else self.registered.township_code

    @property
    def uscc(self) -> str | None:
        return None if self.registered is None else self.registered.uscc

    @property
    def duplicate_of(self) -> str | None:
        return None if self.registered is None else self.registered.duplicate_of

    @property
    def has_valid_statement(self) -> bool:
        judged = self.judged
        if judged is None:
            return False
        papers = (judged.statement_id, *judged.newer_statements) if judged.statement_valid else judged.newer_statements
        return any(paper not in judged.void_statements for paper in papers)

    @property
    def set_aside(self) -> bool:
        return self.registered is not None and self.registered.set_aside

    @property
    def has_forged_statement(self) -> bool:
        return self.judged is not None and self.judged.forged


def _left_open(registered: Registered | None, judged: Judged) -> bool:
    return registered is not None and registered.parcel_code is None and registered.unit_number == judged.unit_number


@dataclass(frozen=True, slots=True)
class Parcel:
    """A parcel as land_check told it. ``units`` are those with a use of their own.

    ``since`` is when the parcel's verdict became what it is; ``units_since`` the same for every unit ever told of.
    ``read_before`` are the earlier readings of this very record, by the policy sets that were in force then, the first one first;
    ``read_since`` is when this reading was heard of (null: before such times were kept). ``survey_only``: nothing is registered, and a
    survey shows industry (R20).
    """

    parcel_code: str
    version: int
    township_code: str
    verdict: LandVerdict
    since: datetime
    planned_implementation: date | None = None
    units: Mapping[str, LandVerdict] = field(default_factory=dict)
    units_since: Mapping[str, datetime] = field(default_factory=dict)
    read_since: datetime | None = None
    read_before: tuple[Parcel, ...] = ()
    survey_only: bool = False

    def as_read_at(self, moment: datetime) -> Parcel:
        """This record as the set in force at a moment read it; one that is younger than the moment, as it was read first."""
        readings = (*self.read_before, self)
        return next((each for each in reversed(readings) if each.read_since is None or each.read_since <= moment), readings[0])

    def verdict_of(self, unit_number: str | None) -> LandVerdict:
        """The verdict of a unit, or of the parcel where the unit has no use of its own."""
        if unit_number is None:
            return self.verdict
        return self.units.get(unit_number, self.verdict)

    def since_of(self, unit_number: str | None) -> datetime:
        """When the verdict of a unit, or of the parcel, became what it is."""
        if unit_number is None:
            return self.since
        return self.units_since.get(unit_number, self.since)


@dataclass(frozen=True, slots=True)
class Finding:
    """Seen in the field: ``kind`` manufacturing_use or transformer_connected, ``state`` open or closed."""

    finding_id: str
    kind: str
    state: str
    site: SiteKey
    industry_code: str | None
    capacity_kva: float | None
    observed_on: date
    note: str | None
    document_sha256: str | None
    recorded_by: str
    recorded_at: datetime
    closed_at: datetime | None = None
    closed_reason: str | None = None


@dataclass(frozen=True, slots=True)
class DeclaredUse:
    """Manufacturing declared in an install request: kept, whoever asks next."""

    use_id: str
    site: SiteKey
    industry_code: str
    enterprise_name: str | None
    uscc: str | None
    filing_id: str | None
    declared_at: datetime
