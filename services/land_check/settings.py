"""Settings of land_check: ``SLUICEGATE_LAND_CHECK_*``."""

from __future__ import annotations

from pydantic import Field

from chassis.settings import DatabaseUrl, Seconds, ServiceSettings


class LandCheckSettings(ServiceSettings):
    land_check_database: DatabaseUrl | None = Field(
        None, description="本服务的数据库地址，优先于 SLUICEGATE_DATABASE / this service's database, over SLUICEGATE_DATABASE"
    )
    land_check_lookups_per_minute: int = Field(
        60, ge=1, le=10_000, description="每个地址每分钟核验产权说明的次数上限 / statement look-ups a minute from one address"
    )
    land_check_peer_timeout: Seconds = Field(
        2.0, le=30, description="询问供电服务的时限（秒），超时按暂缓处理 / seconds to wait for power_grid; late means hold"
    )
