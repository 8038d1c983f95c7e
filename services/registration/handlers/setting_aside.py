"""A decision is set aside by the governance office: the old one stays in sight, the filing is held and judged again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from chassis.clock import today
from chassis.database import Transaction
from chassis.messages import Command, Result
from contracts.values import dataclass
from contracts.vocabulary import FilingReason, FilingStatus, Unit
from services.registration import rules
from services.registration.domain import Filing, Pause, Said, SetAside, Submission, keys_of
from services.registration.errors import appeal_is_open, filed_again, own_decision
from services.registration.handlers import published
from services.registration.handlers.acting import Act, Scene, Step, act, of_the_governance_office
from services.registration.handlers.ledger import filed_facts, with_decision
from services.registration.handlers.officers import without_its_grounds
from services.registration.handlers.submit import Twins
from services.registration.rules.pauses import paused
from services.registration.tables import FILINGS, deciders, filing_of


@dataclass(frozen=True, slots=True)
class SettingAside:
    reason: str
    document_sha256: str | None


def set_aside(batch: Sequence[Command[Act[SettingAside]]], tx: Transaction) -> Result:
    """``what`` is why. Neither by who took part in the decision, nor where an appeal is open or the same was filed again meanwhile."""
    ids = {command.data.filing_id for command in batch}
    took_part = deciders(tx, ids)
    filed = {row.filing_id: _as_filed(filing_of(row)) for row in tx.load(FILINGS, FILINGS.c.filing_id, ids)}
    twins = Twins(tx, list(filed.values()))

    def step(scene: Scene) -> Step:
        scene.only_while(FilingStatus.ACCEPTED, FilingStatus.REFUSED)
        if scene.by.sub in took_part.get(scene.filing.filing_id, ()):
            raise own_decision()
        if scene.filing.status is FilingStatus.ACCEPTED:
            return _acceptance(scene)
        as_filed = filed[scene.filing.filing_id]
        taken = _refusal(scene, twins.first_like(as_filed))
        twins.add(taken.filing, as_filed.keys)
        return taken

    return act(batch, tx, step, of_the_governance_office)


def _as_filed(filing: Filing) -> Submission:
    facts = filed_facts(filing)
    return Submission(filing.request, facts, keys_of(facts))


def _refusal(scene: Scene, filed_since: Filing | None) -> Step:
    """Judged again on what is known, without the grounds it was refused on: the notice's days begin anew."""
    appeal, land = scene.filing.said.appeal, scene.filing.land
    if appeal is not None and appeal.state == "open":
        raise appeal_is_open()
    if filed_since is not None:
        raise filed_again(filed_since.filing_id)
    said = without_its_grounds(scene.filing, _said(scene))
    if land is None:
        return _reopened(scene, said)
    decision = rules.held_again(scene.facts, land, said, scene.policy, scene.now.today, scene.now.at)
    return _told(scene, with_decision(scene.filing, decision, said, land))


def _acceptance(scene: Scene) -> Step:
    """Out of the register, held at once. Its findings are no longer kept: the land side hears that it is held, and judges it anew.

    The units say their words again; the notice's days begin anew; the registrar's days stood still while it was accepted.
    """
    stood = Pause(today(datetime.fromisoformat(scene.filing.decision.decided_at)), scene.now.today)
    said = _said(scene)
    return _reopened(scene, replace(said, reviews=(), clock=None, pauses=(*said.pauses, stood)))


def _reopened(scene: Scene, said: Said) -> Step:
    said = replace(said, pauses=paused(said.pauses, False, scene.now.today))
    decision = rules.reopened(scene.filing.decision, said, scene.now.at)
    filing = replace(scene.filing, version=scene.filing.version + 1, status=FilingStatus.HELD, decision=decision, said=said)
    return _told(scene, filing)


def _said(scene: Scene) -> Said:
    """What was said, and now this. The office's word on an earlier setting aside is spent."""
    said, wanted = scene.filing.said, scene.what
    line = SetAside(scene.now.at, scene.by.sub, Unit.MGO, wanted.reason, wanted.document_sha256, scene.filing.decision)
    words = tuple(word for word in said.reviews if word.code is not FilingReason.SET_ASIDE_REVIEW)
    return replace(said, reviews=words, set_aside=(*said.set_aside, line))


def _told(scene: Scene, filing: Filing) -> Step:
    return Step(filing, "filing_set_aside", (published.decided(filing, scene.facts, scene.policy),))
