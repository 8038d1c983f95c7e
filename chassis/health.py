"""Alive, ready, measured: ``/{service}/healthz``, ``/readyz``, ``/metrics``."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

import orjson
from fastapi import APIRouter
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from starlette.responses import Response

from chassis.bus import Partition
from chassis.database import Transaction
from chassis.metrics import Sample, Together

if TYPE_CHECKING:
    from chassis.service import Service

SHOWN_KEYS = 100
PATIENCE = 3.0


@dataclass(frozen=True, slots=True)
class Part:
    """One part of readiness. ``reason`` (zh / en) says why it is not ready."""

    name: str
    ready: bool
    reason: str | None = None
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class State:
    """What the database says about messages: waiting to go out, parked, and how far this service has read."""

    pending: int
    oldest_seconds: float
    quarantine: list[dict[str, Any]]
    offsets: dict[Partition, int]


async def readiness(service: Service) -> list[Part]:
    """Every part of ``service``; it is ready if all are."""
    try:
        async with asyncio.timeout(PATIENCE):
            state = await service.read(state_of)
    except Exception as error:
        reason = f"数据库不可用 / the database cannot be used: {type(error).__name__}"
        return [Part("database", ready=False, reason=reason)]
    limit = service.settings.outbox_age_limit
    late = state.oldest_seconds > limit
    reason = f"待发消息已等待 {state.oldest_seconds:.0f} 秒 / a message has waited {state.oldest_seconds:.0f} s to be published"
    parked = sum(entry["messages"] for entry in state.quarantine)
    return [
        Part("database", ready=True),
        await _bus(service),
        _consumer(service, await _lag(service, state)),
        Part("outbox", not late, reason if late else None, {"pending": state.pending, "oldest_seconds": round(state.oldest_seconds, 3)}),
        Part("quarantine", ready=True, details={"messages": parked, "keys": state.quarantine[:SHOWN_KEYS]}),
    ]


async def _bus(service: Service) -> Part:
    try:
        async with asyncio.timeout(PATIENCE):
            await service.ask_bus(lambda bus: bus.check())
    except Exception as error:
        return Part("bus", ready=False, reason=f"消息总线不可用 / the bus cannot be reached: {type(error).__name__}")
    return Part("bus", ready=True)


async def _lag(service: Service, state: State) -> dict[str, int] | None:
    """Messages on the bus that this service has not read yet, by topic; None if the bus cannot be asked."""
    topics = sorted({on.event.topic for on in service.plan.subscriptions})
    try:
        async with asyncio.timeout(PATIENCE):
            bounds = await service.ask_bus(lambda bus: bus.bounds(topics))
    except Exception:
        return None
    behind = dict.fromkeys(topics, 0)
    for partition, (beginning, end) in bounds.items():
        behind[partition.topic] += end - state.offsets.get(partition, beginning)
    return behind


def _consumer(service: Service, lag: Mapping[str, int] | None) -> Part:
    consumer = service.consumer
    if consumer is None:
        return Part("consumer", ready=False, reason="尚未启动 / not started")
    halted = {f"{partition.topic}/{partition.number}": reason for partition, reason in consumer.halted.items()}
    reason = f"{len(halted)} 个分区停止读取 / {len(halted)} partition(s) stand still" if halted else None
    return Part("consumer", not halted, reason, {"lag": lag, "applied": consumer.applied, "halted": halted, "failing": consumer.failing})


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
    return State(pending, seconds, keys, offsets)


async def metrics_text(services: Sequence[Service]) -> bytes:
    """Prometheus text of some services; a service whose database fails shows its counters only."""
    samples: list[Sample] = []
    for service in services:
        samples += await _samples(service)
    everything = CollectorRegistry()
    everything.register(Together([service.metrics.registry for service in services], samples))
    return generate_latest(everything)


async def _samples(service: Service) -> list[Sample]:
    try:
        state = await service.read(state_of)
    except Exception:
        return [("sluicegate_database_up", "1 if the database answers", {"service": service.path}, 0.0)]
    label = {"service": service.path}
    parked = sum(entry["messages"] for entry in state.quarantine)
    lag = await _lag(service, state) or {}
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
        return _json(*report({service.path: await readiness(service)}, offset_of(service)))

    @routes.get("/metrics", summary="Prometheus 指标 / metrics")
    async def metrics() -> Response:
        return Response(await metrics_text([service]), media_type=CONTENT_TYPE_LATEST)

    return routes


def offset_of(service: Service) -> str | None:
    """The clock offset in ISO 8601, None when the clock tells real time."""
    return service.settings.model_dump(mode="json")["clock_offset"] if service.settings.clock_offset else None


def _json(status: int, body: Any) -> Response:
    return Response(orjson.dumps(body), status, media_type="application/json")
