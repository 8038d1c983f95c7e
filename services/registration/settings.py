"""Settings of registration: those of every service, and how bulk filings are cut."""

from __future__ import annotations

from pydantic import Field

from chassis.settings import DatabaseUrl, ServiceSettings


class RegistrationSettings(ServiceSettings):
    registration_database: DatabaseUrl | None = Field(
        None, description="本服务的数据库地址，优先于 SLUICEGATE_DATABASE / this service's database, over SLUICEGATE_DATABASE"
    )
    registration_batch_chunk: int = Field(
        500, ge=1, le=2000, description="批量申请每个事务的行数 / lines of a bulk submission in one transaction"
    )
    registration_deadline_seconds: float = Field(
        2.0, gt=0, description="检查补正期限的间隔（秒）/ how often deadlines are looked at, in seconds"
    )
    registration_peer_seconds: float = Field(
        3.0, gt=0, description="等待其他服务答复的秒数 / how long another service may take to answer, in seconds"
    )
