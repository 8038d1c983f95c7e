"""Run notifier alone: ``python -m services.notifier``. Settings come from ``SLUICEGATE_*``."""

import asyncio

import uvicorn

from services.notifier.app import create
from services.notifier.settings import NotifierSettings


async def main() -> None:
    service = create(NotifierSettings())
    await service.start()
    try:
        await uvicorn.Server(uvicorn.Config(service.app, lifespan="off")).serve()
    finally:
        await service.stop()


if __name__ == "__main__":
    asyncio.run(main())
