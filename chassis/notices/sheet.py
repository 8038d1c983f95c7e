"""What stands on a notice, in one language: the same for print and PDF."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from chassis.clock import CITY
from contracts.policy import Text
from contracts.values import dataclass

Language = Literal["zh", "en"]
Rows = tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Item:
    """One reason: what it says, the words of the paper it rests on, and what belongs to it, line by line."""

    message: str
    quote: str
    lines: Rows


@dataclass(frozen=True, slots=True)
class Section:
    """A table with a heading; no rows, no section."""

    title: str
    head: tuple[str, ...]
    rows: Rows


@dataclass(frozen=True, slots=True)
class Code:
    """What a phone reads off the sheet, and the lines that stand beside it."""

    text: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A notice in one language, ready to be laid out. ``code`` stands below the appeal, ``warning`` above everything."""

    language: Language
    title: str
    particulars: Rows
    reasons_title: str
    reasons: tuple[Item, ...]
    nothing: str
    sections: tuple[Section, ...]
    appeal_title: str
    appeal: tuple[str, ...]
    footer: tuple[str, ...]
    code: Code | None = None
    warning: str | None = None


def in_language(text: Text, language: Language) -> str:
    return text.zh if language == "zh" else text.en


def in_turn(first: Language) -> tuple[Language, ...]:
    """Both languages, ``first`` first."""
    return ("zh", "en") if first == "zh" else ("en", "zh")


def moment(at: datetime) -> str:
    """A moment as the city's clocks showed it."""
    return at.astimezone(CITY).strftime("%Y-%m-%d %H:%M")
