"""What callers send: every field bounded and checked, unknown fields refused, codes in their canonical form."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from contracts.identifiers import Day, IndustryCode, LongText, Name, ParcelCode, Sha256, ShortText, UnitNumber, Uscc, check_unit_on_parcel
from contracts.vocabulary import InstallKind, LandVerdict
from services.power_grid.domain import InstallRequest, SiteKey
from services.power_grid.errors import existing_capacity_required, observed_in_the_future, place_required
from services.power_grid.handlers import AppealBlock, PlaceToCheck, RecordFinding

LARGEST_KVA = 1_000_000
MOST_DOCUMENTS = 50
EARLIEST = date(2000, 1, 1)

Capacity = Annotated[float, Field(strict=True, gt=0, le=LARGEST_KVA, allow_inf_nan=False)]
COMPARED = (InstallKind.INCREASE_THREE_PHASE, InstallKind.REPLACE_LIKE_FOR_LIKE)


class Sent(BaseModel):
    """Base of everything sent: frozen, unknown fields refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Applicant(Sent):
    type: Literal["enterprise", "owner"]
    name: Name
    uscc: Uscc | None = None


class InstallRequestSent(Sent):
    """用电申请 / An install request. ``capacity_kva`` is the capacity after the work."""

    request_id: ShortText
    kind: InstallKind
    parcel_code: ParcelCode | None = None
    unit_number: UnitNumber | None = None
    filing_id: ShortText | None = None
    capacity_kva: Capacity
    existing_capacity_kva: Capacity | None = None
    applicant: Applicant
    declared_industry_code: IndustryCode | None = None

    @model_validator(mode="after")
    def _unit_lies_on_the_parcel(self) -> InstallRequestSent:
        check_unit_on_parcel(self.parcel_code, self.unit_number)
        return self

    def asked(self) -> InstallRequest:
        """Raises Problem 422 for a request without a place, or without the existing capacity it is compared with."""
        if self.parcel_code is None and self.filing_id is None:
            raise place_required()
        if self.kind in COMPARED and self.existing_capacity_kva is None:
            raise existing_capacity_required()
        return InstallRequest(
            request_id=self.request_id,
            kind=self.kind,
            parcel_code=self.parcel_code,
            unit_number=self.unit_number,
            filing_id=self.filing_id,
            capacity_kva=self.capacity_kva,
            existing_capacity_kva=self.existing_capacity_kva,
            applicant_type=self.applicant.type,
            applicant_name=self.applicant.name,
            applicant_uscc=self.applicant.uscc,
            declared_industry_code=self.declared_industry_code,
        )


class CommitSent(Sent):
    """``token`` of the clearance's latest answer; null where there is none, which is refused as ``not-allowed``."""

    token: Annotated[str, Field(max_length=4096)] | None


class ReviewSent(Sent):
    code: ShortText
    result: Literal["clear", "refuse"]
    reason: LongText
    document_sha256: Sha256 | None = None


class OverrideSent(Sent):
    reason: LongText
    document_sha256: Sha256


class DocumentSent(Sent):
    name: Name
    sha256: Sha256


class AppealSent(Sent):
    """申诉：写明理由并附材料 / An appeal: why, and with what documents."""

    text: LongText
    documents: Annotated[tuple[DocumentSent, ...], Field(max_length=MOST_DOCUMENTS)] = ()

    def against(self, block_id: str) -> AppealBlock:
        return AppealBlock(block_id, self.text, tuple(document.model_dump() for document in self.documents))


class AppealDecisionSent(Sent):
    result: Literal["upheld", "reversed"]
    reason: LongText
    document_sha256: Sha256


class FindingSent(Sent):
    """巡查发现 / What was seen in the field."""

    kind: Literal["manufacturing_use", "transformer_connected"]
    parcel_code: ParcelCode
    unit_number: UnitNumber | None = None
    industry_code: IndustryCode | None = None
    capacity_kva: Capacity | None = None
    observed_on: Day
    note: LongText | None = None
    document_sha256: Sha256 | None = None

    @model_validator(mode="after")
    def _unit_lies_on_the_parcel(self) -> FindingSent:
        check_unit_on_parcel(self.parcel_code, self.unit_number)
        return self

    def seen(self, today: date) -> RecordFinding:
        """Raises Problem 422 for a day that has not come or is too long ago."""
        if not EARLIEST <= self.observed_on <= today:
            raise observed_in_the_future()
        return RecordFinding(
            kind=self.kind,
            site=SiteKey(self.parcel_code, self.unit_number),
            industry_code=self.industry_code,
            capacity_kva=self.capacity_kva,
            observed_on=self.observed_on,
            note=self.note,
            document_sha256=self.document_sha256,
        )


class CloseSent(Sent):
    reason: LongText | None = None


class CheckSent(Sent):
    """A place somebody asks about before filing. ``land_verdict``: what the asker knows of a place on no parcel."""

    parcel_code: ParcelCode | None = None
    unit_number: UnitNumber | None = None
    declared_industry_code: IndustryCode | None = None
    land_verdict: LandVerdict | None = None

    def place(self) -> PlaceToCheck:
        return PlaceToCheck(self.parcel_code, self.unit_number, self.declared_industry_code, self.land_verdict)
