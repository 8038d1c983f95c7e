"""The switches of a policy set: every open question of the papers that a city may decide otherwise, typed and checked."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StrictBool, StrictInt
from pydantic_core import PydanticCustomError

from contracts import reference
from contracts.identifiers import LandUse, TownshipCode
from contracts.vocabulary import Action, Grade, SubjectType, Unit


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class StatementIssuers(_Part):
    """The township of the premises always may; ``zone_committee`` names the places where the zone's committee may too."""

    zone_committee: tuple[TownshipCode, ...]


class RevokedStatement(_Part):
    """What a revoked statement does before and after the decision."""

    before_decision: Literal["refuse", "hold"]
    after_registration: Literal["review_case"] = "review_case"


class GradeLand(_Part):
    """What a C and a D grade mean for new land."""

    C: Literal["restrict", "bar", "allow"]
    D: Literal["restrict", "bar", "allow"]


def _two_units(units: tuple[Unit, ...]) -> tuple[Unit, ...]:
    if len(set(units)) < 2:
        raise PydanticCustomError("two-units-needed", "至少需要两个不同单位 / at least two different units")
    return units


def _known_industrial_codes(codes: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    unknown = [f"{scheme} {code}" for scheme, listed in codes.items() for code in listed if reference.land_class(scheme, code) is None]
    if unknown:
        raise PydanticCustomError(
            "unknown-land-code", "没有这些地类代码：{codes} / no such land-use classes: {codes}", {"codes": ", ".join(unknown)}
        )
    return codes


def _known_industries(codes: tuple[str, ...]) -> tuple[str, ...]:
    unknown = [code for code in codes if reference.industry_class(code) is None and not (len(code) == 2 and reference.section_of(code))]
    if unknown:
        raise PydanticCustomError(
            "unknown-industry-code", "没有这些行业代码：{codes} / no such industry codes: {codes}", {"codes": ", ".join(unknown)}
        )
    return codes


def _known_blocks(names: tuple[str, ...]) -> tuple[str, ...]:
    unknown = [name for name in names if name not in reference.block_industries()]
    if unknown:
        raise PydanticCustomError(
            "unknown-block-industry", "没有这些块状行业：{names} / no such block industries: {names}", {"names": ", ".join(unknown)}
        )
    return names


def _an_outline(polygon: dict[str, Any] | None) -> dict[str, Any] | None:
    """GeoJSON with closed rings of [lon, lat]; whether its edges cross is the land side's to find."""
    if polygon is not None and not _rings_are_closed(polygon):
        raise PydanticCustomError(
            "bad-polygon",
            "应为 GeoJSON Polygon 或 MultiPolygon，各环闭合，坐标为 [经度, 纬度] / "
            "a GeoJSON Polygon or MultiPolygon of closed rings of [lon, lat]",
        )
    return polygon


def _rings_are_closed(polygon: dict[str, Any]) -> bool:
    try:
        kind, coordinates = polygon["type"], polygon["coordinates"]
        polygons = {"Polygon": [coordinates], "MultiPolygon": coordinates}[kind]
        rings = [[(float(lon), float(lat)) for lon, lat in ring] for rings in polygons for ring in rings]
    except (KeyError, TypeError, ValueError):
        return False
    within = all(-180 <= lon <= 180 and -90 <= lat <= 90 for ring in rings for lon, lat in ring)
    return bool(rings) and within and all(len(ring) >= 4 and ring[0] == ring[-1] for ring in rings)


def _revoked(given: Any) -> Any:
    return {"before_decision": given} if isinstance(given, str) else given


Section = Literal["A", "B", "C", "D", "E", "F", "G", "H", "I", "J", "K", "L", "M", "N", "O", "P", "Q", "R", "S", "T"]
Sections = Annotated[tuple[Section, ...], Field(min_length=1)]


class Switches(_Part):
    """All 45 switches. What each decides and why its default is what it is: ``switch_notes`` of the policy set."""

    three_phase_ban_scope: Literal["all_non_industrial", "without_statement"]
    three_phase_object: Literal["transformer", "any_three_phase"]
    capacity_increase_counts: StrictBool
    block_key: Literal["site", "enterprise"]
    withdrawn_watch_days: Annotated[StrictInt, Field(ge=0, le=3650)]
    unknown_parcel_power: Literal["hold", "block"]
    power_override_roles: Annotated[tuple[Unit, ...], AfterValidator(_two_units)]
    land_basis_priority: Annotated[tuple[Literal["registered_use", "land_grant_contract"], ...], Field(min_length=1)]
    industrial_codes: Annotated[dict[str, tuple[str, ...]], AfterValidator(_known_industrial_codes)]
    warehouse_counts_as_industrial: StrictBool
    extra_industrial_codes: tuple[LandUse, ...]
    manufacturing_sections: Sections
    industrial_sections: Sections
    subject_types: Annotated[tuple[SubjectType, ...], Field(min_length=1)]
    office_only_exempt: StrictBool
    trigger_actions: Annotated[tuple[Action, ...], Field(min_length=1)]
    statement_issuers: StatementIssuers
    statement_valid_days: Annotated[StrictInt, Field(ge=1, le=3650)]
    statement_binding: Literal["enterprise_and_premises", "premises"]
    missing_statement_grace_days: Annotated[StrictInt, Field(ge=0, le=365)]
    negative_statement_refuses: StrictBool
    on_statement_revoked: Annotated[RevokedStatement, BeforeValidator(_revoked)]
    village_strict_mode: Literal["soft", "refuse"]
    village_test: Literal["survey_attribute_else_township"]
    transition_is_industrial: StrictBool
    transition_min_grade: Grade
    transition_cd: Literal["block", "hold"]
    transition_ungraded: Literal["hold", "block"]
    transition_five_year_anchor: Literal["request_date", "plan_change_date"]
    transition_auto_allow: StrictBool
    central_city_mode: Literal["flag", "hold", "refuse"]
    small_land_logic: Literal["and", "or"]
    small_land_inclusive: StrictBool
    cd_land: GradeLand
    two_high_codes: Annotated[tuple[str, ...], AfterValidator(_known_industries)]
    high_pollution_on_non_industrial: Literal["hold", "flag", "refuse"]
    park_admission_timing: Literal["before_acceptance", "parallel"]
    open_list_effect: Literal["hold", "flag"]
    on_reclassification: Literal["rejudge_additions_only", "grandfather"]
    out_of_area_units: tuple[TownshipCode, ...]
    transition_conditions: Literal["as_r07"]
    qianwan_polygon: Annotated[dict[str, Any] | None, AfterValidator(_an_outline)]
    control_line_mode: Literal["flag", "decide"]
    historic_land: Literal["unknown", "industrial"]
    block_industries: Annotated[tuple[str, ...], AfterValidator(_known_blocks)]
