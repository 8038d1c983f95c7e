"""Settings of power_grid: ``SLUICEGATE_POWER_GRID_*``."""

from __future__ import annotations

from pydantic import Field

from chassis.settings import ServiceSettings


class PowerGridSettings(ServiceSettings):
    power_grid_clearance_days: int = Field(
        30, ge=1, le=3650, description="许可令牌有效天数 / days a clearance may be committed after it was decided"
    )
