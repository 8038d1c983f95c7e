"""What falls due on a filing: the registration period, and the day by which papers must come. Passing a day decides nothing here.

Three working days, once extended by three with approval: 市场主体登记管理条例 (State Council Order 746), article 19, in force 2022-03-01.
Its text is not among the papers shipped: counsel confirms the number and what stops the count.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from chassis.deadlines import DeadlineState, state_of, working_days_after
from contracts.values import dataclass
from contracts.vocabulary import FilingReason, FilingStatus, Unit
from services.registration.domain import OPEN, STATEMENT_DUE, Clock, Decision, Reason, Said
from services.registration.rules.case import DUE_IN_WORKING_DAYS

WORKING_DAYS, EXTENDED_BY = 3, 3
OWNER = Unit.AMR
"""The registrar watches over both."""

APPLICANTS_TURN = DUE_IN_WORKING_DAYS | {
    FilingReason.STATEMENT_REVOKED,
    FilingReason.STATEMENT_FORGED,
    FilingReason.STATEMENT_NEGATIVE,
    FilingReason.PRODUCTION_SITE_MISSING,
}
"""Reasons that only the applicant's papers end: while one stands, the registrar's days do not run."""


@dataclass(frozen=True, slots=True)
class Deadline:
    """``kind``: registration or correction. ``due`` None: paused, or no calendar reaches that far. ``owner`` watches over it."""

    kind: str
    due: date | None
    paused_since: date | None = None
    owner: Unit = OWNER

    def state(self, today: date) -> DeadlineState:
        return DeadlineState.PAUSED if self.paused_since else state_of(self.due, today)


def stands_still(status: FilingStatus, reasons: Collection[Reason]) -> bool:
    """Held for papers, or refused: the registrar has nothing to do until the applicant acts."""
    waits = status is FilingStatus.HELD and not APPLICANTS_TURN.isdisjoint(reason.code for reason in reasons)
    return waits or status is FilingStatus.REFUSED


def deadlines_of(status: FilingStatus, submitted_on: date, decision: Decision, said: Said) -> tuple[Deadline, ...]:
    """What falls due while the filing is open; nothing once it is decided."""
    if status not in OPEN:
        return ()
    registration, correction = _registration(submitted_on, said), _correction(status, decision, said)
    return (registration,) if correction is None else (registration, correction)


def _registration(submitted_on: date, said: Said) -> Deadline:
    last = said.pauses[-1] if said.pauses else None
    if last is not None and last.until is None:
        return Deadline("registration", None, last.since)
    count = WORKING_DAYS + (EXTENDED_BY if said.extension else 0)

    def does_not_count(day: date) -> bool:  # a day on which it stood still for any part is nobody's
        return any(pause.since <= day <= (pause.until or day) for pause in said.pauses)

    return Deadline("registration", working_days_after(submitted_on, count, does_not_count if said.pauses else None))


def _correction(status: FilingStatus, decision: Decision, said: Said) -> Deadline | None:
    if status is not FilingStatus.HELD or decision.statement not in STATEMENT_DUE or said.clock is None:
        return None
    disputed = any(reason.code is FilingReason.TOWNSHIP_DISPUTED for reason in decision.reasons)
    return Deadline("correction", None, _stopped(said.clock)) if disputed else Deadline("correction", said.clock.due)


def _stopped(clock: Clock) -> date:
    """The day the dispute stopped it; of a clock stored before such days were, the day it began."""
    return clock.pauses[-1].since if clock.pauses else clock.since
