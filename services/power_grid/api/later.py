"""The call of the public surface that a later version brings."""

from __future__ import annotations

from typing import NoReturn

from fastapi import APIRouter

from services.power_grid.api.callers import Adviser
from services.power_grid.errors import not_implemented_yet

router = APIRouter(tags=["政策 / Policies"])


@router.post("/decisions:what-if", responses={501: {"description": "尚未提供 / not provided yet"}}, response_model=None)
async def what_if(principal: Adviser) -> NoReturn:
    """政策开关试算（尚未提供）/ What another setting of the switches would decide (not provided yet)."""
    raise not_implemented_yet()
