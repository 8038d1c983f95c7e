"""For the what-ifs of registration and of the power side: what the land is under the set in force and under a candidate."""

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
from contracts.identifiers import ParcelCode, ShortText
from contracts.vocabulary import Role
from contracts.what_if import MOST_ASKED
from services.land_check.api.bodies import Sent, answered
from services.land_check.handlers.what_if import compare_land, sent

Adviser = Annotated[Principal, Depends(requires(Role.ADMIN, Role.AUDITOR))]

router = APIRouter(tags=["预查 / Checks"])


class WhatIfSent(Sent):
    """Some filings and parcels, and either switches or a whole candidate set."""

    filing_ids: Annotated[tuple[ShortText, ...], Field(max_length=MOST_ASKED)] = ()
    parcel_codes: Annotated[tuple[ParcelCode, ...], Field(max_length=MOST_ASKED)] = ()
    switches: Annotated[dict[str, Any], Field(default_factory=dict)]
    policy_set: dict[str, Any] | None = None


@router.post("/findings:what-if")
async def what_if(request: Request, principal: Adviser, body: WhatIfSent) -> Response:
    """登记与用电试算所用，不保存：相同认定只列一次 / For the what-ifs of other services: equal findings once, named by their place."""

    def query(tx: Transaction) -> dict[str, Any]:
        sets = Question(body.switches, body.policy_set).sets(in_force(tx))
        found = compare_land(tx, body.filing_ids, body.parcel_codes, sets)
        return {
            "policy": {"id": sets.present.ref.id, "version": sets.present.ref.version},
            "switches": sets.alone,
            "findings": sent(found.findings),
            "filings": found.filings,
            "readings": [reading.model_dump(mode="json") for reading in found.readings],
            "parcels": found.parcels,
        }

    return answered(await service_of(request).read(query))
