"""The weekly digests as they were issued: a group's own, or all of them for those who watch over the city."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from chassis.paging import Page, page_of
from chassis.preconditions import etag
from chassis.service import service_of
from services.notifier import tables
from services.notifier.api.callers import DigestsListed, DigestsSeen
from services.notifier.api.shapes import DigestPage, DigestShown, digest_json, digest_summary, shown
from services.notifier.errors import digest_not_found

router = APIRouter(prefix="/digests", tags=["digests"])


@router.get("", responses={200: {"model": DigestPage}}, summary="周报列表 / Weekly digests")
async def digests(request: Request, seen: DigestsListed, page: Annotated[Page, Depends()]) -> Response:
    """按新旧排列，最新在前；督查指导组只见本组的。 / Newest first; a supervision group sees its own."""
    query = tables.digests_page(page.after, page.limit, seen)
    rows = await service_of(request).read(lambda tx: tx.rows(query))
    return shown(page_of(rows, page.limit, lambda row: [row.digest_id], digest_summary))


@router.get("/{digest_id}", responses={200: {"model": DigestShown}}, summary="一份周报 / One digest")
async def digest(request: Request, seen: DigestsSeen, digest_id: str) -> Response:
    """一份周报，含各镇（街道）数字和未确认的限制。 / One digest, with the figures of each township and the blocks not acknowledged."""
    rows = await service_of(request).read(lambda tx: tx.load(tables.DIGESTS, tables.DIGESTS.c.digest_id, [digest_id]))
    if not rows or seen not in (None, rows[0].recipient):
        raise digest_not_found()
    return shown(digest_json(rows[0]), etag(1))  # issued once, never changed
