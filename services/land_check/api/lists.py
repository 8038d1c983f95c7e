"""The problem lists: open, advance, close, read."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request
from pydantic import model_validator
from starlette.responses import Response

from chassis.answer import Answer
from chassis.paging import Page, page_of
from chassis.preconditions import etag
from chassis.service import service_of
from contracts.identifiers import LongText, Name, ParcelCode, TownshipCode, UnitNumber, Uscc, check_unit_on_parcel
from contracts.vocabulary import ListStatus, ListType
from services.land_check.api.bodies import ControllerSent, Day, Id, Sent, answered
from services.land_check.api.callers import ENTRY_READERS, Anyone, EntryActor, EntryKeeper, EntryLister, sees, townships_seen
from services.land_check.api.shapes import entry_json
from services.land_check.errors import entry_not_found
from services.land_check.handlers.lists import Move, NewEntry, entries_advanced, entries_closed, entries_opened
from services.land_check.tables.rows import LIST_ENTRY, dict_of
from services.land_check.tables.search import find_entries, one

router = APIRouter(tags=["问题清单 / Problem lists"])


class EntrySent(Sent):
    """清单条目 / An enterprise found inefficient, scattered, messy, polluting or outdated."""

    list: ListType
    enterprise_name: Name
    uscc: Uscc | None = None
    controller: ControllerSent | None = None
    parcel_code: ParcelCode
    unit_number: UnitNumber | None = None
    found_on: Day
    due: Day | None = None

    @model_validator(mode="after")
    def _unit_lies_on_the_parcel(self) -> EntrySent:
        check_unit_on_parcel(self.parcel_code, self.unit_number)
        return self


class StepSent(Sent):
    """下一步 / The next step."""

    to: ListStatus
    reason: LongText


class EndSent(Sent):
    """了结 / How the entry ends."""

    result: Literal[ListStatus.DELISTED, ListStatus.CLOSE_OUT]
    reason: LongText


@router.post("/list-entries", status_code=201)
async def open_entry(request: Request, principal: EntryKeeper, body: EntrySent) -> Response:
    """列入清单；镇（街道）限本辖区 / Open an entry; a township officer in the own townships."""
    return await service_of(request).command(request, entries_opened, NewEntry(**dict(body)), shape=lambda row: _shown(row, 201))


@router.get("/list-entries")
async def list_entries(
    request: Request,
    principal: EntryLister,
    page: Annotated[Page, Depends()],
    list_: Annotated[ListType | None, Query(alias="list")] = None,
    status: ListStatus | None = None,
    parcel_code: ParcelCode | None = None,
    township_code: TownshipCode | None = None,
) -> Response:
    """清单条目，先列入的在前 / Entries, oldest first, as far as the caller sees."""
    seen = townships_seen(principal)
    rows = await service_of(request).read(
        lambda tx: find_entries(
            tx, page.after, page.limit, seen, list=list_, status=status, parcel_code=parcel_code, township_code=township_code
        )
    )
    return answered(page_of(rows, page.limit, lambda row: [row.entry_id], lambda row: entry_json(dict_of(row))))


@router.get("/list-entries/{entry_id}")
async def get_entry(request: Request, principal: Anyone, entry_id: Id) -> Response:
    """读取清单条目 / One entry."""
    row = await service_of(request).read(lambda tx: one(tx, LIST_ENTRY, entry_id))
    if row is None or not principal.has(*ENTRY_READERS) or not sees(principal, row.township_code):
        raise entry_not_found()
    return answered(entry_json(dict_of(row)), etag(row.version))


@router.post("/list-entries/{entry_id}:advance")
async def advance(request: Request, principal: EntryActor, entry_id: Id, body: StepSent) -> Response:
    """推进一步；不可跳步 / One step on; none may be left out."""
    return await service_of(request).command(request, entries_advanced, Move(entry_id, body.to, body.reason), shape=_shown)


@router.post("/list-entries/{entry_id}:close")
async def close(request: Request, principal: EntryActor, entry_id: Id, body: EndSent) -> Response:
    """销号或关停退出 / Take off the list, or close out."""
    command = Move(entry_id, ListStatus(body.result), body.reason)
    return await service_of(request).command(request, entries_closed, command, shape=_shown)


def _shown(row: dict[str, Any], status: int = 200) -> Answer:
    return Answer(status, entry_json(row), etag(row["version"]))
