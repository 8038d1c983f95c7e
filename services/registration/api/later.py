"""Calls of the public surface that a later version brings: policies and what-if. Each answers 501 to those it is for."""

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


@router.get("/policies", status_code=501, response_model=None)
async def list_policies(principal: Adviser) -> NoReturn:
    """政策版本列表（尚未提供）/ The policy sets (not provided yet)."""
    raise later("政策管理", "policy management")


@router.post("/policies", status_code=501, response_model=None)
async def draft_policy(principal: Administrator) -> NoReturn:
    """起草政策（尚未提供）/ Draft a policy set (not provided yet)."""
    raise later("政策管理", "policy management")


@router.post("/policies/{policy_id}/{version}:activate", status_code=501, response_model=None)
async def activate_policy(principal: Administrator, policy_id: str, version: int) -> NoReturn:
    """启用政策（尚未提供）/ Activate a policy set (not provided yet)."""
    raise later("政策管理", "policy management")
