"""The weekly digests as they were issued: a group's own, or all of them for those who watch over the city."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from chassis.auth import Principal, requires
from chassis.paging import Page, page_of
from chassis.problems import Problem
from chassis.service import service_of
from contracts.vocabulary import Role, Unit
from services.notifier import tables
from services.notifier.api.shapes import DigestPage, DigestShown, digest_json, digest_summary, shown

router = APIRouter(prefix="/digests", tags=["digests"])

A_READER = requires(Role.SUPERVISOR, Role.REVIEWER, Role.AUDITOR, Role.ADMIN)
SEE_ALL = (Role.AUDITOR, Role.ADMIN)
NOBODYS = ""
"""What is asked for by a supervisor of no group: nothing is addressed to it."""


def _recipient_seen(principal: Annotated[Principal, Depends(A_READER)]) -> str | None:
    """Whose digests the caller sees; None: everybody's. Raises the 403 problem for a reviewer of another unit."""
    if principal.has(*SEE_ALL) or (principal.has(Role.REVIEWER) and principal.unit == Unit.MGO):
        return None
    if principal.has(Role.SUPERVISOR):
        return principal.unit or NOBODYS
    raise Problem(403, "forbidden", "周报供督查指导组和市制造业治理办公室查看", "digests are for the supervision groups and for MGO")


Seen = Annotated[str | None, Depends(_recipient_seen)]


@router.get("", responses={200: {"model": DigestPage}}, summary="周报列表 / Weekly digests")
async def digests(request: Request, seen: Seen, page: Annotated[Page, Depends()]) -> Response:
    """按新旧排列，最新在前；督查指导组只见本组的。 / Newest first; a supervision group sees its own."""
    query = tables.digests_page(page.after, page.limit, seen)
    rows = await service_of(request).read(lambda tx: tx.rows(query))
    return shown(page_of(rows, page.limit, lambda row: [row.digest_id], digest_summary))


@router.get("/{digest_id}", responses={200: {"model": DigestShown}}, summary="一份周报 / One digest")
async def digest(request: Request, seen: Seen, digest_id: str) -> Response:
    """一份周报，含各镇（街道）数字和未确认的限制。 / One digest, with the figures of each township and the blocks not acknowledged."""
    rows = await service_of(request).read(lambda tx: tx.load(tables.DIGESTS, tables.DIGESTS.c.digest_id, [digest_id]))
    if not rows or seen not in (None, rows[0].recipient):
        raise Problem(404, "digest-not-found", "没有这份周报", "there is no such digest")
    return shown(digest_json(rows[0]))
