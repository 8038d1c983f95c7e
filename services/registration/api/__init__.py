"""HTTP in: every route of ``/registration/v1``."""

from fastapi import APIRouter

from services.registration.api import actions, batch, deadlines, filings, later, notice, policies, prechecks
from services.registration.api.shape import BASE

ROUTER = APIRouter(prefix=BASE)
for _room in (batch, filings, deadlines, notice, actions, prechecks, policies, later):
    ROUTER.include_router(_room.router)
