"""What becomes of a statement, and when: before the decision, after it, before and after connection; in both readings of the ban."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from services.land_check.domain import StatementResult
from services.land_check.handlers.answering import Decline, Issue, Return
from tests.land_check.vocabulary import SHA, SHOP
from tests.policy.three_offices import Offices, offices

NAME = "慈溪甲制造有限公司"
BROAD: dict[str, Any] = {}
NARROW: dict[str, Any] = {"three_phase_ban_scope": "without_statement"}


def _issued(result: StatementResult) -> Callable[[str], Issue]:
    return lambda request: Issue(request, result, "李四", "房产证", "陈七", None, SHA, None)


HAPPENS: dict[str, Callable[[Offices], Any]] = {
    "issued": lambda at: at.answer_request(_issued(StatementResult.SUPPORTS)),
    "negative": lambda at: at.answer_request(_issued(StatementResult.DOES_NOT_SUPPORT)),
    "declined": lambda at: at.answer_request(lambda request: Decline(request, "无权属")),
    "returned": lambda at: at.answer_request(lambda request: Return(request, "不在辖区", None)),
    "brought": lambda at: at.paper(NAME, "supports"),
    "revoked": lambda at: at.revoke(),
    "forged": lambda at: at.report_forged(),
}


def lived(at: Offices, reading: dict[str, Any], steps: str) -> str:
    """A factory on shop land, and what happens to its statement; the clearance it asked for, at the latest in the end."""
    words = steps.split()
    at.under(reading)
    at.record([SHOP])
    at.file(NAME, processes=["spraying"] if "polluting" in words else [])
    at.deliver()
    clearance = ""
    for word in words:
        if word == "asked":
            clearance = at.power_for(at.filings[0])
        elif word == "connected":
            at.commit(clearance)
        elif word in HAPPENS:
            HAPPENS[word](at)
        at.deliver()
    return clearance or at.power_for(at.filings[0])


@pytest.mark.parametrize(
    ("steps", "status", "broad", "narrow", "cases"),
    [
        ("", "held", "block", "block", []),
        ("issued", "accepted", "block", "allow", []),
        ("brought", "accepted", "block", "allow", []),
        ("negative", "refused", "block", "block", []),
        ("declined", "refused", "block", "block", []),
        ("returned", "held", "block", "block", []),
        ("polluting issued revoked", "refused", "block", "block", []),
        ("polluting issued forged", "refused", "block", "block", ["forged_statement"]),
        ("issued revoked", "accepted", "block", "block", ["statement_revoked"]),
        ("issued forged", "accepted", "block", "block", ["forged_statement"]),
        ("issued asked revoked", "accepted", "block", "block", ["statement_revoked"]),
        ("issued asked forged", "accepted", "block", "block", ["forged_statement"]),
        ("issued revoked forged", "accepted", "block", "block", ["forged_statement", "statement_revoked"]),
    ],
)
def test_what_a_statement_does_to_the_filing_and_to_the_power(steps: str, status: str, broad: str, narrow: str, cases: list[str]) -> None:
    for reading, answer in ((BROAD, broad), (NARROW, narrow)):
        with offices() as at:
            clearance = lived(at, reading, steps)
            assert at.filing(at.filings[0]).status == status
            assert at.clearance(clearance).answer.decision == answer
            assert sorted(at.causes()) == cases


@pytest.mark.parametrize(("lost", "cause"), [("revoked", "statement_revoked"), ("forged", "forged_statement")])
def test_what_is_connected_stays_but_its_lost_statement_is_a_case_and_a_breach(lost: str, cause: str) -> None:
    with offices() as at:
        clearance = at.clearance(lived(at, NARROW, f"issued asked connected {lost}"))
        assert (at.filing(at.filings[0]).status, clearance.answer.decision, clearance.breached) == ("accepted", "allow", True)
        assert sorted(at.causes()) == sorted(["breach", cause])
        assert at.clearance(at.power_for(at.filings[0])).answer.decision == "block"
