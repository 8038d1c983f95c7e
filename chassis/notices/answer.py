"""A notice over HTTP: the page to print, or PDF, as was asked for."""

from __future__ import annotations

from asyncio import to_thread
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import Query, Request
from starlette.responses import HTMLResponse, Response

from chassis.moved_clock import moved_clock
from chassis.notices.pdf import pdf_of
from chassis.notices.sheet import Sheet, in_language
from chassis.notices.templates import template
from chassis.service import service_of
from contracts.policy import Text

PAGE = template(Path(__file__).with_name("page.html"))

SAFE = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'", "X-Content-Type-Options": "nosniff", "Vary": "Accept"}
PDF = "application/pdf"

FORMATS: dict[int | str, dict[str, Any]] = {200: {"content": {"text/html": {}, PDF: {}}, "description": "通知书 / the notice"}}

Format = Annotated[
    Literal["html", "pdf"] | None,
    Query(description="不填时按 Accept 头，否则为 html / by the Accept header where it is left out, else html"),
]


def page_of(sheets: Sequence[Sheet], number: str) -> str:
    """HTML. Everything a person wrote is escaped."""
    return PAGE.render(sheets=sheets, number=number)


def with_warning(sheets: Sequence[Sheet], text: Text | None) -> Sequence[Sheet]:
    return sheets if text is None else [replace(sheet, warning=in_language(text, sheet.language)) for sheet in sheets]


async def notice_answer(
    request: Request, sheets: Sequence[Sheet], number: str, asked: str | None, version: str, headers: Mapping[str, str]
) -> Response:
    """The sheets about the record ``number``. A PDF is saved under it and ``version``; a browser, which names HTML too, gets HTML."""
    headers, sheets = {**SAFE, **headers}, with_warning(sheets, moved_clock(service_of(request).settings))
    accepted = request.headers.get("accept", "")
    if (asked or ("pdf" if PDF in accepted and "text/html" not in accepted else "html")) != "pdf":
        return HTMLResponse(await to_thread(page_of, sheets, number), headers=headers)
    headers["Content-Disposition"] = f'inline; filename="{number}-{version}.pdf"'
    return Response(await to_thread(pdf_of, sheets, f"{sheets[0].title} · {number}"), media_type=PDF, headers=headers)
