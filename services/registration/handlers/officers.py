"""What officers do to a filing: end or refuse a hold that is their unit's, decide an appeal, record a USCC."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from chassis.auth import Principal
from chassis.database import Transaction
from chassis.messages import Command, Result
from contracts.values import dataclass
from contracts.vocabulary import Action, FilingReason, FilingStatus, Role, Unit
from services.registration import rules
from services.registration.domain import LIVE, Extension, Filing, Review, Said, entry_of, name_key
from services.registration.errors import (
    already_extended,
    findings_awaited,
    no_open_appeal,
    no_such_hold,
    not_accepted,
    not_the_owner,
    uscc_taken,
)
from services.registration.handlers import published
from services.registration.handlers.acting import Act, Scene, Step, a_clerk, act, of_the_governance_office
from services.registration.handlers.ledger import filed_facts, judged, with_decision
from services.registration.tables import FILINGS, filing_of

STATEMENT_REFUSALS = {FilingReason.STATEMENT_FORGED, FilingReason.STATEMENT_REVOKED, FilingReason.STATEMENT_NEGATIVE}


@dataclass(frozen=True, slots=True)
class Reviewed:
    """``result``: clear or refuse."""

    code: FilingReason
    result: str
    reason: str
    document_sha256: str | None


@dataclass(frozen=True, slots=True)
class AppealDecided:
    """``result``: upheld or reversed."""

    result: str
    reason: str
    document_sha256: str


def _a_reviewer(principal: Principal, _: Filing) -> bool:
    return principal.has(Role.REVIEWER, Role.MAP_OFFICER)


def _the_registrar(principal: Principal, _: Filing) -> bool:
    return principal.has(Role.REVIEWER) and principal.unit == Unit.AMR


def review(batch: Sequence[Command[Act[Reviewed]]], tx: Transaction) -> Result:
    """The owner of a hold clears it or refuses on it; the filing is decided again on what remains."""
    return act(batch, tx, _review, _a_reviewer)


def _review(scene: Scene) -> Step:
    scene.only_while(FilingStatus.HELD)
    wanted: Reviewed = scene.what
    hold = next((reason for reason in scene.filing.decision.reasons if reason.code == wanted.code), None)
    if hold is None:
        raise no_such_hold(wanted.code)
    owner = entry_of(scene.policy, hold).owner
    if owner is None or scene.by.unit != owner:
        raise not_the_owner(wanted.code, owner)
    if scene.filing.land is None:
        raise findings_awaited()
    about = rules.is_about(wanted.code, scene.filing.land)
    word = Review(wanted.code, wanted.result, owner, scene.by.sub, scene.now.at, wanted.reason, wanted.document_sha256, about)
    said = replace(scene.filing.said, reviews=(*scene.filing.said.reviews, word))
    filing = judged(replace(scene.filing, said=said), scene.facts, scene.policy, scene.now)
    return Step(filing, "filing_reviewed", (published.reviewed(filing, word), published.decided(filing, scene.facts, scene.policy)))


def decide_appeal(batch: Sequence[Command[Act[AppealDecided]]], tx: Transaction) -> Result:
    """``upheld`` leaves the refusal; ``reversed`` takes its ground away: judged again, held for what remains, never accepted by itself."""
    return act(batch, tx, _decide_appeal, of_the_governance_office)


def _decide_appeal(scene: Scene) -> Step:
    scene.only_while(FilingStatus.REFUSED)
    before, wanted = scene.filing.said.appeal, scene.what
    if before is None or before.state != "open":
        raise no_open_appeal()
    decided = replace(before, state=wanted.result, decided_at=scene.now.at, reason=wanted.reason)
    said = replace(scene.filing.said, appeal=decided)
    if wanted.result == "upheld" or scene.filing.land is None:
        filing = replace(scene.filing, version=scene.filing.version + 1, said=said)
        return Step(filing, "filing_appealed", (published.appealed(filing, wanted.result),))
    said = without_its_grounds(scene.filing, said)
    decision = rules.held_again(scene.facts, scene.filing.land, said, scene.policy, scene.now.today, scene.now.at)
    filing = with_decision(scene.filing, decision, said, scene.filing.land)
    events = (published.appealed(filing, wanted.result), published.decided(filing, scene.facts, scene.policy))
    return Step(filing, "filing_appealed", events)


def without_its_grounds(filing: Filing, said: Said) -> Said:
    """What was said, less everything the refusal stood on: declarations, refusing reviews, the paper; the notice's days begin anew."""
    refusing = {reason.code for reason in filing.decision.reasons if reason.refuses}
    overruled = {*said.overruled, *(str(code) for code in refusing - STATEMENT_REFUSALS)}
    if filing.land is not None:
        if filing.land.statement.declined:
            overruled.add(rules.DECLINED)
        if filing.land.statement.statement_id and not refusing.isdisjoint(STATEMENT_REFUSALS):
            overruled.add(filing.land.statement.statement_id)
    return replace(
        said,
        reviews=tuple(word for word in said.reviews if word.result != "refuse"),
        cannot_provide=False,
        clock=None,
        overruled=tuple(sorted(overruled)),
    )


def extend(batch: Sequence[Command[Act[str]]], tx: Transaction) -> Result:
    """``what`` is why the case is complex: three more working days, once, approved by the registrar.

    Decides nothing and tells nobody; of a filing that is held it is said that it is, with its new day.
    """
    return act(batch, tx, _extend, _the_registrar)


def _extend(scene: Scene) -> Step:
    scene.only_while(FilingStatus.UNDER_REVIEW, FilingStatus.HELD)
    if scene.filing.said.extension is not None:
        raise already_extended()
    said = replace(scene.filing.said, extension=Extension(scene.by.sub, scene.now.at, scene.what))
    filing = replace(scene.filing, version=scene.filing.version + 1, said=said)
    held = filing.status is FilingStatus.HELD
    return Step(filing, "filing_extended", (published.held_on(filing, scene.facts, scene.policy),) if held else ())


def record_uscc(batch: Sequence[Command[Act[str]]], tx: Transaction) -> Result:
    """``what`` is the code the accepted enterprise got. A code that another enterprise's accepted filing holds is refused."""
    held: dict[str, list[Filing]] = {}
    for row in tx.load(FILINGS, FILINGS.c.uscc, {command.data.what for command in batch}):
        if row.status in LIVE and _holds_its_code(filing := filing_of(row)):
            held.setdefault(row.uscc, []).append(filing)

    def step(scene: Scene) -> Step | None:
        if scene.filing.status is not FilingStatus.ACCEPTED:
            raise not_accepted()
        if any(_is_anothers(holder, scene.filing) for holder in held.get(scene.what, ())):
            raise uscc_taken()
        if scene.filing.uscc == scene.what:
            return None
        filing = replace(scene.filing, version=scene.filing.version + 1, uscc=scene.what)
        held.setdefault(scene.what, []).append(filing)
        return Step(filing, "filing_amended", (published.amended(filing, filed_facts(filing)),))

    return act(batch, tx, step, a_clerk)


def _holds_its_code(filing: Filing) -> bool:
    """Also while the acceptance that gave it the code is set aside: it is nobody else's before that has ended."""
    return filing.status is FilingStatus.ACCEPTED or bool(filing.said.set_aside)


def _is_anothers(holder: Filing, filing: Filing) -> bool:
    """A branch filed under its parent's code does not hold that code itself."""
    if holder.filing_id == filing.filing_id or name_key(holder.name) == name_key(filing.name):
        return False
    return str(holder.request["action"]) != Action.BRANCH or bool(holder.uscc != holder.request["uscc"])
