"""The row classes. ``body`` columns hold one JSON record of ``domain``; the other columns are what is searched by."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Identity, Index, Integer, MetaData, String, Table, text
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from chassis.tables import Rights

WHOLE = ""
"""The unit of a row about a whole parcel: a key cannot be null."""


class PowerGridRow(SQLModel, registry=registry()):
    """Base of the rows, with metadata of their own."""


class FilingRow(PowerGridRow, table=True):
    """``registered`` and ``judged`` are the two halves; ``parcel_code`` is where both together place the filing."""

    __tablename__ = "filing"

    filing_id: str = Field(primary_key=True)
    parcel_code: str | None = Field(index=True)
    uscc: str | None = Field(index=True)
    registered: str | None
    judged: str | None


class ParcelRow(PowerGridRow, table=True):
    __tablename__ = "parcel"

    parcel_code: str = Field(primary_key=True)
    body: str


class GradeRow(PowerGridRow, table=True):
    __tablename__ = "grade"

    uscc: str = Field(primary_key=True)
    year: int = Field(primary_key=True)
    grade: str


class FindingRow(PowerGridRow, table=True):
    __tablename__ = "finding"

    finding_id: str = Field(primary_key=True)
    parcel_code: str = Field(index=True)
    body: str


class DeclaredUseRow(PowerGridRow, table=True):
    """Manufacturing declared in an install request."""

    __tablename__ = "declared_use"

    use_id: str = Field(primary_key=True)
    parcel_code: str = Field(index=True)
    body: str


class SiteRow(PowerGridRow, table=True):
    """``unit_number`` is ``WHOLE`` for the parcel as such: that row is also the lock of the parcel."""

    __tablename__ = "site"
    __table_args__ = (
        Index("ix_site_standing", "standing", sqlite_where=text("standing <> 'none'"), postgresql_where=text("standing <> 'none'")),
        Index("ix_site_next_look", "next_look", sqlite_where=text("next_look IS NOT NULL"), postgresql_where=text("next_look IS NOT NULL")),
    )

    parcel_code: str = Field(primary_key=True)
    unit_number: str = Field(primary_key=True)
    standing: str = Field(sa_column=Column(String, nullable=False, default="none"))
    next_look: str | None
    body: str = Field(sa_column=Column(String, nullable=False, default=""))


class ClearanceRow(PowerGridRow, table=True):
    __tablename__ = "clearance"

    clearance_id: str = Field(primary_key=True)
    request_id: str = Field(unique=True)
    parcel_code: str | None = Field(index=True)
    filing_id: str | None = Field(index=True)
    applicant_uscc: str | None = Field(index=True)
    body: str


class BlockRow(PowerGridRow, table=True):
    __tablename__ = "block"

    block_id: str = Field(primary_key=True)
    body: str


class FeedRow(PowerGridRow, table=True):
    """The feed in the order of commit: positions are given under the lock of ``feed_head``."""

    __tablename__ = "feed"

    position: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    body: str


class FeedHeadRow(PowerGridRow, table=True):
    __tablename__ = "feed_head"

    name: str = Field(primary_key=True)
    position: int


class OverrideRow(PowerGridRow, table=True):
    __tablename__ = "block_override"

    override_id: str = Field(primary_key=True)
    block_id: str = Field(index=True)
    body: str


class RecordedRow(PowerGridRow, table=True):
    """A state of a filing (both halves), a parcel, a grade or a site, from ``at`` on until the next of the same.

    ``copied``: it was known already when the keeping began. The row of a filing names its parcel and USCC only where one of them changed.
    """

    __tablename__ = "recorded"

    id: int | None = Field(
        sa_column=Column(BigInteger().with_variant(Integer, "sqlite"), Identity(always=True), primary_key=True), default=None
    )
    kind: str
    parcel_code: str | None = Field(index=True)
    filing_id: str | None = Field(index=True)
    uscc: str | None = Field(index=True)
    at: str
    copied: int
    body: str


RIGHTS = Rights(append_only=frozenset({"feed", "recorded"}))
"""What the power company was told to stop, and when, and what was known then, cannot be rewritten."""

METADATA: MetaData = PowerGridRow.metadata
FILINGS: Table = FilingRow.__table__  # type: ignore[attr-defined]
PARCELS: Table = ParcelRow.__table__  # type: ignore[attr-defined]
GRADES: Table = GradeRow.__table__  # type: ignore[attr-defined]
FINDINGS: Table = FindingRow.__table__  # type: ignore[attr-defined]
DECLARED_USES: Table = DeclaredUseRow.__table__  # type: ignore[attr-defined]
SITES: Table = SiteRow.__table__  # type: ignore[attr-defined]
CLEARANCES: Table = ClearanceRow.__table__  # type: ignore[attr-defined]
BLOCKS: Table = BlockRow.__table__  # type: ignore[attr-defined]
FEED: Table = FeedRow.__table__  # type: ignore[attr-defined]
FEED_HEADS: Table = FeedHeadRow.__table__  # type: ignore[attr-defined]
OVERRIDES: Table = OverrideRow.__table__  # type: ignore[attr-defined]
RECORDED: Table = RecordedRow.__table__  # type: ignore[attr-defined]
