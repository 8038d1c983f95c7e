"""HTTP in: endpoints, the delivery ledger and the weekly digests, under ``/notifier/v1``."""

from fastapi import APIRouter

from services.notifier.api.deliveries import router as deliveries
from services.notifier.api.digests import router as digests
from services.notifier.api.endpoints import router as endpoints

router = APIRouter(prefix="/notifier/v1")
router.include_router(endpoints)
router.include_router(deliveries)
router.include_router(digests)

__all__ = ["router"]
