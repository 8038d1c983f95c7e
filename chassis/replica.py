"""One service with all it needs in distributed mode: Kafka, PostgreSQL, an OpenID Connect issuer, the way to its peers."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable
from functools import partial
from typing import Any

import httpx
import structlog

from chassis.bus.kafka import KafkaBus
from chassis.bus.kafka_settings import KafkaSettings
from chassis.engine import Engine
from chassis.health import readiness
from chassis.oidc import OidcSettings, OidcVerifier
from chassis.schema import schema_of
from chassis.service import Service
from chassis.settings import PREFIX, BadSettingsError, ServiceSettings, read

LOOK_AGAIN_SECONDS = 1.0
UNTIL_READY_SECONDS = 0.2
SERVICE_SECONDS, BUS_SECONDS = 3.0, 1.5

Create = Callable[..., Service]
"""``create(settings, *, bus, engine, clock, verifier)`` of a service; one that calls others over HTTP takes ``peers`` too."""

_log = structlog.get_logger("replica")


class Replica:
    """One of any number of processes that run the same service. Made on the event loop it lives on. Raises SecretFileError."""

    def __init__(self, create: Create, settings: ServiceSettings, oidc: OidcSettings, kafka: KafkaSettings) -> None:
        self._engine = Engine()
        self._bus = KafkaBus(kafka)
        self._verifier = OidcVerifier(oidc, settings.data)
        self._peers = httpx.AsyncClient(base_url=settings.peers or "")
        more: dict[str, Any] = {"peers": self._peers} if _calls_peers(create) else {}
        self.service = create(settings, bus=self._bus, engine=self._engine, verifier=self._verifier, **more)

    async def start(self) -> None:
        """Return once every part is ready. Waits for what is away, for as long as it takes: ``/readyz`` says for what."""
        state = self.service.app.state
        self._engine.start()
        await self._verifier.start()
        while (reason := await self._begin()) is not None:
            if reason != state.waiting_for:
                _log.warning("not started yet", service=self.service.name, reason=reason)
            state.waiting_for = reason
            await asyncio.sleep(LOOK_AGAIN_SECONDS)
        state.waiting_for = None
        while not all(part.ready for part in await readiness(self.service)):  # noqa: ASYNC110 - nobody rings when a part comes back
            await asyncio.sleep(UNTIL_READY_SECONDS)

    async def stop(self) -> None:
        """Finish the running batch, leave the group, close. What does not answer in time is left: correctness never depends on it."""
        closing_bus = self._engine.run(partial(self._bus.close, BUS_SECONDS))
        for closing, seconds in ((self.service.stop(), SERVICE_SECONDS), (closing_bus, BUS_SECONDS * 2)):
            try:
                async with asyncio.timeout(seconds):
                    await closing
            except Exception as error:
                _log.warning("not closed in order", service=self.service.name, reason=f"{type(error).__name__}: {error}")
        await asyncio.to_thread(self._engine.stop)
        await self._verifier.close()
        await self._peers.aclose()

    async def _begin(self) -> str | None:
        """Why the service cannot start yet; None once it has."""
        plan = self.service.plan
        try:
            found = await asyncio.to_thread(schema_of, plan.database_url, plan.migrations)
            if not found.fits:
                return found.reason
            await self.service.start()
        except Exception as error:
            _log.warning("start failed", service=self.service.name, reason=f"{type(error).__name__}: {error}")
            await self.service.stop()
            return f"数据库或消息总线不可用 / the database or the bus cannot be reached: {type(error).__name__}"
        return None


def checked(create: Create, settings: ServiceSettings) -> tuple[OidcSettings, KafkaSettings]:
    """What this mode needs besides the service's own settings. Raises BadSettingsError naming every variable that is missing."""
    oidc = read(OidcSettings)
    needed = {
        "DATABASE": settings.distributed,
        "OIDC_ISSUER": oidc.issuer is not None,
        "PEERS": settings.peers is not None or not _calls_peers(create),
        **{name.upper(): getattr(settings, name) is not None for name in settings.needed_when_distributed},
    }
    missing = ", ".join(PREFIX + name for name, given in needed.items() if not given)
    if missing:
        raise BadSettingsError(f"分布模式缺少设置 {missing} / distributed mode needs {missing}")
    return oidc, read(KafkaSettings)


def _calls_peers(create: Create) -> bool:
    return "peers" in inspect.signature(create).parameters
