"""What callers send: every field bounded and checked, unknown fields refused, codes in their canonical form."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool, ValidationInfo, field_validator, model_validator
from pydantic_core import PydanticCustomError

from contracts.identifiers import (
    Address,
    IndustryCode,
    LongText,
    Name,
    ParcelCode,
    Sha256,
    ShortText,
    TownshipCode,
    UnitNumber,
    Uscc,
    Written,
    check_unit_on_parcel,
)
from contracts.registration import FilingFacts
from contracts.vocabulary import Action, Controller, FilingReason, NewLand, Premises, Process, SubjectType
from services.registration.domain import Submission, keys_of

AMENDMENTS = frozenset({Action.AMEND_PREMISES, Action.AMEND_SCOPE, Action.AMEND_OTHER})
LARGEST_AREA_MU = 1_000_000
MOST_DOCUMENTS = 50

Degrees = Annotated[float, Field(strict=True, allow_inf_nan=False)]
Phone = Annotated[str, Written(40)]


class Sent(BaseModel):
    """Base of everything sent: frozen, unknown fields refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class PremisesSent(Premises):
    """场所 / A place. ``used_for_production`` left out: true, unless a production place of its own is named."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    township_code: TownshipCode
    address: Address
    parcel_code: ParcelCode | None = None
    unit_number: UnitNumber | None = None
    point: tuple[Annotated[Degrees, Field(ge=-180, le=180)], Annotated[Degrees, Field(ge=-90, le=90)]] | None = None
    used_for_production: StrictBool = True

    @model_validator(mode="after")
    def _unit_lies_on_the_parcel(self) -> PremisesSent:
        check_unit_on_parcel(self.parcel_code, self.unit_number)
        return self


class ApplicantSent(Sent):
    """联系人 / The person to talk to. Kept in this service only."""

    name: Name
    phone: Phone


class ControllerSent(Controller):
    """实际控制人 / Who controls the enterprise."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Name
    uscc: Uscc | None = None


class NewLandSent(NewLand):
    """新增用地 / New land asked for, in mu (亩)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    area_mu: Annotated[float, Field(strict=True, gt=0, le=LARGEST_AREA_MU, allow_inf_nan=False)]
    stand_alone: StrictBool


class WhereAndWhat(Sent):
    """What a pre-check needs of a filing: all but who applies."""

    action: Action
    subject_type: SubjectType
    uscc: Annotated[Uscc | None, Field(validate_default=True)] = None
    industry_code: IndustryCode
    processes: Annotated[tuple[Process, ...], Field(max_length=len(Process))] = ()
    premises: PremisesSent
    production_premises: PremisesSent | None = None
    controller: ControllerSent | None = None
    park_id: ShortText | None = None
    new_land: NewLandSent | None = None

    @field_validator("uscc")
    @classmethod
    def _amendments_name_their_enterprise(cls, uscc: str | None, info: ValidationInfo) -> str | None:
        if uscc is None and info.data.get("action") in AMENDMENTS:
            raise PydanticCustomError("uscc-required", "变更登记须填写统一社会信用代码 / an amendment names its enterprise by USCC")
        return uscc

    @field_validator("processes")
    @classmethod
    def _each_process_once(cls, processes: tuple[Process, ...]) -> tuple[Process, ...]:
        if len(set(processes)) < len(processes):
            raise PydanticCustomError("not-unique", "每项工艺只填一次 / name each process once")
        return processes

    @field_validator("production_premises")
    @classmethod
    def _one_production_place(cls, place: PremisesSent | None, info: ValidationInfo) -> PremisesSent | None:
        if place is None:
            return None
        if not place.used_for_production:
            raise PydanticCustomError(
                "not-used-for-production", "生产经营场所须用于生产 / the production premises must be used for production"
            )
        premises = info.data.get("premises")
        if premises is not None and premises.used_for_production and "used_for_production" in premises.model_fields_set:
            raise PydanticCustomError(
                "two-production-places",
                "两处都用于生产的，请分别申请 / where production happens at both places, file each of them",
            )
        return place

    def submission(self, at: datetime, *, name: str = "", client_ref: str | None = None, fingerprint: str = "") -> Submission:
        """As the handlers take it; ``at`` is the moment it came in."""
        premises: Premises = self.premises
        if self.production_premises is not None and premises.used_for_production:
            premises = premises.model_copy(update={"used_for_production": False})
        facts = FilingFacts(
            action=self.action,
            subject_type=self.subject_type,
            enterprise_name=name,
            uscc=self.uscc,
            industry_code=self.industry_code,
            processes=self.processes,
            premises=premises,
            production_premises=self.production_premises,
            controller=self.controller,
            park_id=self.park_id,
            new_land=self.new_land,
            submitted_at=at,
        )
        request = self.model_dump(mode="json")
        request["premises"]["used_for_production"] = premises.used_for_production
        return Submission(request, facts, keys_of(facts), client_ref, fingerprint)


class FilingSent(WhereAndWhat):
    """申请 / A filing."""

    enterprise_name: Name
    business_scope: LongText
    applicant: ApplicantSent

    def submitted(self, at: datetime, *, client_ref: str | None = None, fingerprint: str = "") -> Submission:
        return self.submission(at, name=self.enterprise_name, client_ref=client_ref, fingerprint=fingerprint)


class PreCheckSent(WhereAndWhat):
    """预检 / A filing in which the enterprise, its scope and the applicant may still be open."""

    enterprise_name: Name | None = None
    business_scope: LongText | None = None
    applicant: ApplicantSent | None = None


class ReasonSent(Sent):
    reason: LongText | None = None


class ExtensionSent(Sent):
    reason: LongText


class DocumentSent(Sent):
    name: Name
    sha256: Sha256


Documents = Annotated[tuple[DocumentSent, ...], Field(max_length=MOST_DOCUMENTS)]


class AnswerSent(Sent):
    code: FilingReason
    text: LongText
    documents: Documents = ()


class AppealSent(Sent):
    text: LongText
    documents: Documents = ()


class AppealDecisionSent(Sent):
    result: Literal["upheld", "reversed"]
    reason: LongText
    document_sha256: Sha256


class ReviewSent(Sent):
    code: FilingReason
    result: Literal["clear", "refuse"]
    reason: LongText
    document_sha256: Sha256 | None = None


class SetAsideSent(Sent):
    reason: LongText
    document_sha256: Sha256 | None = None


class CorrectionSent(Sent):
    """更正 / The right values of what is wrong; a field that is left out stays."""

    applicant: ApplicantSent | None = None
    business_scope: LongText | None = None
    reason: LongText


class UsccSent(Sent):
    uscc: Uscc


def plain(documents: tuple[DocumentSent, ...]) -> tuple[dict[str, Any], ...]:
    return tuple(document.model_dump() for document in documents)
