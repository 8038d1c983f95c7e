"""For registration's what-if: the findings of many filings under the set in force and under a candidate."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from pydantic import Field
from starlette.responses import Response

from chassis.auth import Principal, requires
from chassis.database import Transaction
from chassis.policies import in_force
from chassis.service import service_of
from chassis.what_if import Question
from contracts.identifiers import ShortText
from contracts.vocabulary import Role
from services.land_check.api.bodies import Sent, answered
from services.land_check.handlers.what_if import compare_findings

Adviser = Annotated[Principal, Depends(requires(Role.ADMIN, Role.AUDITOR))]
NOT_SENT = {"facts"}
"""What no rule reads."""

router = APIRouter(tags=["预查 / Checks"])


class WhatIfSent(Sent):
    """Some filings, and either switches or a whole candidate set."""

    filing_ids: Annotated[tuple[ShortText, ...], Field(max_length=1000)]
    switches: Annotated[dict[str, Any], Field(default_factory=dict)]
    policy_set: dict[str, Any] | None = None


@router.post("/findings:what-if")
async def what_if(request: Request, principal: Adviser, body: WhatIfSent) -> Response:
    """登记试算所用：现行与候选政策下的土地认定，不保存 / For the what-if of registration; nothing is stored."""

    def query(tx: Transaction) -> dict[str, Any]:
        present = in_force(tx)
        candidate = Question(body.switches, body.policy_set).candidate(present)
        items = [
            {
                "filing_id": found.filing_id,
                "revision": found.revision,
                "now": found.now.model_dump(mode="json", exclude=NOT_SENT, exclude_defaults=True),
                "then": None if found.then is None else found.then.model_dump(mode="json", exclude=NOT_SENT, exclude_defaults=True),
            }
            for found in compare_findings(tx, body.filing_ids, present, candidate)
        ]
        return {"policy": {"id": present.ref.id, "version": present.ref.version}, "items": items}

    return answered(await service_of(request).read(query))
