"""A thousand times a hold and a commit reach the same site at once: none is connected while held, and a commit that was first is a case."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import NamedTuple, TypeVar

import httpx
import orjson
import pytest

from chassis.auth import DevelopmentIssuer
from chassis.bus import Record
from chassis.bus.kafka import KafkaBus
from chassis.bus.kafka_settings import KafkaSettings
from chassis.bus.sqlite import SqliteBus
from chassis.clock import SystemClock
from chassis.engine import Engine
from chassis.testing import eventually
from contracts.envelope import Envelope, Event
from contracts.power_grid import BreachFound, InstallCommitted
from deploy.demo.city import POWER
from deploy.demo.city import Record as Body
from services.power_grid.app import create
from services.power_grid.settings import PowerGridSettings
from tests.parts.kafka import Broker
from tests.parts.postgresql import Server
from tests.power_grid.events import TRADER, Filed, parcel
from tests.proof.distributed import DistributedGrid, gated
from tests.proof.ledger import rows

PAIRS, AT_ONCE = 1000, 20
PATIENCE = 60.0

T = TypeVar("T")


class Grid(NamedTuple):
    """power_grid as its callers meet it: over HTTP, over the bus, and what it wrote down."""

    http: httpx.AsyncClient
    publish: Callable[[Sequence[Record]], Awaitable[None]]
    books: str


Opened = Callable[[], AbstractAsyncContextManager[Grid]]


@pytest.fixture(params=["embedded", "distributed"])
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Opened]:
    """Opens power_grid on each kind of system."""
    if request.param == "embedded":
        yield partial(embedded, tmp_path)
    else:
        database: Server = request.getfixturevalue("postgresql")
        broker: Broker = request.getfixturevalue("kafka")
        with gated(database, broker) as found, DistributedGrid(tmp_path, found).running() as system:
            yield partial(distributed, system, broker.address)


@asynccontextmanager
async def embedded(folder: Path) -> AsyncIterator[Grid]:
    engine, bus = Engine(), SqliteBus(f"sqlite:///{folder}/bus.db", SystemClock())
    engine.start()
    service = create(PowerGridSettings(data=folder), bus=bus, engine=engine)
    await service.start()
    token = DevelopmentIssuer(folder).token("psc", roles=["grid"], unit="PSC")
    transport = httpx.ASGITransport(service.app)

    async def publish(records: Sequence[Record]) -> None:
        await engine.run(partial(bus.publish, records))

    async with httpx.AsyncClient(transport=transport, base_url="http://grid.test", headers={"Authorization": f"Bearer {token}"}) as http:
        yield Grid(http, publish, f"sqlite:///{folder}/power_grid.db")
    await service.stop()
    await engine.run(partial(bus.close, 5))
    engine.stop()


@asynccontextmanager
async def distributed(system: DistributedGrid, address: str) -> AsyncIterator[Grid]:
    """Two replicas in processes of their own; each call meets one of them."""
    bus = KafkaBus(KafkaSettings(bootstrap_servers=address, replication_factor=1))
    headers = {"Authorization": f"Bearer {system.token('grid', unit='PSC')}"}
    async with httpx.AsyncClient(base_url=system.url(), headers=headers, timeout=60) as http:
        yield Grid(http, bus.publish, system.book)
    await bus.close(5)


async def test_a_hold_and_a_commit_at_once_never_leave_a_connection_in_silence(opened: Opened, capsys: pytest.CaptureFixture[str]) -> None:
    async with opened() as grid:
        codes = [f"330282121001GB{number:05d}" for number in range(1, PAIRS + 1)]
        await grid.publish([record(parcel(code)) for code in codes])
        await known(grid, "SELECT count(*) FROM parcel", PAIRS)
        clearances = [one for chunk in chunks(codes) for one in await asyncio.gather(*(cleared(grid, code) for code in chunk))]
        committed = await race(grid, list(zip(codes, clearances, strict=True)))
        await known(grid, "SELECT count(*) FROM filing", PAIRS)
        said = await eventually(lambda: all_said(grid, committed), PATIENCE)
    assert said is not None
    with capsys.disabled():
        print(f"\nraces: of {PAIRS} commits {len(committed)} came first, {PAIRS - len(committed)} met the hold")
    assert 0 < len(committed) < PAIRS, "one side was always first: this was no race"
    assert said[InstallCommitted.type].keys() == committed
    assert said[BreachFound.type].keys() == committed, "a connection before a hold is a case, and nothing else is"
    for clearance, place in said[InstallCommitted.type].items():
        assert place < said[BreachFound.type][clearance], "it was connected while held"


async def race(grid: Grid, pairs: list[tuple[str, Body]]) -> set[str]:
    """The clearances whose commit was answered with success."""
    chance, spread = random.Random(7), 0.05  # noqa: S311 - spreads the calls, guards nothing
    committed: set[str] = set()
    for chunk in chunks(pairs):
        filings = [Filed(f"fil-{code}", code, name=f"第{code}厂").submitted() for code, _ in chunk]
        delays = [chance.uniform(0, spread) for _ in chunk]
        calls = [commit(grid, clearance, delay) for (_, clearance), delay in zip(chunk, delays, strict=True)]
        _, *answers = await asyncio.gather(grid.publish([record(filing) for filing in filings]), *calls)
        first = {clearance["clearance_id"] for (_, clearance), done in zip(chunk, answers, strict=True) if done}
        spread *= 1.3 if len(first) > len(chunk) / 2 else 0.8  # so that either may be first
        committed |= first
    return committed


async def commit(grid: Grid, clearance: Body, delay: float) -> bool:
    await asyncio.sleep(delay)
    answer = await grid.http.post(f"{POWER}/clearances/{clearance['clearance_id']}:commit", json={"token": clearance["token"]})
    assert answer.status_code == 200 or answer.json()["code"] == "site-changed", answer.text
    return answer.status_code == 200


async def cleared(grid: Grid, code: str) -> Body:
    body = {
        "request_id": f"PSC-{code}",
        "kind": "new_three_phase_transformer",
        "parcel_code": code,
        "capacity_kva": 315,
        "applicant": {"type": "owner", "name": "某房东", "uscc": None},
        "declared_industry_code": TRADER,
    }
    answer = await grid.http.post(f"{POWER}/install-requests", json=body)
    made: Body = answer.json()
    assert made["decision"] == "allow", answer.text
    return made


def record(event: Event) -> Record:
    """The first event of its key, as its publisher would say it."""
    key, body = event.key(), event.model_dump_json().encode()
    event_id = f"{event.type}-{key}"
    envelope = Envelope(event_id, "/race", event.type, key, "2026-11-25T02:00:00.000000Z", key, 1, "race", None, body)
    return Record(event.topic, key, envelope.headers(), body)


async def known(grid: Grid, query: str, count: int) -> None:
    await eventually(lambda: rows(grid.books, query)[0][0] == count, PATIENCE)


def all_said(grid: Grid, committed: set[str]) -> dict[str, dict[str, int]] | None:
    """For commits and cases: each clearance with its place in the order of everything said; None while cases are missing."""
    found: dict[str, dict[str, int]] = {InstallCommitted.type: {}, BreachFound.type: {}}
    for place, kind, body in rows(grid.books, "SELECT id, type, body FROM outbox ORDER BY id"):
        if kind in found:
            clearance = orjson.loads(bytes(body))["clearance_id"]
            assert clearance not in found[kind], f"{kind} twice for {clearance}"
            found[kind][clearance] = place
    return found if len(found[BreachFound.type]) >= len(committed) else None


def chunks(items: Sequence[T]) -> Iterable[Sequence[T]]:
    return (items[start : start + AT_ONCE] for start in range(0, len(items), AT_ONCE))
