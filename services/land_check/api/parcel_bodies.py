"""A parcel as the map office sends it."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, StrictBool, field_validator, model_validator
from pydantic_core import PydanticCustomError

from contracts.identifiers import Address, LandUse, LongText, ParcelCode, ShortText, TownshipCode, UnitNumber, check_unit_on_parcel
from services.land_check.api.bodies import Day, Sent
from services.land_check.domain import ParcelRecord, PlannedUse
from services.land_check.domain.geometry import BadGeometryError, box_of, box_of_outline

MOST_USES, MOST_UNITS, MOST_ADDRESSES, MOST_SUCCESSORS = 50, 2000, 200, 200

Uses = Annotated[tuple[LandUse, ...], Field(max_length=MOST_USES)]


class TransitionSent(Sent):
    """过渡控制区 / When the plan that changed the use is to be carried out."""

    planned_implementation: Day


class UnitSent(Sent):
    """不动产单元 / A unit. ``registered_use`` left out: that of the parcel; an empty list: none is registered."""

    unit_number: UnitNumber
    registered_use: Uses | None = None


class ParcelSent(Sent):
    """宗地 / A parcel, whole. In an import its outline stands beside its properties.

    ``superseded_by``: 已分割或合并的，填现宗地代码 / the codes a parcel was split or merged into; it is no place any more.
    """

    parcel_code: ParcelCode
    township_code: TownshipCode
    in_village: StrictBool | None = None
    in_qianwan: StrictBool | None = None
    registered_use: Uses
    survey_use: LandUse | None = None
    planned_use: PlannedUse = PlannedUse.UNCHANGED
    transition: TransitionSent | None = None
    inside_control_line: StrictBool | None = None
    park_id: ShortText | None = None
    units: Annotated[tuple[UnitSent, ...], Field(max_length=MOST_UNITS)] = ()
    addresses: Annotated[tuple[Address, ...], Field(max_length=MOST_ADDRESSES)] = ()
    geometry: dict[str, Any] | None = None
    source: LongText
    as_of: Day
    superseded_by: Annotated[tuple[ParcelCode, ...], Field(max_length=MOST_SUCCESSORS)] = ()

    @field_validator("geometry")
    @classmethod
    def _outline_can_be_used(cls, geometry: dict[str, Any] | None) -> dict[str, Any] | None:
        if geometry is None:
            return None
        if unknown := geometry.keys() - {"type", "coordinates", "bbox"}:
            raise PydanticCustomError(
                "unknown-field", "geometry 中没有字段 {names} / geometry has no {names}", {"names": ", ".join(unknown)}
            )
        try:
            box = box_of(geometry)
        except BadGeometryError as error:
            raise PydanticCustomError(error.code, "{zh} / {en}", {"zh": error.zh, "en": error.en}) from error
        return None if box is None else {"type": geometry["type"], "coordinates": geometry["coordinates"]}

    @model_validator(mode="after")
    def _units_are_its_own(self) -> ParcelSent:
        for place, unit in enumerate(self.units):
            check_unit_on_parcel(self.parcel_code, unit.unit_number, f"/units/{place}/unit_number")
        if len({unit.unit_number for unit in self.units}) < len(self.units):
            raise PydanticCustomError("not-unique", "同一不动产单元只填一次 / name each unit once", {"pointer": "/units"})
        return self

    @model_validator(mode="after")
    def _what_is_no_place_any_more_holds_nothing(self) -> ParcelSent:
        if not self.superseded_by:
            return self
        if self.parcel_code in self.superseded_by or len(set(self.superseded_by)) < len(self.superseded_by):
            raise PydanticCustomError(
                "bad-successors",
                "每个现宗地代码只填一次，且不能是本宗地 / name each code of today once, and never the parcel itself",
                {"pointer": "/superseded_by"},
            )
        if self.units or self.addresses or self.geometry is not None:
            raise PydanticCustomError(
                "superseded-parcel-holds-nothing",
                "已分割或合并的宗地不再有单元、地址和图形，请录入现宗地 / units, addresses and outline belong to the parcels of today",
                {"pointer": "/superseded_by"},
            )
        return self

    def record(self) -> ParcelRecord:
        """As the handlers take it. The body is what is stored and compared; records from before ``superseded_by`` stay equal."""
        body = self.model_dump(mode="json", exclude={"geometry"} if self.superseded_by else {"geometry", "superseded_by"})
        return ParcelRecord(body, self.geometry, None if self.geometry is None else box_of_outline(self.geometry))
