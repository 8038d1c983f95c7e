"""Install requests: the hot path. One load for the whole batch, every request decided in memory, one save."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from chassis.clock import today
from chassis.database import Transaction
from chassis.identifiers import new_id
from chassis.messages import Command, Result
from chassis.policies import in_force
from chassis.problems import Problem
from contracts.policy import Policy
from contracts.values import dataclass
from contracts.vocabulary import PowerDecision
from services.power_grid import rules, tables
from services.power_grid.domain import Clearance, DeclaredUse, Filing, InstallRequest, ParcelFacts, SiteKey, Use
from services.power_grid.errors import filing_elsewhere, request_id_reused
from services.power_grid.handlers.judging import first_answer, place_of
from services.power_grid.handlers.saying import answer_event
from services.power_grid.handlers.settling import Touched, Work, judge_clearances, say, township_of, where_nobody_asked


@dataclass(frozen=True, slots=True)
class Asked:
    """The clearance of a request, and whether this call made it."""

    clearance: Clearance
    created: bool


def request_installs(batch: Sequence[Command[InstallRequest]], tx: Transaction) -> Result:
    """Answer each request from all facts known about its site now; declared manufacturing becomes such a fact itself."""
    policy = in_force(tx)
    known = tables.clearances_of_requests(tx, {command.data.request_id for command in batch})
    filings = tables.standing_for(tx, tables.claim_filings(tx, {c.data.filing_id for c in batch if c.data.filing_id is not None}))
    refused, fresh = _sorted_out(batch, known, filings)
    places = {request_id: place_of(c.data, filings.get(c.data.filing_id or "")) for request_id, c in fresh.items()}
    work = _work(tx, policy, fresh, places, filings)
    _keep_declared_uses(work, fresh, places)
    messages = work.messages
    for request_id, command in fresh.items():
        known[request_id] = _clearance(work, command.data, places[request_id], tx.now)
        messages.append(say(command, answer_event(policy, known[request_id])))
    work.save()
    tables.save_clearances(tx, [known[request_id] for request_id in fresh])
    made_by = {command.id for command in fresh.values()}
    answers = [refused.get(c.id) or Asked(known[c.data.request_id], c.id in made_by) for c in batch]
    return Result(messages, answers)


def _sorted_out(
    batch: Sequence[Command[InstallRequest]], known: Mapping[str, Clearance], filings: Mapping[str, Filing]
) -> tuple[dict[str, Problem], dict[str, Command[InstallRequest]]]:
    """Refusals by command, and the commands that ask for the first time by request number."""
    refused: dict[str, Problem] = {}
    fresh: dict[str, Command[InstallRequest]] = {}
    for command in batch:
        request = command.data
        earlier = known.get(request.request_id)
        first = earlier.request if earlier is not None else request
        if request.request_id in fresh:
            first = fresh[request.request_id].data
        if first != request:
            refused[command.id] = request_id_reused("" if earlier is None else earlier.clearance_id)
        elif earlier is None and request.request_id not in fresh:
            if _is_elsewhere(request, filings.get(request.filing_id or "")):
                refused[command.id] = filing_elsewhere()
            else:
                fresh[request.request_id] = command
    return refused, fresh


def _is_elsewhere(request: InstallRequest, filing: Filing | None) -> bool:
    if request.parcel_code is None or filing is None or filing.pending or filing.site is None:
        return False
    if filing.site.parcel_code != request.parcel_code:
        return True
    return None not in (request.unit_number, filing.site.unit_number) and request.unit_number != filing.site.unit_number


def _work(
    tx: Transaction,
    policy: Policy,
    fresh: Mapping[str, Command[InstallRequest]],
    places: Mapping[str, SiteKey | None],
    filings: dict[str, Filing],
) -> Work:
    codes = sorted({place.parcel_code for place in places.values() if place is not None})
    applicants = {c.data.applicant_uscc for c in fresh.values() if c.data.applicant_uscc is not None}
    sites = tables.claim_sites(tx, codes)
    return Work(tx, policy, sites, tables.load_facts(tx, codes, applicants=applicants), filings, today(tx.now))


def _keep_declared_uses(work: Work, fresh: Mapping[str, Command[InstallRequest]], places: Mapping[str, SiteKey | None]) -> None:
    """Keep manufacturing that is declared for the first time, and judge what else stands or waits there again; so too where filings came
    and nobody has asked yet.
    """
    touched, uses = Touched(), []
    unasked = where_nobody_asked(work.tx, work.facts.keys(), work.sites)
    for request_id, command in fresh.items():
        place = places[request_id]
        if place is not None and place.parcel_code in unasked and work.facts[place.parcel_code].filings:
            touched.parcels[place.parcel_code] = command
        if place is None or rules.declared_use_of(work.policy, command.data.declared_industry_code) is not Use.MANUFACTURING:
            continue
        facts = work.facts[place.parcel_code]
        use = _declared_use(command.data, place, work.tx.now)
        if use is None or _is_known(work.policy, facts, use):
            continue
        uses.append(use)
        work.facts[place.parcel_code] = replace(facts, uses=(*facts.uses, use))
        touched.parcels[place.parcel_code] = command
    tables.save_declared_uses(work.tx, uses)
    for parcel_code, cause in touched.parcels.items():
        work.judge_parcel(parcel_code, cause)
    if work.moved:
        judge_clearances(work, touched)


def _declared_use(request: InstallRequest, place: SiteKey, now: datetime) -> DeclaredUse | None:
    if request.declared_industry_code is None:
        return None
    return DeclaredUse(
        use_id=new_id("use_"),
        site=place,
        industry_code=request.declared_industry_code,
        # the name of an owner may be that of a private person: it stays with the request
        enterprise_name=request.applicant_name if request.applicant_type == "enterprise" else None,
        uscc=request.applicant_uscc,
        filing_id=request.filing_id,
        declared_at=now,
    )


def _is_known(policy: Policy, facts: ParcelFacts, use: DeclaredUse) -> bool:
    """Whether the same enterprise's manufacturing at the place is known already: from its filing, or declared before."""
    return any(
        there.site == use.site
        and (
            (there.filing_id is not None and there.filing_id == use.filing_id)
            or (there.uscc is not None and there.uscc == use.uscc)
            or (there.enterprise_name == use.enterprise_name and (use.enterprise_name is not None or there.source == "declared_use"))
        )
        for there in rules.manufacturing_at(policy, facts, use.site.unit_number)
    )


def _clearance(work: Work, request: InstallRequest, place: SiteKey | None, now: datetime) -> Clearance:
    filing = work.filings.get(request.filing_id or "")
    facts = ParcelFacts("") if place is None else work.facts[place.parcel_code]
    site = None if place is None else work.site(place)
    answer = first_answer(work.policy, facts, site, request, filing, work.day)
    return Clearance(
        clearance_id=new_id("clr_"),
        version=1,
        request=request,
        site=place,
        township_code=township_of(facts, filing),
        answer=answer,
        site_epoch=0 if site is None else site.epoch,
        requested_at=now,
        decided_at=now,
        ever_allowed=answer.decision is PowerDecision.ALLOW,
        judged_by=None if filing is None or filing.filing_id == request.filing_id else filing.filing_id,
    )
