"""A tiny service of its own for the tests of the chassis: notes that can be written, read and changed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, ClassVar

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field, field_validator
from pydantic_core import PydanticCustomError
from sqlalchemy import Column, Integer, MetaData, Table, Text
from starlette.responses import Response

from chassis.auth import Principal, requires
from chassis.errors import TemporaryError
from chassis.messages import Command, Message, Received, Result
from chassis.paging import Page, page_of
from chassis.preconditions import etag, if_match, stale_version
from chassis.problems import Problem
from chassis.service import Answer, On, Service, create_service, service_of
from chassis.settings import ServiceSettings
from chassis.transaction import Transaction
from contracts.envelope import Event

MIGRATIONS = Path(__file__).parent / "notes_migrations"

metadata = MetaData()
notes = Table(
    "notes",
    metadata,
    Column("id", Text, primary_key=True),
    Column("text", Text, nullable=False),
    Column("version", Integer, nullable=False),
)
heard = Table("heard", metadata, Column("id", Text, primary_key=True), Column("text", Text, nullable=False))


class NoteWritten(Event):
    type: ClassVar[str] = "notes.note_written.v1"
    topic: ClassVar[str] = "notes.events"
    note_id: str
    text: str

    def key(self) -> str:
        return self.note_id


class Place(BaseModel):
    model_config = ConfigDict(extra="forbid")
    township_code: str | None = None

    @field_validator("township_code")
    @classmethod
    def _known(cls, value: str | None) -> str | None:
        if value not in (None, "330282112"):
            raise PydanticCustomError("unknown-township", "没有这个镇街代码 / there is no such township")
        return value


class Note(BaseModel):
    model_config = ConfigDict(extra="forbid")
    text: str = Field(max_length=100)
    count: int = 0
    place: Place | None = None


def write_notes(batch: Sequence[Command[Note]], tx: Transaction) -> Result:
    result = Result()
    rows = []
    for command in batch:
        text = command.data.text
        if text == "temporary":
            raise TemporaryError("come back", delay=3)
        if text == "bug":
            raise RuntimeError("secret internals")
        if text == "refuse":
            result.answers.append(Problem(409, "refused-note", "不收", "not this one"))
            continue
        if text == "raise":
            raise Problem(409, "raised-note", "不收", "not this one")
        rows.append({"id": command.id, "text": text, "version": 1})
        result.answers.append(rows[-1])
        result.messages.append(Message.because(command, NoteWritten(note_id=command.id, text=text)))
    tx.insert(notes, rows)
    return result


def change_note(batch: Sequence[Command[tuple[str, int]]], tx: Transaction) -> Result:
    result = Result()
    for command in batch:
        note_id, version = command.data
        row = tx.rows(notes.select().where(notes.c.id == note_id))[0]
        if row.version != version:
            result.answers.append(stale_version(row.version))
            continue
        changed = {"id": note_id, "text": row.text + "!", "version": version + 1}
        tx.upsert(notes, [changed])
        result.answers.append(changed)
    return result


def hear_notes(batch: Sequence[Received[NoteWritten]], tx: Transaction) -> Result:
    tx.insert(heard, [{"id": received.event.note_id, "text": received.event.text} for received in batch])
    return Result()


def created(row: dict[str, Any]) -> Answer:
    return Answer(201, row, {"Location": f"/notes/v1/notes/{row['id']}", **etag(row["version"])})


def shown(row: dict[str, Any]) -> Answer:
    return Answer(200, row, etag(row["version"]))


router = APIRouter(prefix="/notes/v1")


@router.post("/notes", status_code=201)
async def post_note(note: Note, request: Request, _caller: Annotated[Principal, Depends(requires("clerk"))]) -> Response:
    return await service_of(request).command(request, write_notes, note, shape=created)


@router.post("/notes/{note_id}:change")
async def post_change(note_id: str, request: Request, _caller: Annotated[Principal, Depends(requires("clerk"))]) -> Response:
    return await service_of(request).command(request, change_note, (note_id, if_match(request)), shape=shown)


@router.get("/notes")
async def get_notes(
    request: Request, page: Annotated[Page, Depends()], _caller: Annotated[Principal, Depends(requires())]
) -> dict[str, Any]:
    query = notes.select().order_by(notes.c.id).limit(page.limit + 1)
    if page.after is not None:
        query = query.where(notes.c.id > page.after[0])
    rows = await service_of(request).read(lambda tx: [dict(row._mapping) for row in tx.rows(query)])
    return page_of(rows, page.limit, lambda row: [row["id"]])


@router.post("/notes:import")
async def import_notes(request: Request, _caller: Annotated[Principal, Depends(requires("clerk"))]) -> dict[str, Any]:
    items = [Note(text=line.decode()) for line in (await request.body()).splitlines()]
    answers = await service_of(request).batch(request.state.principal, request.state.correlation_id, write_notes, items)
    return {"answers": [answer.code if isinstance(answer, Problem) else answer["text"] for answer in answers]}


@router.get("/half")
async def half_an_answer() -> Response:
    raise RuntimeError("secret internals")


def notes_service(data: Path, **more: Any) -> Service:
    return create_service(
        "notes",
        ServiceSettings(data=data),
        subscriptions=(On(NoteWritten, hear_notes),),
        routers=(router,),
        migrations=MIGRATIONS,
        title_zh="便笺",
        title_en="Notes",
        **more,
    )
