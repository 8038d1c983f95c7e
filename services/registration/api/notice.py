"""The notice of a filing, to print or as PDF: what was decided and why, what is missing, until when, and the way to appeal."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, Response

from chassis.notices import FORMATS, Format, Language, Sheet, in_turn, notice_answer
from chassis.policies import named
from chassis.preconditions import etag
from chassis.service import service_of
from services.registration import tables
from services.registration.api.callers import Reader
from services.registration.api.notice_sheet import sheet_of
from services.registration.api.shape import sees_the_applicant
from services.registration.domain import Filing
from services.registration.errors import filing_not_found
from services.registration.handlers import may_see

router = APIRouter(tags=["申请 / Filings"])


@router.get("/filings/{filing_id}/notice", response_class=HTMLResponse, responses=FORMATS)
async def notice(request: Request, principal: Reader, filing_id: str, lang: Language = "zh", format: Format = None) -> Response:
    """可打印的双语通知书，网页或者 PDF / The notice in both languages, the one asked for first; to print, or as PDF."""
    row = await service_of(request).read(lambda tx: tables.by_id(tx, filing_id))
    if row is None or not may_see(principal, row.submitted_by):
        raise filing_not_found()
    filing = tables.filing_of(row)
    sheets = sheets_of(filing, filing.request["applicant"]["name"] if sees_the_applicant(principal, filing) else None, lang)
    return await notice_answer(request, sheets, filing.filing_id, format, f"v{filing.version}", etag(filing.version))


def sheets_of(filing: Filing, applicant: str | None, first: Language) -> tuple[Sheet, ...]:
    """The notice in both languages, ``first`` first."""
    policy = named(filing.decision.policy)
    return tuple(sheet_of(filing, applicant, policy, language) for language in in_turn(first))
