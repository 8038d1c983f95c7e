"""Run land_check alone: ``python -m services.land_check``. Settings come from ``SLUICEGATE_*``."""

import asyncio

import uvicorn

from services.land_check.app import create
from services.land_check.settings import LandCheckSettings


async def main() -> None:
    service = create(LandCheckSettings())
    await service.start()
    try:
        await uvicorn.Server(uvicorn.Config(service.app, lifespan="off")).serve()
    finally:
        await service.stop()


if __name__ == "__main__":
    asyncio.run(main())
