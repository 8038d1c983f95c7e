"""How Kafka is reached: what does not fit together is refused with words, and TLS and user names work against a real broker."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from chassis.bus.kafka import KafkaBus
from chassis.bus.kafka_settings import KafkaSettings
from chassis.errors import TemporaryError
from chassis.testing import eventually
from tests.chassis.bus_vocabulary import Reader, letter, read
from tests.parts.kafka import JarBroker, running_jars
from tests.parts.unavailable import Unavailable, skip_or_fail

PASSWORD = "correct horse"


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"bootstrap_servers": "no port"}, "bootstrap_servers"),
        ({"bootstrap_servers": ""}, "bootstrap_servers"),
        ({"security_protocol": "TLS"}, "security_protocol"),
        ({"ca_file": "FILE"}, "not encrypted"),
        ({"security_protocol": "SSL", "certificate_file": "FILE"}, "come together"),
        ({"security_protocol": "SSL", "ca_file": "nowhere"}, "no such file"),
        ({"security_protocol": "SASL_SSL"}, "needs username and password_file"),
        ({"security_protocol": "SASL_SSL", "username": "me"}, "needs username and password_file"),
        ({"security_protocol": "SASL_SSL", "username": "me", "password_file": "nowhere"}, "no such file"),
        ({"security_protocol": "SASL_SSL", "username": "me", "password_file": "FILE", "mechanism": "GSSAPI"}, "mechanism"),
        ({"username": "me"}, "takes no username"),
        ({"replication_factor": "1", "min_insync_replicas": "2"}, "more than replication_factor"),
        ({"session_timeout": "61"}, "longer than rebalance_timeout"),
        ({"retention": "PT1M"}, "retention"),
    ],
)
def test_refuses_what_does_not_fit_together(given: dict[str, str], told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "file"
    file.write_text("x")
    for name, text in given.items():
        monkeypatch.setenv(f"SLUICEGATE_KAFKA_{name.upper()}", text.replace("FILE", str(file)))
    with pytest.raises(ValidationError, match=told):
        KafkaSettings()


def test_writes_through_only_where_there_is_a_single_copy() -> None:
    assert KafkaSettings(replication_factor=1).written_through
    assert not KafkaSettings(replication_factor=3).written_through
    assert KafkaSettings(replication_factor=3).acknowledging_replicas == 2
    assert KafkaSettings(replication_factor=1).acknowledging_replicas == 1


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the certificate of an authority (ca.pem) and a broker's key and certificate for 127.0.0.1 (broker.p12)."""
    if not shutil.which("openssl"):
        skip_or_fail(Unavailable("openssl makes the certificates"))
    folder = tmp_path_factory.mktemp("authority")

    def openssl(*arguments: str) -> None:
        subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)

    signs = ("-addext", "keyUsage=critical,keyCertSign,cRLSign")  # Python 3.13 takes a certificate by the letter of RFC 5280
    openssl(
        "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=tests", *signs, "-keyout", "ca.key", "-out", "ca.pem"
    )
    openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=broker", "-keyout", "broker.key", "-out", "broker.csr")
    (folder / "names").write_text("subjectAltName=IP:127.0.0.1\nsubjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n")
    signing = ("x509", "-req", "-in", "broker.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2")
    openssl(*signing, "-extfile", "names", "-out", "broker.pem")
    openssl("pkcs12", "-export", "-in", "broker.pem", "-inkey", "broker.key", "-passout", "pass:secret", "-out", "broker.p12")
    return folder


@pytest.fixture(scope="module")
def guarded(authority: Path) -> Iterator[JarBroker]:
    """A broker that speaks TLS and wants a name: PLAIN at its address, SCRAM for those who have an entry."""
    plain = f'org.apache.kafka.common.security.plain.PlainLoginModule required user_me="{PASSWORD}";'
    scram = "org.apache.kafka.common.security.scram.ScramLoginModule required;"
    properties = {
        "listeners": "SASL_SSL://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}",
        "listener.security.protocol.map": "SASL_SSL:SASL_SSL,CONTROLLER:PLAINTEXT",
        "inter.broker.listener.name": "SASL_SSL",
        "sasl.enabled.mechanisms": "PLAIN,SCRAM-SHA-256,SCRAM-SHA-512",
        "sasl.mechanism.inter.broker.protocol": "PLAIN",
        "listener.name.sasl_ssl.plain.sasl.jaas.config": plain.replace("required", f'required username="me" password="{PASSWORD}"'),
        "listener.name.sasl_ssl.scram-sha-256.sasl.jaas.config": scram,
        "listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config": scram,
        "ssl.keystore.type": "PKCS12",
        "ssl.keystore.location": str(authority / "broker.p12"),
        "ssl.keystore.password": "secret",
        "ssl.truststore.type": "PEM",
        "ssl.truststore.location": str(authority / "ca.pem"),
    }
    users = tuple(f"SCRAM-SHA-{bits}=[name=me,password={PASSWORD}]" for bits in (256, 512))
    with ExitStack() as stack:
        try:
            broker = stack.enter_context(running_jars(properties, users=users))
        except Unavailable as reason:
            skip_or_fail(reason)
        yield broker


@pytest.fixture
async def nothing_left_open() -> AsyncIterator[None]:
    """TLS is taken leave of by both sides: what a bus opened is closed a moment after it, and before the loop of the test ends."""
    before = _open_files()
    yield
    await eventually(lambda: _open_files() <= before, 40)


@pytest.fixture
def fitting(guarded: JarBroker, authority: Path, tmp_path: Path, nothing_left_open: None) -> dict[str, Any]:
    password = tmp_path / "password"
    password.write_text(PASSWORD + "\n")
    return {
        "bootstrap_servers": guarded.address,
        "security_protocol": "SASL_SSL",
        "ca_file": authority / "ca.pem",
        "username": "me",
        "password_file": password,
        "replication_factor": 1,
    }


@pytest.mark.parametrize("mechanism", ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"])
async def test_everything_works_over_tls_with_a_user_name(fitting: dict[str, Any], mechanism: str) -> None:
    bus = KafkaBus(KafkaSettings(**fitting, mechanism=mechanism))
    await eventually(lambda: _answers(bus), 60)
    topic = f"guarded.{mechanism}"
    await bus.create_topics([topic])
    await bus.publish([letter(topic, "one", b"1")])
    subscription = await bus.subscribe(topic, [topic], Reader())
    assert [one.value for one in await read(subscription, 1)] == [b"1"]
    await subscription.close(5)
    await bus.close(5)


@pytest.mark.parametrize("mechanism", ["PLAIN", "SCRAM-SHA-512"])
async def test_a_wrong_password_is_said_and_never_shown(fitting: dict[str, Any], mechanism: str) -> None:
    fitting["password_file"].write_text("battery staple")
    bus = KafkaBus(KafkaSettings(**fitting, mechanism=mechanism))
    with pytest.raises(TemporaryError) as caught:
        await bus.publish([letter("topic", "one")])
    assert "battery" not in f"{caught.value}{caught.value.__cause__!r}"
    await bus.close(5)


async def test_a_broker_that_nobody_we_know_has_signed_for_is_not_talked_to(fitting: dict[str, Any]) -> None:
    bus = KafkaBus(KafkaSettings(**fitting | {"ca_file": None}))
    with pytest.raises(TemporaryError):
        await bus.check()
    await bus.close(5)


def _open_files() -> int:
    return len(os.listdir("/dev/fd"))


async def _answers(bus: KafkaBus) -> bool:
    try:
        await bus.check()
    except TemporaryError:
        return False
    return True
