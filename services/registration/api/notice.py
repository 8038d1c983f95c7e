"""The notice of a filing, to print or as PDF: what was decided and why, what is missing, until when, and the way to appeal."""

from __future__ import annotations

from asyncio import to_thread
from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse, Response

from chassis.policies import named
from chassis.preconditions import etag
from chassis.service import service_of
from services.registration import tables
from services.registration.api.callers import Reader
from services.registration.api.notice_pdf import pdf_of
from services.registration.api.notice_sheet import Language, Sheet, sheet_of
from services.registration.api.shape import sees_the_applicant
from services.registration.domain import Filing
from services.registration.errors import filing_not_found
from services.registration.handlers import may_see

PAGE = Environment(autoescape=True, undefined=StrictUndefined, loader=FileSystemLoader(Path(__file__).parent)).get_template("notice.html")

SAFE = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'", "X-Content-Type-Options": "nosniff", "Vary": "Accept"}
PDF = "application/pdf"

ANSWERS: dict[int | str, dict[str, Any]] = {200: {"content": {"text/html": {}, PDF: {}}, "description": "通知书 / the notice"}}

Format = Annotated[
    Literal["html", "pdf"] | None,
    Query(description="不填时按 Accept 头，否则为 html / by the Accept header where it is left out, else html"),
]

router = APIRouter(tags=["申请 / Filings"])


@router.get("/filings/{filing_id}/notice", response_class=HTMLResponse, responses=ANSWERS)
async def notice(request: Request, principal: Reader, filing_id: str, lang: Language = "zh", format: Format = None) -> Response:
    """可打印的双语通知书，网页或者 PDF / The notice in both languages, the one asked for first; to print, or as PDF."""
    row = await service_of(request).read(lambda tx: tables.by_id(tx, filing_id))
    if row is None or not may_see(principal, row.submitted_by):
        raise filing_not_found()
    filing = tables.filing_of(row)
    sheets = sheets_of(filing, filing.request["applicant"]["name"] if sees_the_applicant(principal, filing) else None, lang)
    headers = {**SAFE, **etag(filing.version)}
    if (format or _accepted(request)) != "pdf":
        return HTMLResponse(PAGE.render(sheets=sheets, filing_id=filing.filing_id), headers=headers)
    headers["Content-Disposition"] = f'inline; filename="{filing.filing_id}-v{filing.version}.pdf"'
    return Response(await to_thread(pdf_of, sheets, f"{sheets[0].title} · {filing.filing_id}"), media_type=PDF, headers=headers)


def sheets_of(filing: Filing, applicant: str | None, first: Language) -> tuple[Sheet, ...]:
    """The notice in both languages, ``first`` first."""
    policy = named(filing.decision.policy)
    languages: tuple[Language, ...] = ("zh", "en") if first == "zh" else ("en", "zh")
    return tuple(sheet_of(filing, applicant, policy, language) for language in languages)


def _accepted(request: Request) -> str:
    """A browser names HTML too and gets that."""
    accepted = request.headers.get("accept", "")
    return "pdf" if PDF in accepted and "text/html" not in accepted else "html"
