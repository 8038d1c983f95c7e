"""Settings of power_grid: ``SLUICEGATE_POWER_GRID_*``."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from chassis.settings import DatabaseUrl, ServiceSettings


class PowerGridSettings(ServiceSettings):
    needed_when_distributed = ("power_grid_clearance_key_file",)

    power_grid_database: DatabaseUrl | None = Field(
        None, description="本服务的数据库地址，优先于 SLUICEGATE_DATABASE / this service's database, over SLUICEGATE_DATABASE"
    )
    power_grid_clearance_days: int = Field(
        30, ge=1, le=3650, description="许可令牌有效天数 / days a clearance may be committed after it was decided"
    )
    power_grid_clearance_key_file: Path | None = Field(
        None,
        description="许可令牌密钥文件，各副本共用，默认在数据目录 / key that signs clearances, one for all replicas",
    )
