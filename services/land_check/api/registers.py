"""Grades, parks and admissions."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request
from pydantic import Field, StrictInt, field_validator
from pydantic_core import PydanticCustomError
from starlette.responses import Response

from chassis.answer import Answer
from chassis.paging import Page, page_of
from chassis.preconditions import etag
from chassis.service import service_of
from contracts.identifiers import Name, TownshipCode, UnitNumber, Uscc, Written
from contracts.vocabulary import AdmissionStatus, Grade
from services.land_check.api.bodies import Day, Sent, answered
from services.land_check.api.callers import Anyone, GradeReader, MapOfficer
from services.land_check.domain import ParkKind
from services.land_check.errors import not_found
from services.land_check.handlers.registers import NewAdmission, PutGrades, PutPark, admissions_recorded, grades_put, parks_put
from services.land_check.tables.rows import PARK, dict_of
from services.land_check.tables.search import find_grades, one

MOST_GRADES = 10_000
FIRST_YEAR, LAST_YEAR = 2000, 2100

ParkId = Annotated[str, Written(100), Path(description="园区编号 / id of the park")]


class GradePage(Page):
    """Grades are in the order of enterprise and year."""

    KEY = (str, int)


router = APIRouter(tags=["登记册 / Registers"])


class GradeSent(Sent):
    uscc: Uscc
    grade: Grade


class GradesSent(Sent):
    """亩均效益评价 / The per-mu grades of a year; those of a year to come count once it has begun."""

    year: Annotated[StrictInt, Field(ge=FIRST_YEAR, le=LAST_YEAR)]
    items: Annotated[tuple[GradeSent, ...], Field(max_length=MOST_GRADES)]

    @field_validator("items")
    @classmethod
    def _each_enterprise_has_one_grade(cls, items: tuple[GradeSent, ...]) -> tuple[GradeSent, ...]:
        """Said twice is said once; of two grades nobody can tell which is meant."""
        once = tuple({(item.uscc, item.grade): item for item in items}.values())
        if len({item.uscc for item in once}) < len(once):
            raise PydanticCustomError("not-unique", "同一企业只能有一个等级 / give each enterprise one grade")
        return once


class ParkSent(Sent):
    """园区 / A park."""

    name: Name
    kind: ParkKind
    township_code: TownshipCode


class AdmissionSent(Sent):
    """入园审核 / A park's word on an enterprise."""

    enterprise_name: Name
    uscc: Uscc | None = None
    unit_number: UnitNumber | None = None
    status: AdmissionStatus
    decided_on: Day


@router.put("/grades")
async def put_grades(request: Request, principal: MapOfficer, body: GradesSent) -> Response:
    """录入一年的亩均评价；同一企业同一年以新的为准 / Record a year's grades; the same enterprise and year replaces."""
    command = PutGrades(body.year, tuple((item.uscc, item.grade) for item in body.items))
    return await service_of(request).command(request, grades_put, command, shape=lambda count: Answer(200, {"stored": count}))


@router.get("/grades")
async def list_grades(
    request: Request, principal: GradeReader, page: Annotated[GradePage, Depends()], uscc: Uscc | None = None
) -> Response:
    """亩均评价 / Grades by enterprise and year."""
    rows = await service_of(request).read(lambda tx: find_grades(tx, page.after, page.limit, uscc))
    return answered(page_of(rows, page.limit, lambda row: [row.uscc, row.year], dict_of))


@router.put("/parks/{park_id}", responses={201: {"description": "新建 / new"}})
async def put_park(request: Request, principal: MapOfficer, park_id: ParkId, body: ParkSent) -> Response:
    """登记或整体替换园区 / Record a park or replace it whole."""
    command = PutPark(park_id, body.name, body.kind, body.township_code)
    return await service_of(request).command(request, parks_put, command, shape=_park)


@router.get("/parks/{park_id}")
async def get_park(request: Request, principal: Anyone, park_id: ParkId) -> Response:
    """读取园区 / A park."""
    row = await service_of(request).read(lambda tx: one(tx, PARK, park_id))
    if row is None:
        raise not_found("该园区", "park")
    return answered(dict_of(row), etag(row.version))


@router.post("/parks/{park_id}/admissions", status_code=201)
async def record_admission(request: Request, principal: MapOfficer, park_id: ParkId, body: AdmissionSent) -> Response:
    """登记入园审核结果；最新的为准 / Record a park's word on an enterprise; the newest counts."""
    command = NewAdmission(park_id, **dict(body))
    return await service_of(request).command(request, admissions_recorded, command, shape=_admission)


def _park(stored: tuple[dict[str, Any], bool]) -> Answer:
    row, created = stored
    return Answer(201 if created else 200, row, etag(row["version"]))


def _admission(row: dict[str, Any]) -> Answer:
    shown = {name: value for name, value in row.items() if name not in ("by_name", "by_uscc")}
    return Answer(201, shown, etag(1))
