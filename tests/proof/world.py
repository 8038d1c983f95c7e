"""A small system of three services on the real chassis: front gives out numbers over HTTP, middle passes them on under keys shared by
several names, last and front hear of it. Each writes down every effect, in the transaction of the effect.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any, ClassVar

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict
from sqlalchemy import BigInteger, Column, Integer, MetaData, Table, Text
from starlette.responses import Response

from chassis.auth import Principal, requires
from chassis.messages import Command, Message, Received, Result
from chassis.service import Answer, On, Service, create_service, service_of
from chassis.settings import ServiceSettings
from chassis.telemetry import configure_logging
from chassis.transaction import Transaction
from contracts.envelope import Event
from deploy.local import Part
from deploy.running import run_in_foreground

MIGRATIONS = Path(__file__).parent / "world_migrations"
MIDDLE_SHARES = 8
"""Names that share a key of middle's events."""

_number = BigInteger().with_variant(Integer, "sqlite")
metadata = MetaData()
tally = Table("tally", metadata, Column("name", Text, primary_key=True), Column("n", BigInteger, nullable=False))
effect = Table(
    "effect",
    metadata,
    Column("id", _number, primary_key=True),
    Column("topic", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("event_id", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("request", Text, nullable=False),
    Column("n", BigInteger, nullable=False),
)


class Asked(Event):
    """``request`` is the ``n``-th for ``name``. While ``poison`` is set, middle cannot process it."""

    type: ClassVar[str] = "proof.asked.v1"
    topic: ClassVar[str] = "proof.asked"
    name: str
    n: int
    request: str
    poison: bool = False

    def key(self) -> str:
        return self.name


class Passed(Event):
    """Middle has passed it on. Its key is shared with other names."""

    type: ClassVar[str] = "proof.passed.v1"
    topic: ClassVar[str] = "proof.passed"
    name: str
    n: int
    request: str

    def key(self) -> str:
        return f"shared-{int(self.name.rpartition('-')[2]) // MIDDLE_SHARES}"


class Ask(BaseModel):
    """A client's request; it names itself, so that a ledger outside can tell it from every other."""

    model_config = ConfigDict(extra="forbid")
    name: str
    request: str
    poison: bool = False


def give_out(batch: Sequence[Command[Ask]], tx: Transaction) -> Result:
    """The next number of each name."""
    counts = Counter(command.data.name for command in batch)
    before = {row.name: row.n for row in tx.load(tally, tally.c.name, sorted(counts))}
    tx.upsert(tally, [{"name": name, "n": before.get(name, 0) + count} for name, count in sorted(counts.items())])
    result = Result()
    for command in batch:
        ask = command.data
        before[ask.name] = n = before.get(ask.name, 0) + 1
        result.messages.append(Message.because(command, Asked(name=ask.name, n=n, request=ask.request, poison=ask.poison)))
        result.answers.append({"request": ask.request, "name": ask.name, "n": n})
    return result


def write_down(batch: Sequence[Received[Any]], tx: Transaction) -> Result:
    """One row for each effect; the order of ids is the order in which they took effect."""
    rows = [
        {
            "topic": one.event.topic,
            "key": one.envelope.key,
            "seq": one.envelope.seq,
            "event_id": one.envelope.id,
            "name": one.event.name,
            "request": one.event.request,
            "n": one.event.n,
        }
        for one in batch
    ]
    tx.insert(effect, rows)
    return Result()


def pass_on(batch: Sequence[Received[Asked]], tx: Transaction) -> Result:
    """Raises ValueError for a batch with poison in it."""
    if any(one.event.poison for one in batch):
        raise ValueError("poison")
    write_down(batch, tx)
    return Result([Message.because(one, Passed(name=one.event.name, n=one.event.n, request=one.event.request)) for one in batch])


router = APIRouter(prefix="/front/v1")


@router.post("/asks", status_code=201)
async def post_ask(ask: Ask, request: Request, _caller: Annotated[Principal, Depends(requires("clerk"))]) -> Response:
    return await service_of(request).command(request, give_out, ask, shape=lambda answer: Answer(201, answer))


class WorldSettings(ServiceSettings):
    """Nothing of its own."""


def _creator(name: str, subscriptions: Sequence[On], routers: Sequence[APIRouter] = ()) -> Callable[..., Service]:
    def create(settings: WorldSettings, **more: Any) -> Service:
        return create_service(
            name,
            settings,
            subscriptions=subscriptions,
            routers=routers,
            migrations=MIGRATIONS,
            title_zh="试验",
            title_en="proof",
            **more,
        )

    return create


PARTS = {
    "front": Part(WorldSettings, _creator("front", [On(Passed, write_down)], [router])),
    "middle": Part(WorldSettings, _creator("middle", [On(Asked, pass_on)])),
    "last": Part(WorldSettings, _creator("last", [On(Asked, write_down), On(Passed, write_down)])),
}
TOPICS = (Asked.topic, Passed.topic)
READS = {"front": [Passed.topic], "middle": [Asked.topic], "last": [Asked.topic, Passed.topic]}
"""What each service writes down."""


def main(port: int) -> None:
    """All three in this process, as ``sluicegate up`` runs its services."""
    settings = WorldSettings()
    configure_logging(settings.log_level)
    run_in_foreground(PARTS, settings, port, lambda address: print(f"READY {address}", flush=True))
