"""Land-use classes by (scheme, code). The same digits mean different land in different schemes: a bare code is never looked up."""

from typing import Literal

from contracts.reference.tables import rows_of
from contracts.values import dataclass

Industrial = Literal["yes", "no", "ambiguous", "evidence_only"]

SURVEY = "SANDIAO"
SCHEMES = ("GB/T21010-2017", "YDYH-2023", "GB50137-2011", SURVEY)
"""GB/T 21010-2017; the 2023 guide for survey, planning and use control; the old urban plan codes; the third land survey."""


@dataclass(frozen=True, slots=True)
class LandClass:
    """One class of one scheme.

    ``industrial_default`` is the reading of the rule, not part of the standard: ``ambiguous`` for a level-1 code that covers both kinds,
    ``evidence_only`` for industry in the land survey, which shows what stands there and gives no right. ``warehouse``: storage land.
    """

    scheme: str
    code: str
    name_zh: str
    name_en: str
    level: int
    industrial_default: Industrial
    warehouse: bool
    note: str

    @property
    def is_surveyed(self) -> bool:
        """Of the land survey: such a class may tell that land is not industrial, never that it is."""
        return self.scheme == SURVEY


def _industrial(word: str) -> Industrial:
    match word:
        case "yes" | "no" | "ambiguous" | "evidence_only":
            return word
    raise ValueError(f"land_use_classes.csv: {word!r} is no reading")


_CLASSES = {
    (row["scheme"], row["code"]): LandClass(
        scheme=row["scheme"],
        code=row["code"],
        name_zh=row["name_zh"],
        name_en=row["name_en"],
        level=int(row["level"]),
        industrial_default=_industrial(row["industrial"]),
        warehouse=row["warehouse"] == "1",
        note=row["note"],
    )
    for row in rows_of("land_use_classes")
}


def land_classes() -> tuple[LandClass, ...]:
    """All classes of all schemes."""
    return tuple(_CLASSES.values())


def land_class(scheme: str, code: str) -> LandClass | None:
    """The class of a code in a scheme, or None."""
    return _CLASSES.get((scheme, code))
