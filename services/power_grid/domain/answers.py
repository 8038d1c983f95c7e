"""One question about three-phase power, and its answer."""

from __future__ import annotations

from dataclasses import field
from datetime import date
from enum import StrEnum

from contracts.policy import FIRST, Policy
from contracts.values import dataclass
from contracts.vocabulary import Grade, InstallKind, LandVerdict, PolicyRef, PowerDecision, PowerReason, Unit


class Use(StrEnum):
    """What a place is used for, as far as anybody has said."""

    MANUFACTURING = "manufacturing"
    OTHER = "other"
    UNDECLARED = "undeclared"


@dataclass(frozen=True, slots=True)
class Strand:
    """One use on one piece of land. A question may have several: each is judged, the strictest counts.

    ``plan_changed_on``: the day the register first told that the plan is another; null: not known.
    ``set_aside``: the decision on the filing behind it was, and the next one is awaited. ``survey_only``: that the land is used by
    industry is known from a survey alone. ``forged_statement``: of somebody else's filing behind it.
    """

    land: LandVerdict
    use: Use
    grade: Grade | None = None
    planned_implementation: date | None = None
    has_statement: bool = False
    survey_only: bool = False
    plan_changed_on: date | None = None
    set_aside: bool = False
    forged_statement: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    """Everything one answer depends on. ``adds`` is false for a replacement or reduction; ``asked_on`` is the day of the request.

    ``cleared`` and ``refused`` are the reason codes the responsible unit has decided on; ``overridden`` that two units have signed,
    ``appeal_reversed`` that the block of the site was reversed on appeal.
    """

    policy: Policy
    kind: InstallKind
    adds: bool
    asked_on: date
    today: date
    land: LandVerdict
    strands: tuple[Strand, ...]
    watch_until: date | None = None
    cleared: frozenset[str] = frozenset()
    refused: frozenset[str] = frozenset()
    overridden: bool = False
    appeal_reversed: bool = False
    registered: bool = False
    forged_statement: bool = False


@dataclass(frozen=True, slots=True)
class Reason:
    """A code of the reason catalogue, its variant, and the day it ends by itself."""

    code: PowerReason
    variant: str | None = None
    due: date | None = None


@dataclass(frozen=True, slots=True)
class Obstacle:
    """What one rule holds against a request. ``proposed``: what would be right once the owner confirms."""

    decision: PowerDecision
    reason: Reason
    proposed: PowerDecision | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What may be done, why not more, on which land. ``notify``, who is told, and ``policy``, which decided, tell no answers apart.

    ``overridden``: allowed in spite of its reasons; ``appeal_reversed``: on hold where it would be blocked.
    """

    decision: PowerDecision
    land: LandVerdict
    reasons: tuple[Reason, ...] = ()
    proposed: PowerDecision | None = None
    notify: tuple[Unit, ...] = field(default=(), compare=False)
    overridden: bool = False
    policy: PolicyRef = field(default=FIRST.ref, compare=False)
    appeal_reversed: bool = False
