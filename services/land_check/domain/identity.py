"""When two records mean the same enterprise, controller, address or unit."""

from __future__ import annotations

import unicodedata
from functools import lru_cache


@lru_cache(maxsize=8192)
def same_text_key(text: str) -> str:
    """One form for what is written in several ways: full and half width, upper and lower case, with and without blanks."""
    return "".join(unicodedata.normalize("NFKC", text).split()).casefold()


def is_same_enterprise(name: str, uscc: str | None, other_name: str, other_uscc: str | None) -> bool:
    """By USCC where both have one, else by name (a new enterprise has no USCC yet)."""
    if uscc is not None and other_uscc is not None:
        return uscc == other_uscc
    return same_text_key(name) == same_text_key(other_name)


def parcel_code_of_unit(unit_number: str) -> str | None:
    """The parcel a real property unit number lies on: its first 19 of 28 places. None for a house number."""
    return unit_number[:19] if len(unit_number) == 28 else None
