"""A reason ready to be shown: everything but the due date is built once per policy."""

from __future__ import annotations

from datetime import date
from functools import cached_property
from typing import Any

from contracts.policy.document import ReasonEntry, Text
from contracts.values import dataclass
from contracts.vocabulary import Clause, ReasonRef, Unit


@dataclass(frozen=True)
class Reason:
    """One entry of the reason catalogue under its code."""

    code: str
    entry: ReasonEntry

    @property
    def rule(self) -> str:
        return self.entry.rule

    @property
    def clause(self) -> Clause:
        return self.entry.clause

    @property
    def owner(self) -> Unit | None:
        """The unit whose word ends the hold, None where only papers do."""
        return self.entry.owner

    @property
    def message(self) -> Text:
        return self.entry.message

    @property
    def remedy(self) -> Text:
        return self.entry.remedy

    @property
    def would_change_if(self) -> Text:
        return self.entry.would_change_if

    @cached_property
    def _shown(self) -> dict[str, Any]:
        return {
            "code": self.code,
            "rule": self.entry.rule,
            "owner": None if self.entry.owner is None else str(self.entry.owner),
            "clause": self.entry.clause.model_dump(),
            "message": self.entry.message.model_dump(),
            "remedy": self.entry.remedy.model_dump(),
            "due": None,
        }

    @cached_property
    def _ref(self) -> ReasonRef:
        return ReasonRef(code=self.code, rule=self.entry.rule, owner=self.entry.owner, clause=self.entry.clause, due=None)

    def shown(self, due: date | None = None) -> dict[str, Any]:
        """The JSON object of a decision's ``reasons``; the inner objects are shared, do not change them."""
        return self._shown | {"due": None if due is None else due.isoformat()}

    def ref(self, due: date | None = None) -> ReasonRef:
        """The short form that events carry."""
        return self._ref if due is None else self._ref.model_copy(update={"due": due})
