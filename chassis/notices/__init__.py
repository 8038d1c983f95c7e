"""Printed notices: one sheet a language, laid out as a page to print and as PDF. What stands on them is the services' to say."""

from chassis.notices.answer import FORMATS, Format, notice_answer
from chassis.notices.grounds import footer_of, item_of, switches_of
from chassis.notices.qr import svg_of
from chassis.notices.sheet import Code, Item, Language, Rows, Section, Sheet, in_language, in_turn, moment
from chassis.notices.templates import template

__all__ = [
    "FORMATS",
    "Code",
    "Format",
    "Item",
    "Language",
    "Rows",
    "Section",
    "Sheet",
    "footer_of",
    "in_language",
    "in_turn",
    "item_of",
    "moment",
    "notice_answer",
    "svg_of",
    "switches_of",
    "template",
]
