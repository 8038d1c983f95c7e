"""The printable notice of a filing: what was decided and why, what is missing, until when, and the way to appeal."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Literal

from fastapi import APIRouter, Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse

from chassis.clock import CITY
from chassis.preconditions import etag
from chassis.service import service_of
from contracts import reference
from contracts.vocabulary import FilingStatus
from services.registration import tables
from services.registration.api.callers import Reader
from services.registration.api.shape import decision_json, sees_the_applicant
from services.registration.domain import Filing
from services.registration.errors import filing_not_found
from services.registration.handlers import may_see

TITLES = {
    FilingStatus.UNDER_REVIEW: ("受理通知", "Filing received"),
    FilingStatus.HELD: ("一次性补正告知", "Notice of what is missing"),
    FilingStatus.ACCEPTED: ("准予登记通知", "Notice of acceptance"),
    FilingStatus.REFUSED: ("不予登记通知", "Notice of refusal"),
    FilingStatus.WITHDRAWN: ("撤回通知", "Notice of withdrawal"),
    FilingStatus.CLOSED_DUPLICATE: ("重复申请关闭通知", "Notice of a duplicate filing"),
    FilingStatus.REFERRED: ("转送通知", "Notice of referral"),
}

PAGE = Environment(autoescape=True, undefined=StrictUndefined, loader=FileSystemLoader(Path(__file__).parent)).get_template("notice.html")

SAFE = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'", "X-Content-Type-Options": "nosniff"}

router = APIRouter(tags=["申请 / Filings"])


@router.get("/filings/{filing_id}/notice", response_class=HTMLResponse)
async def notice(request: Request, principal: Reader, filing_id: str, lang: Literal["zh", "en"] = "zh") -> HTMLResponse:
    """可打印的双语通知书 / The notice to print, in both languages, the one asked for first."""
    row = await service_of(request).read(lambda tx: tables.by_id(tx, filing_id))
    if row is None or not may_see(principal, row.submitted_by):
        raise filing_not_found()
    filing = tables.filing_of(row)
    applicant = filing.request["applicant"]["name"] if sees_the_applicant(principal, filing) else None
    return HTMLResponse(page_of(filing, applicant, lang), headers={**SAFE, **etag(filing.version)})


def page_of(filing: Filing, applicant: str | None, lang: str) -> str:
    """The page as HTML; everything the applicant wrote is escaped."""
    township = reference.township(filing.place.township_code)
    return PAGE.render(
        lang=lang,
        languages=("zh", "en") if lang == "zh" else ("en", "zh"),
        title=dict(zip(("zh", "en"), TITLES[filing.status], strict=True)),
        filing=filing,
        applicant=applicant,
        township={"zh": township.name_zh, "en": township.name_en} if township else {"zh": "", "en": ""},
        decision=decision_json(filing.decision),
        decided_on=datetime.fromisoformat(filing.decision.decided_at).astimezone(CITY).strftime("%Y-%m-%d %H:%M"),
    )
