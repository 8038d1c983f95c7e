"""A text as QR code (ISO/IEC 18004), which a phone reads off paper. The library encodes, here it is drawn."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import groupby
from typing import Any

from reportlab.graphics.barcode.qr import QrCode  # type: ignore[import-untyped]
from reportlab.graphics.barcode.qrencoder import QRCode, QRErrorCorrectLevel  # type: ignore[import-untyped]

LEVEL = "M"
"""A seventh of it may be spoilt by a fold or a stamp."""

QUIET = 4
"""The light margin around it that the standard asks for, in modules."""

LONGEST = 1000
"""More characters make modules too small to be read off paper."""


def modules_of(text: str) -> list[list[bool]]:
    """Row by row, True for dark, without the margin. Raises ValueError for a text that is too long."""
    if len(text) > LONGEST:
        raise ValueError(f"a QR code of {len(text)} characters cannot be read off paper")
    code = QRCode(None, getattr(QRErrorCorrectLevel, LEVEL))
    code.addData(text)
    code.make()
    return [[bool(dark) for dark in row] for row in code.modules]


@lru_cache(maxsize=32)
def svg_of(text: str) -> str:
    """An SVG image, dark on white, with its margin; it takes the size of its place. Takes tens of milliseconds: not on an event loop."""
    modules = modules_of(text)
    side = len(modules) + 2 * QUIET
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" shape-rendering="crispEdges" role="img">'
        f'<path fill="#fff" d="M0 0h{side}v{side}H0z"/><path d="{"".join(_bars(modules))}"/></svg>'
    )


def flowable_of(text: str, side: float) -> Any:
    """The same for a PDF, ``side`` points long."""
    return QrCode(text, qrLevel=LEVEL, qrBorder=QUIET, width=side, height=side)


def _bars(modules: Sequence[Sequence[bool]]) -> Iterator[str]:
    """Dark modules that lie side by side are one bar."""
    for y, row in enumerate(modules):
        x = 0
        for dark, run in groupby(row):
            length = len(list(run))
            if dark:
                yield f"M{x + QUIET} {y + QUIET}h{length}v1h-{length}z"
            x += length
