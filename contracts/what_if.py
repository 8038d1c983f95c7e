"""What the land side answers to a what-if: what it finds under several policy sets, asked once for all of them. Nothing is stored."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Self

from pydantic import BaseModel, model_validator

from contracts.land_check import LandFindings
from contracts.vocabulary import LandVerdict, PolicyRef, Value

MOST_ASKED = 2000
"""Filings, and parcels, of one call."""


class LandReading(Value):
    """The verdict on a parcel, and on its units with a use of their own."""

    land_verdict: LandVerdict
    units: Mapping[str, LandVerdict] = {}


class LandTrial(BaseModel):
    """``filings``: id, revision, and for each set the place of its findings in ``findings``; ``parcels``: code and places in ``readings``.

    The sets are, in this order: the one in force (``policy``), the candidate, and the one in force with each of ``switches`` turned alone.
    What no rule reads is left out of findings: facts, parcel, unit, and how the parcel was found.
    """

    policy: PolicyRef
    switches: tuple[str, ...]
    findings: tuple[LandFindings, ...]
    filings: tuple[tuple[str, int, tuple[int, ...]], ...]
    readings: tuple[LandReading, ...] = ()
    parcels: tuple[tuple[str, tuple[int, ...]], ...] = ()

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        """Every place is one of the list, and there is one for each set."""
        sets = 2 + len(self.switches)
        for places, most in (
            *((places, len(self.findings)) for _, _, places in self.filings),
            *((places, len(self.readings)) for _, places in self.parcels),
        ):
            if len(places) != sets or min(places) < 0 or max(places) >= most:
                raise ValueError("places that do not fit what they point to")
        return self

    def is_by(self, present: PolicyRef, switches: tuple[str, ...]) -> bool:
        """Whether it is about those sets."""
        return (self.policy, self.switches) == (present, switches)

    def of_filings(self) -> dict[str, tuple[int, tuple[LandFindings, ...]]]:
        """By filing id, its revision and the findings under each set."""
        return {filing_id: (revision, tuple(self.findings[place] for place in places)) for filing_id, revision, places in self.filings}

    def of_parcels(self) -> dict[str, tuple[LandReading, ...]]:
        """By parcel code, the readings under each set."""
        return {code: tuple(self.readings[place] for place in places) for code, places in self.parcels}
