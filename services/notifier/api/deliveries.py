"""The delivery ledger: who was told what, and how it went."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from chassis.paging import Page, page_of
from chassis.preconditions import etag
from chassis.service import service_of
from contracts.vocabulary import Unit
from services.notifier import handlers, tables
from services.notifier.api.callers import DeliveryReader, LedgerLister, Sender
from services.notifier.api.shapes import DeliveryPage, DeliveryShown, delivery_answer, delivery_json, shown
from services.notifier.domain import DeliveryStatus
from services.notifier.errors import delivery_not_found

router = APIRouter(prefix="/deliveries", tags=["deliveries"])

Text = Annotated[str | None, Query(max_length=200)]


@router.get("", responses={200: {"model": DeliveryPage}}, summary="送达台账 / The delivery ledger")
async def deliveries(
    request: Request,
    principal: LedgerLister,
    page: Annotated[Page, Depends()],
    status: DeliveryStatus | None = None,
    endpoint_id: Text = None,
    recipient: Unit | None = None,
    filing_id: Text = None,
    parcel_code: Text = None,
) -> Response:
    """按新旧排列，最新在前。 / Newest first."""
    asked = {
        "status": status,
        "endpoint_id": endpoint_id,
        "recipient": recipient,
        "filing_id": filing_id,
        "parcel_code": parcel_code,
    }
    query = tables.deliveries_page(page.after, page.limit, {name: value for name, value in asked.items() if value is not None})
    rows = await service_of(request).read(lambda tx: tx.rows(query))
    return shown(page_of(rows, page.limit, lambda row: [row.delivery_id], delivery_json))


@router.get("/{delivery_id}", responses={200: {"model": DeliveryShown}}, summary="一次送达 / One delivery")
async def delivery(request: Request, principal: DeliveryReader, delivery_id: str) -> Response:
    """一次送达，含每次发送的时间与结果。 / One delivery with every attempt."""
    rows = await service_of(request).read(lambda tx: tx.load(tables.DELIVERIES, tables.DELIVERIES.c.delivery_id, [delivery_id]))
    if not rows:
        raise delivery_not_found()
    return shown(delivery_json(rows[0]), etag(rows[0].version))


@router.post("/{delivery_id}:replay", responses={200: {"model": DeliveryShown}}, summary="重新发送 / Replay a delivery")
async def replay(request: Request, principal: Sender, delivery_id: str) -> Response:
    """以同一 webhook-id 重新发送；原无接收端的，发给现有接收端。

    Sends again under the same webhook-id; where there was no endpoint, to those there are now.
    """
    return await service_of(request).command(request, handlers.replay, delivery_id, shape=delivery_answer)
