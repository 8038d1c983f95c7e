"""The policy sets a service has heard of, and the one in force: kept in its own database, as every other fact it decides by.

The set shipped with the contracts is always there. An activated set is in force from its day on, until a later one begins or its own
period is over: then the one before it is in force again. Nothing is ever decided without a set.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from hashlib import sha256
from typing import Any, NamedTuple, TypeVar

import orjson

from chassis.clock import rfc3339, today
from chassis.database import Transaction
from chassis.messages import Received, Result
from chassis.problems import FieldError, Problem
from chassis.problems.fields import pointer_of
from chassis.tables import policy_activation, policy_sweep
from contracts.policy import CURRENT, Policy, SetFault, load_policy
from contracts.policy_activation import PolicyActivated

T = TypeVar("T")

_SHIPPED = ""
_UNKNOWN = "?"
_ALL = (
    "SELECT policy_id, version, effective_from, activated_at, digest FROM policy_activation ORDER BY effective_from DESC, activated_at DESC"
)
_parsed: dict[str, Policy] = {_SHIPPED: CURRENT}
"""By digest: sets never change, so each is read once in a process."""
_shown: dict[tuple[str, int], Policy] = {}


class Activation(NamedTuple):
    """A set and the first day (of the city) on which it decides."""

    policy_id: str
    version: int
    effective_from: date
    activated_at: str
    digest: str


def refuse_faulty(faults: Iterable[SetFault]) -> None:
    """Raises the 422 that names each fault of a set, if there is any."""
    errors = [FieldError(pointer_of(each.path), each.code, each.message) for each in faults]
    if errors:
        raise Problem(422, "invalid-input", "政策集有误，请逐项改正", "the policy set is not valid: correct each", errors)


def hear(batch: Sequence[Received[PolicyActivated]], tx: Transaction) -> Result:
    """Keep the sets that were activated; one heard again changes nothing."""
    for received in batch:
        keep(tx, received.event)
    return Result()


def keep(tx: Transaction, event: PolicyActivated) -> None:
    """Keep an activated set."""
    body = orjson.dumps(event.policy_set, option=orjson.OPT_SORT_KEYS)
    row = {
        "policy_id": event.policy_id,
        "version": event.version,
        "effective_from": event.effective_from.isoformat(),
        "activated_at": rfc3339(event.activated_at),
        "digest": sha256(body).hexdigest(),
        "body": body.decode(),
    }
    tx.insert_new(policy_activation, [row])


def in_force(tx: Transaction) -> Policy:
    """The set that decides on the day of ``tx.now``."""
    return _parsed[digest_in_force(tx)]


def digest_in_force(tx: Transaction) -> str:
    """What tells that set from every other; empty for the shipped one."""
    return _newest(activations(tx), today(tx.now))


def in_force_at(tx: Transaction, at: datetime) -> Policy:
    """The set that decided at a moment gone by: what was activated later that day had not begun."""
    return _parsed[_newest([each for each in activations(tx) if each.activated_at <= rfc3339(at)], today(at))]


def _newest(found: Sequence[Activation], day: date) -> str:
    for activation in found:
        if activation.effective_from <= day and _lasts(_parsed[activation.digest], day):
            return activation.digest
    return _SHIPPED


def activations(tx: Transaction) -> list[Activation]:
    """Every activated set, the one that begins last first. From then on this process can show decisions of all of them."""
    rows = tx.sql(_ALL)
    found = [Activation(policy_id, version, date.fromisoformat(day), at, digest) for policy_id, version, day, at, digest in rows]
    for activation in found:
        if activation.digest not in _parsed:
            _parsed[activation.digest] = _read(tx, activation.digest)
        _shown[activation.policy_id, activation.version] = _parsed[activation.digest]
    return found


def informed(query: Callable[[Transaction], T]) -> Callable[[Transaction], T]:
    """``query``, in a process that knows every activated set: what it shows may stand on one that another replica heard of."""

    def look(tx: Transaction) -> T:
        value = query(tx)
        activations(tx)  # afterwards: no decision is older than the set that it stands on
        return value

    return look


def named(ref: Any) -> Policy:
    """The set that a decision names (``id``, ``version``), shipped or activated.

    Raises PolicyNotFoundError if it is neither, or no transaction of this process has seen it.
    """
    return _shown.get((ref.id, ref.version)) or load_policy(ref.id, ref.version)


def _lasts(policy: Policy, day: date) -> bool:
    return policy.set.effective_to is None or day <= policy.set.effective_to


def _read(tx: Transaction, digest: str) -> Policy:
    return Policy.of(orjson.loads(tx.sql("SELECT body FROM policy_activation WHERE digest = ?", (digest,))[0][0]))


class Sweep(NamedTuple):
    """What is open is judged again under ``now``, in the order of its keys, from behind ``after``. ``before`` null: not known."""

    task: str
    before: Policy | None
    now: Policy
    after: str


def due(tx: Transaction, task: str) -> Sweep | None:
    """The sweep of that name, if another set has come into force that it has not been through with."""
    digest = digest_in_force(tx)
    rows = tx.sql('SELECT "before", digest, "after", done FROM policy_sweep WHERE task = ?', (task,))
    before, swept, after, done = rows[0] if rows else (_SHIPPED, _SHIPPED, "", 1)
    if swept != digest:
        before, after, done = swept if done else _UNKNOWN, "", 0
        row = {"task": task, "before": before, "digest": digest, "after": after, "done": done}
        tx.upsert(policy_sweep, [row])
    if done:
        return None
    return Sweep(task, None if before == _UNKNOWN else _parsed[before], _parsed[digest], after)


def swept(tx: Transaction, sweep: Sweep, keys: Sequence[str]) -> None:
    """Note how far it has come; no keys: it is through."""
    tx.many('UPDATE policy_sweep SET "after" = ?, done = ? WHERE task = ?', [(keys[-1] if keys else "", int(not keys), sweep.task)])
