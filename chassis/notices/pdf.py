"""A notice as PDF: A4, one language after the other, each beginning on a page of its own. The same notice gives the same bytes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from io import BytesIO
from threading import Lock
from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib.colors import Color  # type: ignore[import-untyped]
from reportlab.lib.pagesizes import A4  # type: ignore[import-untyped]
from reportlab.lib.styles import ParagraphStyle  # type: ignore[import-untyped]
from reportlab.lib.units import mm  # type: ignore[import-untyped]
from reportlab.pdfbase import pdfmetrics  # type: ignore[import-untyped]
from reportlab.pdfbase.cidfonts import UnicodeCIDFont  # type: ignore[import-untyped]
from reportlab.platypus import HRFlowable, PageBreak, Paragraph, SimpleDocTemplate, Table, TableStyle  # type: ignore[import-untyped]

from chassis.notices.qr import flowable_of
from chassis.notices.sheet import Code, Item, Section, Sheet

FONT, LATIN = "STSong-Light", "Times-Roman"
"""Named, not embedded: fonts that PDF viewers know by themselves."""

_RARE = re.compile("[\U00010000-\U0010ffff]")
"""What the Chinese font's encoding has no place for: other characters would be printed instead."""

_LATIN = re.compile("[\\x20-\\x7e\\xa0-\\xff]+")

MARGIN = 20 * mm
WIDTH = A4[0] - 2 * MARGIN - 12  # the frame keeps 6 points on either side
GREY, LINE, RED = Color(0.35, 0.35, 0.35), Color(0.75, 0.75, 0.75), Color(0.7, 0.1, 0.1)
COLUMNS = {2: (0.22, 0.78), 3: (0.3, 0.42, 0.28), 4: (0.18, 0.4, 0.24, 0.18)}
"""How tables share the width, by the number of their columns."""

GRID = TableStyle(
    [
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LINEBELOW", (0, 0), (-1, -1), 0.4, LINE),
        ("LEFTPADDING", (0, 0), (-1, -1), 0),
        ("RIGHTPADDING", (0, 0), (-1, -1), 6),
        ("TOPPADDING", (0, 0), (-1, -1), 2),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 4),
    ]
)

SIDE = 34 * mm
"""Of a QR code: a phone reads it at arm's length."""

BESIDE = TableStyle([("VALIGN", (0, 0), (-1, -1), "MIDDLE"), ("LEFTPADDING", (0, 0), (0, 0), 0), ("RIGHTPADDING", (0, 0), (-1, -1), 0)])

_one_at_a_time = Lock()  # the library keeps its fonts in globals


def pdf_of(sheets: Sequence[Sheet], title: str) -> bytes:
    """The sheets one after the other; ``title`` is the document's name."""
    out = BytesIO()
    with _one_at_a_time:
        pdfmetrics.registerFont(UnicodeCIDFont(FONT))
        story: list[Any] = []
        for sheet in sheets:
            story += [PageBreak()] if story else []
            story += _laid_out(sheet)
        document = SimpleDocTemplate(
            out, pagesize=A4, leftMargin=MARGIN, rightMargin=MARGIN, topMargin=MARGIN, bottomMargin=MARGIN,
            title=title, author="Sluicegate", lang="zh-CN", invariant=1,
        )  # fmt: skip
        document.build(story, onFirstPage=_foot(title), onLaterPages=_foot(title))
    return out.getvalue()


class _Styles:
    """Chinese breaks anywhere, English between words."""

    def __init__(self, language: str) -> None:
        text = ParagraphStyle("text", fontName=FONT, fontSize=10, leading=15, wordWrap="CJK" if language == "zh" else None)
        self.text = text
        self.title = ParagraphStyle("title", text, fontSize=18, leading=26, alignment=1, spaceAfter=8)
        self.heading = ParagraphStyle("heading", text, fontSize=12.5, leading=18, spaceBefore=10, spaceAfter=2)
        self.message = ParagraphStyle("message", text, fontSize=10.5, leading=16, spaceBefore=6, spaceAfter=2)
        self.quote = ParagraphStyle("quote", text, wordWrap="CJK", leftIndent=10, borderPadding=0, spaceAfter=2)
        self.small = ParagraphStyle("small", text, fontSize=8.5, leading=12)
        self.warning = ParagraphStyle(
            "warning", text, alignment=1, textColor=RED, borderColor=RED, borderWidth=0.8, borderPadding=4, spaceAfter=10
        )
        self.label = ParagraphStyle("label", self.small, textColor=GREY)


def _laid_out(sheet: Sheet) -> Iterator[Any]:
    style = _Styles(sheet.language)
    if sheet.warning is not None:
        yield _cell(sheet.warning, style.warning)
    yield _cell(sheet.title, style.title)
    yield _table([[_cell(label, style.label), _cell(text, style.text)] for label, text in sheet.particulars])
    yield from _heading(sheet.reasons_title, style)
    for number, item in enumerate(sheet.reasons, 1):
        yield from _reason(number, item, style)
    if not sheet.reasons:
        yield _cell(sheet.nothing, style.text)
    yield from _heading(sheet.appeal_title, style)
    yield from (_cell(text, style.text) for text in sheet.appeal)
    if sheet.code is not None:
        yield _code(sheet.code, style)
    for section in sheet.sections:
        yield from _section(section, style)
    yield HRFlowable(width="100%", color=LINE, spaceBefore=10, spaceAfter=4)
    yield from (_cell(text, style.label) for text in sheet.footer)


def _heading(text: str, style: _Styles) -> Iterator[Any]:
    yield _cell(text, ParagraphStyle("kept", style.heading, keepWithNext=1))


def _reason(number: int, item: Item, style: _Styles) -> Iterator[Any]:
    yield _cell(f"{number}. {item.message}", ParagraphStyle("kept", style.message, keepWithNext=1))
    yield _cell(f"「{item.quote}」", ParagraphStyle("kept", style.quote, keepWithNext=1))
    yield _table([[_cell(label, style.label), _cell(text, style.text)] for label, text in item.lines])


def _code(code: Code, style: _Styles) -> Any:
    beside = [_cell(text, style.text) for text in code.lines]
    return Table([[flowable_of(code.text, SIDE), beside]], [SIDE + 10, WIDTH - SIDE - 10], style=BESIDE, spaceBefore=4)


def _section(section: Section, style: _Styles) -> Iterator[Any]:
    yield from _heading(section.title, style)
    head = [_cell(text, style.label) for text in section.head]
    yield _table([head, *([_cell(text, style.small) for text in row] for row in section.rows)], repeatRows=1)


def _table(rows: list[list[Any]], repeatRows: int = 0) -> Any:  # noqa: N803 - the library's name for it
    widths = [share * WIDTH for share in COLUMNS[len(rows[0])]]
    return Table(rows, widths, style=GRID, repeatRows=repeatRows, splitInRow=1)


def _cell(text: str, style: ParagraphStyle) -> Any:
    """A paragraph; what is Latin in it stands in the Latin font, which the Chinese one draws badly or not at all."""
    return Paragraph(_LATIN.sub(lambda found: f'<font name="{LATIN}">{escape(found[0])}</font>', printable(text)), style)


def printable(text: str) -> str:
    """``text`` with its number, U+20BB7, in place of each character that the font does not have: the page shows the character itself."""
    return _RARE.sub(lambda found: f"[U+{ord(found[0]):04X}]", text)


def _foot(title: str) -> Any:
    def draw(canvas: Any, _: Any) -> None:
        style = ParagraphStyle("foot", fontName=FONT, fontSize=8, textColor=GREY)
        line = _cell(f"{title} · {canvas.getPageNumber()}", style)
        line.wrapOn(canvas, WIDTH, MARGIN)
        line.drawOn(canvas, MARGIN, 11 * mm)

    return draw
