"""What the land side would find under another policy set: read, judge twice, store nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import NamedTuple

from chassis.database import Transaction
from contracts.land_check import LandFindings
from contracts.policy import Policy
from services.land_check.domain import Filing
from services.land_check.handlers.judging import evidence_of
from services.land_check.handlers.saying import findings_of
from services.land_check.rules.statements import standing
from services.land_check.tables.filings import load_filings


class Compared(NamedTuple):
    """Findings under the set in force, and under the candidate; null there: the same."""

    filing_id: str
    revision: int
    now: LandFindings
    then: LandFindings | None


def compare_findings(tx: Transaction, ids: Collection[str], present: Policy, candidate: Policy) -> list[Compared]:
    """Of the filings known here, decided ones too, by the register as it is now. ``tx`` may be read-only."""
    filings = load_filings(tx, ids)
    now = list(_found(tx, filings, present))
    then = list(_found(tx, filings, candidate))
    return [
        Compared(filing.filing_id, filing.revision, before, None if after == before else after)
        for filing, before, after in zip(filings, now, then, strict=True)
    ]


def _found(tx: Transaction, filings: list[Filing], policy: Policy) -> Iterator[LandFindings]:
    for case in evidence_of(tx, filings, policy):
        stands = standing(case.verdict, case.asked, case.evidence.papers, case.filing.rulings.declined)
        yield findings_of(case.filing, case.site, case.verdict, stands, case.evidence)
