"""A service: its HTTP application, its database, the messages it hears and says, and the clocks it keeps."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Coroutine, Sequence
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import structlog
from fastapi import APIRouter, Request
from starlette.responses import Response

from chassis import idempotency, outbox, policies
from chassis.answer import Answer
from chassis.application import application
from chassis.auth import DevelopmentIssuer, Gatekeeper, Principal
from chassis.broadcast import ANYTHING
from chassis.bus import Bus
from chassis.bus.sqlite import SqliteBus
from chassis.clock import Clock, SystemClock
from chassis.consumer import Consumer
from chassis.database import Database, Transaction
from chassis.delivery import Delivery, On
from chassis.elsewhere import Elsewhere
from chassis.engine import Engine
from chassis.errors import TemporaryError
from chassis.gathering import Call, Gathering, one_by_one
from chassis.identifiers import new_id
from chassis.jobs import Every, keep_running, repeat
from chassis.lingering import Lingering
from chassis.messages import Command, Handler, Message, Result
from chassis.metrics import Metrics
from chassis.migrations import migrate
from chassis.relay import Relay
from chassis.settings import ServiceSettings
from chassis.tokens import Verifier
from contracts.values import dataclass

__all__ = ["Answer", "Every", "On", "Service", "create_service", "service_of"]

log = structlog.get_logger("service")
T = TypeVar("T")

PURGE_SECONDS = 3600.0
CLOSING_SECONDS = 10.0
CONSUMER = "consumer"
LONGEST_LOOK = 0.25  # seconds after which a waiting call looks again unasked
PAUSE = 0.02

Background = Callable[["Service"], Coroutine[Any, Any, None]]
"""A task that runs as long as the service: the sender of the notifier."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a service is made of; see ``create_service``."""

    name: str
    subscriptions: Sequence[On]
    jobs: Sequence[Every]
    routers: Sequence[APIRouter]
    background: Sequence[Background]
    migrations: Path
    title_zh: str
    title_en: str
    database_url: str
    bus: Bus | None
    engine: Engine | None
    verifier: Verifier | None


class Service:
    """Made by ``create_service``. ``app`` may be served from the start; it answers 503 until ``start`` is done."""

    def __init__(self, plan: Plan, settings: ServiceSettings, clock: Clock) -> None:
        self.name = plan.name
        self.path = plan.name.replace("_", "-")
        self.plan = plan
        self.settings = settings
        self.clock = clock
        self.metrics = Metrics(self.path)
        self.verifier = plan.verifier or DevelopmentIssuer.embedded(settings)
        self.gatekeeper = Gatekeeper(self.verifier)
        self.stopping = False
        self._lingering = Lingering()
        self._database: Database | None = None
        self._bus: Bus | None = None
        self._engine: Engine | None = None
        self._gatherings: dict[Handler, Gathering] = {}
        self._running_keys: set[tuple[str, str, str]] = set()
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self.relay: Relay | None = None
        self.consumer: Consumer | None = None
        self.app = application(self)

    @property
    def database(self) -> Database:
        """Raises TemporaryError before ``start`` and after ``stop``."""
        if self._database is None:
            raise TemporaryError(f"{self.name} is not started")
        return self._database

    async def ask_bus(self, question: Callable[[Bus], Coroutine[Any, Any, T]]) -> T:
        """The answer of the bus, on the engine only if it must be. Raises TemporaryError before ``start`` and after ``stop``."""
        if self._bus is None or self._engine is None:
            raise TemporaryError(f"{self.name} is not started")
        ask = partial(question, self._bus)
        return await (ask() if self._bus.features.any_loop else self._engine.run(ask))

    async def command(self, request: Request, handler: Handler, data: Any, *, shape: Callable[[Any], Answer]) -> Response:
        """Run one HTTP command; concurrent ones for the same handler share a transaction.

        ``handler`` answers ``data``; ``shape`` turns that answer into the HTTP answer on the writing thread before COMMIT.
        An Idempotency-Key is honoured in the same transaction. Raises Problem, TemporaryError, or what the handler raised.
        """
        principal: Principal = request.state.principal
        key = request.headers.get(idempotency.HEADER)
        claim = idempotency.claim_of(key, principal.sub, request.url.path, await request.body()) if key is not None else None
        await self._lingering.over()
        command = Command(data, principal, request.state.correlation_id, new_id())
        if claim is None:
            outcome = await self._gathering(handler).run(Call(command, shape, None))
            return outcome.response()
        if claim.place in self._running_keys:
            raise idempotency.in_progress()
        self._running_keys.add(claim.place)
        try:
            outcome = await self._gathering(handler).run(Call(command, shape, claim))
        finally:
            self._running_keys.discard(claim.place)
        return outcome.response()

    async def batch(self, principal: Principal, correlation_id: str, handler: Handler, items: Sequence[Any]) -> list[Any]:
        """Run all ``items`` through ``handler`` in one transaction; an answer or a Problem for each, in their order."""
        if not items:
            return []
        commands = [Command(item, principal, correlation_id, new_id()) for item in items]
        await self._lingering.over()
        try:
            return await self.database.write(lambda tx: self.answers(handler, commands, tx), "api")
        except TemporaryError:
            raise
        except Exception:
            return await self.database.write(lambda tx: one_by_one(partial(self.answers, handler), commands, tx), "api")

    async def read(self, query: Callable[[Transaction], T]) -> T:
        """Run ``query`` on a reading thread over what is committed and what was heard."""
        await self._lingering.over()
        return await self.database.read(policies.informed(query))

    async def wait_for(self, query: Callable[[Transaction], T], until: Callable[[T], bool], seconds: float, key: str = ANYTHING) -> T:
        """The first value of ``query`` (one statement) that ``until`` likes, else the last, when ``seconds`` are over or the service stops.

        It looks again when an event of ``key`` was said, be it by another replica, and now and then unasked.
        """
        deadline = asyncio.get_running_loop().time() + seconds
        with self.database.told.hear(key) as news:
            while True:
                news.clear()
                await self._lingering.over()
                value = await self.database.look(policies.informed(query))
                if until(value) or self.stopping or (left := deadline - asyncio.get_running_loop().time()) <= 0:
                    return value
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(news.wait(), min(left, LONGEST_LOOK))
                if key == ANYTHING:  # many waiters must not read the whole store again after every single commit
                    await asyncio.sleep(min(PAUSE, max(left, 0)))

    def publish(self, tx: Transaction, messages: Sequence[Message]) -> None:
        """Put messages into the outbox of the transaction."""
        outbox.append(tx, messages, f"/{self.path}")

    async def start(self) -> None:
        """Migrate, open the database, then begin to relay, to consume and to keep the clocks.

        In distributed mode the schema is brought up by ``sluicegate migrate``: this role may not change it.
        """
        self.stopping = False
        if not self.settings.distributed:
            await asyncio.to_thread(migrate, self.plan.database_url, self.plan.migrations)
        self._database = Database(self.plan.database_url, self.clock)
        self._bus = self.plan.bus or SqliteBus(self.settings.database_url("bus"), self.clock)
        self._engine = self.plan.engine
        if self._engine is None:
            self._engine = Engine(f"engine of {self.name}")
            self._engine.start()
        delivery = Delivery(self.name, f"/{self.path}", self.plan.subscriptions, self.metrics.handled)
        self.relay = Relay(self._database, self._bus)
        self.consumer = Consumer(self._database, self._bus, delivery, lingering=self._lingering)
        await self._begin("relay", self.relay.run)
        await self._begin("elsewhere", Elsewhere(self._database, self.consumer.in_company).run)
        await self.resume()
        for every in (*self.plan.jobs, Every(PURGE_SECONDS, self._forget_keys, "forget_idempotency_keys")):
            await self._begin(every.name, partial(repeat, every, self.name, self._run_job))
        for work in self.plan.background:
            await self._begin(getattr(work, "__name__", "background"), partial(work, self))

    def begin_to_stop(self) -> None:
        """Answer waiting calls with the state as it is, so that connections can close."""
        self.stopping = True
        if self._database is not None:
            self._database.changed.ring()
            self._database.told.ring()

    async def stop(self) -> None:
        """Let what runs finish, close the database. Correctness never depends on it: SIGKILL loses nothing."""
        self.begin_to_stop()
        engine, self._engine = self._engine, None
        bus, self._bus = self._bus, None
        if engine is not None:
            await engine.end(self._tasks.values())
            if bus is not None and bus is not self.plan.bus:  # what was lent is closed by its owner
                await engine.run(partial(bus.close, CLOSING_SECONDS))
            if engine is not self.plan.engine:
                await asyncio.to_thread(engine.stop)
        self._tasks.clear()
        self._gatherings.clear()
        database, self._database = self._database, None
        if database is not None:
            await asyncio.to_thread(database.close)

    async def pause(self) -> None:
        """Stop listening to events, as a service does that cannot be reached; its HTTP calls are still answered."""
        task = self._tasks.pop(CONSUMER, None)
        if task is not None and self._engine is not None:
            await self._engine.end([task])

    async def resume(self) -> None:
        """Listen, from where this service's own database says it stopped."""
        if CONSUMER not in self._tasks and self.consumer is not None:
            await self._begin(CONSUMER, self.consumer.run)

    async def _begin(self, name: str, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        if self._engine is not None:
            self._tasks[name] = await self._engine.begin(partial(keep_running, name, self.name, work), f"{self.name} {name}")

    def _gathering(self, handler: Handler) -> Gathering:
        found = self._gatherings.get(handler)
        if found is None:
            found = Gathering(self.database, partial(self.answers, handler), self.settings.gather_limit)
            self._gatherings[handler] = found
        return found

    def answers(self, handler: Handler, batch: Sequence[Command[Any]], tx: Transaction) -> list[Any]:
        """Run ``handler`` in ``tx`` and put its messages into the outbox; one answer for each command."""
        started = time.perf_counter()
        result = handler(batch, tx)
        if len(result.answers) != len(batch):
            raise RuntimeError(f"{handler.__name__} gave {len(result.answers)} answers to {len(batch)} commands")
        self.publish(tx, result.messages)
        self.metrics.handled(handler.__name__, len(batch), time.perf_counter() - started)
        return result.answers

    async def _run_job(self, every: Every) -> None:
        def work(tx: Transaction) -> None:
            self.publish(tx, every.job(tx).messages)

        await self.database.write(work, "job")

    def _forget_keys(self, tx: Transaction) -> Result:
        idempotency.forget_old_answers(tx, self.settings.idempotency_days)
        return Result()


def create_service(
    name: str,
    settings: ServiceSettings,
    *,
    subscriptions: Sequence[On] = (),
    jobs: Sequence[Every] = (),
    routers: Sequence[APIRouter] = (),
    background: Sequence[Background] = (),
    migrations: Path,
    title_zh: str,
    title_en: str,
    database: str | None = None,
    bus: Bus | None = None,
    engine: Engine | None = None,
    clock: Clock | None = None,
    verifier: Verifier | None = None,
) -> Service:
    """The composition of one service. ``name`` is its package (``land_check``); its paths start with ``/land-check``.

    ``database`` is an SQLAlchemy URL (default: that of the settings, ``NAME.db`` in the data directory), ``bus`` defaults to the event
    log there, ``engine``, on which a lent bus lives, to one of its own, ``verifier`` to the development issuer, ``clock`` to the
    machine's clock moved by ``settings.clock_offset``. ``routers`` carry their whole prefix: ``/land-check/v1``.
    """
    url = database or settings.database_url(name)
    plan = Plan(name, subscriptions, jobs, routers, background, migrations, title_zh, title_en, url, bus, engine, verifier)
    return Service(plan, settings, clock or SystemClock(settings.clock_offset))


def service_of(request: Request) -> Service:
    """The service that answers ``request``."""
    service: Service = request.app.state.service
    return service
