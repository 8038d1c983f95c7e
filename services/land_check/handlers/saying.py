"""From what was decided to what is said: the events of land_check and whom they are told to."""

from __future__ import annotations

from datetime import datetime

from contracts import land_check as wire
from contracts.policy import Policy
from contracts.vocabulary import Fact, LandVerdict, Unit
from services.land_check.domain import Evidence, Filing, Parcel, Site, Standing, Statement
from services.land_check.rules.evidence import facts_of_filing, facts_of_parcel
from services.land_check.rules.land import is_known_from_survey_only, parcel_verdict
from services.land_check.rules.statements import is_in_village

TOLD_OF_REQUEST = (Unit.TWN,)
TOLD_OF_STATEMENT = (Unit.AMR,)
TOLD_OF_RETURN = (Unit.AMR, Unit.NRP)
TOLD_OF_REVOCATION = (Unit.AMR, Unit.PSC, Unit.TWN)
TOLD_OF_FORGERY = (Unit.AMR, Unit.PSC, Unit.TWN, Unit.CLE, Unit.MGO)
TOLD_OF_LISTS = (Unit.MGO,)
TOLD_OF_ADMISSIONS = (Unit.PARK,)


def findings_of(
    filing: Filing, site: Site, verdict: LandVerdict, standing: Standing, evidence: Evidence, *, with_facts: bool = True
) -> wire.LandFindings:
    """Everything registration needs to decide the filing. The facts are for people to read: no rule needs them."""
    parcel, paper = site.parcel, standing.paper
    disputed = filing.rulings.disputed_township == site.township_code
    return wire.LandFindings(
        land_verdict=verdict,
        township_code=site.township_code,
        parcel_code=site.parcel_code,
        unit_number=site.unit_number,
        matched_by=site.matched_by,
        in_village=is_in_village(parcel, paper),
        in_qianwan=parcel.in_qianwan if parcel else None,
        inside_control_line=parcel.inside_control_line if parcel else None,
        planned_implementation=parcel.planned_implementation if parcel and verdict is LandVerdict.TRANSITION else None,
        statement=wire.StatementView(
            outcome=standing.outcome,
            statement_id=paper.statement_id if paper else None,
            findings=paper.findings if paper else (),
            declined=standing.declined,
            second_officer=paper is not None and paper.second_officer is not None,
        ),
        township_disputed=disputed,
        disputed_request=filing.rulings.request_id if disputed else None,
        park_id=evidence.park_id,
        park_admission=evidence.admission,
        admission_id=evidence.admission_id,
        open_lists=evidence.lists,
        open_entries=evidence.entries,
        grade=evidence.grade,
        survey_only=is_known_from_survey_only(site),
        facts=_facts(filing, site) if with_facts else (),
    )


def verdict_issued(
    filing: Filing, findings: wire.LandFindings, policy: Policy, at: datetime, review: wire.Review | None = None
) -> wire.LandVerdictIssued:
    return wire.LandVerdictIssued(
        filing_id=filing.filing_id,
        enterprise_name=filing.facts.enterprise_name,
        township_code=findings.township_code,
        parcel_code=findings.parcel_code,
        unit_number=findings.unit_number,
        revision=filing.revision,
        land=findings,
        policy=policy.ref,
        judged_at=at,
        review=review,
    )


def statement_events(paper: Statement, filing: Filing, site: Site) -> list[wire.LandEvent]:
    """A paper became bound to a filing: that it is there, and if so, that it was revoked or found forged before."""
    events: list[wire.LandEvent] = [
        wire.StatementIssued(
            filing_id=filing.filing_id,
            enterprise_name=filing.facts.enterprise_name,
            township_code=site.township_code,
            parcel_code=site.parcel_code,
            unit_number=site.unit_number,
            notify=TOLD_OF_STATEMENT,
            statement_id=paper.statement_id,
            statement_request_id=paper.statement_request_id,
            result=paper.result,
            state=paper.state,
            findings=paper.findings,
            issued_on=paper.issued_on,
            valid_to=paper.valid_to,
        )
    ]
    if paper.revoked:
        events.append(statement_revoked(paper, filing.filing_id, filing.facts.enterprise_name))
    if paper.forged:
        events.append(statement_found_forged(paper, filing.filing_id, filing.facts.enterprise_name))
    return events


def statement_revoked(paper: Statement, filing_id: str, enterprise_name: str) -> wire.StatementRevoked:
    return wire.StatementRevoked(
        filing_id=filing_id,
        enterprise_name=enterprise_name,
        township_code=paper.township_code,
        parcel_code=paper.parcel_code,
        unit_number=paper.unit_number,
        notify=TOLD_OF_REVOCATION,
        statement_id=paper.statement_id,
    )


def statement_found_forged(paper: Statement, filing_id: str, enterprise_name: str) -> wire.StatementFoundForged:
    return wire.StatementFoundForged(
        filing_id=filing_id,
        enterprise_name=enterprise_name,
        township_code=paper.township_code,
        parcel_code=paper.parcel_code,
        unit_number=paper.unit_number,
        notify=TOLD_OF_FORGERY,
        statement_id=paper.statement_id,
    )


def parcel_changed(parcel: Parcel, policy: Policy, at: datetime) -> wire.ParcelChanged:
    """The parcel's own verdict and those of its units, for whoever decides about the site."""
    whole = Site(parcel.township_code, parcel.code, None, parcel)
    return wire.ParcelChanged(
        parcel_code=parcel.code,
        township_code=parcel.township_code,
        version=parcel.version,
        land_verdict=parcel_verdict(parcel, policy),
        units=tuple(wire.UnitVerdict(unit_number=unit, land_verdict=parcel_verdict(parcel, policy, unit)) for unit in parcel.units),
        planned_implementation=parcel.planned_implementation,
        in_village=parcel.in_village,
        survey_only=is_known_from_survey_only(whole),
        facts=tuple(facts_of_parcel(parcel)),
        policy=policy.ref,
        changed_at=at,
    )


def _facts(filing: Filing, site: Site) -> tuple[Fact, ...]:
    about_filing = facts_of_filing(filing, site)
    about_parcel = facts_of_parcel(site.parcel, site.unit_number) if site.parcel else []
    return (*about_parcel, *about_filing)
