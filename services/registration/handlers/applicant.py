"""What the applicant's side does to a filing: amend, withdraw, declare that no statement can be had, answer, appeal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from chassis.database import Transaction
from chassis.messages import Command, Result
from chassis.policies import in_force
from contracts.registration import FilingFacts
from contracts.values import dataclass
from contracts.vocabulary import FilingReason, FilingStatus, Unit
from services.registration import rules
from services.registration.domain import Appeal, Filing, Said, Submission, name_key, pending
from services.registration.errors import already_appealed, no_statement_wanted, no_such_hold
from services.registration.handlers import published
from services.registration.handlers.acting import Act, Scene, Step, act
from services.registration.handlers.ledger import judged, place_of
from services.registration.handlers.submit import Twins, closed_beside
from services.registration.rules.pauses import paused
from services.registration.tables import NOTHING_SAID

REASON_CODES = frozenset(map(str, FilingReason))


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer to one of the reasons of a hold; ``documents`` are ``{"name", "sha256"}``."""

    code: str
    text: str
    documents: tuple[Mapping[str, str], ...]


@dataclass(frozen=True, slots=True)
class Appealed:
    text: str
    documents: tuple[Mapping[str, str], ...]


def amend(batch: Sequence[Command[Act[Submission]]], tx: Transaction) -> Result:
    """``what`` is the whole filing as amended: judged again from the beginning, the reviews of the old one void, the notice's day kept."""
    twins = Twins(tx, [command.data.what for command in batch])
    policy = in_force(tx)

    def step(scene: Scene) -> Step:
        scene.only_while(FilingStatus.UNDER_REVIEW, FilingStatus.HELD)
        amended: Submission = scene.what
        first = twins.first_like(amended, scene.filing.filing_id)
        now = scene.now.at
        filing = replace(
            scene.filing,
            version=scene.filing.version + 1,
            revision=scene.filing.revision + 1,
            status=FilingStatus.CLOSED_DUPLICATE if first else FilingStatus.UNDER_REVIEW,
            request=amended.request,
            place=place_of(amended.facts),
            decision=closed_beside(first, amended.facts, policy, now) if first else pending(policy.ref, now),
            matched_by=None,
            land=None,
            said=_kept(scene),
            duplicate_of=first.filing_id if first else None,
        )
        twins.add(filing, amended.keys)
        event = published.closed(filing, policy) if first else published.amended(filing, amended.facts)
        return Step(filing, "filing_closed" if first else "filing_amended", (event,), amended.keys)

    return act(batch, tx, step)


def _kept(scene: Scene) -> Said:
    """What an amendment leaves: who was told, both clocks, the registrar's running again, what was appealed and what was set aside."""
    said = scene.filing.said
    pauses = paused(said.pauses, False, scene.now.today)
    return replace(
        NOTHING_SAID,
        clock=said.clock,
        overruled=_overruled(scene),
        appeal=said.appeal,
        told=told_so_far(scene.filing),
        pauses=pauses,
        extension=said.extension,
        set_aside=said.set_aside,
        corrections=said.corrections,
    )


def _overruled(scene: Scene) -> tuple[str, ...]:
    """Papers, always; what was said of the place and the trade, while these are the same."""
    overruled = scene.filing.said.overruled
    if not overruled or _leaves_place_and_trade(scene.filing, scene.facts, scene.what):
        return overruled
    return tuple(word for word in overruled if word != rules.DECLINED and word not in REASON_CODES)


def _leaves_place_and_trade(filing: Filing, filed: FilingFacts, amended: Submission) -> bool:
    """Whether enterprise, checked place and trade are what they were. Who names the parcel where it was found names no other place."""
    now, place = amended.facts, amended.facts.place
    names_the_parcel = place.parcel_code is not None and place_of(now) == filing.place
    same_enterprise = name_key(now.enterprise_name) == name_key(filed.enterprise_name)
    same_trade = now.industry_code == filed.industry_code and set(now.processes) == set(filed.processes)
    return same_enterprise and same_trade and (names_the_parcel or place == filed.place)


def told_so_far(filing: Filing) -> tuple[Unit, ...]:
    """The units of the last decision that told anyone."""
    return filing.decision.notify or filing.said.told


def withdraw(batch: Sequence[Command[Act[str | None]]], tx: Transaction) -> Result:
    """``what`` is the reason given, for the history only."""
    return act(batch, tx, _withdraw)


def _withdraw(scene: Scene) -> Step:
    scene.only_while(FilingStatus.UNDER_REVIEW, FilingStatus.HELD)
    decision = rules.withdrawn(scene.filing.decision, told_so_far(scene.filing))
    decision = replace(decision, decided_at=scene.now.at)
    filing = replace(scene.filing, version=scene.filing.version + 1, status=FilingStatus.WITHDRAWN, decision=decision, land=None)
    return Step(filing, "filing_withdrawn", (published.withdrawn(filing, scene.facts, scene.policy, scene.now.at),))


def declare_no_statement(batch: Sequence[Command[Act[str | None]]], tx: Transaction) -> Result:
    """不能提供: refused at once, while a statement is required and missing or invalid."""
    return act(batch, tx, _declare_no_statement)


def _declare_no_statement(scene: Scene) -> Step:
    scene.only_while(FilingStatus.HELD)
    if not rules.may_declare_no_statement(scene.filing.decision):
        raise no_statement_wanted()
    said = replace(scene.filing.said, cannot_provide=True)
    filing = judged(replace(scene.filing, said=said), scene.facts, scene.policy, scene.now)
    return Step(filing, f"filing_{filing.status}", (published.decided(filing, scene.facts, scene.policy),))


def answer(batch: Sequence[Command[Act[Answered]]], tx: Transaction) -> Result:
    """Kept beside the filing for the unit that owns the hold; decides nothing by itself."""
    return act(batch, tx, _answer)


def _answer(scene: Scene) -> Step:
    scene.only_while(FilingStatus.HELD)
    given: Answered = scene.what
    if all(reason.code != given.code for reason in scene.filing.decision.reasons):
        raise no_such_hold(given.code)
    line: dict[str, Any] = {
        "code": given.code,
        "text": given.text,
        "documents": list(given.documents),
        "by": scene.by.sub,
        "at": scene.now.at,
    }
    said = replace(scene.filing.said, answers=(*scene.filing.said.answers, line))
    return Step(replace(scene.filing, version=scene.filing.version + 1, said=said), "filing_answered")


def appeal(batch: Sequence[Command[Act[Appealed]]], tx: Transaction) -> Result:
    """Opens the one appeal against a refusal; the filing stays refused."""
    return act(batch, tx, _appeal)


def _appeal(scene: Scene) -> Step:
    scene.only_while(FilingStatus.REFUSED)
    if rules.appeal_of_this_decision(scene.filing.said) is not None:
        raise already_appealed()
    opened = Appeal("open", scene.now.at, None, None, scene.what.text, scene.what.documents)
    said = replace(scene.filing.said, appeal=opened)
    filing = replace(scene.filing, version=scene.filing.version + 1, said=said)
    return Step(filing, "filing_appealed", (published.appealed(filing, opened.state),))
