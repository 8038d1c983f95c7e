"""Whose township a thing is in."""

from __future__ import annotations

from chassis.auth import Principal
from contracts import reference


def own_townships(by: Principal) -> frozenset[str]:
    """The caller's townships under every code of each: what was stored before a township was merged into another is its officers' too."""
    return frozenset(each for code in by.townships for each in reference.codes_of(code))


def only_township(by: Principal) -> str | None:
    """The one township of an officer, under the code it is stored by; None: none or several."""
    own = {reference.codes_of(code)[0] for code in by.townships}
    return own.pop() if len(own) == 1 else None
