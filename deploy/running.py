"""Runs a system on a socket until it is told to stop: in the foreground for ``sluicegate up``, on a thread for demonstration and tests."""

from __future__ import annotations

import asyncio
import signal
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx
import uvloop
from filelock import FileLock, Timeout

from chassis.process import BACKLOG, Server, config_of, prepare
from chassis.settings import ServiceSettings
from deploy.local import Part, System

GRACE_SECONDS = 5
READY_SECONDS = 60.0
LOCK_FILE = "sluicegate.lock"


class CannotStart(Exception):  # noqa: N818 - says what happened
    """The port is taken, or another process works on the data directory. Its text is for the operator, zh / en."""


def listen(port: int) -> socket.socket:
    """A socket on this machine only; port 0 takes a free one. Raises CannotStart if the port is taken."""
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind(("127.0.0.1", port))
        sock.listen(BACKLOG)
    except OSError as error:
        sock.close()
        zh = f"端口 {port} 已被占用，请先停止占用它的程序，或用 --port 换一个"
        raise CannotStart(f"{zh} / port {port} is taken: stop what uses it, or choose another with --port") from error
    return sock


@contextmanager
def alone(data: Path) -> Iterator[Path]:
    """Hold the data directory, made if absent, for this process alone. SIGKILL lets go of it too."""
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    lock = FileLock(data / LOCK_FILE, timeout=0)
    try:
        lock.acquire()
    except Timeout as error:
        zh = f"数据目录 {data} 正由另一个水闸进程使用，请先停止它，或用 --data 换一个目录"
        raise CannotStart(f"{zh} / another Sluicegate process works on {data}: stop it, or choose another with --data") from error
    try:
        yield data
    finally:
        lock.release()


async def run(system: System, sock: socket.socket, ready: Callable[[], None], stop: asyncio.Event) -> None:
    """Serve until ``stop`` is set; ``ready`` is called once every part answers."""
    server = Server(config_of(system, GRACE_SECONDS))
    serving: asyncio.Task[None] | None = None
    try:
        await system.start()
        serving = asyncio.create_task(server.serve(sockets=[sock]))
        await _until_ready(system, server, serving)
        await asyncio.to_thread(ready)  # it may call the system it waits for
        await stop.wait()
    finally:
        system.begin_to_stop()
        server.should_exit = True
        if serving is not None:
            await serving
        await system.stop()
        sock.close()


async def _until_ready(system: System, server: Server, serving: asyncio.Task[None]) -> None:
    async with asyncio.timeout(READY_SECONDS):
        while True:
            if serving.done():
                await serving
                raise CannotStart("服务器未能启动 / the server did not start")
            parts = await system.readiness()
            if server.started and all(part.ready for each in parts.values() for part in each):
                return
            await asyncio.sleep(0.02)


def run_in_foreground(parts: Mapping[str, Part], settings: ServiceSettings, port: int, ready: Callable[[str], None]) -> None:
    """Serve until Ctrl-C or SIGTERM. ``ready`` gets the address. Raises CannotStart."""

    async def main(sock: socket.socket) -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stop.set)
        await run(System(parts, settings), sock, lambda: ready(address(sock)), stop)

    prepare()
    with alone(settings.data), asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main(listen(port)))


def address(sock: socket.socket) -> str:
    return f"http://127.0.0.1:{sock.getsockname()[1]}"


class Embedded:
    """A whole system on a thread of its own, on a free port: ``with Embedded(SERVICES) as system: httpx.get(system.url + "/readyz")``.

    ``data`` None: a temporary directory, removed at the end.
    ``more``: settings of any service, as ``notifier_allow_private_addresses=True``.
    """

    def __init__(self, parts: Mapping[str, Part], data: Path | None = None, *, port: int = 0, **more: Any) -> None:
        self._folder = None if data is not None else TemporaryDirectory(prefix="sluicegate-")
        self.data = data or Path(self._folder.name if self._folder else "")
        self._parts = parts
        self._port = port
        self._more = more
        self._thread = threading.Thread(target=self._run, name="embedded sluicegate", daemon=True)
        self._started = threading.Event()
        self._failure: BaseException | None = None

    def __enter__(self) -> Embedded:
        self._thread.start()
        self._started.wait()
        if self._failure is not None:
            self._thread.join()
            raise self._failure
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Stop as Ctrl-C would. Safe to call twice."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()
        if self._folder is not None:
            self._folder.cleanup()

    def token(
        self,
        *roles: str,
        townships: tuple[str, ...] = (),
        unit: str | None = None,
        sub: str | None = None,
        name: str = "",
    ) -> str:
        """A token with these roles; ``sub`` defaults to roles, unit and townships joined by dashes."""
        default = "-".join(["dev", *roles, *([unit] if unit else []), *townships])
        return self.system.issuer.token(sub or default, roles=list(roles), townships=list(townships), unit=unit, name=name)

    def client(self, *roles: str, **more: Any) -> httpx.Client:
        """A client with such a token; ``more`` as for ``token``."""
        headers = {"Authorization": f"Bearer {self.token(*roles, **more)}"}
        return httpx.Client(base_url=self.url, headers=headers, timeout=90)

    def pause(self, service: str) -> None:
        """Let one service (``land_check``) hear no more events, as if it could not be reached."""
        asyncio.run_coroutine_threadsafe(self.system.services[service].pause(), self._loop).result()

    def resume(self, service: str) -> None:
        """Let it hear again, beginning with what it missed."""
        asyncio.run_coroutine_threadsafe(self.system.services[service].resume(), self._loop).result()

    def _run(self) -> None:
        try:
            with alone(self.data), asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                runner.run(self._main())
        except BaseException as error:
            self._failure = error
        finally:
            self._started.set()

    async def _main(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._stop = asyncio.Event()
        sock = listen(self._port)
        self.url = address(sock)
        self.system = System(self._parts, ServiceSettings(data=self.data, **self._more), self._more)
        await run(self.system, sock, self._started.set, self._stop)
