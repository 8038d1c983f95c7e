"""HTTP in: every route of ``/land-check/v1``."""

from fastapi import APIRouter

from services.land_check.api import (
    checks,
    deadlines,
    histories,
    imports,
    lists,
    lookups,
    parcels,
    registers,
    requests,
    rulings,
    sheets,
    statements,
    what_if,
)
from services.land_check.api.lookups import Lookups

__all__ = ["ROUTER", "Lookups"]

ROUTER = APIRouter(prefix="/land-check/v1")
for _room in (parcels, imports, requests, deadlines, statements, histories, sheets, lookups, rulings, registers, lists, checks, what_if):
    ROUTER.include_router(_room.router)
