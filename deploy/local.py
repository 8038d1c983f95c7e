"""The embedded system: one bus, every service, one address. The same paths as behind the proxy of a distributed deployment."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Generator, Mapping
from functools import partial
from types import MappingProxyType
from typing import Any, NamedTuple

import httpx
from starlette.types import Receive, Scope, Send

from chassis.auth import DevelopmentIssuer
from chassis.bus.sqlite import SqliteBus
from chassis.clock import SystemClock
from chassis.engine import Engine
from chassis.health import Part as HealthPart
from chassis.health import readiness
from chassis.service import Service
from chassis.settings import ServiceSettings
from deploy.front import front

CLOSING_SECONDS = 10.0


class Part(NamedTuple):
    """One service: its settings class and ``create(settings, *, bus, clock)``; one that calls others over HTTP takes ``peers`` too."""

    settings: type[ServiceSettings]
    create: Callable[..., Service]
    calls_peers: bool = False


class System:
    """Every service of ``parts`` in this process, one bus between them. An ASGI application: a path's first part chooses the service.

    ``more`` are settings of any service, over those of the environment.
    """

    def __init__(self, parts: Mapping[str, Part], settings: ServiceSettings, more: Mapping[str, Any] = MappingProxyType({})) -> None:
        self.settings = settings
        self.issuer = DevelopmentIssuer(settings.data)
        clock = SystemClock(settings.clock_offset)
        self.engine = Engine()
        self.bus = SqliteBus(settings.database_url("bus"), clock)
        self.peers = httpx.AsyncClient(transport=httpx.ASGITransport(self), base_url="http://sluicegate", auth=_AsPeer(self.issuer))
        self.services: dict[str, Service] = {}
        for name, part in parts.items():
            own = part.settings(**{**more, "data": settings.data, "clock_offset": settings.clock_offset})
            peers = {"peers": self.peers} if part.calls_peers else {}
            self.services[name] = part.create(own, bus=self.bus, engine=self.engine, clock=clock, **peers)
        self._by_path = {service.path: service.app for service in self.services.values()}
        self._front = front(self)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        first = scope["path"].removeprefix("/").partition("/")[0] if scope["type"] == "http" else ""
        await self._by_path.get(first, self._front)(scope, receive, send)

    async def start(self) -> None:
        """Start every service; what was left undone at the last stop goes on."""
        self.engine.start()
        for service in self.services.values():
            await service.start()

    async def stop(self) -> None:
        """Stop listening first, then close: what a service still says finds the bus open."""
        self.begin_to_stop()
        await asyncio.gather(*(service.stop() for service in self.services.values()))
        await self.peers.aclose()
        await self.engine.run(partial(self.bus.close, CLOSING_SECONDS))
        await asyncio.to_thread(self.engine.stop)

    def begin_to_stop(self) -> None:
        """End long polls, so that connections close soon."""
        for service in self.services.values():
            service.begin_to_stop()

    async def readiness(self) -> dict[str, list[HealthPart]]:
        """Every part of every service, by path name."""
        return {service.path: await readiness(service) for service in self.services.values()}


class _AsPeer(httpx.Auth):
    """A call from one service to another carries a token of its own, unless the service passes its caller's token on."""

    def __init__(self, issuer: DevelopmentIssuer) -> None:
        self._issuer = issuer
        self._token = ""
        self._renew_at = 0.0

    def sync_auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        raise RuntimeError("services call each other asynchronously")

    async def async_auth_flow(self, request: httpx.Request) -> AsyncGenerator[httpx.Request, httpx.Response]:
        if "authorization" not in request.headers:
            now = asyncio.get_running_loop().time()
            if now >= self._renew_at:
                self._token = self._issuer.token("sluicegate", roles=["auditor"], ttl=3600)
                self._renew_at = now + 1800
            request.headers["Authorization"] = f"Bearer {self._token}"
        yield request
