"""What callers send, where several calls share it: bounded and checked, unknown fields refused."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StrictBool, model_validator
from pydantic_core import PydanticCustomError
from starlette.responses import Response

from chassis.answer import Answer, respond
from contracts import identifiers
from contracts.identifiers import Address, LongText, Name, ParcelCode, TownshipCode, UnitNumber, Uscc, Written, check_unit_on_parcel
from contracts.vocabulary import Controller, Premises

EARLIEST, LATEST = date(1949, 10, 1), date(2199, 12, 31)


def _sane(day: date) -> date:
    if not EARLIEST <= day <= LATEST:
        raise PydanticCustomError("date-out-of-range", "日期应在 1949-10-01 至 2199-12-31 之间 / the date must lie between 1949 and 2199")
    return day


Day = Annotated[identifiers.Day, AfterValidator(_sane)]
Degrees = Annotated[float, Field(strict=True, allow_inf_nan=False)]
Point = tuple[Annotated[Degrees, Field(ge=-180, le=180)], Annotated[Degrees, Field(ge=-90, le=90)]]


Id = Annotated[str, Written(200)]
"""An id as the caller gives it, in a path or a query: any text that can be looked up."""


class Sent(BaseModel):
    """Base of everything sent: frozen, unknown fields refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class ReasonSent(Sent):
    """理由 / Why."""

    reason: LongText


class ControllerSent(Controller):
    """实际控制人 / Who controls the enterprise."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Name
    uscc: Uscc | None = None


class PremisesSent(Premises):
    """场所 / A place, as in a filing."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    township_code: TownshipCode
    address: Address
    parcel_code: ParcelCode | None = None
    unit_number: UnitNumber | None = None
    point: Point | None = None
    used_for_production: StrictBool = True

    @model_validator(mode="after")
    def _unit_lies_on_the_parcel(self) -> PremisesSent:
        check_unit_on_parcel(self.parcel_code, self.unit_number)
        return self


def answered(body: Any, headers: dict[str, str] | None = None, status: int = 200) -> Response:
    """A JSON answer that is not kept for an Idempotency-Key."""
    answer = Answer(status, body, headers or {})
    return respond(answer.status, answer.encoded(), answer.headers)
