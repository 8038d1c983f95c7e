"""The units of the responsibility table by code; the codes of ``contracts.vocabulary.Unit`` are among them."""

from contracts.reference.tables import parts_of, rows_of
from contracts.values import dataclass


@dataclass(frozen=True, slots=True)
class Department:
    """A unit. ``aliases`` are the other names the papers give it; the English names are translations, no official ones were found."""

    code: str
    name_zh: str
    name_en: str
    aliases: tuple[str, ...]
    role_en: str


_DEPARTMENTS = {
    row["code"]: Department(row["code"], row["name_zh"], row["name_en"], parts_of(row["aliases"]), row["role_en"])
    for row in rows_of("departments")
}


def departments() -> tuple[Department, ...]:
    """All units of the file."""
    return tuple(_DEPARTMENTS.values())


def department(code: str) -> Department | None:
    """The unit of a code, or None."""
    return _DEPARTMENTS.get(code)
