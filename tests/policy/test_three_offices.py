"""Whatever people do, and however late the offices hear of it: in the end all know the same, and nothing unknown was allowed."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from contracts.policy import CURRENT
from contracts.vocabulary import FilingStatus, LandVerdict, PowerDecision, StatementOutcome
from services.registration.handlers.ledger import filed_facts
from services.registration.rules import decide
from tests.land_check.vocabulary import INDUSTRIAL, SHOP
from tests.policy.three_offices import GRIDS, Offices, offices
from tests.registration.vocabulary import TODAY

Deed = Callable[[Offices], Any]
EXAMPLES = 20
NAMES = ("慈溪甲制造有限公司", "慈溪乙制造有限公司")

uses = st.sampled_from([[INDUSTRIAL], [SHOP], [INDUSTRIAL, SHOP], []])
names = st.sampled_from(NAMES)
deeds: st.SearchStrategy[Deed] = st.one_of(
    uses.map(lambda use: lambda at: at.record(use)),
    names.map(lambda name: lambda at: at.file(name)),
    st.builds(lambda name, result: lambda at: at.paper(name, result), names, st.sampled_from(["supports", "supports", "does_not_support"])),
    st.just(lambda at: at.revoke()),
    st.sampled_from([0, 1]).map(lambda number: lambda at: at.withdraw(number)),
    st.just(lambda at: at.enlist()),
    st.just(lambda at: at.delist()),
    st.sampled_from([None, 0, 1]).map(lambda number: lambda at: at.ask(number)),
)
days: st.SearchStrategy[list[tuple[Deed, int]]] = st.lists(st.tuples(deeds, st.integers(0, 6)), min_size=3, max_size=14)


def lived(at: Offices, days: list[tuple[Deed, int]]) -> None:
    """Every deed, each followed by a few letters; in the end the post is empty."""
    for deed, letters in days:
        deed(at)
        at.deliver(letters)
    at.deliver()


@settings(max_examples=EXAMPLES, deadline=None, phases=[Phase.generate], suppress_health_check=[HealthCheck.too_slow])
@given(days=days, chance=st.randoms(use_true_random=False))
def test_in_the_end_all_offices_know_the_same(days: list[tuple[Deed, int]], chance: Random) -> None:
    with offices(chance) as at:
        lived(at, days)
        for filing_id in at.filings:
            _the_decision_is_that_of_the_last_findings(at, filing_id)
        sites = [at.site(grid) for grid in GRIDS]
        first, second = ((site.land, site.manufacturing, site.answer, site.watch_until, site.block_id is not None) for site in sites)
        assert first == second
        for answers in zip(*(at.answers(grid) for grid in GRIDS), strict=True):
            assert len({(answer.decision, answer.reasons) for _, *both in answers for answer in both}) == 1


@settings(max_examples=EXAMPLES, deadline=None, phases=[Phase.generate], suppress_health_check=[HealthCheck.too_slow])
@given(days=days, chance=st.randoms(use_true_random=False))
def test_nobody_is_allowed_what_is_unknown(days: list[tuple[Deed, int]], chance: Random) -> None:
    with offices(chance) as at:
        lived(at, days)
        filings = [at.filing(filing_id) for filing_id in at.filings]
        for filing in filings:
            decision = filing.decision
            if filing.status is FilingStatus.ACCEPTED:
                assert decision.land_verdict is LandVerdict.INDUSTRIAL or decision.statement is StatementOutcome.REQUIRED_VALID
        site = at.site(GRIDS[0])
        if site.land is LandVerdict.UNKNOWN:
            assert site.answer.decision is not PowerDecision.ALLOW
        if site.land is LandVerdict.NON_INDUSTRIAL and site.manufacturing:
            assert site.answer.decision is PowerDecision.BLOCK
        assert at.causes().count("statement_revoked") <= len(at.revoked)


def _the_decision_is_that_of_the_last_findings(at: Offices, filing_id: str) -> None:
    filing = at.filing(filing_id)
    assert filing.status is not FilingStatus.UNDER_REVIEW
    if filing.status is FilingStatus.HELD:
        ought = decide(filed_facts(filing), at.findings[filing_id], filing.said, CURRENT, TODAY)
        assert filing.decision.says_the_same_as(ought)
