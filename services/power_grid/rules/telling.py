"""Who must be told of an answer or a standing block (000 annex 2, tasks 18 and 19)."""

from __future__ import annotations

from collections.abc import Iterable

from contracts.vocabulary import LandVerdict, PowerReason, Unit
from services.power_grid.domain import Question, Reason, Use

ORDER = tuple(Unit)
BY_LAND: dict[LandVerdict, tuple[Unit, ...]] = {
    LandVerdict.INDUSTRIAL: (Unit.AMR, Unit.PSC),
    LandVerdict.NON_INDUSTRIAL: (Unit.AMR, Unit.PSC, Unit.TWN, Unit.EEB, Unit.EMB),
    LandVerdict.TRANSITION: (Unit.AMR, Unit.PSC, Unit.TWN, Unit.NRP, Unit.EIT),
    LandVerdict.UNKNOWN: (Unit.AMR, Unit.PSC, Unit.TWN, Unit.NRP),
    LandVerdict.MIXED: (Unit.AMR, Unit.PSC, Unit.TWN, Unit.NRP),
    LandVerdict.PENDING: (Unit.AMR, Unit.PSC, Unit.TWN, Unit.NRP),
    LandVerdict.OUT_OF_AREA: (Unit.PSC, Unit.QW),
}
OWNERS = {
    PowerReason.LAND_UNKNOWN: Unit.NRP,
    PowerReason.LAND_MIXED: Unit.NRP,
    PowerReason.LOW_VOLTAGE_REVIEW: Unit.MGO,
    PowerReason.WATCH_PERIOD: Unit.MGO,
    PowerReason.SET_ASIDE_REVIEW: Unit.MGO,
}


def units_told(question: Question, reasons: Iterable[Reason]) -> tuple[Unit, ...]:
    """The power company always; the others by the land once manufacturing is known or declared; whoever must end a hold."""
    told = {Unit.PSC}
    manufacturing = any(strand.use is Use.MANUFACTURING for strand in question.strands)
    if manufacturing or question.land in (LandVerdict.PENDING, LandVerdict.OUT_OF_AREA):
        told.update(BY_LAND[question.land])
    elif question.registered:
        told.add(Unit.AMR)
    if question.forged_statement:
        told.update((Unit.CLE, Unit.MGO))
    told.update(OWNERS[reason.code] for reason in reasons if reason.code in OWNERS)
    return tuple(unit for unit in ORDER if unit in told)
