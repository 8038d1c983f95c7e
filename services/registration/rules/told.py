"""Who is told of a decision: tasks 18 and 19 of 000 annex 2 name the units, each further clause adds its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from contracts.vocabulary import FilingReason, Flag, LandVerdict, Unit
from services.registration.domain import Reason

ORDER = (Unit.AMR, Unit.PSC, Unit.TWN, Unit.NRP, Unit.EIT, Unit.EEB, Unit.EMB, Unit.PARK, Unit.CLE, Unit.MGO, Unit.QW)

LAND_SUPPLIERS = frozenset({Unit.NRP, Unit.EIT})
"""The lead units of R08 to R10, which decide who gets new land."""

OF_LAND: Mapping[LandVerdict, frozenset[Unit]] = {
    LandVerdict.INDUSTRIAL: frozenset({Unit.AMR, Unit.PSC}),
    LandVerdict.TRANSITION: frozenset({Unit.AMR, Unit.PSC, Unit.TWN, Unit.NRP, Unit.EIT}),
    LandVerdict.NON_INDUSTRIAL: frozenset({Unit.AMR, Unit.PSC, Unit.TWN, Unit.EEB, Unit.EMB}),
    LandVerdict.UNKNOWN: frozenset({Unit.AMR, Unit.PSC, Unit.TWN, Unit.NRP}),
    LandVerdict.MIXED: frozenset({Unit.AMR, Unit.PSC, Unit.TWN, Unit.NRP}),
}

OF_REASON: Mapping[FilingReason, frozenset[Unit]] = {
    FilingReason.STATEMENT_FORGED: frozenset({Unit.CLE, Unit.MGO}),
    FilingReason.HIGH_POLLUTION_REVIEW: frozenset({Unit.EEB}),
    FilingReason.PARK_ADMISSION_MISSING: frozenset({Unit.PARK, Unit.EIT}),
    FilingReason.OPEN_LIST_REVIEW: frozenset({Unit.MGO}),
    FilingReason.TOWNSHIP_DISPUTED: frozenset({Unit.NRP}),
}

OF_FLAG: Mapping[Flag, frozenset[Unit]] = {
    Flag.HIGH_POLLUTION: frozenset({Unit.EEB}),
    Flag.CENTRAL_CITY: LAND_SUPPLIERS,
    Flag.QIANWAN: LAND_SUPPLIERS,
    Flag.LAND_NOT_SUPPLIED: LAND_SUPPLIERS,
}

REGISTRAR_AND_POWER = (Unit.AMR, Unit.PSC)
OUT_OF_AREA = (Unit.AMR, Unit.QW)
WIDE_INDUSTRY_IN_A_VILLAGE = (Unit.AMR, Unit.TWN, Unit.EEB, Unit.EMB)


def told_of_manufacturing(
    land: LandVerdict, reasons: Sequence[Reason], flags: Sequence[Flag], *, wants_land: bool = False
) -> tuple[Unit, ...]:
    """The units of a manufacturer's decision, in the fixed order. ``wants_land``: new land that its grade limits or bars (R10)."""
    units = OF_LAND[land] | (LAND_SUPPLIERS if wants_land else frozenset())
    for reason in reasons:
        units |= OF_REASON.get(reason.code, frozenset())
    for flag in flags:
        units |= OF_FLAG.get(flag, frozenset())
    return tuple(unit for unit in ORDER if unit in units)


def told_of_others(flags: Sequence[Flag]) -> tuple[Unit, ...]:
    """The units of an acceptance that is not manufacturing: R01 reaches mining and energy too."""
    return WIDE_INDUSTRY_IN_A_VILLAGE if Flag.VILLAGE_STRICT in flags else (Unit.AMR,)
