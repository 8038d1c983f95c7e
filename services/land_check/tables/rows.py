"""The rows. What is searched by has a column of its own; the rest of a record is one JSON text."""

from __future__ import annotations

from typing import Any, ClassVar

from sqlalchemy import Index, Table, text
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from chassis.tables import Rights


class LandRow(SQLModel, registry=registry()):
    """Base of the rows, with metadata of their own."""

    __table__: ClassVar[Table]


def only_known(name: str, column: str) -> Index:
    """An index of the rows where ``column`` is set: most rows of a large table never have it."""
    where = text(f"{column} IS NOT NULL")
    return Index(name, column, sqlite_where=where, postgresql_where=where)


class ParcelRow(LandRow, table=True):
    """The parcel as it is now, its geometry apart: the hot path reads it without."""

    __tablename__ = "parcel"
    __table_args__ = (Index("ix_parcel_township", "township_code", "parcel_code"),)

    parcel_code: str = Field(primary_key=True)
    version: int
    township_code: str
    body: str
    recorded_at: str
    recorded_by: str


class ParcelHistoryRow(LandRow, table=True):
    """Every version of a parcel, whole. ``valid_from`` is the day the register says it is true of."""

    __tablename__ = "parcel_history"

    parcel_code: str = Field(primary_key=True)
    version: int = Field(primary_key=True)
    valid_from: str
    recorded_at: str
    recorded_by: str
    body: str


class ParcelGeometryRow(LandRow, table=True):
    """Outline and bounding box, degrees."""

    __tablename__ = "parcel_geometry"
    __table_args__ = (Index("ix_parcel_geometry_west", "west"),)

    parcel_code: str = Field(primary_key=True)
    geometry: str
    west: float
    south: float
    east: float
    north: float


class ParcelCellRow(LandRow, table=True):
    """The cells of a grid that a parcel's box touches, at the level that fits its size: a point finds its parcels by equality."""

    __tablename__ = "parcel_cell"
    __table_args__ = (Index("ix_parcel_cell_parcel", "parcel_code"),)

    cell: str = Field(primary_key=True)
    parcel_code: str = Field(primary_key=True)


class ParcelAddressRow(LandRow, table=True):
    __tablename__ = "parcel_address"
    __table_args__ = (Index("ix_parcel_address_parcel", "parcel_code"),)

    address_key: str = Field(primary_key=True)
    parcel_code: str = Field(primary_key=True)


class ParcelUnitRow(LandRow, table=True):
    __tablename__ = "parcel_unit"
    __table_args__ = (Index("ix_parcel_unit_parcel", "parcel_code"),)

    unit_number: str = Field(primary_key=True)
    parcel_code: str = Field(primary_key=True)


class FilingRow(LandRow, table=True):
    """A filing as far as land matters. ``open_parcel`` is its parcel while it is open: what a changed parcel looks up."""

    __tablename__ = "filing"
    __table_args__ = (only_known("ix_filing_open_parcel", "open_parcel"),)

    filing_id: str = Field(primary_key=True)
    version: int
    revision: int
    status: str
    submitted_on: str
    facts: str
    rulings: str | None
    parcel_code: str | None
    unit_number: str | None
    township_code: str
    matched_by: str | None
    verdict: str
    digest: str
    open_parcel: str | None


class FilingWatchRow(LandRow, table=True):
    """What else an open filing depends on: its USCC (grades), park, controller, and how its place may be matched."""

    __tablename__ = "filing_watch"
    __table_args__ = (Index("ix_filing_watch_filing", "filing_id"),)

    key: str = Field(primary_key=True)
    filing_id: str = Field(primary_key=True)


class StatementRow(LandRow, table=True):
    """A statement. ``unbound_parcel`` is its parcel while no filing has it: what the next filing looks up."""

    __tablename__ = "statement"
    __table_args__ = (
        only_known("ix_statement_unbound", "unbound_parcel"),
        Index("ix_statement_filing", "filing_id"),
        Index("ix_statement_parcel", "parcel_code"),
        Index("ix_statement_enterprise", "enterprise_key"),
        Index("ix_statement_township", "township_code"),
    )

    statement_id: str = Field(primary_key=True)
    version: int
    check_code: str = Field(unique=True)
    filing_id: str | None
    township_code: str
    parcel_code: str | None
    enterprise_key: str
    uscc: str | None
    unbound_parcel: str | None
    body: str


class StatementRequestRow(LandRow, table=True):
    __tablename__ = "statement_request"
    __table_args__ = (
        Index("ix_statement_request_filing", "filing_id"),
        Index("ix_statement_request_township", "township_code", "status"),
        Index("ix_statement_request_parcel", "parcel_code"),
    )

    statement_request_id: str = Field(primary_key=True)
    version: int
    filing_id: str
    township_code: str
    enterprise_name: str
    parcel_code: str | None
    unit_number: str | None
    address: str
    flags: str
    status: str
    requested_at: str
    due: str | None
    statement_id: str | None
    reason: str | None
    suggested_township_code: str | None


class StatementHistoryRow(LandRow, table=True):
    """A version of a statement, whole in ``body``, or the answer to a request: what happened, when, who did it.

    A request's first version is its row, which keeps it; a statement stored before there was a history has no lines for what was then.
    """

    __tablename__ = "statement_history"

    record_id: str = Field(primary_key=True)
    version: int = Field(primary_key=True)
    at: str
    by: str
    event: str
    state: str
    reason: str | None
    body: str | None


class GradeRow(LandRow, table=True):
    __tablename__ = "grade"

    uscc: str = Field(primary_key=True)
    year: int = Field(primary_key=True)
    grade: str
    recorded_at: str


class ParkRow(LandRow, table=True):
    __tablename__ = "park"

    park_id: str = Field(primary_key=True)
    version: int
    name: str
    kind: str
    township_code: str


class AdmissionRow(LandRow, table=True):
    """``by_name`` and ``by_uscc``: park and enterprise in one key."""

    __tablename__ = "park_admission"
    __table_args__ = (Index("ix_park_admission_name", "by_name"), only_known("ix_park_admission_uscc", "by_uscc"))

    admission_id: str = Field(primary_key=True)
    park_id: str
    enterprise_name: str
    uscc: str | None
    unit_number: str | None
    status: str
    decided_on: str
    by_name: str
    by_uscc: str | None
    recorded_at: str
    recorded_by: str


class ListEntryRow(LandRow, table=True):
    """``open_…`` are set while the entry may hold a filing: what a new filing looks up. ``steps`` is the JSON log of its way."""

    __tablename__ = "list_entry"
    __table_args__ = (
        only_known("ix_list_entry_open_parcel", "open_parcel"),
        only_known("ix_list_entry_open_name", "open_controller_name"),
        only_known("ix_list_entry_open_uscc", "open_controller_uscc"),
        Index("ix_list_entry_parcel", "parcel_code"),
        Index("ix_list_entry_township", "township_code"),
    )

    entry_id: str = Field(primary_key=True)
    version: int
    list: str
    status: str
    cause: str | None
    enterprise_name: str | None
    uscc: str | None
    controller_name: str | None
    controller_uscc: str | None
    parcel_code: str | None
    unit_number: str | None
    township_code: str | None
    found_on: str
    due: str | None
    steps: str
    open_parcel: str | None
    open_controller_name: str | None
    open_controller_uscc: str | None


def table_of(row: type[LandRow]) -> Table:
    return row.__table__


PARCEL = table_of(ParcelRow)
PARCEL_HISTORY = table_of(ParcelHistoryRow)
PARCEL_GEOMETRY = table_of(ParcelGeometryRow)
PARCEL_CELL = table_of(ParcelCellRow)
PARCEL_ADDRESS = table_of(ParcelAddressRow)
PARCEL_UNIT = table_of(ParcelUnitRow)
FILING = table_of(FilingRow)
FILING_WATCH = table_of(FilingWatchRow)
STATEMENT = table_of(StatementRow)
STATEMENT_REQUEST = table_of(StatementRequestRow)
STATEMENT_HISTORY = table_of(StatementHistoryRow)
GRADE = table_of(GradeRow)
PARK = table_of(ParkRow)
ADMISSION = table_of(AdmissionRow)
LIST_ENTRY = table_of(ListEntryRow)


RIGHTS = Rights(
    append_only=frozenset({"parcel_history", "park_admission", "statement_history"}),
    emptied=frozenset({"filing_watch", "parcel_geometry", "parcel_cell", "parcel_address", "parcel_unit"}),
)
"""What the register said on any day and what became of a statement stay; what finds parcels and filings changes with them."""


def dict_of(row: Any) -> dict[str, Any]:
    """A result row as the mapping it is written back as."""
    return dict(row._mapping)
