"""A service in a process of its own: what ``sluicegate serve`` and ``python -m services.NAME`` run."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable

import uvloop

from chassis.process import BACKLOG, Server, config_of, prepare
from chassis.replica import Create, Replica, checked
from chassis.settings import BadSettingsError, ServiceSettings, read
from chassis.telemetry import configure_logging

HTTP_SECONDS = 4
"""Calls that are being answered when the signal comes may take so long."""
LAST_SECONDS = 9.5
"""Then the process ends, whatever hangs: an orchestrator gives it ten."""


class CannotServeError(Exception):
    """The address is taken or does not exist. Its text is for the operator, zh / en."""


def main(create: Create, kind: type[ServiceSettings], host: str = "127.0.0.1", port: int = 8080) -> None:
    """Serve with the settings of the environment until SIGTERM or Ctrl-C; prints READY. Exits with a message if it cannot."""
    try:
        settings = read(kind)
        configure_logging(settings.log_level)
        serve(create, settings, host, port, lambda address: print(f"READY {address}", flush=True))
    except (BadSettingsError, CannotServeError) as error:
        sys.exit(str(error))


def serve(create: Create, settings: ServiceSettings, host: str, port: int, ready: Callable[[str], None]) -> None:
    """Serve until SIGTERM or Ctrl-C. ``ready`` gets the address. Raises BadSettingsError, CannotServeError."""
    more = checked(create, settings)
    prepare()
    with listen(host, port) as sock, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_until_told(lambda: Replica(create, settings, *more), settings, sock, ready))


async def _until_told(made: Callable[[], Replica], settings: ServiceSettings, sock: socket.socket, ready: Callable[[str], None]) -> None:
    replica = made()
    server = Server(config_of(replica.service.app, HTTP_SECONDS, settings.trusted_proxies))
    told = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, _stopping, told)
    serving = asyncio.create_task(server.serve(sockets=[sock]))
    starting = asyncio.create_task(_start(replica, server, lambda: ready(_address(sock))))
    stopping = asyncio.create_task(told.wait())
    try:
        await asyncio.wait({serving, starting, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if starting.done():
            await starting
            await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (starting, stopping):
            task.cancel()
        await asyncio.gather(starting, stopping, return_exceptions=True)
        replica.service.begin_to_stop()
        server.should_exit = True
        await serving
        await replica.stop()


async def _start(replica: Replica, server: Server, ready: Callable[[], None]) -> None:
    await replica.start()
    while not server.started:  # noqa: ASYNC110 - uvicorn has no bell
        await asyncio.sleep(0.01)
    ready()


def _stopping(told: asyncio.Event) -> None:
    if told.is_set():
        return
    told.set()
    last = threading.Timer(LAST_SECONDS, _end)
    last.daemon = True
    last.start()


def _end() -> None:
    """Something hangs, a database that does not answer for instance. What was answered is stored: nothing is lost by leaving."""
    sys.stderr.write("未能按序停止，现在退出 / could not stop in order, leaving now\n")
    sys.stderr.flush()
    os._exit(1)


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 takes a free one. Raises CannotServeError."""
    try:
        family, _, _, _, place = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        sock = socket.socket(family)
        try:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            sock.bind(place)
            sock.listen(BACKLOG)
        except OSError:
            sock.close()
            raise
    except OSError as error:
        raise CannotServeError(f"无法监听 {host}:{port} / cannot listen on {host}:{port}: {error.strerror}") from error
    return sock


def _address(sock: socket.socket) -> str:
    host, port = sock.getsockname()[:2]
    place = f"[{host}]" if ":" in host else host
    return f"http://{place}:{port}"
