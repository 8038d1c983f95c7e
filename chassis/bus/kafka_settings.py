"""How to reach Apache Kafka, from ``SLUICEGATE_KAFKA_*``. Imports no Kafka client: a service that runs without Kafka needs none."""

from __future__ import annotations

import ssl
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

PREFIX = "SLUICEGATE_KAFKA_"

Seconds = Annotated[float, Field(gt=0)]


class Protocol(StrEnum):
    """With or without TLS (SSL), with or without a user name (SASL)."""

    PLAINTEXT = "PLAINTEXT"
    SSL = "SSL"
    SASL_PLAINTEXT = "SASL_PLAINTEXT"
    SASL_SSL = "SASL_SSL"


class Mechanism(StrEnum):
    """How user name and password are shown to the broker."""

    PLAIN = "PLAIN"
    SCRAM_SHA_256 = "SCRAM-SHA-256"
    SCRAM_SHA_512 = "SCRAM-SHA-512"


class KafkaSettings(BaseSettings):
    """Refuses what does not fit together, in Chinese and English. The password is read from its file at each connection."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="ignore", frozen=True)

    bootstrap_servers: str = Field(
        "127.0.0.1:9092", pattern=r"^[^\s,]+:\d+(,[^\s,]+:\d+)*$", description="引导地址 host:port,… / where to find the brokers"
    )
    security_protocol: Protocol = Field(Protocol.PLAINTEXT, description="安全协议 / PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL")
    ca_file: Path | None = Field(None, description="服务器证书的签发机构（PEM），默认用系统的 / who signs the brokers' certificates")
    certificate_file: Path | None = Field(None, description="客户端证书（PEM）/ this client's certificate")
    key_file: Path | None = Field(None, description="客户端私钥（PEM，无口令）/ its private key, without passphrase")
    mechanism: Mechanism = Field(Mechanism.SCRAM_SHA_512, description="SASL 机制 / PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512")
    username: str | None = Field(None, description="SASL 用户名 / user name")
    password_file: Path | None = Field(None, description="存放 SASL 密码的文件 / the file that holds the password")

    replication_factor: int = Field(3, ge=1, description="每个分区的副本数，单机为 1 / copies of each partition; 1 with a single broker")
    min_insync_replicas: int | None = Field(None, ge=1, description="确认写入所需副本数，默认副本数减一 / copies needed to acknowledge")
    write_through: bool | None = Field(
        None, description="每次写入都落盘，默认仅单副本时 / each write to the disk at once; default: with one copy"
    )
    retention: timedelta = Field(timedelta(days=14), ge=timedelta(hours=1), description="消息保留时间 / how long records are kept")

    publish_timeout: Seconds = Field(10.0, description="发布的最长秒数 / longest a publish may take")
    request_timeout: Seconds = Field(5.0, description="其他请求的最长秒数 / longest any other request may take")
    session_timeout: Seconds = Field(30.0, description="副本失联多少秒后由他人接手 / silence after which others take over")
    rebalance_timeout: Seconds = Field(60.0, description="重新分配时等待成员的秒数 / how long a rebalance waits for its members")
    poll_timeout: Seconds = Field(
        300.0, description="处理停滞多少秒后交出分区 / a reader that stands still so long gives its partitions up"
    )

    @property
    def encrypted(self) -> bool:
        return self.security_protocol in (Protocol.SSL, Protocol.SASL_SSL)

    @property
    def authenticated(self) -> bool:
        return self.security_protocol in (Protocol.SASL_PLAINTEXT, Protocol.SASL_SSL)

    @property
    def acknowledging_replicas(self) -> int:
        return self.min_insync_replicas or max(1, self.replication_factor - 1)

    @property
    def written_through(self) -> bool:
        """Copies on several machines survive the loss of one's power; a single copy must be on the disk."""
        return self.replication_factor == 1 if self.write_through is None else self.write_through

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.encrypted is False and (self.ca_file or self.certificate_file or self.key_file):
            raise ValueError(
                f"{self.security_protocol} 不加密，证书文件无用 / {self.security_protocol} is not encrypted: certificates are of no use"
            )
        if (self.certificate_file is None) != (self.key_file is None):
            raise ValueError("客户端证书和私钥须同时给出 / a client certificate and its key come together")
        if self.authenticated and (not self.username or self.password_file is None):
            raise ValueError(f"{self.security_protocol} 需要用户名和密码文件 / {self.security_protocol} needs username and password_file")
        if not self.authenticated and (self.username or self.password_file):
            raise ValueError(f"{self.security_protocol} 不用用户名和密码 / {self.security_protocol} takes no username and password")
        if self.acknowledging_replicas > self.replication_factor:
            raise ValueError("min_insync_replicas 不得大于 replication_factor / cannot be more than replication_factor")
        if self.session_timeout > self.rebalance_timeout:
            raise ValueError("session_timeout 不得大于 rebalance_timeout / cannot be longer than rebalance_timeout")
        for file in (self.ca_file, self.certificate_file, self.key_file, self.password_file):
            if file is not None and not file.is_file():
                raise ValueError(f"文件不存在 / no such file: {file}")
        return self

    def password(self) -> str:
        """The content of the password file, without the line's end."""
        assert self.password_file is not None  # noqa: S101 - checked with the settings
        return self.password_file.read_text(encoding="utf-8").rstrip("\r\n")

    def tls(self) -> ssl.SSLContext:
        """The brokers' certificates and host names are always checked."""
        context = ssl.create_default_context(cafile=self.ca_file)
        if self.certificate_file is not None:
            context.load_cert_chain(self.certificate_file, self.key_file)
        return context
