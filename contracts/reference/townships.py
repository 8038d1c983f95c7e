"""The 19 units of the city that the rules know, and the units with a city code that lie outside them."""

from collections.abc import Iterable

from contracts.reference.tables import parts_of, rows_of
from contracts.values import dataclass


@dataclass(frozen=True, slots=True)
class Township:
    """A town, subdistrict or zone by its 9-digit statistical code.

    ``group`` is the supervision group (SG1, SG2, SG3), None outside the area. ``issuer_zh`` names who issues statements there.
    """

    code: str
    name_zh: str
    name_en: str
    pinyin: str
    unit_type: str
    group: str | None
    central_city: bool
    zone_committee_allowed: bool
    issuer_zh: str
    other_codes: tuple[str, ...]
    aliases: tuple[str, ...]

    @property
    def in_area(self) -> bool:
        """One of the 19 units of annex 1 of 慈政办发〔2021〕31号."""
        return self.group is not None


def _read(row: dict[str, str]) -> Township:
    return Township(
        code=row["code"],
        name_zh=row["name_zh"],
        name_en=row["name_en"],
        pinyin=row["pinyin"],
        unit_type=row["unit_type"],
        group=row["group"] or None,
        central_city=row["central_city"] == "1",
        zone_committee_allowed=row["zone_committee"] == "1",
        issuer_zh=row["issuer_zh"],
        other_codes=parts_of(row["other_codes"]),
        aliases=parts_of(row["aliases"]),
    )


_TOWNSHIPS = tuple(_read(row) for row in rows_of("townships"))
_BY_CODE = {code: unit for unit in _TOWNSHIPS for code in (unit.code, *unit.other_codes)}
_BY_NAME = {name: unit for unit in _TOWNSHIPS for name in (unit.name_zh, *unit.aliases)}


def townships() -> tuple[Township, ...]:
    """All units of the file, the 19 first."""
    return _TOWNSHIPS


def township(code: str) -> Township | None:
    """The unit of a code, 330282402 being read as 330282123. None: the code is in no list of ours."""
    return _BY_CODE.get(code)


def township_named(name: str) -> Township | None:
    """The unit of a Chinese name or of one of the aliases the papers use."""
    return _BY_NAME.get(name)


def canonical_code(code: str) -> str | None:
    """The one code a unit is stored under, or None for an unknown code."""
    unit = _BY_CODE.get(code)
    return unit.code if unit else None


def codes_of(code: str) -> tuple[str, ...]:
    """Every code of a unit, the one it is stored under first: those of units merged into it too. An unknown code is its own only one."""
    unit = _BY_CODE.get(code)
    return (unit.code, *unit.other_codes) if unit else (code,)


def codes_watched(own: Iterable[str], group: str | None) -> frozenset[str]:
    """Every code of the townships ``own``, and of those that the supervision group leads; None: no group."""
    led = (unit.code for unit in townships() if unit.group is not None and unit.group == group)
    return frozenset(each for code in (*own, *led) for each in codes_of(code))


def in_area(code: str) -> bool:
    """Whether the code is one of the 19 units."""
    unit = _BY_CODE.get(code)
    return unit is not None and unit.in_area


def group_of(code: str) -> str | None:
    """The supervision group SG1, SG2 or SG3 of a unit; None outside the area."""
    unit = _BY_CODE.get(code)
    return unit.group if unit else None


def zone_committee_allowed(code: str) -> bool:
    """Whether a zone committee may issue statements there (高新区 and 滨海)."""
    unit = _BY_CODE.get(code)
    return unit is not None and unit.zone_committee_allowed
