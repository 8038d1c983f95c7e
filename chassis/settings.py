"""Settings every service has, read from ``SLUICEGATE_*`` environment variables."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

MEBIBYTE = 1024 * 1024
PREFIX = "SLUICEGATE_"

Seconds = Annotated[float, Field(gt=0)]


class ServiceSettings(BaseSettings):
    """A service's own settings class adds fields that start with the service's name: ``notifier_allow_private_addresses``."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="ignore", frozen=True)

    data: Path = Field(Path("data"), description="数据目录 / the directory of databases, event log and issuer key")
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

    def database_url(self, name: str) -> str:
        """Where a service keeps its data unless it is told otherwise: one SQLite file in the data directory."""
        return f"sqlite:///{self.data.absolute() / name}.db"
