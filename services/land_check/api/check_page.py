"""The public check as a page, for whoever scanned the code of a statement with a phone: the four facts and what they mean, no more."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from starlette.responses import HTMLResponse

from chassis.notices import template
from contracts import reference
from contracts.policy import Text
from services.land_check.api.paper_words import FAILURES, ISSUERS, LABELS, NOTES, OVER, STATES

PAGE = template(Path(__file__).with_name("check_page.html"))

SAFE = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


def page_of_statement(shown: Mapping[str, Any], day: date, headers: Mapping[str, str], moved: Text | None) -> HTMLResponse:
    """``shown``: what the call answers as JSON. A last day that is over is called so, whatever else is the matter.

    ``moved``: that the clock was moved.
    """
    last = shown["valid_to"]
    texts = {"issuer": issuer_of(shown["issuer"]), "issued_on": shown["issued_on"], "valid_to": f"{last} {OVER}" if last < day else last}
    facts = [(label, texts[name]) for name, label in LABELS.items()]
    return HTMLResponse(PAGE.render(found=STATES[shown["state"]], facts=facts, notes=NOTES, moved=moved), headers={**SAFE, **headers})


def page_of_failure(status: int, headers: Mapping[str, str], moved: Text | None) -> HTMLResponse:
    return HTMLResponse(PAGE.render(found=FAILURES[status], facts=(), notes=(), moved=moved), status, headers={**SAFE, **headers})


def issuer_of(issuer: Mapping[str, Any]) -> str:
    """The name where it may be told; else what kind of issuer, of which town."""
    if issuer["name"] is not None:
        return str(issuer["name"])
    kind, township = ISSUERS[issuer["type"]], reference.township(issuer["township_code"] or "")
    return f"{kind.zh} {kind.en}" if township is None else f"{township.name_zh} {township.name_en} · {kind.zh} {kind.en}"
