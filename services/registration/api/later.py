"""The call of the public surface that a later version brings: what-if. It answers 501 to those it is for."""

from __future__ import annotations

from typing import Annotated, NoReturn

from fastapi import APIRouter, Depends

from chassis.auth import Principal, requires
from contracts.vocabulary import Role
from services.registration.errors import later

router = APIRouter(tags=["政策 / Policies"])

Adviser = Annotated[Principal, Depends(requires(Role.ADMIN, Role.AUDITOR))]
Administrator = Annotated[Principal, Depends(requires(Role.ADMIN))]


@router.post("/decisions:what-if", status_code=501, response_model=None)
async def what_if(principal: Adviser) -> NoReturn:
    """政策开关试算（尚未提供）/ What another setting of the switches would decide (not provided yet)."""
    raise later("政策试算", "what-if")
