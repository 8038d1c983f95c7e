"""What is kept of a statement and of its requests: one line a version, on either database, from now on and for good."""

from __future__ import annotations

from typing import Any

import pytest

from chassis.testing import command, principal
from contracts.vocabulary import Flag
from services.land_check.api.histories import items_of_request, items_of_statement, paper_then
from services.land_check.handlers.rulings import SetTownship, townships_set
from services.land_check.handlers.statements import Withdraw, statements_reported_forged, statements_revoked
from services.land_check.tables.rows import STATEMENT
from services.land_check.tables.search import one
from services.land_check.tables.statements import histories, statement_of
from tests.land_check.papers import answer, record
from tests.land_check.vocabulary import ZHOUXIANG, Office, elsewhere, map_officer, office, officer, parcel_sent

pytestmark = pytest.mark.usefixtures("backend")

RELIED_ON = (Flag.STATEMENT_RELIED_ON,)


def told(at: Office, statement_id: str) -> list[tuple[Any, ...]]:
    """Version, event, state and who, of each line of a statement."""
    row = at.db.read_sync(lambda tx: one(tx, STATEMENT, statement_id))
    lines = at.db.read_sync(lambda tx: histories(tx, [statement_id]))[statement_id]
    items = items_of_statement(statement_of(row), lines)  # type: ignore[arg-type]
    return [(item["version"], item["event"], item["state"], item["by"]) for item in items]


def asked(at: Office) -> list[list[tuple[Any, ...]]]:
    """Event, state and who, of each step of each request."""
    rows = at.requests()
    lines = at.db.read_sync(lambda tx: histories(tx, [row.statement_request_id for row in rows]))
    steps = [items_of_request(row, lines[row.statement_request_id], None) for row in rows]
    return [[(step["event"], step["state"], step["by"]) for step in each] for each in steps]


def withdraw(at: Office, statement_id: str, reason: str, handler: Any = statements_revoked, by: Any = officer) -> Any:
    return at.run(handler, command(Withdraw(statement_id, reason), by)).answers[0]


def test_a_statement_is_issued_used_up_revoked_and_found_forged() -> None:
    with office() as at:
        at.put(parcel_sent())
        at.submit()
        paper = answer(at)
        at.accept(flags=RELIED_ON)
        withdraw(at, paper.statement_id, "权属有变")
        withdraw(at, paper.statement_id, "印章系伪造", statements_reported_forged, principal("clerk", sub="clerk-1"))
        assert told(at, paper.statement_id) == [
            (1, "issued", "valid", "officer-1"),
            (2, "spent", "valid", "registration"),
            (3, "revoked", "revoked", "officer-1"),
            (4, "found_forged", "forged", "clerk-1"),
        ]
        assert asked(at) == [[("requested", "pending", "system"), ("issued", "issued", "officer-1")]]


def test_a_paper_is_recorded_bound_and_judged_again_when_its_parcel_is_split() -> None:
    with office() as at:
        at.put(parcel_sent())
        paper = record(at)
        at.submit()
        at.put(parcel_sent(superseded_by=["330282112001JC00009"]))
        assert told(at, paper.statement_id) == [
            (1, "recorded", "valid", "officer-1"),
            (2, "bound", "valid", "system"),
            (3, "judged_again", "invalid", "system"),
        ]


def test_only_the_statement_that_counts_is_used_up_and_only_once() -> None:
    with office() as at:
        at.put(parcel_sent())
        at.submit()
        wrong = record(at, filing_id="F1", enterprise_name="另一家公司")
        good = record(at, filing_id="F1")
        at.accept(flags=RELIED_ON)
        at.accept(flags=RELIED_ON)
        assert [event for _, event, *_ in told(at, wrong.statement_id)] == ["recorded"]
        assert [event for _, event, *_ in told(at, good.statement_id)] == ["recorded", "spent"]


def test_an_acceptance_that_relied_on_no_statement_uses_none_up() -> None:
    with office() as at:
        at.put(parcel_sent())
        at.submit()
        paper = record(at, filing_id="F1")
        at.accept()
        assert [event for _, event, *_ in told(at, paper.statement_id)] == ["recorded"]


@pytest.mark.parametrize(
    ("ends", "state", "by"),
    [
        (lambda at: answer(at, "decline"), "declined", "officer-1"),
        (lambda at: answer(at, "return"), "returned", "officer-1"),
        (lambda at: at.withdraw(), "cancelled", "registration"),
        (lambda at: record(at), "cancelled", "system"),
    ],
    ids=["declined", "returned", "the filing is withdrawn", "a paper is brought"],
)
def test_a_request_keeps_how_it_ended_and_who_ended_it(ends: Any, state: str, by: str) -> None:
    with office() as at:
        at.put(parcel_sent())
        at.submit()
        ends(at)
        assert asked(at) == [[("requested", "pending", "system"), (state, state, by)]]


def test_a_request_that_was_returned_is_followed_by_that_of_the_right_township() -> None:
    with office() as at:
        at.put(parcel_sent())
        at.submit()
        answer(at, "return", suggested=ZHOUXIANG)
        at.run(townships_set, command(SetTownship("F1", ZHOUXIANG, "界线"), map_officer))
        answer(at, by=elsewhere)
        ended = [[event for event, *_ in steps] for steps in asked(at)]
        assert ended == [["requested", "returned"], ["requested", "issued"]]


def test_each_version_can_be_read_as_it_was() -> None:
    with office() as at:
        at.put(parcel_sent())
        paper = record(at)
        withdraw(at, paper.statement_id, "权属有变")
        now = statement_of(at.db.read_sync(lambda tx: one(tx, STATEMENT, paper.statement_id)))  # type: ignore[arg-type]
        lines = at.db.read_sync(lambda tx: histories(tx, [paper.statement_id]))[paper.statement_id]
        first, last = lines
        assert paper_then(now, lines[:1], first.at, "9999") == paper
        assert paper_then(now, lines, last.at, "9999") == now
        assert (now.state, now.reason, last.reason, first.reason) == ("revoked", "权属有变", "权属有变", None)
