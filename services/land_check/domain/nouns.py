"""The nouns of the land check: parcels, filings as far as land matters, and what is recorded against places and people."""

from __future__ import annotations

from dataclasses import field, replace
from datetime import date
from enum import StrEnum
from typing import Any, NamedTuple

from contracts.registration import FilingFacts
from contracts.values import dataclass
from contracts.vocabulary import (
    AdmissionStatus,
    FilingStatus,
    LandVerdict,
    ListStatus,
    ListType,
)
from services.land_check.domain.papers import RequestStatus, Statement


class Use(NamedTuple):
    """A land-use class: never a code without its scheme."""

    scheme: str
    code: str


class PlannedUse(StrEnum):
    UNCHANGED = "unchanged"
    INDUSTRIAL = "industrial"
    NON_INDUSTRIAL = "non_industrial"


class MatchedBy(StrEnum):
    """How the parcel of a filing was found."""

    PARCEL_CODE = "parcel_code"
    UNIT_NUMBER = "unit_number"
    POINT = "point"
    ADDRESS = "address"


class Part(StrEnum):
    """The map office's word on which part of a mixed parcel a filing lies."""

    INDUSTRIAL = "industrial_part"
    NON_INDUSTRIAL = "non_industrial_part"


class ParkKind(StrEnum):
    SMALL_ENTERPRISE = "small_enterprise"
    CHARACTERISTIC = "characteristic"


@dataclass(frozen=True, slots=True)
class Parcel:
    """A parcel of the register. ``units`` holds the units with a use of their own; an empty use, here or there, is none registered.

    ``superseded_by``: the parcels it was split or merged into; then it is no place any more.
    """

    code: str
    township_code: str
    version: int
    registered: tuple[Use, ...]
    survey: Use | None
    planned_use: PlannedUse
    planned_implementation: date | None
    in_village: bool | None
    in_qianwan: bool | None
    inside_control_line: bool | None
    park_id: str | None
    units: dict[str, tuple[Use, ...]]
    source: str
    as_of: str
    superseded_by: tuple[str, ...] = ()

    @property
    def is_homestead(self) -> bool:
        """Places 13 and 14 are JC: collective land, homestead right (GB/T 37346-2019)."""
        return self.code[12:14] == "JC"

    def uses_at(self, unit_number: str | None) -> tuple[Use, ...]:
        """The registered use that decides there: the unit's own, else the parcel's."""
        return self.registered if unit_number is None else self.units.get(unit_number, self.registered)


@dataclass(frozen=True, slots=True)
class Site:
    """Where a filing's production would be, as the register knows it. ``parcel`` None: no or no single parcel was found."""

    township_code: str
    parcel_code: str | None = None
    unit_number: str | None = None
    parcel: Parcel | None = None
    matched_by: MatchedBy | None = None
    part: Part | None = None


@dataclass(slots=True)
class Rulings:
    """What people have settled for one filing: the part of a mixed parcel, the township, and how its statement request went.

    ``disputed_township``: the township that returned the request as not its own. ``due`` is kept from the first request;
    the days from ``disputed_on`` to the next request do not count for it.
    """

    part: Part | None = None
    part_reason: str | None = None
    township_code: str | None = None
    township_reason: str | None = None
    disputed_township: str | None = None
    declined: bool = False
    due: date | None = None
    request_id: str | None = None
    request_status: RequestStatus | None = None
    request_township: str | None = None
    disputed_on: date | None = None

    def elsewhere(self) -> Rulings:
        """What still counts at another place: the notice's day, and the request that is to be taken back."""
        return replace(
            Rulings(), due=self.due, disputed_on=self.disputed_on, request_id=self.request_id, request_status=self.request_status
        )


@dataclass(slots=True)
class Filing:
    """A filing as land_check keeps it. ``submitted_on`` is a day of the city.

    ``digest`` stands for the findings last published for this revision: equal ones are not said again. ``papers_with``: the township
    whose officers have its papers, null while there can be none.
    """

    filing_id: str
    revision: int
    facts: FilingFacts
    submitted_on: date
    status: FilingStatus = FilingStatus.UNDER_REVIEW
    version: int = 0
    rulings: Rulings = field(default_factory=Rulings)
    site: Site | None = None
    verdict: LandVerdict = LandVerdict.PENDING
    digest: str | None = None
    papers_with: str | None = None

    @property
    def is_open(self) -> bool:
        return self.status in OPEN


OPEN = frozenset({FilingStatus.UNDER_REVIEW, FilingStatus.HELD})


@dataclass(frozen=True, slots=True)
class Admission:
    admission_id: str
    park_id: str
    enterprise_name: str
    uscc: str | None
    status: AdmissionStatus
    decided_on: date


@dataclass(frozen=True, slots=True)
class Listing:
    """An entry of a problem list, as far as it may concern a filing."""

    entry_id: str
    list: ListType
    status: ListStatus
    parcel_code: str | None
    unit_number: str | None
    controller_name: str | None
    controller_uscc: str | None


@dataclass(slots=True)
class Evidence:
    """What is known about one filing beside its place: papers bound to it, entries that concern it, its park admission and grade."""

    papers: list[Statement] = field(default_factory=list)
    lists: tuple[ListType, ...] = ()
    entries: tuple[str, ...] = ()
    park_id: str | None = None
    admission: AdmissionStatus | None = None
    admission_id: str | None = None
    grade: str | None = None


class Box(NamedTuple):
    """A bounding box in degrees."""

    west: float
    south: float
    east: float
    north: float


@dataclass(frozen=True, slots=True)
class ParcelRecord:
    """A parcel as it is put into the register: ``body`` is its JSON object without the geometry, in canonical form."""

    body: dict[str, Any]
    geometry: dict[str, Any] | None
    box: Box | None

    @property
    def code(self) -> str:
        return str(self.body["parcel_code"])
