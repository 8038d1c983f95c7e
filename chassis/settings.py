"""Settings every service has, read from ``SLUICEGATE_*`` environment variables.

Secrets are not values of settings: a setting names the file that holds one. Only the mail password may be either.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, TypeVar

from pydantic import AfterValidator, Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

if TYPE_CHECKING:
    from sqlalchemy import URL

MEBIBYTE = 1024 * 1024
PREFIX = "SLUICEGATE_"

S = TypeVar("S", bound=BaseSettings)
Seconds = Annotated[float, Field(gt=0)]


def _database_url(value: str) -> str:
    from sqlalchemy.engine import make_url  # takes long to import: not before a setting needs it
    from sqlalchemy.exc import ArgumentError

    try:
        make_url(value)
    except ArgumentError as error:
        raise ValueError("this is no database URL: postgresql+psycopg://USER@HOST/{service}") from error
    return value


DatabaseUrl = Annotated[str, AfterValidator(_database_url)]


class ServiceSettings(BaseSettings):
    """A service's own settings class adds fields that start with the service's name: ``notifier_allow_private_addresses``."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_ignore_empty=True, extra="ignore", frozen=True)
    needed_when_distributed: ClassVar[tuple[str, ...]] = ()
    """Fields without which replicas of a service would not agree."""

    data: Path = Field(Path("data"), description="数据目录 / the directory of databases, event log and issuer key")
    database: DatabaseUrl | None = Field(
        None,
        description="分布模式：PostgreSQL 地址，{service} 代表服务名 / distributed mode: PostgreSQL URL, {service} stands for the service",
    )
    database_password_file: Path | None = Field(
        None, description="数据库密码所在文件，{service} 代表服务名 / the file that holds the password of the user in that URL"
    )
    peers: str | None = Field(
        None, description="分布模式：反向代理地址，用于服务间调用 / base URL of the reverse proxy, for calls between services"
    )
    trusted_proxies: str = Field(
        "127.0.0.1", description="可信代理地址，逗号分隔，* 为全部 / proxies whose X-Forwarded-For is believed, separated by commas"
    )
    clock_offset: timedelta = Field(timedelta(0), description="时钟提前量，ISO 8601，如 P30D / moves the clock forward, to try deadlines")
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="日志级别 / least level that is logged")
    body_limit: int = Field(MEBIBYTE, gt=0, description="请求体上限（字节）/ largest request body in bytes")
    bulk_body_limit: int = Field(64 * MEBIBYTE, gt=0, description="批量与导入请求体上限（字节）/ the same for :batch and :import")
    gather_limit: int = Field(200, ge=1, le=1000, description="一次事务最多合并的请求数 / most concurrent commands in one transaction")
    outbox_age_limit: Seconds = Field(60.0, description="待发消息超过此秒数即未就绪 / not ready when a message waits longer")
    idempotency_days: int = Field(30, ge=1, description="幂等键保留天数 / days an Idempotency-Key is remembered")

    @field_validator("clock_offset")
    @classmethod
    def _forward_only(cls, value: timedelta) -> timedelta:
        if value < timedelta(0):
            raise ValueError("the clock can only be moved forward")
        return value

    @property
    def distributed(self) -> bool:
        """Whether this process is one of several, with a database server between its replicas."""
        own = (name for name in type(self).model_fields if name.endswith("_database"))
        return self.database is not None or any(getattr(self, name) is not None for name in own)

    def database_server(self, name: str) -> URL | None:
        """The address of the database of the service ``name``, without its password file; None in embedded mode.

        ``NAME_database``, a setting of each service, is stronger than ``database``.
        """
        from sqlalchemy.engine import make_url

        template = getattr(self, f"{name}_database", None) or self.database
        return None if template is None else make_url(template.replace("{service}", name))

    def database_url(self, name: str) -> str:
        """Where the service ``name`` keeps its data: one SQLite file in the data directory unless a server is set. SecretFileError."""
        server = self.database_server(name)
        if server is None:
            return f"sqlite:///{self.data.absolute() / name}.db"
        if self.database_password_file is not None:
            file = Path(str(self.database_password_file).replace("{service}", name))
            server = server.set(password=secret_in(file, "DATABASE_PASSWORD_FILE"))
        return server.render_as_string(hide_password=False)


class BadSettingsError(Exception):
    """A setting is missing or wrong. Its text names the variable and is for the operator, zh / en."""


class SecretFileError(BadSettingsError):
    """A file that should hold a secret cannot be read or is empty."""


def read(kind: type[S], **over: Any) -> S:
    """Settings of the environment, ``over`` over them. Raises BadSettingsError naming each bad variable."""
    try:
        return kind(**over)
    except ValidationError as error:
        prefix = kind.model_config.get("env_prefix", "")
        lines = [f"{prefix}{'_'.join(map(str, item['loc'])).upper()}: {item['msg']}" for item in error.errors()]
        raise BadSettingsError("设置有误 / bad settings\n" + "\n".join(lines)) from error


def secret_in(file: Path, setting: str) -> str:
    """The one secret in ``file``, without the end of its line. ``setting`` named it. Raises SecretFileError."""
    try:
        secret = file.read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "no UTF-8"
        raise SecretFileError(f"{PREFIX}{setting}：无法读取 {file} / {file} cannot be read: {why}") from error
    if not secret:
        raise SecretFileError(f"{PREFIX}{setting}：{file} 是空的 / {file} is empty")
    return secret
