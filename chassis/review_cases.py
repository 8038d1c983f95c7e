"""Review cases: what was decided for good, and would be decided otherwise under a policy set that came into force since.

A case changes nothing of what it is about: it is a question to a person, and only a person's word ends it. There is one for each thing
that was decided and each policy set, however often and by however many replicas it is looked for.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import field
from enum import StrEnum
from typing import Any, Literal, NamedTuple, Self

import orjson
from pydantic import BaseModel, ConfigDict
from sqlalchemy import Column, Index, Integer, MetaData, Table, Text, UniqueConstraint, select

from chassis.answer import Answer
from chassis.clock import rfc3339
from chassis.database import Transaction
from chassis.identifiers import new_id
from chassis.messages import Command, Result
from chassis.policies import activations, named
from chassis.preconditions import etag, stale_version
from chassis.problems import Problem
from contracts.identifiers import LongText, Sha256
from contracts.reference import codes_of
from contracts.values import dataclass

Case = Mapping[str, Any]
"""A row of the table, by the names of its columns."""


class CaseState(StrEnum):
    OPEN = "open"
    CLOSED = "closed"


class CaseClosureSent(BaseModel):
    """``stands``: the decision stays. ``set_aside_sought``: that it be set aside is asked elsewhere, by a call of its own."""

    model_config = ConfigDict(extra="forbid")

    result: Literal["stands", "set_aside_sought"]
    reason: LongText
    document_sha256: Sha256 | None = None


class SetRef(NamedTuple):
    """A policy set by its id and version."""

    id: str
    version: int


@dataclass(frozen=True, slots=True)
class Side:
    """A decision as far as a case tells of it; ``reasons``: code and variant in the catalogue of ``policy``, which gives the clauses."""

    outcome: str
    policy: SetRef
    reasons: tuple[tuple[str, str | None], ...] = ()
    flags: tuple[str, ...] = ()

    def stored(self) -> str:
        return orjson.dumps({"outcome": self.outcome, "policy": list(self.policy), "reasons": self.reasons, "flags": self.flags}).decode()

    @classmethod
    def of(cls, text: str) -> Self:
        body = orjson.loads(text)
        return cls(body["outcome"], SetRef(*body["policy"]), tuple((code, variant) for code, variant in body["reasons"]), body["flags"])

    def shown(self) -> list[dict[str, Any]]:
        """Its reasons, each with its clause."""
        policy = named(self.policy)
        return [policy.reason(code, variant).shown() for code, variant in self.reasons]


@dataclass(frozen=True, slots=True)
class Otherwise:
    """Something decided that the set of ``would_be`` would decide otherwise. ``about``: what else tells the reader what it is."""

    subject: str
    township_code: str | None
    was: Side
    would_be: Side
    about: Mapping[str, str | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Filters of the list; None: not filtered. ``townships``: those asked for that the caller sees."""

    state: CaseState | None = None
    subject: str | None = None
    townships: Collection[str] | None = None

    @classmethod
    def of(cls, state: CaseState | None, subject: str | None, township_code: str | None, seen: Collection[str] | None) -> Self:
        """What was asked for, as far as a caller sees who sees the townships ``seen`` (None: all)."""
        if township_code is None:
            return cls(state, subject, seen)
        return cls(state, subject, [code for code in codes_of(township_code) if seen is None or code in seen])


@dataclass(frozen=True, slots=True)
class CloseCase:
    """``seen``: the townships whose cases the caller sees, None: all. ``version``: the one the caller has seen, if it says so."""

    case_id: str
    sent: CaseClosureSent
    seen: Collection[str] | None
    version: int | None = None


class ReviewCases:
    """The cases of one service, in its own table. ``subject`` names the column of what was decided, and its place in answers;
    ``closed_by``: the role and the unit that close them.
    """

    def __init__(self, metadata: MetaData, subject: str, closed_by: tuple[str, str]) -> None:
        self.subject = subject
        self.table = _table(metadata, subject)
        self._role, self._unit = closed_by

    def open(self, tx: Transaction, found: Sequence[Otherwise]) -> None:
        """Open a case for each, or say in the open one what would be decided now. A closed one stays as it was closed."""
        if not found:
            return
        rows = tx.load(self.table, self.table.c[self.subject], {each.subject for each in found})
        known = {(row._mapping[self.subject], row.policy_id, row.policy_version): row for row in rows}
        new, revised = [], []
        for each in found:
            row = known.get((each.subject, *each.would_be.policy))
            was, would_be = each.was.stored(), each.would_be.stored()
            if row is None:
                new.append(self._opened(tx, each, was, would_be))
            elif row.state == CaseState.OPEN and (row.was, row.would_be) != (was, would_be):
                revised.append((was, would_be, row.version + 1, row.review_case_id))
        tx.insert_new(self.table, new)
        tx.update(self.table, ("was", "would_be", "version", "review_case_id"), revised)

    def _opened(self, tx: Transaction, each: Otherwise, was: str, would_be: str) -> dict[str, Any]:
        return {
            "review_case_id": new_id("rvc_"),
            self.subject: each.subject,
            "policy_id": each.would_be.policy.id,
            "policy_version": each.would_be.policy.version,
            "township_code": each.township_code,
            "about": orjson.dumps(each.about).decode(),
            "was": was,
            "would_be": would_be,
            "opened_at": rfc3339(tx.now),
            "version": 1,
            "state": str(CaseState.OPEN),
        }

    def by_id(self, tx: Transaction, case_id: str) -> Case | None:
        return next((dict(row._mapping) for row in tx.load(self.table, self.table.c.review_case_id, [case_id])), None)

    def page(self, tx: Transaction, wanted: Wanted, after: Sequence[Any] | None, limit: int) -> list[Case]:
        """Newest first, one row more than ``limit`` if there is a next page."""
        columns = self.table.c
        query = select(self.table).order_by(columns.review_case_id.desc()).limit(limit + 1)
        if wanted.state is not None:
            query = query.where(columns.state == str(wanted.state))
        if wanted.subject is not None:
            query = query.where(columns[self.subject] == wanted.subject)
        if wanted.townships is not None:
            query = query.where(columns.township_code.in_(sorted(wanted.townships)))
        if after is not None:
            query = query.where(columns.review_case_id < str(after[0]))
        return [dict(row._mapping) for row in tx.rows(query)]

    def counts(self, tx: Transaction, policy_id: str, version: int) -> dict[str, int]:
        """Of one policy set, by state."""
        text = "SELECT state, count(*) FROM review_case WHERE policy_id = ? AND policy_version = ? GROUP BY state"
        counted = dict(tx.sql(text, (policy_id, version)))
        return {str(state): counted.get(state, 0) for state in CaseState}

    def close(self, batch: Sequence[Command[CloseCase]], tx: Transaction) -> Result:
        """Note what was found; nothing that was decided changes."""
        result = Result()
        activations(tx)
        for command in batch:
            try:
                result.answers.append(self._close(command, tx))
            except Problem as problem:
                result.answers.append(problem)
        return result

    def _close(self, command: Command[CloseCase], tx: Transaction) -> Case:
        wanted, by = command.data, command.principal
        case = self.by_id(tx, wanted.case_id)
        if case is None or not may_see(case, wanted.seen):
            raise case_not_found()
        if not by.has(self._role) or by.unit != self._unit:
            raise for_others(self._unit)
        if wanted.version not in (None, case["version"]):
            raise stale_version(case["version"])
        if case["state"] != CaseState.OPEN:
            raise already_closed(case["result"])
        closed = {
            "state": str(CaseState.CLOSED),
            "result": wanted.sent.result,
            "reason": wanted.sent.reason,
            "document_sha256": wanted.sent.document_sha256,
            "closed_by": by.sub,
            "closed_at": rfc3339(tx.now),
            "version": case["version"] + 1,
        }
        tx.update(self.table, (*closed, "review_case_id"), [(*closed.values(), wanted.case_id)])
        return {**case, **closed}

    def shown(self, case: Case) -> dict[str, Any]:
        """A case as the public surface shows it."""
        was, would_be = Side.of(case["was"]), Side.of(case["would_be"])
        return {
            "review_case_id": case["review_case_id"],
            "version": case["version"],
            self.subject: case[self.subject],
            **orjson.loads(case["about"]),
            "township_code": case["township_code"],
            "policy": would_be.policy._asdict(),
            "was": was.outcome,
            "would_be": would_be.outcome,
            "was_by": was.policy._asdict(),
            "reasons": {"was": was.shown(), "would_be": would_be.shown()},
            "flags": {"was": was.flags, "would_be": would_be.flags},
            **{name: case[name] for name in ("opened_at", "state", "result", "reason", "document_sha256", "closed_by", "closed_at")},
        }

    def answer(self, case: Case) -> Answer:
        return Answer(200, self.shown(case), etag(case["version"]))


def may_see(case: Case, seen: Collection[str] | None) -> bool:
    return seen is None or case["township_code"] in seen


def case_not_found() -> Problem:
    """404, also for a case the caller may not see."""
    return Problem(404, "not-found", "没有此复核事项，或者您无权查看", "there is no such review case, or you may not see it")


def for_others(unit: str) -> Problem:
    return Problem(403, "forbidden", f"复核事项由 {unit} 的审查人员办结", f"a review case is closed by a reviewer of {unit}")


def already_closed(result: str) -> Problem:
    return Problem(409, "wrong-state", f"此复核事项已办结（{result}）", f"this review case is closed already ({result})", result=result)


def _table(metadata: MetaData, subject: str) -> Table:
    """``about``, ``was``, ``would_be``: JSON, the latter two of a ``Side``. Times are RFC 3339 in UTC."""
    table = Table(
        "review_case",
        metadata,
        Column("review_case_id", Text, primary_key=True),
        Column(subject, Text, nullable=False),
        Column("policy_id", Text, nullable=False),
        Column("policy_version", Integer, nullable=False),
        Column("township_code", Text),
        Column("about", Text, nullable=False),
        Column("was", Text, nullable=False),
        Column("would_be", Text, nullable=False),
        Column("opened_at", Text, nullable=False),
        Column("version", Integer, nullable=False),
        Column("state", Text, nullable=False),
        Column("result", Text),
        Column("reason", Text),
        Column("document_sha256", Text),
        Column("closed_by", Text),
        Column("closed_at", Text),
        UniqueConstraint(subject, "policy_id", "policy_version"),
    )
    Index("review_case_state", table.c.state, table.c.review_case_id)
    Index("review_case_township", table.c.township_code, table.c.review_case_id)
    Index("review_case_policy", table.c.policy_id, table.c.policy_version, table.c.state)
    return table
