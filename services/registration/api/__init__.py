"""HTTP in: every route of ``/registration/v1``."""

from fastapi import APIRouter

from services.registration.api import actions, batch, deadlines, filings, notice, policies, prechecks, review_cases, what_if
from services.registration.api.shape import BASE

ROUTER = APIRouter(prefix=BASE)
for _room in (batch, filings, deadlines, notice, actions, prechecks, policies, what_if, review_cases):
    ROUTER.include_router(_room.router)
