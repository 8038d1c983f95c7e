"""HTTP in: every route of ``/power-grid/v1``."""

from fastapi import APIRouter

from services.power_grid.api import appeals, blocks, clearances, deadlines, findings, notices, review_cases, sites, what_if
from services.power_grid.api.tokens import KEY_FILE, ClearanceTokens

ROUTER = APIRouter(prefix="/power-grid/v1")
for _room in (clearances, sites, blocks, appeals, deadlines, notices, findings, what_if, review_cases):
    ROUTER.include_router(_room.router)

__all__ = ["KEY_FILE", "ROUTER", "ClearanceTokens"]
