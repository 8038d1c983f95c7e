"""The rule book case by case: what a place, a filing and what happens to them come to, played through the public surface."""

from __future__ import annotations

import pytest

from deploy.demo.city import City, Record
from tests.journeys.playing import Play, said
from tests.journeys.tables import Row, rows

TABLES = ("land", "statements", "filings", "trades", "afterwards", "phases", "power", "set_aside")
STATUS_OF = {"accept": "accepted", "accept_flagged": "accepted", "hold": "held", "refuse": "refused", "refer": "referred"}
OWNERS = {
    "high_pollution_review": "EEB",
    "open_list_review": "MGO",
    "set_aside_review": "MGO",
    "park_admission_missing": "PARK",
    "land_unknown": "NRP",
    "land_mixed": "NRP",
    "township_disputed": "NRP",
}
BY_A_DAY = ("statement_missing", "statement_invalid")
TOLD = {"two": "AMR PSC", "five": "AMR PSC TWN EEB EMB", "unsure": "AMR PSC TWN NRP", "zone": "AMR PSC TWN NRP EIT"}
"""Of whom the worked scenarios of the report speak together: by the land."""
STEPS, CLAIMS = (
    ("place", "filing", "happens"),
    ("outcome", "land", "statement", "why", "marks", "told", "site", "answer", "power_told", "cases"),
)


@pytest.mark.parametrize("row", [row for table in TABLES for row in rows(table)], ids=lambda row: f"{row.table}: {row.title}")
def test_a_case_of_the_rule_book(city: City, row: Row) -> None:
    comes_to_what_it_says(city, row)


def comes_to_what_it_says(city: City, row: Row) -> None:
    place, filing, happens = (row.cells.get(name, "") for name in STEPS)
    expected = {name: _sorted(name, text) for name, text in row.cells.items() if name in CLAIMS}
    assert expected, "a case claims something"
    play = Play(city, place, filing)
    play.run(happens)
    seen = city.until(lambda: play.seen(expected), lambda now: now == expected)
    assert seen == expected
    if play.filing:
        _is_lawful(play.filing)


def _is_lawful(filing: Record) -> None:
    """What holds of every decision: status by outcome, flags by outcome, who ends a hold, by when, on what clause."""
    decision = filing["decision"]
    outcome = decision["outcome"]
    if outcome != "closed":
        assert filing["status"] == STATUS_OF[outcome]
    if outcome.startswith("accept"):
        assert bool(decision["flags"]) == (outcome == "accept_flagged")
        assert decision["reasons"] == []
    for reason in decision["reasons"]:
        assert reason["owner"] == OWNERS.get(reason["code"])
        assert all((reason["clause"]["quote"], reason["message"]["zh"], reason["remedy"]["en"]))
        if outcome == "hold" and reason["code"] in BY_A_DAY:
            assert reason["due"] is not None
    assert decision["policy"] == {"id": "cixi-source-control", "version": decision["policy"]["version"]}
    assert len(decision["notify"]) == len(set(decision["notify"]))


def _sorted(name: str, text: str) -> str:
    """The words of a cell in the order in which they are read back; the decision of the power side stays first."""
    if name in ("site", "answer"):
        first, *codes = text.split()
        return " ".join([first, *sorted(codes)])
    if name.endswith("told"):
        text = " ".join(TOLD.get(word, word) for word in text.split())
    return text if text == "-" or name in ("outcome", "land", "statement") else said(text.split())
