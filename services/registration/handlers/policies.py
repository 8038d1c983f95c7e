"""Policy sets: handed in once, activated by two people of two units, never changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import Row

from chassis import policies
from chassis.clock import rfc3339, today
from chassis.database import Transaction
from chassis.messages import Command, Message, Result
from chassis.problems import Problem
from contracts.policy import CURRENT, PolicySet
from contracts.policy_activation import PolicyActivated
from contracts.values import dataclass
from contracts.vocabulary import Unit
from services.registration import errors
from services.registration.tables import policies as tables

STATES = ("draft", "one_signature", "activated")
"""By the number of signatures."""


@dataclass(frozen=True, slots=True)
class Signature:
    unit: str
    sub: str
    at: str


@dataclass(frozen=True, slots=True)
class SetStanding:
    """A set and where it stands. ``state``: shipped, draft, one_signature, activated. ``created``: this call brought it."""

    set: PolicySet
    state: str
    recorded_at: str | None = None
    recorded_by: str | None = None
    effective_from: date | None = None
    reason: str | None = None
    signed: tuple[Signature, ...] = ()
    created: bool = False


@dataclass(frozen=True, slots=True)
class Activate:
    policy_id: str
    version: int
    effective_from: date
    reason: str


def hand_in(batch: Sequence[Command[PolicySet]], tx: Transaction) -> Result:
    """Keep a set. The same again is answered as it stands; the same version with other content is refused."""
    result = Result()
    for command in batch:
        result.answers.append(_hand_in(command, tx))
    return result


def _hand_in(command: Command[PolicySet], tx: Transaction) -> SetStanding | Problem:
    given = command.data
    known = standing(tx, given.id, given.version)
    if known is not None:
        return known if known.set == given else errors.policy_version_exists()
    at, by = rfc3339(tx.now), command.principal.sub
    row = {
        "policy_id": given.id,
        "version": given.version,
        "body": given.model_dump_json(),
        "recorded_at": at,
        "recorded_by": by,
    }
    tx.insert(tables.POLICY_SETS, [row])
    return SetStanding(given, "draft", at, by, created=True)


def activate(batch: Sequence[Command[Activate]], tx: Transaction) -> Result:
    """Sign. With the second unit's signature the set decides from its day on, and every service is told."""
    result = Result()
    for command in batch:
        try:
            result.answers.append(_sign(command, tx, result.messages))
        except Problem as problem:
            result.answers.append(problem)
    return result


def _sign(command: Command[Activate], tx: Transaction, messages: list[Message]) -> SetStanding:
    wanted, by = command.data, command.principal
    found = standing(tx, wanted.policy_id, wanted.version)
    if found is None:
        raise errors.policy_not_found()
    if found.state in ("shipped", "activated"):
        raise errors.policy_already_activated()
    if by.unit not in tuple(Unit):
        raise errors.unit_needed()
    _check_day(tx, found.set, wanted.effective_from)
    if found.signed:
        first = found.signed[0]
        if first.unit == by.unit or first.sub == by.sub:
            raise errors.second_unit_needed([first.unit])
        if (found.effective_from, found.reason) != (wanted.effective_from, wanted.reason):
            raise errors.signed_otherwise(str(found.effective_from), str(found.reason))
    signed = _with_signature(tx, found, command)
    if found.signed:
        event = _activated(tx, found, command)
        policies.keep(tx, event)
        messages.append(Message.because(command, event))
    return signed


def _check_day(tx: Transaction, chosen: PolicySet, day: date) -> None:
    """Past decisions never change, a set decides within its own period only, and no two sets begin on one day."""
    if day < today(tx.now):
        raise errors.effective_from_past()
    if day < chosen.effective_from or (chosen.effective_to is not None and day > chosen.effective_to):
        raise errors.outside_policy_period()
    for other in policies.activations(tx):
        if other.effective_from == day:
            raise errors.policy_dates_overlap(other.policy_id, other.version)


def _with_signature(tx: Transaction, found: SetStanding, command: Command[Activate]) -> SetStanding:
    """Kept, and where the set stands then."""
    wanted, signature = command.data, Signature(str(command.principal.unit), command.principal.sub, rfc3339(tx.now))
    row = {
        "policy_id": wanted.policy_id,
        "version": wanted.version,
        "unit": signature.unit,
        "sub": signature.sub,
        "at": signature.at,
        "effective_from": wanted.effective_from.isoformat(),
        "reason": wanted.reason,
    }
    tx.insert(tables.SIGNATURES, [row])
    signed = (*found.signed, signature)
    return replace(found, state=STATES[len(signed)], effective_from=wanted.effective_from, reason=wanted.reason, signed=signed)


def _activated(tx: Transaction, found: SetStanding, command: Command[Activate]) -> PolicyActivated:
    return PolicyActivated(
        policy_id=found.set.id,
        version=found.set.version,
        effective_from=command.data.effective_from,
        reason=command.data.reason,
        signed_by=(Unit(found.signed[0].unit), Unit(str(command.principal.unit))),
        policy_set=found.set.model_dump(mode="json"),
        activated_at=tx.now,
    )


def standing(tx: Transaction, policy_id: str, version: int) -> SetStanding | None:
    """A set by its id and version, the shipped one among them."""
    if (policy_id, version) == (CURRENT.ref.id, CURRENT.ref.version):
        return shipped()
    row = tables.policy_set(tx, policy_id, version)
    return None if row is None else standings_of(tx, [row])[0]


def standings_of(tx: Transaction, rows: Sequence[Row[Any]]) -> list[SetStanding]:
    """Of sets handed in, in their order: one look for all their signatures."""
    signed = tables.signatures(tx, [(row.policy_id, row.version) for row in rows])
    return [_standing_of(row, signed.get((row.policy_id, row.version), [])) for row in rows]


def _standing_of(row: Row[Any], signed: Sequence[Row[Any]]) -> SetStanding:
    return SetStanding(
        set=PolicySet.model_validate_json(row.body),
        state=STATES[len(signed)],
        recorded_at=row.recorded_at,
        recorded_by=row.recorded_by,
        effective_from=date.fromisoformat(signed[0].effective_from) if signed else None,
        reason=signed[0].reason if signed else None,
        signed=tuple(Signature(each.unit, each.sub, each.at) for each in signed),
    )


def shipped() -> SetStanding:
    """The set that is always there."""
    return SetStanding(CURRENT.set, "shipped", effective_from=CURRENT.set.effective_from)
