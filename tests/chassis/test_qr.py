"""What is drawn of a QR code, on the page and in the PDF, is the library's encoding of the text, with its margin."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reportlab.graphics.barcode.qrencoder import QRCode, QRErrorCorrectLevel  # type: ignore[import-untyped]

from chassis.notices.qr import LONGEST, QUIET, flowable_of, modules_of, svg_of

ADDRESS = "https://land.example.org/land-check/v1/statement-checks/ABCDEFGHJKMN"
SVG = "{http://www.w3.org/2000/svg}"
Matrix = list[list[bool]]
addresses = st.from_regex(r"https?://[a-z0-9.]{1,60}(?::[0-9]{1,5})?/[A-Za-z0-9/_-]{0,90}", fullmatch=True)


def encoded(text: str) -> Matrix:
    code = QRCode(None, QRErrorCorrectLevel.M)
    code.addData(text)
    code.make()
    return [list(map(bool, row)) for row in code.modules]


def with_margin(matrix: Matrix) -> Matrix:
    side = len(matrix) + 2 * QUIET
    blank = [[False] * side for _ in range(QUIET)]
    return [*blank, *([False] * QUIET + row + [False] * QUIET for row in matrix), *blank]


def drawn_on_the_page(svg: str) -> Matrix:
    root = ET.fromstring(svg)  # noqa: S314 - our own
    _, _, width, height = map(int, root.attrib["viewBox"].split())
    ground, dark = root.findall(f"{SVG}path")
    assert (ground.attrib["fill"], ground.attrib["d"]) == ("#fff", f"M0 0h{width}v{height}H0z")
    matrix = [[False] * width for _ in range(height)]
    for x, y, length in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\3z", dark.attrib["d"]):
        for place in range(int(x), int(x) + int(length)):
            matrix[int(y)][place] = True
    assert re.sub(r"M\d+ \d+h(\d+)v1h-\1z", "", dark.attrib["d"]) == ""
    return matrix


class Recorder:
    """A canvas that remembers its bars."""

    def __init__(self) -> None:
        self.bars: list[tuple[float, float, float]] = []

    def rect(self, x: float, y: float, width: float, height: float, **_: Any) -> None:
        self.bars.append((x, y, width))


def drawn_in_the_pdf(text: str) -> Matrix:
    side = len(encoded(text)) + 2 * QUIET
    flowable = flowable_of(text, float(side))  # a point is a module
    flowable.canv = Recorder()
    flowable.draw()
    matrix = [[False] * side for _ in range(side)]
    for x, y, length in flowable.canv.bars:
        row = side - 1 - round(y)
        for place in range(round(x), round(x + length)):
            matrix[row][place] = True
    return matrix


@given(addresses)
@settings(max_examples=30, deadline=None)
def test_page_and_pdf_show_the_encoding_of_the_address(address: str) -> None:
    wanted = encoded(address)
    assert modules_of(address) == wanted
    assert drawn_on_the_page(svg_of(address)) == with_margin(wanted)
    assert drawn_in_the_pdf(address) == with_margin(wanted)


def test_another_address_is_another_code() -> None:
    assert modules_of(ADDRESS) != modules_of(ADDRESS[:-1] + "P")


def test_three_corners_show_the_way() -> None:
    eye = ["1111111", "1000001", "1011101", "1011101", "1011101", "1000001", "1111111"]
    modules = modules_of(ADDRESS)
    for down, right in ((slice(0, 7), slice(0, 7)), (slice(0, 7), slice(-7, None)), (slice(-7, None), slice(0, 7))):
        assert ["".join(str(int(dark)) for dark in row[right]) for row in modules[down]] == eye


def test_an_image_tells_nothing_but_bars() -> None:
    image = svg_of("</svg>&")
    assert image.count("</svg>") == 1
    assert set("".join(re.findall(r' d="([^"]*)"', image))) <= set("MhHvVz- 0123456789")
    assert [re.sub(SVG, "", part.tag) for part in ET.fromstring(image)] == ["path", "path"]  # noqa: S314 - our own


def test_what_would_be_too_fine_to_read_is_refused() -> None:
    assert modules_of("x" * LONGEST)
    with pytest.raises(ValueError, match="cannot be read"):
        svg_of("x" * (LONGEST + 1))
