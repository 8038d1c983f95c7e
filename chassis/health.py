"""Alive, ready, measured: ``/{service}/healthz``, ``/readyz``, ``/metrics``."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import asdict, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar
from weakref import WeakKeyDictionary

import orjson
from fastapi import APIRouter
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from starlette.responses import Response

from chassis.bus import Bounds, Partition
from chassis.database import Transaction
from chassis.errors import ChassisError
from chassis.metrics import Sample, Together
from chassis.moved_clock import offset_of
from chassis.schema import schema
from contracts.values import dataclass

if TYPE_CHECKING:
    from chassis.service import Service

SHOWN_KEYS = 100
PATIENCE = 2.5
STUCK_SECONDS = 30.0  # a round of a consumer takes well below a second, and a failed one is tried again within ten
_SWEEPS = 'SELECT task, done, "after" FROM policy_sweep ORDER BY task'

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Part:
    """One part of readiness. ``reason`` (zh / en) says why it is not ready."""

    name: str
    ready: bool
    reason: str | None = None
    details: dict[str, Any] = field(default_factory=dict)


_looks: WeakKeyDictionary[Service, asyncio.Task[State]] = WeakKeyDictionary()


@dataclass(frozen=True, slots=True)
class State:
    """What the database says: messages that wait to go out or are parked, how far this service has read, the revision of the schema."""

    pending: int
    oldest_seconds: float
    quarantine: list[dict[str, Any]]
    offsets: dict[Partition, int]
    revision: str | None
    sweeps: list[dict[str, Any]]


async def readiness(service: Service) -> list[Part]:
    """Every part of ``service``, within ``PATIENCE`` seconds whatever is away; it is ready if all are."""
    topics = sorted({on.event.topic for on in service.plan.subscriptions})
    state, reached, bounds = await asyncio.gather(
        _or_failure(_state(service)), _or_failure(_check(service)), _or_failure(_bounds(service, topics))
    )
    lag = None if isinstance(state, Failure) or isinstance(bounds, Failure) else lag_of(topics, state, bounds)
    return [*_stored(service, state), _bus(reached), _consumer(service, lag), *_waiting(service, state), _tokens(service)]


class Failure(NamedTuple):
    """A look that came to nothing, and why."""

    reason: str


async def _or_failure(look: Awaitable[T]) -> T | Failure:
    try:
        async with asyncio.timeout(PATIENCE):
            return await look
    except ChassisError as error:
        return Failure(str(error))
    except Exception as error:
        return Failure(type(error).__name__)


async def _state(service: Service) -> State:
    """A look that hangs is joined, not repeated: a database that is away must not fill the queue of the readers."""
    look = _looks.get(service)
    if look is None or look.done():
        look = _looks[service] = asyncio.create_task(service.read(state_of))
        look.add_done_callback(lambda done: done.cancelled() or done.exception())
    return await asyncio.shield(look)


async def _check(service: Service) -> None:
    await service.ask_bus(lambda bus: bus.check())


async def _bounds(service: Service, topics: Sequence[str]) -> Mapping[Partition, Bounds]:
    return await service.ask_bus(lambda bus: bus.bounds(topics))


def _stored(service: Service, state: State | Failure) -> list[Part]:
    if isinstance(state, Failure):
        waiting = service.app.state.waiting_for
        reason = waiting or f"数据库不可用 / the database cannot be used: {state.reason}"
        return [Part("database", ready=False, reason=reason), _unknown("schema")]
    found = schema(state.revision, service.plan.migrations)
    details = {"revision": found.found, "wanted": found.wanted}
    return [Part("database", ready=True), Part("schema", found.fits, None if found.fits else found.reason, details)]


def _bus(reached: Failure | None) -> Part:
    if reached is None:
        return Part("bus", ready=True)
    return Part("bus", ready=False, reason=f"消息总线不可用 / the bus cannot be reached: {reached.reason}")


def _consumer(service: Service, lag: Mapping[str, int] | None) -> Part:
    consumer = service.consumer
    if consumer is None:
        return Part("consumer", ready=False, reason="尚未启动 / not started")
    halted = {f"{partition.topic}/{partition.number}": reason for partition, reason in consumer.halted.items()}
    reason = f"{len(halted)} 个分区停止读取 / {len(halted)} partition(s) stand still" if halted else None
    silent = time.monotonic() - consumer.turned_at
    if service.plan.subscriptions and silent > STUCK_SECONDS:
        reason = f"已 {silent:.0f} 秒没有进展 / has not finished a round for {silent:.0f} s"
    details = {"lag": lag, "applied": consumer.applied, "halted": halted, "failing": consumer.failing}
    return Part("consumer", reason is None, reason, details)


def _waiting(service: Service, state: State | Failure) -> list[Part]:
    """What waits: messages to be published, those in quarantine, and what another policy set is still to be applied to."""
    if isinstance(state, Failure):
        return [_unknown("outbox"), _unknown("quarantine"), _unknown("policy_sweeps")]
    late = state.oldest_seconds > service.settings.outbox_age_limit
    reason = f"待发消息已等待 {state.oldest_seconds:.0f} 秒 / a message has waited {state.oldest_seconds:.0f} s to be published"
    parked = sum(entry["messages"] for entry in state.quarantine)
    return [
        Part("outbox", not late, reason if late else None, {"pending": state.pending, "oldest_seconds": round(state.oldest_seconds, 3)}),
        Part("quarantine", ready=True, details={"messages": parked, "keys": state.quarantine[:SHOWN_KEYS]}),
        Part("policy_sweeps", ready=True, details={"sweeps": state.sweeps}),
    ]


def _tokens(service: Service) -> Part:
    trouble = service.verifier.trouble()
    reason = None if trouble is None else f"无法验证令牌 / tokens cannot be verified: {trouble}"
    return Part("tokens", trouble is None, reason)


def _unknown(name: str) -> Part:
    return Part(name, ready=False, reason="数据库不可用，无从得知 / not known while the database is away")


def lag_of(topics: Sequence[str], state: State, bounds: Mapping[Partition, Bounds]) -> dict[str, int]:
    """Messages on the bus that this service has not read yet, by topic."""
    behind = dict.fromkeys(topics, 0)
    for partition, (beginning, end) in bounds.items():
        behind[partition.topic] += end - state.offsets.get(partition, beginning)
    return behind


def report(parts_of: Mapping[str, Sequence[Part]], clock_offset: str | None) -> tuple[int, dict[str, Any]]:
    """HTTP status and body of ``/readyz`` for some services."""
    ready = all(part.ready for parts in parts_of.values() for part in parts)
    body: dict[str, Any] = {
        "status": "ready" if ready else "not_ready",
        "clock_offset": clock_offset,
        "services": {
            name: {"status": "ready" if all(part.ready for part in parts) else "not_ready", "parts": [asdict(part) for part in parts]}
            for name, parts in parts_of.items()
        },
    }
    return (200 if ready else 503), body


def state_of(tx: Transaction) -> State:
    (pending,) = tx.sql("SELECT count(*) FROM outbox_pending")[0]
    oldest = tx.sql("SELECT o.created_at FROM outbox_pending AS p JOIN outbox AS o ON o.id = p.id ORDER BY p.id LIMIT 1")
    parked = tx.sql(
        "SELECT topic, key, count(*), min(first_seen_at) FROM dead_letter WHERE status IN ('retrying', 'parked', 'held')"
        " GROUP BY topic, key ORDER BY 4"
    )
    seconds = (tx.now - datetime.fromisoformat(oldest[0][0])).total_seconds() if oldest else 0.0
    keys = [{"topic": topic, "key": key, "messages": count, "since": since} for topic, key, count, since in parked]
    offsets = {
        Partition(topic, part): following for topic, part, following in tx.sql("SELECT topic, part, next_offset FROM consumer_offset")
    }
    revision = tx.sql("SELECT version_num FROM alembic_version")
    sweeps = [{"task": task, "done": bool(done), "after": after} for task, done, after in tx.sql(_SWEEPS)]
    return State(pending, seconds, keys, offsets, revision[0][0] if revision else None, sweeps)


async def metrics_text(services: Sequence[Service]) -> bytes:
    """Prometheus text of some services; a service whose database fails shows its counters only."""
    samples: list[Sample] = []
    for service in services:
        samples += await _samples(service)
    everything = CollectorRegistry()
    everything.register(Together([service.metrics.registry for service in services], samples))
    return generate_latest(everything)


async def _samples(service: Service) -> list[Sample]:
    label = {"service": service.path}
    topics = sorted({on.event.topic for on in service.plan.subscriptions})
    state, bounds = await asyncio.gather(_or_failure(_state(service)), _or_failure(_bounds(service, topics)))
    if isinstance(state, Failure):
        return [("sluicegate_database_up", "1 if the database answers", label, 0.0)]
    parked = sum(entry["messages"] for entry in state.quarantine)
    lag = {} if isinstance(bounds, Failure) else lag_of(topics, state, bounds)
    return [
        *(
            ("sluicegate_consumer_lag", "Messages on the bus not read yet", label | {"topic": topic}, behind)
            for topic, behind in lag.items()
        ),
        ("sluicegate_database_up", "1 if the database answers", label, 1.0),
        ("sluicegate_outbox_pending", "Messages not yet published", label, state.pending),
        ("sluicegate_outbox_oldest_seconds", "Age of the oldest of them", label, state.oldest_seconds),
        ("sluicegate_quarantine_messages", "Messages parked or held", label, parked),
        ("sluicegate_quarantine_keys", "Keys parked", label, len(state.quarantine)),
    ]


def health_routes(service: Service) -> APIRouter:
    """The three addresses of one service."""
    routes = APIRouter(prefix=f"/{service.path}", tags=["health"])

    @routes.get("/healthz", summary="进程存活 / alive")
    async def healthz() -> Response:
        return _json(200, {"status": "alive", "service": service.path})

    @routes.get("/readyz", summary="就绪及各部分状态 / ready, part by part")
    async def readyz() -> Response:
        return _json(*report({service.path: await readiness(service)}, offset_of(service.settings)))

    @routes.get("/metrics", summary="Prometheus 指标 / metrics")
    async def metrics() -> Response:
        return Response(await metrics_text([service]), media_type=CONTENT_TYPE_LATEST)

    return routes


def _json(status: int, body: Any) -> Response:
    return Response(orjson.dumps(body), status, media_type="application/json")
