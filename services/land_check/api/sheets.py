"""A statement to print, with the QR code that leads to its public check; and the code alone."""

from __future__ import annotations

import re
from asyncio import to_thread
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, Response

from chassis.database import Transaction
from chassis.notices import FORMATS, Format, Language, in_turn, notice_answer, svg_of
from chassis.policies import in_force_at
from chassis.preconditions import etag
from chassis.service import service_of
from contracts.policy import Policy
from services.land_check.api.bodies import Id
from services.land_check.api.callers import Reader, statement_seen
from services.land_check.api.statement_sheet import Print, sheet_of
from services.land_check.domain import Statement
from services.land_check.errors import bad_host

SVG = "image/svg+xml"
SAFE = {"Content-Security-Policy": "default-src 'none'", "X-Content-Type-Options": "nosniff"}
SHEETS: dict[int | str, dict[str, Any]] = {200: {**FORMATS[200], "description": "可打印的产权说明 / the statement to print"}}
IMAGE: dict[int | str, dict[str, Any]] = {200: {"content": {SVG: {}}, "description": "二维码 / the QR code"}}

_HOST = re.compile(r"(?:[A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?")

router = APIRouter(tags=["产权说明 / Statements"])


@router.get("/statements/{statement_id}/sheet", response_class=HTMLResponse, responses=SHEETS)
async def statement_sheet(request: Request, principal: Reader, statement_id: Id, lang: Language = "zh", format: Format = None) -> Response:
    """可打印的双语产权说明，含二维码；网页或者 PDF / The statement in both languages with its QR code; to print, or as PDF."""

    def query(tx: Transaction) -> tuple[Statement, Policy]:
        paper = statement_seen(tx, principal, statement_id)
        return paper, in_force_at(tx, datetime.fromisoformat(paper.recorded_at))

    service = service_of(request)
    paper, policy = await service.read(query)
    printed = Print(paper, policy, check_address(request, paper.check_code), service.clock.now())
    sheets = [sheet_of(printed, language) for language in in_turn(lang)]
    headers = {"Cache-Control": "no-store"} | etag(paper.version)
    return await notice_answer(request, sheets, paper.statement_id, format, f"v{paper.version}", headers)


@router.get("/statements/{statement_id}/qr", response_class=Response, responses=IMAGE)
async def statement_qr(request: Request, principal: Reader, statement_id: Id) -> Response:
    """二维码（SVG），内容为公众核验的网址 / The QR code (SVG) with the address of the public check."""
    paper = await service_of(request).read(lambda tx: statement_seen(tx, principal, statement_id))
    headers = {**SAFE, "Content-Disposition": f'inline; filename="{paper.statement_id}.svg"'}
    image = await to_thread(svg_of, check_address(request, paper.check_code))
    return Response(image, media_type=SVG, headers=headers)


def check_address(request: Request, check_code: str) -> str:
    """Where anyone checks the statement: at the public address if one is set, else where this request came in.

    Raises 400 for a Host that is none.
    """
    base: str | None = request.app.state.public_url
    if base is None:
        if not _HOST.fullmatch(request.url.netloc):
            raise bad_host()
        base = f"{request.url.scheme}://{request.url.netloc}"
    return f"{base}/land-check/v1/statement-checks/{check_code}"
