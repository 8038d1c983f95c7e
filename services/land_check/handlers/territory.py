"""Whose township a thing is in."""

from __future__ import annotations

from chassis.auth import Principal
from contracts import reference


def own_townships(by: Principal) -> frozenset[str]:
    """The caller's townships under the one code each is stored by: 330282402 is read as 330282123."""
    return frozenset(reference.canonical_code(code) or code for code in by.townships)
