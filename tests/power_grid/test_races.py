"""A hold and a commit at the same moment: never connected while held, and a commit that was first becomes a case."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from chassis.problems import Problem
from contracts.power_grid import BreachFound, InstallCommitted
from contracts.vocabulary import PowerDecision
from services.power_grid.domain import Clearance
from tests.power_grid.events import SHOP, TRADER, Filed, parcel
from tests.power_grid.vocabulary import Grid, asked, grid

pytestmark = pytest.mark.usefixtures("backend")

ROUNDS = 12


@pytest.mark.parametrize("hold_first", [True, False])
def test_a_hold_and_a_commit_meet_and_one_of_them_is_first(hold_first: bool) -> None:
    with grid() as power:
        power.hear(parcel(SHOP))
        for number in range(ROUNDS):
            shop = power.ask(asked(SHOP, industry=TRADER))
            filing = Filed(f"fil-{number}", SHOP, name=f"第{number}厂")
            outcome = _at_once(power, shop, filing, hold_first)
            after = power.clearance(shop)
            breaches = [event for event in power.told(BreachFound) if event.clearance_id == shop.clearance_id]
            if isinstance(outcome, Problem):
                assert outcome.code == "site-changed"
                assert (after.committed_at, after.answer.decision, breaches) == (None, PowerDecision.BLOCK, [])
            else:
                assert after.committed_at is not None
                assert [breach.cause for breach in breaches] == ["hold_after_commit"]
            power.hear(filing.closed("fil-0"))
        connected = {event.clearance_id for event in power.told(InstallCommitted)}
        assert connected == {event.clearance_id for event in power.told(BreachFound)}


def _at_once(power: Grid, shop: Clearance, filing: Filed, hold_first: bool) -> Clearance | Problem:
    """The commit's outcome, while a manufacturing filing is heard for the same site."""
    start = Barrier(2)

    def hold() -> None:
        start.wait()
        power.hear(filing.submitted())

    def commit() -> Clearance | Problem:
        start.wait()
        outcome: Clearance | Problem = power.commit(shop)
        return outcome

    with ThreadPoolExecutor(2) as pool:
        if hold_first:
            held, done = pool.submit(hold), pool.submit(commit)
        else:
            done, held = pool.submit(commit), pool.submit(hold)
        held.result()
        return done.result()
