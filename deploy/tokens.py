"""Tokens of the development issuer: which roles and units there are, and what is meant when the unit is left out."""

from __future__ import annotations

from collections.abc import Sequence

from contracts.reference.departments import department
from contracts.reference.townships import township
from contracts.vocabulary import Role, Unit

DEFAULT_UNITS = {
    Role.CLERK: Unit.AMR,
    Role.TOWNSHIP_OFFICER: Unit.TWN,
    Role.MAP_OFFICER: Unit.NRP,
    Role.GRID: Unit.PSC,
    Role.ADMIN: Unit.MGO,
}
UNIT_NEEDED = frozenset({Role.REVIEWER, Role.SUPERVISOR})
SUPERVISION_GROUPS = ("SG1", "SG2", "SG3")


class NoSuchPersonError(Exception):
    """A role, township or unit that does not exist or is missing. Its text is for the caller, zh / en."""


def checked_roles(names: Sequence[str]) -> list[Role]:
    known = {role.value for role in Role}
    for name in names:
        if name not in known:
            listed = ", ".join(sorted(known))
            raise NoSuchPersonError(f"没有角色 {name}，应为：{listed} / there is no role {name}: use one of {listed}")
    return [Role(name) for name in dict.fromkeys(names)]


def checked_townships(codes: Sequence[str], roles: Sequence[str]) -> list[str]:
    """The canonical codes. A township officer needs at least one."""
    found = []
    for code in codes:
        unit = township(code)
        if unit is None:
            raise NoSuchPersonError(f"没有镇街代码 {code} / there is no township with code {code}")
        found.append(unit.code)
    if Role.TOWNSHIP_OFFICER in roles and not found:
        zh = "township_officer 须用 --township 指明镇街，如 330282112"
        raise NoSuchPersonError(f"{zh} / township_officer needs --township, such as 330282112")
    return list(dict.fromkeys(found))


def checked_unit(unit: str | None, roles: Sequence[str]) -> str | None:
    """The unit given, else the one that goes with the first role that has one."""
    if unit is not None:
        if unit not in SUPERVISION_GROUPS and unit not in {each.value for each in Unit} and department(unit) is None:
            raise NoSuchPersonError(f"没有单位代码 {unit} / there is no unit with code {unit}")
        return unit
    for role in map(Role, roles):
        if role in UNIT_NEEDED:
            example = "SG1" if role is Role.SUPERVISOR else "EEB"
            raise NoSuchPersonError(f"{role} 须用 --unit 指明单位，如 {example} / {role} needs --unit, such as {example}")
        if role in DEFAULT_UNITS:
            return DEFAULT_UNITS[role].value
    return None


def default_subject(roles: Sequence[str], unit: str | None, townships: Sequence[str]) -> str:
    """``dev-ROLE-UNIT-TOWNSHIP``; several are joined by ``+``, what is absent is left out."""
    return "-".join(part for part in ("dev", "+".join(roles), unit or "", "+".join(townships)) if part)
