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
BY_REASON: dict[PowerReason, tuple[Unit, ...]] = {
    PowerReason.LAND_UNKNOWN: (Unit.NRP,),
    PowerReason.LAND_MIXED: (Unit.NRP,),
    PowerReason.TRANSITION_DUE: (Unit.NRP, Unit.EIT),
    PowerReason.TRANSITION_UNGRADED: (Unit.NRP, Unit.EIT),
    PowerReason.TRANSITION_CONFIRMATION: (Unit.NRP, Unit.EIT),
    PowerReason.LOW_VOLTAGE_REVIEW: (Unit.MGO,),
    PowerReason.WATCH_PERIOD: (Unit.MGO,),
    PowerReason.SET_ASIDE_REVIEW: (Unit.MGO,),
}
"""Whoever must end a hold, and beside the owner of the transition zone the other lead unit of R07."""


def units_told(question: Question, reasons: Iterable[Reason]) -> tuple[Unit, ...]:
    """The power company always; the others by the land of the place, and of each use there, once manufacturing is known or declared;
    whoever must end a hold.
    """
    told = {Unit.PSC}
    lands = {strand.land for strand in question.strands if strand.use is Use.MANUFACTURING}
    if lands or question.land in (LandVerdict.PENDING, LandVerdict.OUT_OF_AREA):
        told.update(*(BY_LAND[land] for land in {question.land, *lands}))
    elif question.registered:
        told.add(Unit.AMR)
    if question.forged_statement:
        told.update((Unit.CLE, Unit.MGO))
    told.update(*(BY_REASON.get(reason.code, ()) for reason in reasons))
    return tuple(unit for unit in ORDER if unit in told)
