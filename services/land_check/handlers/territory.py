"""Whose township a thing is in."""

from __future__ import annotations

from collections.abc import Sequence

from chassis.auth import Principal
from chassis.database import Transaction
from contracts import reference
from services.land_check.domain import Filing, PaperEvent
from services.land_check.tables.statements import Change, papers_of_filings, save_statements


def own_townships(by: Principal) -> frozenset[str]:
    """The caller's townships under every code of each: what was stored before a township was merged into another is its officers' too."""
    return frozenset(each for code in by.townships for each in reference.codes_of(code))


def only_township(by: Principal) -> str | None:
    """The one township of an officer, under the code it is stored by; None: none or several."""
    own = {reference.codes_of(code)[0] for code in by.townships}
    return own.pop() if len(own) == 1 else None


def hand_over_papers(tx: Transaction, filings: Sequence[Filing]) -> None:
    """Papers go with their filing: where another township answers for its place now, that one's officers see and revoke them."""
    moved = {}
    for filing in filings:
        now = filing.site.township_code if filing.site is not None else None
        if filing.papers_with is not None and now is not None and filing.papers_with != now:
            moved[filing.filing_id] = filing.papers_with = now
    papers = papers_of_filings(tx, moved) if moved else []
    for paper in papers:
        paper.township_code, paper.version = moved[str(paper.filing_id)], paper.version + 1
    save_statements(tx, [Change(paper, PaperEvent.MOVED) for paper in papers])
