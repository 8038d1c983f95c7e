"""What the answer about a place would be, without a filing: read, decide, store nothing."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from chassis.clock import today
from chassis.database import Transaction
from contracts.land_check import LandFindings
from contracts.policy import Policy
from contracts.registration import FilingFacts
from contracts.values import dataclass
from contracts.vocabulary import Flag, LandVerdict, StatementOutcome
from services.land_check.domain import Filing, Site
from services.land_check.handlers.judging import evidence_for
from services.land_check.handlers.saying import findings_of
from services.land_check.rules.checking import flags_of_check, names_no_production_place, reasons_of_check
from services.land_check.rules.statements import standing


@dataclass(frozen=True, slots=True)
class Checked:
    """The answer, and the place it is about. ``findings`` are of the premises also where the production place is not named."""

    findings: LandFindings
    statement: StatementOutcome
    flags: tuple[Flag, ...]
    reasons: list[dict[str, Any]]
    site: Site
    verdict: LandVerdict


def check(tx: Transaction, facts: FilingFacts, policy: Policy, now: datetime) -> Checked:
    """What a filing with these facts would be told now. ``tx`` may be read-only."""
    filing = Filing("check", 1, facts, today(now))
    case = evidence_for(tx, filing, policy)
    stands = standing(case.verdict, case.asked, case.evidence.papers, declined=False)
    findings = findings_of(filing, case.site, case.verdict, stands, case.evidence)
    unnamed = case.verdict is not LandVerdict.OUT_OF_AREA and names_no_production_place(facts, policy)
    return Checked(
        findings=findings,
        statement=StatementOutcome.UNDETERMINED if unnamed else findings.statement.outcome,
        flags=flags_of_check(facts, case.site, findings, policy),
        reasons=[policy.reason(*obstacle).shown() for obstacle in reasons_of_check(facts, findings, case.asked, policy)],
        site=case.site,
        verdict=LandVerdict.UNKNOWN if unnamed else case.verdict,
    )
