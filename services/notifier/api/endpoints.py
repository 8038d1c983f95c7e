"""Endpoints: where units want to be told."""

from __future__ import annotations

from typing import Annotated, Any, cast

from fastapi import APIRouter, Depends, Query, Request
from sqlalchemy import Row
from starlette.responses import Response

from chassis.auth import Principal
from chassis.paging import Page, page_of
from chassis.preconditions import etag, optional_if_match
from chassis.problems import FieldError, Problem
from chassis.service import Answer, service_of
from contracts.vocabulary import Role, Unit
from services.notifier import handlers, tables
from services.notifier.api.bodies import EndpointChange, NewEndpoint, unique
from services.notifier.api.callers import Admin, EndpointKeeper, EndpointReader, LedgerLister
from services.notifier.api.shapes import DeliveryShown, EndpointPage, EndpointShown, delivery_answer, endpoint_json, shown
from services.notifier.clients import check
from services.notifier.domain import Channel, ChannelType
from services.notifier.errors import AddressNotAllowedError, ChannelNotAllowedError, endpoint_not_found
from services.notifier.handlers.endpoints import Change, Registration, Rotation, Shown, townships_required
from services.notifier.rules import TOWNSHIP_BOUND
from services.notifier.settings import NotifierSettings

router = APIRouter(prefix="/endpoints", tags=["endpoints"])


@router.post("", status_code=201, responses={201: {"model": EndpointShown}}, summary="登记接收端 / Register an endpoint")
async def register(request: Request, principal: Admin, body: NewEndpoint) -> Response:
    """登记一个单位的接收端；签名密钥只在此次显示。 / Registers where a unit wants to be told; the signing secret is shown this once."""
    if body.recipient in TOWNSHIP_BOUND and body.townships is None:
        raise townships_required()
    channel = body.channel.meaning()
    await _checked(request, channel)
    townships = None if body.townships is None else tuple(unique(body.townships))
    wanted = Registration(body.recipient, channel, tuple(unique(body.events)), townships, body.lang)
    return await service_of(request).command(request, handlers.create, wanted, shape=_created)


@router.get("", responses={200: {"model": EndpointPage}}, summary="接收端列表 / List endpoints")
async def endpoints(
    request: Request, principal: LedgerLister, page: Annotated[Page, Depends()], recipient: Annotated[Unit | None, Query()] = None
) -> Response:
    """接收端列表，不含密钥；审计员所见地址已遮盖其中的密钥。 / Endpoints, without their secrets; an auditor sees no key of an address."""
    query = tables.endpoints_page(page.after, page.limit, recipient)
    rows = await service_of(request).read(lambda tx: tx.rows(query))
    return shown(page_of(rows, page.limit, lambda row: [row.endpoint_id], lambda row: _seen_by(principal, row)))


@router.get("/{endpoint_id}", responses={200: {"model": EndpointShown}}, summary="接收端 / One endpoint")
async def endpoint(request: Request, principal: EndpointReader, endpoint_id: str) -> Response:
    """一个接收端，不含密钥。 / One endpoint, without its secret."""
    row = await service_of(request).read(lambda tx: tables.endpoint_row(tx, endpoint_id))
    if row is None:
        raise endpoint_not_found()
    return shown(_seen_by(principal, row), etag(row.version))


@router.patch("/{endpoint_id}", responses={200: {"model": EndpointShown}}, summary="修改接收端 / Change an endpoint")
async def change(request: Request, principal: EndpointKeeper, endpoint_id: str, body: EndpointChange) -> Response:
    """只改所给字段；停用或改属其他单位后，未送达的不再发送。If-Match 可选。

    Changes the fields given; switching off, or giving it to another unit, gives up what waits. If-Match is optional.
    """
    if body.channel is not None:
        await _checked(request, body.channel.meaning())
    wanted = Change(endpoint_id, optional_if_match(request), body.columns())
    return await service_of(request).command(request, handlers.change, wanted, shape=_shown)


@router.delete("/{endpoint_id}", status_code=204, summary="删除接收端 / Delete an endpoint")
async def delete(request: Request, principal: EndpointKeeper, endpoint_id: str) -> Response:
    """删除接收端；送达台账保留。If-Match 可选。 / Deletes it; the ledger keeps what it was told. If-Match is optional."""
    wanted = Change(endpoint_id, optional_if_match(request), {})
    return await service_of(request).command(request, handlers.delete, wanted, shape=lambda _: Answer(204))


@router.post("/{endpoint_id}:rotate-secret", responses={200: {"model": EndpointShown}}, summary="更换密钥 / Rotate the secret")
async def rotate_secret(request: Request, principal: EndpointKeeper, endpoint_id: str) -> Response:
    """给出新密钥（只此一次）；过渡期内新旧密钥同时签名。 / Gives a new secret (this once); for a grace period both sign."""
    grace = _settings(request).notifier_secret_grace
    wanted = Rotation(endpoint_id, optional_if_match(request), grace)
    return await service_of(request).command(request, handlers.rotate_secret, wanted, shape=_shown)


@router.post("/{endpoint_id}:test", responses={200: {"model": DeliveryShown}}, summary="试发 / Send a trial event")
async def test(request: Request, principal: EndpointKeeper, endpoint_id: str) -> Response:
    """发送一条试验事件，结果见送达台账。 / Sends a trial event; its delivery shows how it went."""
    return await service_of(request).command(request, handlers.test, endpoint_id, shape=delivery_answer)


def _settings(request: Request) -> NotifierSettings:
    return cast(NotifierSettings, service_of(request).settings)


async def _checked(request: Request, channel: Channel) -> None:
    pointer = "/channel/to" if channel.type is ChannelType.EMAIL else "/channel/url"
    try:
        await check(channel, _settings(request))
    except AddressNotAllowedError as error:
        zh = "只能使用公网 https 地址；内网地址须由运维开放"
        en = "only public https addresses are allowed; the operator may permit private ones"
        raise Problem(422, "address-not-allowed", zh, en, [FieldError(pointer, "address-not-allowed", f"{zh} / {en}")]) from error
    except ChannelNotAllowedError as error:
        raise Problem(422, error.code, error.zh, error.en, [FieldError(pointer, error.code, f"{error.zh} / {error.en}")]) from error


def _seen_by(principal: Principal, row: Row[Any]) -> dict[str, Any]:
    return endpoint_json(row, masked=not principal.has(Role.ADMIN))


def _created(made: Shown) -> Answer:
    headers = {**etag(made.row.version), "Location": f"/notifier/v1/endpoints/{made.row.endpoint_id}"}
    return Answer(201, endpoint_json(made.row, made.secret), headers)


def _shown(now: Shown) -> Answer:
    return Answer(200, endpoint_json(now.row, now.secret), etag(now.row.version))
