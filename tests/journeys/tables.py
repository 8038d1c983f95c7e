"""Tables of cases as text: columns between bars, a line a case; and the places and filings their words stand for."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import count
from pathlib import Path
from typing import NamedTuple

from chassis.clock import SystemClock, today
from contracts.identifiers import uscc_check_character
from deploy.demo.city import Record

FOLDER = Path(__file__).parent / "cases"
XINPU = "330282112"
SCHEMES = {"GB": "GB/T21010-2017", "YDYH": "YDYH-2023", "GB50137": "GB50137-2011", "SANDIAO": "SANDIAO"}
ACTIONS = frozenset({"branch", "amend_premises", "amend_scope", "amend_other"})
PROCESSES = frozenset({"spraying", "electroplating", "casting", "waste_plastic"})
NEW_LAND = "new_land"

numbers = count(1)


class Row(NamedTuple):
    """One case; ``cells`` by the name of their column, empty ones left out: nothing is claimed of them."""

    table: str
    title: str
    cells: dict[str, str]


def rows(table: str) -> Iterator[Row]:
    """The cases of a table. Its first line names the columns; lines that begin with # are for the reader."""
    lines = [line for line in (FOLDER / f"{table}.txt").read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    names, *cases = [[cell.strip() for cell in line.split("|")] for line in lines]
    for cells in cases:
        by_name = {name: cell for name, cell in zip(names, cells, strict=True) if cell}
        yield Row(table, by_name.pop("case"), by_name)


def words(text: str) -> tuple[list[str], dict[str, str]]:
    """Plain words and ``name=value`` words."""
    plain = [word for word in text.split() if "=" not in word]
    return plain, dict(word.split("=", 1) for word in text.split() if "=" in word)


def day_of(text: str, now: date) -> date:
    """A day: ISO 8601, or counted from now in years and days: ``+5y``, ``+5y+1d``, ``-3d``."""
    if text[0] not in "+-":
        return date.fromisoformat(text)
    years, _, days = text.rpartition("y")
    day = now.replace(year=now.year + int(years or "0"))
    return day + timedelta(days=int(days.removesuffix("d") or "0"))


def city_today() -> date:
    return today(SystemClock().now())


class Place(NamedTuple):
    """A place of a case: its record in the register, or a code that is in none."""

    code: str
    township: str
    record: Record | None


def place_of(text: str, code: str | None = None) -> Place:
    """The place some words stand for: land use first, then what else is known of it.

    ``0702`` alone is in a village, any other use is not; ``none`` is in no register, ``empty`` without a registered use.
    """
    plain, named = words(text)
    uses, known = plain[0], set(plain[1:])
    township = named.get("at", XINPU)
    kind = named.get("as", "JC" if uses == "0702" else "GB")
    code = code or f"{township}802{kind}{next(numbers):05d}"
    if uses == "none":
        return Place(code, township, None)
    record: Record = {
        "parcel_code": code,
        "township_code": township,
        "in_village": None if "village?" in known else "village" in known or (uses == "0702" and "town" not in known),
        "in_qianwan": True if "qianwan" in known else None,
        "registered_use": _uses(uses),
        "survey_use": _uses(f"SANDIAO:{named['survey']}")[0] if "survey" in named else None,
        "planned_use": named.get("planned", "non_industrial" if "plan" in named else "unchanged"),
        "transition": _transition(named.get("plan")),
        "inside_control_line": False if "outside" in known else None,
        "park_id": f"park-{code}" if "park" in known else None,
        "units": [{"unit_number": name, "registered_use": _uses(use)} for name, _, use in _pairs(named.get("units", ""))],
        "superseded_by": [f"{code[:-5]}{90000 + int(code[-5:]):05d}"] if "split" in known else [],
        "source": "case",
        "as_of": "2026-01-01",
    }
    return Place(code, township, record)


def filing_of(text: str, place: Place, made_at: Place | None, name: str, uscc: str) -> Record:
    """The filing some words stand for: trade first, then what is special about it."""
    plain, named = words(text)
    known = set(plain[1:])
    action = next(iter(known & ACTIONS), "establish")
    premises: Record = {"township_code": named.get("township", place.township), "address": f"某村{name}号", "parcel_code": place.code}
    premises |= {"unit_number": named.get("unit"), "used_for_production": "office" not in known}
    if "no_code" in known:
        premises["parcel_code"] = None
    filing: Record = {
        "action": action,
        "subject_type": "individual_business" if "individual" in known else "company",
        "enterprise_name": spelt_otherwise(name) if "spelt_otherwise" in known else named.get("name", name),
        "uscc": uscc if action.startswith("amend") or "uscc" in known else None,
        "industry_code": plain[0],
        "processes": sorted(known & PROCESSES),
        "business_scope": "案例",
        "premises": premises,
        "applicant": {"name": "联系人", "phone": "0574-00000000"},
        "controller": {"name": f"{name}控制人"} if "controller" in known else None,
        "park_id": f"park-{place.code}" if "in_park" in known else None,
        "new_land": {"area_mu": float(named[NEW_LAND]), "stand_alone": "alone" in known} if NEW_LAND in named else None,
    }
    if made_at is not None:
        there = {"township_code": made_at.township, "address": f"厂区{name}号", "parcel_code": made_at.code, "used_for_production": True}
        filing["production_premises"] = there
    return filing


def spelt_otherwise(name: str) -> str:
    """The same name with blanks and full-width digits."""
    return " ".join(name).translate({ord(digit): ord(digit) + 0xFEE0 for digit in "0123456789"})


def uscc_of(number: int) -> str:
    first_17 = f"91330282MA8{number:06d}"
    return first_17 + uscc_check_character(first_17)


def _uses(text: str) -> list[Record]:
    if text == "empty":
        return []
    return [_use(*each.rpartition(":")[::2]) for each in text.split("+")]


def _use(scheme: str, code: str) -> Record:
    return {"scheme": SCHEMES[scheme or "GB"], "code": code}


def _pairs(text: str) -> Iterator[tuple[str, str, str]]:
    for each in filter(None, text.split(",")):
        yield each.partition("/")


def _transition(plan: str | None) -> Record | None:
    if plan is None or plan == "unknown":
        return None
    return {"planned_implementation": day_of(plan, city_today()).isoformat()}
