"""Settings of land_check: ``SLUICEGATE_LAND_CHECK_*``."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, Field

from chassis.settings import DatabaseUrl, Seconds, ServiceSettings

PUBLIC_URL = re.compile(r"https?://[A-Za-z0-9._\-\[\]:]{1,255}(?:/[A-Za-z0-9._~/-]{0,200})?")


def _public_url(value: str) -> str:
    if not PUBLIC_URL.fullmatch(value):
        raise ValueError("this is no address that a phone can open: https://HOST or https://HOST/PATH")
    return value.rstrip("/")


class LandCheckSettings(ServiceSettings):
    land_check_database: DatabaseUrl | None = Field(
        None, description="本服务的数据库地址，优先于 SLUICEGATE_DATABASE / this service's database, over SLUICEGATE_DATABASE"
    )
    land_check_lookups_per_minute: int = Field(
        60, ge=1, le=10_000, description="每个地址每分钟核验产权说明的次数上限 / statement look-ups a minute from one address"
    )
    land_check_public_url: Annotated[str, AfterValidator(_public_url)] | None = Field(
        None,
        description="印在二维码中的公众网址前缀，不填时取请求所用的地址 / base of the address in QR codes; left out: that of the request",
    )
    land_check_peer_timeout: Seconds = Field(
        2.0, le=30, description="询问供电服务的时限（秒），超时按暂缓处理 / seconds to wait for power_grid; late means hold"
    )
