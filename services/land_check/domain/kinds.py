"""Of a place, all that the rules about land read: places of one kind have one verdict."""

from __future__ import annotations

from typing import NamedTuple

from services.land_check.domain.nouns import Parcel, Part, PlannedUse, Site, Use

HOMESTEAD, OTHER = "000000000000JC00000", "000000000000GB00000"
"""A parcel of the kind needs a code; what rules read of it is whether it says homestead."""


class LandKind(NamedTuple):
    """``registered`` null: no parcel is known there."""

    township_code: str
    part: Part | None
    registered: tuple[Use, ...] | None
    survey: Use | None = None
    planned_use: PlannedUse = PlannedUse.UNCHANGED
    inside_control_line: bool | None = None
    is_homestead: bool = False
    is_superseded: bool = False

    @classmethod
    def of(cls, site: Site) -> LandKind:
        parcel = site.parcel
        if parcel is None:
            return cls(site.township_code, site.part, None)
        return cls(
            site.township_code,
            site.part,
            parcel.uses_at(site.unit_number),
            parcel.survey,
            parcel.planned_use,
            parcel.inside_control_line,
            parcel.is_homestead,
            bool(parcel.superseded_by),
        )

    def site(self) -> Site:
        """A place of which nothing else is known: whatever rules say of it, they say of every place of this kind."""
        if self.registered is None:
            return Site(self.township_code, part=self.part)
        code = HOMESTEAD if self.is_homestead else OTHER
        parcel = Parcel(
            code=code,
            township_code=self.township_code,
            version=1,
            registered=self.registered,
            survey=self.survey,
            planned_use=self.planned_use,
            planned_implementation=None,
            in_village=None,
            in_qianwan=None,
            inside_control_line=self.inside_control_line,
            park_id=None,
            units={},
            source="",
            as_of="",
            superseded_by=(code,) if self.is_superseded else (),
        )
        return Site(self.township_code, code, None, parcel, None, self.part)
