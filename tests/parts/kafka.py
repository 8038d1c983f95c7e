"""A real Apache Kafka: the one at ``SLUICEGATE_TEST_KAFKA``, else a container, else its published jars with Java.

``SLUICEGATE_TEST_KAFKA`` is an address (``host:port``), or ``docker`` or ``jars`` to insist on one of the other two.
"""

from __future__ import annotations

import asyncio
import logging
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Protocol

import pytest
from aiokafka.admin import AIOKafkaAdminClient  # type: ignore[import-untyped]
from aiokafka.errors import KafkaError  # type: ignore[import-untyped]

from tests.parts.docker import docker_answers
from tests.parts.kafka_jars import VERSION, jars
from tests.parts.unavailable import Unavailable, skip_or_fail

IMAGE = f"apache/kafka:{VERSION}"
START_SECONDS = 120.0
FOR_MINUTES = ("-XX:TieredStopAtLevel=1",)
"""What the second compiler of Java does at the beginning takes half a core for a quarter of a minute: such a broker never earns it back."""
NEVER_WAIT = {
    "offsets.topic.replication.factor": "1",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "group.initial.rebalance.delay.ms": "0",
    "group.min.session.timeout.ms": "1000",
    "broker.session.timeout.ms": "3000",  # a killed broker may register again when this is over
    "broker.heartbeat.interval.ms": "500",
    "auto.create.topics.enable": "false",
}


class Broker(Protocol):
    """One Kafka node. ``start`` returns when it answers for its metadata, on the same port and data as before."""

    address: str
    ours: bool

    def start(self) -> None: ...
    def kill(self) -> None:
        """SIGKILL."""

    def stop(self) -> None: ...


class ForeignBroker:
    """Someone else's: it is neither killed nor stopped."""

    ours = False

    def __init__(self, address: str) -> None:
        self.address = address

    def start(self) -> None:
        wait_for_metadata(self.address)

    def kill(self) -> None:
        raise Unavailable(f"the Kafka at {self.address} is not ours to kill")

    def stop(self) -> None:
        pass


class JarBroker:
    """A Java process over a data directory. ``properties`` (``{port}`` and ``{controller}`` filled in) are added to those of one node;
    one with listeners of its own is not waited for. ``users``: ``SCRAM-SHA-512=[name=x,password=y]``.
    """

    ours = True

    def __init__(self, folder: Path, properties: Mapping[str, str] | None = None, users: Sequence[str] = ()) -> None:
        port, controller = _free_ports(2)
        self.address = f"127.0.0.1:{port}"
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self._command = ("java", *FOR_MINUTES, "-Xmx512m", "-Xms128m", "-cp", f"{jars()}/*")
        self._properties = folder / "server.properties"
        self._open = "listeners" not in (properties or {})
        lines = {
            "process.roles": "broker,controller",
            "node.id": "1",
            "controller.quorum.voters": f"1@127.0.0.1:{controller}",
            "listeners": f"PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}",
            "controller.listener.names": "CONTROLLER",
            "log.dirs": str(folder / "data"),
            **NEVER_WAIT,
            **{key: text.format(port=port, controller=controller) for key, text in (properties or {}).items()},
        }
        self._properties.write_text("".join(f"{key}={text}\n" for key, text in lines.items()), encoding="utf-8")
        self._run(
            "kafka.tools.StorageTool",
            "format",
            "-t",
            _cluster_id(),
            "-c",
            str(self._properties),
            *(part for user in users for part in ("-S", user)),
        )

    def start(self) -> None:
        with (self._folder / "server.log").open("ab") as log:
            self._process = subprocess.Popen(
                [*self._command, "kafka.Kafka", str(self._properties)], stdout=log, stderr=log, start_new_session=True
            )
        if self._open:
            wait_for_metadata(self.address, self._process)

    def kill(self) -> None:
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        self._end(signal.SIGTERM)

    def _end(self, by: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(by)
            try:
                self._process.wait(20)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None

    def _run(self, *arguments: str) -> None:
        done = subprocess.run([*self._command, *arguments], capture_output=True, text=True, timeout=60, check=False)
        if done.returncode:
            raise RuntimeError(done.stdout + done.stderr)


class ContainerBroker:
    """The official image; killing and starting keep its file system."""

    ours = True

    def __init__(self) -> None:
        from testcontainers.core.container import DockerContainer

        (port,) = _free_ports(1)
        self.address = f"127.0.0.1:{port}"
        self._container = DockerContainer(IMAGE).with_bind_ports(9092, port)
        lines = {
            "node.id": "1",
            "process.roles": "broker,controller",
            "controller.quorum.voters": "1@localhost:9093",
            "controller.listener.names": "CONTROLLER",
            "listeners": "PLAINTEXT://:9092,CONTROLLER://:9093",
            "advertised.listeners": f"PLAINTEXT://{self.address}",
            "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT",
            **NEVER_WAIT,
        }
        for key, text in lines.items():
            self._container.with_env(f"KAFKA_{key.upper().replace('.', '_')}", text)
        self._made = False

    def start(self) -> None:
        if self._made:
            self._container.get_wrapped_container().start()
        else:
            self._made = True
            self._container.start()
        wait_for_metadata(self.address)

    def kill(self) -> None:
        self._container.get_wrapped_container().kill("SIGKILL")

    def stop(self) -> None:
        if self._made:
            self._container.stop()


@contextmanager
def running_kafka() -> Iterator[Broker]:
    """A broker that answers, stopped at the end. For benchmarks and chaos too. Raises Unavailable."""
    wanted = os.environ.get("SLUICEGATE_TEST_KAFKA", "")
    if wanted not in ("", "docker", "jars"):
        broker = ForeignBroker(wanted)
        broker.start()
        yield broker
    elif wanted != "jars" and docker_answers():
        with _started(ContainerBroker()) as container:
            yield container
    elif wanted == "docker":
        raise Unavailable("no Docker engine answers")
    else:
        with running_jars() as jar:
            yield jar


@contextmanager
def running_jars(properties: Mapping[str, str] | None = None, users: Sequence[str] = ()) -> Iterator[JarBroker]:
    """A broker from the jars with settings of its own."""
    if not (shutil.which("java") and shutil.which("mvn")):
        raise Unavailable("Apache Kafka needs a Docker engine, or Java 17 and Maven, or SLUICEGATE_TEST_KAFKA=host:port")
    folder = Path(tempfile.mkdtemp(prefix="sluicegate-kafka-"))
    try:
        broker = JarBroker(folder, properties, users)
        try:
            broker.start()
            yield broker
        finally:
            broker.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _started(broker: ContainerBroker) -> Iterator[ContainerBroker]:
    try:
        broker.start()
        yield broker
    finally:
        broker.stop()


def wait_for_metadata(address: str, process: subprocess.Popen[bytes] | None = None, seconds: float = START_SECONDS) -> None:
    """Until the broker names itself: its port opens before it is ready."""
    deadline = time.monotonic() + seconds
    while not asyncio.run(_names_itself(address)):
        if process is not None and process.poll() is not None:
            raise RuntimeError(f"Kafka ended with status {process.returncode}")
        if time.monotonic() > deadline:
            raise RuntimeError(f"no Kafka answered at {address} within {seconds} s")
        time.sleep(0.1)


async def _names_itself(address: str) -> bool:
    host, _, port = address.rpartition(":")
    try:  # first the port alone: the client logs every refusal
        _, writer = await asyncio.open_connection(host, int(port))
    except OSError:
        return False
    writer.close()
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    client = AIOKafkaAdminClient(bootstrap_servers=address, request_timeout_ms=5000)
    try:
        await client.start()
        return bool((await client.describe_cluster())["brokers"])
    except (KafkaError, OSError, TimeoutError):
        return False
    finally:
        await client.close()


def _cluster_id() -> str:
    return urlsafe_b64encode(os.urandom(16)).rstrip(b"=").decode().replace("-", "a")  # a leading dash would be an option


def _free_ports(number: int) -> list[int]:
    sockets = [socket.socket() for _ in range(number)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [int(each.getsockname()[1]) for each in sockets]
    for each in sockets:
        each.close()
    return ports


@pytest.fixture(scope="session")
def kafka() -> Iterator[Broker]:
    """The session's broker. A test that kills it starts it again."""
    with ExitStack() as stack:
        try:
            broker = stack.enter_context(running_kafka())
        except Unavailable as reason:
            skip_or_fail(reason)
        yield broker
