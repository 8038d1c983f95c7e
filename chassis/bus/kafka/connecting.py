"""What every Kafka client of ours is made with, what its failures become, and how one is let go that would not stop by itself."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Iterable
from typing import Any, TypeVar

from aiokafka.errors import KafkaError, for_code  # type: ignore[import-untyped]

from chassis.bus.kafka_settings import KafkaSettings
from chassis.errors import TemporaryError

T = TypeVar("T")

RETRY_MS = 100
_LET_GO_SECONDS, _PATIENCE = 2.0, 10

logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # it reports each of its retries; relay and consumer say once what does not work


def client_options(settings: KafkaSettings) -> dict[str, Any]:
    """Arguments that producers, consumers and admin clients share."""
    options: dict[str, Any] = {
        "bootstrap_servers": settings.bootstrap_servers.split(","),
        "security_protocol": settings.security_protocol.value,
        "request_timeout_ms": _ms(settings.request_timeout),
        "retry_backoff_ms": RETRY_MS,
        "metadata_max_age_ms": 60_000,
    }
    if settings.encrypted:
        options["ssl_context"] = settings.tls()
    if settings.authenticated:
        options["sasl_mechanism"] = settings.mechanism.value
        options["sasl_plain_username"] = settings.username
        options["sasl_plain_password"] = settings.password()
    return options


async def bounded(work: Awaitable[T], seconds: float, doing: str) -> T:
    """``work``, given up after ``seconds``. Raises TemporaryError with the reason."""
    try:
        async with asyncio.timeout(seconds):
            return await work
    except TimeoutError as error:
        raise TemporaryError(f"Kafka: {doing}: no answer within {seconds:g} s") from error
    except (KafkaError, OSError) as error:
        raise TemporaryError(f"Kafka: {doing}: {said(error)}") from error


def said(error: BaseException) -> str:
    """The error in one line."""
    text = str(error)
    return text if text.startswith(type(error).__name__) else f"{type(error).__name__}: {text}".rstrip(": ")


def raise_code(code: int, about: str, text: str | None = None) -> None:
    """Raise what an answer's error code stands for; 0 is none."""
    if code:
        raise for_code(code)(f"{about}: {text}" if text else about)


async def let_go(owner: Any, client: Any, tasks: Iterable[asyncio.Task[Any] | None]) -> None:
    """Close what may not stop by itself (aiokafka waits for ever for a broker that is down): cancel its tasks, close its sockets."""
    owner._closed = True
    for task in tasks:
        for _ in range(_PATIENCE):
            if task is None or task.done():
                break
            task.cancel()
            await asyncio.wait([task], timeout=_LET_GO_SECONDS / _PATIENCE)
    closing = asyncio.ensure_future(client.close())
    await asyncio.wait([closing], timeout=_LET_GO_SECONDS)
    closing.cancel()


def _ms(seconds: float) -> int:
    return max(1, int(seconds * 1000))
