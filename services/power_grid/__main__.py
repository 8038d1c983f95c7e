"""Run power_grid alone: ``python -m services.power_grid``. Settings come from ``SLUICEGATE_*``."""

import asyncio

import uvicorn

from services.power_grid.app import create
from services.power_grid.settings import PowerGridSettings


async def main() -> None:
    service = create(PowerGridSettings())
    await service.start()
    try:
        await uvicorn.Server(uvicorn.Config(service.app, lifespan="off")).serve()
    finally:
        await service.stop()


if __name__ == "__main__":
    asyncio.run(main())
