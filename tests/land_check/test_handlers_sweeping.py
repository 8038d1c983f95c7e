"""Another policy set comes into force: open filings are judged again, decided ones are looked at for review and stay as they are."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from chassis import policies
from chassis.clock import FixedClock
from chassis.testing import received
from contracts.land_check import LandVerdictIssued
from contracts.policy import CURRENT
from services.land_check.handlers import sweeping
from tests.land_check.vocabulary import FACTORY, Office, factory_sent, facts, noon, office
from tests.parts.activations import activated, ref

pytestmark = pytest.mark.usefixtures("backend")

WAREHOUSE = {"scheme": "GB/T21010-2017", "code": "0604"}


@pytest.fixture
def at() -> Iterator[Office]:
    """Two filings in a warehouse, the first refused, the second accepted on its merits elsewhere; a third one is open."""
    with office() as made:
        made.put(factory_sent(registered_use=[WAREHOUSE]))
        for filing_id in ("F1", "F2", "F3"):
            made.submit(filing_id, facts(FACTORY, enterprise_name=f"厂{filing_id}"))
        made.refuse("F1")
        made.accept("F2")
        made.said.clear()
        yield made


def sweep(at: Office, *jobs: Any) -> list[LandVerdictIssued]:
    """The verdicts that one round of those jobs says."""
    before = len(at.said)
    for job in jobs or (sweeping.judge_open_filings, sweeping.look_at_decided_filings):
        at.said += [message.event for message in at.db.write_sync(lambda tx, job=job: job(tx)).messages]  # type: ignore[misc]
    return [event for event in at.said[before:] if isinstance(event, LandVerdictIssued)]


def swept(at: Office) -> list[LandVerdictIssued]:
    return [event for _ in range(4) for event in sweep(at)]


def rows(at: Office) -> list[Any]:
    return list(at.db.read_sync(lambda tx: tx.sql("SELECT * FROM filing WHERE filing_id <> 'F3' ORDER BY filing_id")))


def test_what_is_open_is_judged_and_what_is_decided_is_said_beside_the_findings_of_the_set_before(at: Office) -> None:
    before = rows(at)
    at.run(policies.hear, received(activated(warehouse_counts_as_industrial=True)))
    said = {event.filing_id: event for event in swept(at)}
    assert {filing_id: (event.land.land_verdict, event.policy) for filing_id, event in said.items()} == dict.fromkeys(
        ("F1", "F2", "F3"), ("industrial", ref(2))
    )
    assert said["F3"].review is None
    for filing_id in ("F1", "F2"):
        review = said[filing_id].review
        assert review is not None
        assert (review.policy, review.before and review.before.land_verdict) == (CURRENT.ref, "non_industrial")
    assert rows(at) == before
    assert swept(at) == [], "each is said once"


def test_findings_that_no_switch_changes_are_said_without_the_same_ones_beside_them(at: Office) -> None:
    at.run(policies.hear, received(activated(three_phase_ban_scope="without_statement")))
    reviews = [event.review for event in swept(at) if event.review is not None]
    assert [(review.policy, review.before) for review in reviews] == [(CURRENT.ref, None)] * 2


def test_nothing_is_looked_at_before_the_day_has_come(at: Office) -> None:
    at.run(policies.hear, received(activated(day=date(2026, 12, 1), warehouse_counts_as_industrial=True)))
    assert swept(at) == []
    clock = at.db.clock
    assert isinstance(clock, FixedClock)
    clock.set(noon("2026-12-01"))
    assert len(swept(at)) == 3


def test_it_comes_in_chunks_after_what_is_open_and_goes_on_where_it_was_after_a_restart(
    at: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweeping, "AT_ONCE", 1)
    at.run(policies.hear, received(activated(warehouse_counts_as_industrial=True)))
    assert sweep(at, sweeping.look_at_decided_filings) == [], "what is open is judged first"
    assert [event.filing_id for event in sweep(at, sweeping.judge_open_filings)] == ["F3"]
    assert sweep(at, sweeping.judge_open_filings, sweeping.look_at_decided_filings)[0].filing_id == "F1"
    done = at.db.read_sync(lambda tx: tx.sql("SELECT task, \"after\", done FROM policy_sweep WHERE task = 'decided_filings'"))
    assert done == [("decided_filings", "F1", 0)]
    assert [event.filing_id for event in swept(at)] == ["F2"]


def test_one_that_an_appeal_opens_again_is_judged_and_told_anew(at: Office) -> None:
    at.run(policies.hear, received(activated(warehouse_counts_as_industrial=True)))
    swept(at)
    at.said.clear()
    at.hold("F1")
    (event,) = at.told("LandVerdictIssued")
    assert (event.land.land_verdict, event.policy, event.review) == ("industrial", ref(2), None)


def test_what_this_very_set_has_judged_is_not_said_again(at: Office) -> None:
    at.run(policies.hear, received(activated(warehouse_counts_as_industrial=True)))
    sweep(at, sweeping.judge_open_filings)
    at.accept("F3")
    assert sorted({event.filing_id for event in swept(at)}) == ["F1", "F2"]


def test_when_a_set_comes_while_the_one_before_is_still_applied_nothing_is_said_of_what_was_before(
    at: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweeping, "AT_ONCE", 1)
    at.run(policies.hear, received(activated(2, warehouse_counts_as_industrial=True)))
    for _ in range(3):
        sweep(at)
    at.said.clear()
    at.run(policies.hear, received(activated(3, date(2026, 11, 2), control_line_mode="decide"), seq=2))
    said = {event.filing_id: event.review for _ in range(4) for event in sweep(at) if event.review is not None}
    assert sorted(said) == ["F1", "F2"]
    assert {review.policy for review in said.values() if review is not None} == {None}
