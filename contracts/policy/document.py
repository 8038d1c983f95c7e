"""The shape of a policy set file: rules with their clauses, switches with their reasons, the texts of every reason and flag."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date
from typing import Annotated, Literal, NamedTuple, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from contracts.policy.switches import Switches
from contracts.vocabulary import Clause, FilingReason, Flag, PowerReason, StatementFinding, Tag, Unit

Words = Annotated[str, StringConstraints(min_length=1)]
LARGEST_VERSION = 2**31 - 1
WORDED_LATER = frozenset({"set_aside_review"})
"""Codes that came after sets had been handed in: one without words for them has those of the shipped set."""

RuleId = Annotated[str, StringConstraints(pattern=r"^R\d{2}$")]


class SetFault(NamedTuple):
    """What is wrong with a set that is read: where in it, about which rule or case, what to do (zh / en), and the foreign quote."""

    path: tuple[str | int, ...]
    about: str
    code: str
    message: str
    quote: str | None = None


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Text(_Part):
    """The same sentence in Chinese and English."""

    zh: Words
    en: Words

    def __str__(self) -> str:
        return f"{self.zh} / {self.en}"


class Rule(_Part):
    """One rule of the papers.

    ``mode``: hard changes an outcome by itself, soft only through a person or a switch, flag marks and notifies,
    context is kept for reports.
    ``group``: a place, b statement, c power, d zones and classes, e lists, f responsibility.
    """

    id: RuleId
    title: Text
    mode: Literal["hard", "soft", "flag", "context"]
    group: Literal["a", "b", "c", "d", "e", "f"]
    scope: Literal["registration", "statement", "power", "land", "project", "land_supply", "list", "governance"]
    effect: Text
    lead: tuple[str, ...]
    cooperate: tuple[str, ...]
    notify: tuple[Unit, ...]
    clauses: Annotated[tuple[Clause, ...], Field(min_length=1)]
    effective_from: date
    effective_to: date | None


class SwitchNote(_Part):
    """What a switch decides and why its default is what it is; ``rule`` is the rule it belongs to."""

    rule: RuleId
    decides: Text
    reason: Text


class ReasonEntry(_Part):
    """A reason of a decision. ``owner``: the unit whose word ends the hold, None where only papers do."""

    rule: RuleId
    clause: Clause
    owner: Unit | None
    message: Text
    remedy: Text
    would_change_if: Text


class Mark(_Part):
    """A flag or tag: which rule gives it and what it means."""

    rule: RuleId
    clause: Clause
    meaning: Text


class PolicySet(_Part):
    """One version of a policy set.

    ``confirmed_by`` null: nobody has confirmed yet that the papers stand; ``status_note`` says what is open.

    ``reasons`` are keyed by reason code, or ``code:variant`` for a wording that fits one case better.
    """

    id: Annotated[Words, Field(max_length=100)]
    version: Annotated[int, Field(ge=1, le=LARGEST_VERSION)]
    title: Text
    effective_from: date
    effective_to: date | None
    status_note: Text
    confirmed_by: str | None
    confirmed_at: date | None = None
    switches: Switches
    switch_notes: dict[str, SwitchNote]
    rules: tuple[Rule, ...]
    reasons: dict[str, ReasonEntry]
    flags: dict[Flag, Mark]
    tags: dict[Tag, Mark]
    findings: dict[StatementFinding, Text]

    @model_validator(mode="after")
    def _complete(self) -> Self:
        problems = [*self._gaps(), *self._loose_ends()]
        if problems:
            raise ValueError("; ".join(problems))
        return self

    def _gaps(self) -> Iterator[str]:
        codes = {str(code) for code in (*FilingReason, *PowerReason)}
        wanted: tuple[tuple[str, Collection[str], Collection[str]], ...] = (
            ("reason", codes, {key.partition(":")[0] for key in self.reasons}),
            ("flag", list(Flag), self.flags),
            ("tag", list(Tag), self.tags),
            ("finding", list(StatementFinding), self.findings),
            ("switch", Switches.model_fields.keys(), self.switch_notes),
        )
        for kind, known, written in wanted:
            yield from (f"{kind} {code}: no text" for code in known if code not in written and code not in WORDED_LATER)
            yield from (f"{kind} {code}: no such {kind}" for code in written if code not in known)
        yield from (f"reason {code}: only a variant" for code in sorted(codes - WORDED_LATER) if code not in self.reasons)

    def _loose_ends(self) -> Iterator[str]:
        clauses = {rule.id: rule.clauses for rule in self.rules}
        marks: list[tuple[str, ReasonEntry | Mark]] = [*self.reasons.items(), *self.flags.items(), *self.tags.items()]
        for key, entry in marks:
            if entry.clause not in clauses.get(entry.rule, ()):
                yield f"{key}: its clause is not one of rule {entry.rule}"
        yield from (f"{key}: no rule {note.rule}" for key, note in self.switch_notes.items() if note.rule not in clauses)
        periods = [(self.id, self.effective_from, self.effective_to), *((r.id, r.effective_from, r.effective_to) for r in self.rules)]
        yield from (f"{name}: ends before it begins" for name, start, end in periods if end is not None and end < start)
