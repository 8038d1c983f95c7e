"""The checkers themselves: each verdict is given when it is due, and none when all is well."""

from __future__ import annotations

from typing import Any

import pytest

from tests.proof import ledger, offices
from tests.proof.ledger import Effects, Verdicts
from tests.proof.offices import Said

TOPIC = "proof.asked"
ASKED = [{"request": "0-1", "name": "name-1", "n": 1}, {"request": "0-2", "name": "name-1", "n": 2}]
GOOD = [(TOPIC, "name-1", 1, "e1", "name-1", "0-1", 1), (TOPIC, "name-1", 2, "e2", "name-1", "0-2", 2)]


def judged(rows: list[Any], waiting: int = 0, more: tuple[dict[str, Any], ...] = ()) -> Verdicts:
    return ledger.check([*ASKED, *more], {"last": (Effects(rows, waiting), [TOPIC])})


def test_what_is_well_is_said_to_be_well() -> None:
    assert judged(GOOD).clean
    assert judged(GOOD).acknowledged == 2


@pytest.mark.parametrize(
    ("verdict", "rows", "waiting", "more"),
    [
        ("lost", GOOD[:1], 0, ()),
        ("lost", [GOOD[0], (TOPIC, "name-1", 2, "e2", "name-1", "0-2", 3)], 0, ()),
        ("doubled", [*GOOD, GOOD[1]], 0, ()),
        ("doubled", [*GOOD, (TOPIC, "name-1", 3, "e3", "name-1", "never asked", 3)], 0, ()),
        ("doubled", GOOD, 0, ({"request": "0-2", "name": "name-1", "n": 3},)),
        ("doubled", GOOD, 0, ({"contradicted": "0-2", "first": {}, "then": {}},)),
        ("reordered", GOOD[::-1], 0, ()),
        ("reordered", [GOOD[0], (TOPIC, "name-1", 3, "e2", "name-1", "0-2", 2)], 0, ()),
        ("stuck", GOOD, 1, ()),
    ],
)
def test_what_is_wrong_is_said(verdict: str, rows: list[Any], waiting: int, more: tuple[dict[str, Any], ...]) -> None:
    found = judged(rows, waiting, more)
    assert getattr(found, verdict) > 0
    assert not found.clean


@pytest.mark.parametrize(
    ("verdict", "heard"),
    [
        ("lost", []),
        ("doubled", [("AMR", 1, "e1", "call-1"), ("AMR", 2, "e2", "call-2"), ("AMR", 2, "e2", "call-3")]),
        ("doubled", [("AMR", 1, "e1", "call-1"), ("AMR", 2, "e2", "call-2"), ("PSC", 2, "e2", "call-3")]),
        ("reordered", [("AMR", 2, "e2", "call-2"), ("AMR", 1, "e1", "call-1")]),
    ],
)
def test_what_offices_were_told_is_compared_with_what_was_said(verdict: str, heard: list[tuple[str, int, str, str]]) -> None:
    said = [Said("/registration fil", number, "filing_held", f"e{number}", frozenset({"AMR"})) for number in (1, 2)]
    calls = [{"unit": unit, "stream": "/registration fil", "seq": seq, "event": event, "call": call} for unit, seq, event, call in heard]
    found = Verdicts()
    offices._check_told(found, calls, said)
    assert getattr(found, verdict) > 0
    well = Verdicts()
    offices._check_told(well, [{**call, "event": f"e{call['seq']}"} for call in _told()], said)
    assert well.clean


def _told() -> list[dict[str, Any]]:
    return [{"unit": "AMR", "stream": "/registration fil", "seq": number, "call": f"call-{number}"} for number in (1, 2)]
