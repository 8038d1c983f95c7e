"""What another setting of the switches would decide: the question as it is asked, its flips counted and paged. Nothing is stored."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from chassis.paging import cursor_of_key
from chassis.problems import FieldError, Problem, invalid_input
from chassis.problems.fields import problem_of
from contracts import reference
from contracts.identifiers import Day, TownshipCode
from contracts.policy import Policy

FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2999, 12, 31)
TRIED: dict[int | str, dict[str, Any]] = {
    200: {"description": "哪些决定会改变，及其汇总 / the decisions that would change, and their counts"}
}


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
        """The set to be tried. Raises the 422 that names every bad switch."""
        try:
            return present.with_switches(self.switches) if self.policy_set is None else Policy.of(self.policy_set)
        except ValidationError as error:
            errors = error.errors(include_url=False, include_input=False)
            inside: tuple[str, ...] = ("switches",) if self.policy_set is None else ()
            body = {"switches": self.switches} if self.policy_set is None else self.policy_set
            raise problem_of([{**each, "loc": (*inside, *each["loc"])} for each in errors], body) from error

    def asks_about(self, day: date) -> bool:
        return (self.first is None or self.first <= day) and (self.last is None or day <= self.last)

    def turned(self, present: Policy, candidate: Policy) -> dict[str, Any]:
        """The switches that are really turned; of a whole set, none is named: its rules and texts may differ too."""
        before, after = present.switches.model_dump(mode="json"), candidate.switches.model_dump(mode="json")
        return {} if self.policy_set is not None else {name: after[name] for name in after if after[name] != before[name]}


@dataclass(frozen=True, slots=True)
class Outcome:
    """A decision as far as it can flip: ``rules`` of each code of ``reasons`` and ``flags``."""

    outcome: str
    reasons: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    rules: Mapping[str, str] = field(default_factory=dict, compare=False)


@dataclass(frozen=True, slots=True)
class Flip:
    """One decision that would be another. ``switch``: those that alone make it so, else all that are turned."""

    id: str
    township_code: str | None
    was: Outcome
    would_be: Outcome
    switch: str | None = None

    @property
    def rule(self) -> str | None:
        """The rule of the first reason or flag that comes, else goes, else stays but weighs otherwise."""
        new, old = self.would_be, self.was
        came = [code for code in (*new.reasons, *new.flags) if code not in (*old.reasons, *old.flags)]
        went = [code for code in (*old.reasons, *old.flags) if code not in (*new.reasons, *new.flags)]
        rules = {**old.rules, **new.rules}
        return next((rules[code] for code in (*came, *went, *new.reasons) if code in rules), None)

    @property
    def group(self) -> str | None:
        unit = None if self.township_code is None else reference.township(self.township_code)
        return None if unit is None else unit.group

    def shown(self, name: str) -> dict[str, Any]:
        return {
            name: self.id,
            "was": self.was.outcome,
            "would_be": self.would_be.outcome,
            "switch": self.switch,
            "township_code": self.township_code,
            "group": self.group,
            "rule": self.rule,
            "reasons": {"was": list(self.was.reasons), "would_be": list(self.would_be.reasons)},
            "flags": {"was": list(self.was.flags), "would_be": list(self.would_be.flags)},
        }


def who_turned(would_be: Outcome, alone: Mapping[str, Outcome], turned: Mapping[str, Any]) -> str | None:
    """The switches that alone lead to ``would_be``, else all that are turned; None of a whole set."""
    if not turned:
        return None
    return ", ".join([name for name, outcome in alone.items() if outcome == would_be] or turned)


@dataclass(slots=True)
class Tally:
    """What was found so far. The first page counts everything; a later one (``counts`` false) only looks for its own items."""

    name: str
    limit: int
    counts: bool
    checked: int = 0
    not_judged: int = 0
    items: list[Flip] = field(default_factory=list)
    by: dict[str, Counter[str]] = field(default_factory=lambda: {"township": Counter(), "group": Counter(), "rule": Counter()})
    flips: int = 0

    @property
    def done(self) -> bool:
        return not self.counts and len(self.items) > self.limit

    def add(self, checked: int, not_judged: int, flips: Sequence[Flip]) -> None:
        """What one chunk brought; items beyond the page are counted, not kept."""
        self.checked += checked
        self.not_judged += not_judged
        self.flips += len(flips)
        self.items += flips[: max(0, self.limit + 1 - len(self.items))]
        for flip in flips:
            self.by["township"][flip.township_code or "unknown"] += 1
            self.by["group"][flip.group or "none"] += 1
            self.by["rule"][flip.rule or "none"] += 1

    def shown(self, present: Policy) -> dict[str, Any]:
        shown = self.items[: self.limit]
        summary = {
            "flips": self.flips,
            "not_judged": self.not_judged,
            **{f"by_{name}": dict(sorted(n.items())) for name, n in self.by.items()},
        }
        return {
            "checked": self.checked,
            "items": [flip.shown(self.name) for flip in shown],
            "next_cursor": cursor_of_key([shown[-1].id]) if len(self.items) > self.limit else None,
            "summary": summary if self.counts else None,
            "policy": {"id": present.ref.id, "version": present.ref.version},
        }
