"""What another setting of the switches would decide: the question as it is asked, the sets it is tried with, its flips counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import field
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple, Self

import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from chassis.paging import cursor_of_key
from chassis.policies import refuse_faulty
from chassis.problems import FieldError, Problem, invalid_input
from chassis.problems.fields import problem_of
from contracts import reference
from contracts.identifiers import Day, TownshipCode
from contracts.policy import Policy, missing_wordings
from contracts.values import dataclass

FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2999, 12, 31)


class WhatIfSent(BaseModel):
    """Some switches turned. ``from`` and ``to``: days of the city, both included."""

    model_config = ConfigDict(extra="forbid")

    switches: dict[str, Any]
    first: Day | None = Field(None, alias="from", ge=FIRST_DAY, le=LAST_DAY)
    last: Day | None = Field(None, alias="to", ge=FIRST_DAY, le=LAST_DAY)
    township_code: TownshipCode | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """``policy_set``: a whole candidate; without it ``switches`` are turned in the set in force."""

    switches: Mapping[str, Any]
    policy_set: Mapping[str, Any] | None = None
    first: date | None = None
    last: date | None = None
    township_code: str | None = None

    @classmethod
    def of(cls, body: Mapping[str, Any]) -> Self:
        """Read what was sent; a whole set is known by its ``rules``. Raises the 422 that names every fault."""
        if "rules" in body:
            return cls({}, body)
        try:
            sent = WhatIfSent.model_validate(body)
        except ValidationError as error:
            raise invalid_input(error, body) from error
        if sent.first is not None and sent.last is not None and sent.first > sent.last:
            zh, en = "开始日期不得晚于结束日期", "the first day must not be after the last"
            raise Problem(422, "invalid-input", zh, en, [FieldError("/from", "out-of-order", f"{zh} / {en}")])
        return cls(sent.switches, None, sent.first, sent.last, sent.township_code)

    def candidate(self, present: Policy) -> Policy:
        """The set to be tried. Raises the 422 that names every bad switch, and every case a whole set does not word."""
        try:
            candidate = present.with_switches(self.switches) if self.policy_set is None else Policy.of(self.policy_set)
        except ValidationError as error:
            errors = error.errors(include_url=False, include_input=False)
            inside: tuple[str, ...] = ("switches",) if self.policy_set is None else ()
            body = {"switches": self.switches} if self.policy_set is None else self.policy_set
            raise problem_of([{**each, "loc": (*inside, *each["loc"])} for each in errors], body) from error
        if self.policy_set is not None:
            refuse_faulty(missing_wordings(candidate.set))
        return candidate

    def asks_about(self, day: date) -> bool:
        return (self.first is None or self.first <= day) and (self.last is None or day <= self.last)

    def sets(self, present: Policy) -> Sets:
        """What it is tried with; the same question again gets the same object. Raises the 422 of ``candidate``."""
        try:
            asked = orjson.dumps([self.switches, self.policy_set], option=orjson.OPT_SORT_KEYS)
        except orjson.JSONEncodeError as error:
            raise Problem(422, "invalid-input", "内容嵌套过深", "the body is nested too deep") from error
        return _sets(present, asked)

    @property
    def townships(self) -> tuple[str, ...] | None:
        """Every code of the township asked about, those merged into it too; None: all townships."""
        return None if self.township_code is None else reference.codes_of(self.township_code)

    def asks_about_place(self, township_code: str | None) -> bool:
        return self.townships is None or township_code in self.townships


@dataclass(frozen=True, eq=False)
class Sets:
    """The set in force, the candidate, and the set in force with each turned switch alone, if several are turned.

    Of a whole candidate set no switch is named: its rules and texts may differ too.
    """

    present: Policy
    candidate: Policy
    turned: tuple[str, ...]
    alone: tuple[str, ...]
    policies: tuple[Policy, ...]

    def change(self, outcome: Callable[[int], Outcome]) -> Change | None:
        """What is decided otherwise, and by which switches. ``outcome``: under the set at that place of ``policies``."""
        was, would_be = outcome(0), outcome(1)
        if was == would_be:
            return None
        alone = [name for place, name in enumerate(self.alone, 2) if outcome(place) == would_be]
        return Change(was, would_be, ", ".join(alone or self.turned) or None)


@lru_cache(maxsize=8)
def _sets(present: Policy, asked: bytes) -> Sets:
    switches, policy_set = orjson.loads(asked)
    candidate = Question(switches, policy_set).candidate(present)
    before, after = present.switches.model_dump(mode="json"), candidate.switches.model_dump(mode="json")
    turned = () if policy_set is not None else tuple(name for name in after if after[name] != before[name])
    alone = turned if len(turned) > 1 else ()
    policies = (present, candidate, *(present.with_switches({name: after[name]}) for name in alone))
    return Sets(present, candidate, turned, alone, policies)


@dataclass(frozen=True, slots=True)
class Outcome:
    """A decision as far as it can flip: ``rules`` of each code of ``reasons`` and ``flags``."""

    outcome: str
    reasons: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    rules: Mapping[str, str] = field(default_factory=dict, compare=False)


class Change(NamedTuple):
    """A decision that would be another. ``switch``: those that alone make it so, else all that are turned."""

    was: Outcome
    would_be: Outcome
    switch: str | None


@dataclass(frozen=True, slots=True)
class Flip:
    """One decision that would be another, and where."""

    id: str
    township_code: str | None
    change: Change

    @property
    def reason(self) -> str | None:
        """The first reason or flag that comes, else goes, else stays but weighs otherwise; None: none is named, either way."""
        new, old = self.change.would_be, self.change.was
        came = (code for code in (*new.reasons, *new.flags) if code not in (*old.reasons, *old.flags))
        went = (code for code in (*old.reasons, *old.flags) if code not in (*new.reasons, *new.flags))
        return next((code for code in (*came, *went, *new.reasons)), None)

    @property
    def rule(self) -> str | None:
        """The rule of that reason."""
        return None if self.reason is None else {**self.change.was.rules, **self.change.would_be.rules}.get(self.reason)

    @property
    def township_of_today(self) -> str | None:
        """The one code of the township, also of one that was merged into it since."""
        return self.township_code and (reference.canonical_code(self.township_code) or self.township_code)

    @property
    def group(self) -> str | None:
        unit = None if self.township_code is None else reference.township(self.township_code)
        return None if unit is None else unit.group

    def shown(self, name: str) -> dict[str, Any]:
        was, would_be = self.change.was, self.change.would_be
        return {
            name: self.id,
            "was": was.outcome,
            "would_be": would_be.outcome,
            "switch": self.change.switch,
            "township_code": self.township_code,
            "group": self.group,
            "rule": self.rule,
            "reason": self.reason,
            "reasons": {"was": list(was.reasons), "would_be": list(would_be.reasons)},
            "flags": {"was": list(was.flags), "would_be": list(would_be.flags)},
        }


class Chunk(NamedTuple):
    """What a part of the stored facts brought. ``last``: the id it ended with."""

    last: str
    checked: int
    not_judged: int
    flips: list[Flip]


BY = ("township", "group", "rule", "reason", "switch")


@dataclass(slots=True)
class Tally:
    """What was found so far. The first page counts everything; a later one (``counts`` false) only looks for its own items.

    ``name`` is that of an item's id, ``total`` the number of facts asked about; ``limit`` 0: no items are wanted, only their counts.
    """

    name: str
    limit: int
    total: int
    counts: bool
    checked: int = 0
    not_judged: int = 0
    flips: int = 0
    items: list[Flip] = field(default_factory=list)
    by: dict[str, Counter[str]] = field(default_factory=lambda: {name: Counter() for name in BY})

    @property
    def done(self) -> bool:
        return not self.counts and len(self.items) > self.limit

    def add(self, chunk: Chunk) -> None:
        """What one chunk brought; items beyond the page are counted, not kept."""
        self.checked += chunk.checked
        self.not_judged += chunk.not_judged
        self.flips += len(chunk.flips)
        self.items += chunk.flips[: max(0, self.limit + 1 - len(self.items))]
        for flip in chunk.flips:
            self.by["township"][flip.township_of_today or "unknown"] += 1
            self.by["group"][flip.group or "none"] += 1
            self.by["rule"][flip.rule or "none"] += 1
            self.by["reason"][flip.reason or "none"] += 1
            if flip.change.switch is not None:
                self.by["switch"][flip.change.switch] += 1

    def progress(self) -> dict[str, Any]:
        return {"checked": self.checked, "total": self.total}

    def shown(self, present: Policy) -> dict[str, Any]:
        shown = self.items[: self.limit]
        summary = {
            "flips": self.flips,
            "not_judged": self.not_judged,
            **{f"by_{name}": dict(sorted(n.items())) for name, n in self.by.items()},
        }
        return {
            **self.progress(),
            "items": [flip.shown(self.name) for flip in shown],
            "next_cursor": cursor_of_key([shown[-1].id]) if shown and len(self.items) > self.limit else None,
            "summary": summary if self.counts else None,
            "policy": {"id": present.ref.id, "version": present.ref.version},
        }
