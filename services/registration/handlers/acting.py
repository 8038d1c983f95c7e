"""The way of every ``:verb`` on filings: find it, may the caller, is the version the one seen, then one step, then keep."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Generic, TypeVar

from chassis.auth import Principal
from chassis.database import Transaction
from chassis.messages import Command, Message, Result
from chassis.policies import activations, named
from chassis.preconditions import stale_version
from chassis.problems import Problem
from contracts.envelope import Event
from contracts.policy import Policy
from contracts.registration import FilingFacts
from contracts.values import dataclass
from contracts.vocabulary import FilingStatus, Role, Unit
from services.registration.domain import Filing, Keys, Moment
from services.registration.errors import filing_not_found, may_not_act, wrong_state
from services.registration.handlers.ledger import Change, filed_facts, keep, moment_of
from services.registration.tables import by_ids, filing_of

READERS = (Role.CLERK, Role.AUDITOR, Role.REVIEWER, Role.MAP_OFFICER)
"""Roles that see every filing; an integrator sees its own, nobody else sees any."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Act(Generic[T]):
    """``what`` is to be done to a filing whose ``version`` the caller has seen."""

    filing_id: str
    version: int
    what: T


@dataclass(frozen=True, slots=True)
class Step:
    """What an act does: the filing after it, the word for the history, the events that tell of it."""

    filing: Filing
    event: str
    events: tuple[Event, ...] = ()
    keys: Keys | None = None


@dataclass(frozen=True, slots=True)
class Scene:
    """One filing, what is filed in it, who acts, what is wanted, when, and the set that judged it last."""

    filing: Filing
    facts: FilingFacts
    by: Principal
    what: Any
    now: Moment
    policy: Policy

    def only_while(self, *statuses: FilingStatus) -> None:
        """Raises 409 ``wrong-state`` in any other status."""
        if self.filing.status not in statuses:
            raise wrong_state(self.filing.status, ", ".join(statuses))


def may_see(principal: Principal, submitted_by: str) -> bool:
    return principal.has(*READERS) or (principal.has(Role.INTEGRATOR) and principal.sub == submitted_by)


def applicants_side(principal: Principal, filing: Filing) -> bool:
    """A clerk, or the integrator that submitted the filing."""
    return principal.has(Role.CLERK) or (principal.has(Role.INTEGRATOR) and principal.sub == filing.submitted_by)


def a_clerk(principal: Principal, _: Filing) -> bool:
    return principal.has(Role.CLERK)


def of_the_governance_office(principal: Principal, _: Filing) -> bool:
    """A reviewer of the office that decides appeals and sets decisions aside."""
    return principal.has(Role.REVIEWER) and principal.unit == Unit.MGO


def act(
    batch: Sequence[Command[Act[Any]]],
    tx: Transaction,
    step: Callable[[Scene], Step | None],
    may_act: Callable[[Principal, Filing], bool] = applicants_side,
) -> Result:
    """Take one step on each filing of the batch, in order. ``step`` raises a Problem to refuse, answers None to change nothing."""
    filings = {row.filing_id: filing_of(row) for row in by_ids(tx, {command.data.filing_id for command in batch})}
    result, changes, now = Result(), list[Change](), moment_of(tx.now)
    activations(tx)
    for command in batch:
        try:
            scene = _scene(command, filings, may_act, now)
            taken = step(scene)
        except Problem as problem:
            result.answers.append(problem)
            continue
        if taken is not None:
            filings[taken.filing.filing_id] = taken.filing
            changes.append(Change(scene.filing, taken.filing, taken.event, command.principal.sub, taken.keys))
            result.messages += [Message.because(command, event) for event in taken.events]
        result.answers.append(filings[command.data.filing_id])
    keep(tx, changes)
    return result


def _scene(command: Command[Act[Any]], filings: Mapping[str, Filing], may_act: Callable[[Principal, Filing], bool], now: Moment) -> Scene:
    filing = filings.get(command.data.filing_id)
    if filing is None or not may_see(command.principal, filing.submitted_by):
        raise filing_not_found()
    if not may_act(command.principal, filing):
        raise may_not_act()
    if command.data.version != filing.version:
        raise stale_version(filing.version)
    return Scene(filing, filed_facts(filing), command.principal, command.data.what, now, named(filing.decision.policy))
