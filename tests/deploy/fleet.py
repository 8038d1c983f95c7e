"""The distributed system as processes of this machine: ``sluicegate serve`` on real Kafka and PostgreSQL, an issuer, a door on one port."""

from __future__ import annotations

import http.client
import os
import secrets
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
from typer.testing import CliRunner, Result

from deploy.cli import app
from deploy.trial import TrialIssuer, answering
from tests.parts.kafka import Broker
from tests.parts.postgresql import Server, free_port

ROOT = Path(__file__).parents[2]
NAMES = ("registration", "land_check", "power_grid", "notifier")
START_SECONDS = 90.0


class Replica:
    """One ``sluicegate serve`` process."""

    def __init__(self, name: str, environment: dict[str, str], log: Path) -> None:
        self.name = name
        self.path = name.replace("_", "-")
        self.port = free_port()
        self.log = log
        command = [sys.executable, "-m", "deploy.cli", "serve", name, "--port", str(self.port)]
        with log.open("ab") as errors:
            self.process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=errors)
        self.said: list[str] = []
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as output:
            for line in output:
                self.said.append(line.decode().strip())

    def ready(self, seconds: float = START_SECONDS) -> Replica:
        wanted = f"READY http://127.0.0.1:{self.port}"
        within(seconds, lambda: wanted in self.said or self.process.poll() is not None, lambda: self.log.read_text()[-3000:])
        assert wanted in self.said, self.log.read_text()[-3000:]
        return self

    def get(self, path: str) -> httpx.Response:
        return httpx.get(f"http://127.0.0.1:{self.port}/{self.path}/{path}", timeout=10)

    def parts(self) -> dict[str, dict[str, Any]]:
        return {part["name"]: part for part in self.get("readyz").json()["services"][self.path]["parts"]}

    def is_ready(self) -> bool:
        with suppress(httpx.HTTPError):
            return self.get("readyz").status_code == 200
        return False

    def end(self, by: signal.Signals = signal.SIGTERM, seconds: float = 10.0) -> int:
        """The exit status."""
        self.process.send_signal(signal.SIGCONT)
        self.process.send_signal(by)
        return self.process.wait(seconds)


class Fleet:
    """``url`` is the door: the same paths as behind the proxy. Services are added by ``serve``."""

    def __init__(self, folder: Path, server: Server, broker: Broker) -> None:
        self.server = server
        self.broker = broker
        self._folder = folder
        self.replicas: list[Replica] = []
        port = free_port()
        self.issuer_file = folder / "issuer.json"
        self.issuer = TrialIssuer.made(self.issuer_file, f"http://127.0.0.1:{port}")
        self._issuer_server = answering(self.issuer, "127.0.0.1", port)
        self._door = _door(self)
        self.url = f"http://127.0.0.1:{self._door.server_address[1]}"
        for each in (self._issuer_server, self._door):
            threading.Thread(target=each.serve_forever, daemon=True).start()
        self.environment = self._environment()

    def _environment(self) -> dict[str, str]:
        role, password = f"service_{secrets.token_hex(4)}", secrets.token_urlsafe(16)
        self.server.run(f"CREATE ROLE {role} LOGIN PASSWORD '{password}'")
        for name, secret in {"service": password, "owner": str(self.server.url.password)}.items():
            (self._folder / name).write_text(secret)
        own = {key: value for key, value in os.environ.items() if not key.startswith(("SLUICEGATE_", "PYTHONDONTWRITEBYTECODE"))}
        return own | {
            "PYTHONPYCACHEPREFIX": str(self._folder / "bytecode"),  # processes after the first start in a third of the time
            "SLUICEGATE_DATA": str(self._folder / "data"),
            "SLUICEGATE_DATABASE_PASSWORD_FILE": str(self._folder / "service"),
            "SLUICEGATE_DATABASE_OWNER": str(self.server.url.username),
            "SLUICEGATE_DATABASE_OWNER_PASSWORD_FILE": str(self._folder / "owner"),
            "SLUICEGATE_KAFKA_BOOTSTRAP_SERVERS": self.broker.address,
            "SLUICEGATE_KAFKA_REPLICATION_FACTOR": "1",
            "SLUICEGATE_KAFKA_SESSION_TIMEOUT": "6",
            "SLUICEGATE_OIDC_ISSUER": self.issuer.url,
            "SLUICEGATE_OIDC_ALLOW_HTTP": "true",
            "SLUICEGATE_PEERS": self.url,
            "SLUICEGATE_POWER_GRID_CLEARANCE_KEY_FILE": str(self._folder / "clearance.jwk"),
            "SLUICEGATE_NOTIFIER_ALLOW_PRIVATE_ADDRESSES": "true",
            "SLUICEGATE_LOG_LEVEL": "warning",
            **{f"SLUICEGATE_{name.upper()}_DATABASE": self._database(role) for name in NAMES},
        }

    def _database(self, role: str) -> str:
        url = self.server.url
        return f"postgresql+psycopg://{role}@{url.host}:{url.port}/{self.server.create()}"

    def run(self, *arguments: str) -> Result:
        """One command of the command line, in this process."""
        return CliRunner().invoke(app, arguments, env=self.environment)

    def prepare(self) -> None:
        """Databases and topics; may be repeated."""
        for arguments in (("migrate",), ("topics", "create")):
            done = self.run(*arguments)
            assert done.exit_code == 0, done.output

    def serve(self, name: str, **over: str) -> Replica:
        replica = Replica(name, self.environment | over, self._folder / f"{name}.log")
        self.replicas.append(replica)
        return replica

    def of(self, name: str) -> list[Replica]:
        """The replicas of a service that run."""
        return [each for each in self.replicas if each.name == name and each.process.poll() is None]

    @contextmanager
    def away(self, name: str) -> Iterator[None]:
        """No replica of that service does anything while it lasts."""
        stopped = self.of(name)
        for each in stopped:
            each.process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            for each in stopped:
                each.process.send_signal(signal.SIGCONT)

    def client(self, *roles: str, townships: tuple[str, ...] = (), unit: str | None = None) -> httpx.Client:
        token = self.issuer.token("tester", roles=list(roles), townships=list(townships), unit=unit)
        return httpx.Client(base_url=self.url, headers={"Authorization": f"Bearer {token}"}, timeout=30)

    def close(self) -> None:
        for each in self.replicas:
            if each.process.poll() is None:
                each.process.kill()
                each.process.wait()
        for server in (self._door, self._issuer_server):
            server.shutdown()
            server.server_close()


def within(seconds: float, question: Callable[[], object], or_say: Callable[[], object] = lambda: "") -> None:
    """Raises AssertionError if the answer is not true within ``seconds``."""
    deadline = time.monotonic() + seconds
    while not question():
        assert time.monotonic() < deadline, f"not within {seconds} s {or_say()}"
        time.sleep(0.05)


def _calling(replica: Any) -> http.client.HTTPConnection:
    return http.client.HTTPConnection("127.0.0.1", replica.port, timeout=100)


def _door(fleet: Fleet) -> ThreadingHTTPServer:
    """What the reverse proxy does: the first part of the path chooses the service, a replica that answers takes the call."""

    class Door(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _pass_on(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", "0")))
            for replica in fleet.of(self.path.split("/")[1].replace("-", "_")):
                with suppress(ConnectionRefusedError), closing(_calling(replica)) as connection:
                    connection.request(self.command, self.path, body, dict(self.headers))
                    answer = connection.getresponse()
                    self._answer(answer.status, answer.getheaders(), answer.read())
                    return
            self._answer(503, [("Retry-After", "1")], b"{}")

        def _answer(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
            self.send_response(status)
            for name, value in headers:
                if name.lower() not in ("content-length", "connection", "transfer-encoding", "date", "server"):
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _pass_on  # noqa: N815 - names of the library

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 128

        def handle_error(self, request: Any, client_address: Any) -> None:
            """A caller that went away is no error of ours."""

    return Server(("127.0.0.1", 0), Door)
