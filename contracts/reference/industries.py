"""GB/T 4754-2017: sections of all divisions, the classes of section C, and the city's words for trades mapped to codes."""

from typing import Literal

from contracts.reference.tables import rows_of
from contracts.values import dataclass

_SECTIONS = {
    "A": range(1, 6),
    "B": range(6, 13),
    "C": range(13, 44),
    "D": range(44, 47),
    "E": range(47, 51),
    "F": range(51, 53),
    "G": range(53, 61),
    "H": range(61, 63),
    "I": range(63, 66),
    "J": range(66, 70),
    "K": range(70, 71),
    "L": range(71, 73),
    "M": range(73, 76),
    "N": range(76, 80),
    "O": range(80, 83),
    "P": range(83, 84),
    "Q": range(84, 86),
    "R": range(86, 91),
    "S": range(91, 97),
    "T": range(97, 98),
}
_SECTION_OF_DIVISION = {f"{division:02}": letter for letter, divisions in _SECTIONS.items() for division in divisions}


@dataclass(frozen=True, slots=True)
class IndustryClass:
    """A division (2 digits), group (3) or class (4) of section C; ``name_en`` is known for divisions only, else empty."""

    code: str
    level: Literal["division", "group", "class"]
    name_zh: str
    name_en: str


@dataclass(frozen=True, slots=True)
class PollutingTrade:
    """A word of 002 §二(三) mapped to a class: ``primary`` counts by its code, ``secondary`` only with the process, ``excluded`` never."""

    term_zh: str
    term_en: str
    code: str
    role: Literal["primary", "secondary", "excluded"]
    process: str
    note: str


def _level(code: str) -> Literal["division", "group", "class"]:
    return "division" if len(code) == 2 else "group" if len(code) == 3 else "class"


def _role(word: str) -> Literal["primary", "secondary", "excluded"]:
    match word:
        case "primary" | "secondary" | "excluded":
            return word
    raise ValueError(f"high_pollution.csv: {word!r} is no role")


_CLASSES = {row["code"]: IndustryClass(row["code"], _level(row["code"]), row["name_zh"], row["name_en"]) for row in rows_of("gbt4754_c")}
_POLLUTING = tuple(
    PollutingTrade(row["term_zh"], row["term_en"], row["code"], _role(row["role"]), row["process"], row["note"])
    for row in rows_of("high_pollution")
)
_BLOCKS: dict[str, tuple[str, ...]] = {}
for _row in rows_of("block_industries"):
    _BLOCKS[_row["term_zh"]] = (*_BLOCKS.get(_row["term_zh"], ()), _row["code"])


def section_of(industry_code: str) -> str | None:
    """The section letter A to T of a code without letter, by its division (first two digits). None: no such division."""
    return _SECTION_OF_DIVISION.get(industry_code[:2])


def industry_class(code: str) -> IndustryClass | None:
    """The division, group or class of section C with this code (2, 3 or 4 digits), or None."""
    return _CLASSES.get(code)


def polluting_trades() -> tuple[PollutingTrade, ...]:
    """The high-pollution words of the papers with their codes; the mapping is a judgement, the list is open (等)."""
    return _POLLUTING


def block_industries() -> dict[str, tuple[str, ...]]:
    """The city's traditional block industries (块状行业) with the codes they cover: a shorter code covers all classes below it."""
    return dict(_BLOCKS)
