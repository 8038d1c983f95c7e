"""Run registration alone: ``python -m services.registration``. Settings come from ``SLUICEGATE_*``."""

import asyncio

import uvicorn

from services.registration.app import create
from services.registration.settings import RegistrationSettings


async def main() -> None:
    service = create(RegistrationSettings())
    await service.start()
    try:
        await uvicorn.Server(uvicorn.Config(service.app, lifespan="off")).serve()
    finally:
        await service.stop()


if __name__ == "__main__":
    asyncio.run(main())
