"""Whatever the order in which events are heard, and however often, the same things are open and the same is said of them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chassis.messages import Received
from contracts.vocabulary import LandVerdict, Unit
from services.notifier.domain import Item
from tests.notifier.falling_due import (
    accepted,
    acknowledged,
    amended,
    at,
    correction,
    declined,
    delisted,
    hear,
    held,
    imposed,
    lifted,
    listed,
    notifier_on,
    open_items,
    period,
    refused,
    reminded,
    requested,
    returned,
    statement,
    withdrawn,
)

FEW = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
DUE = ("2026-11-26", "2026-11-30", "2026-12-04")

FILING = st.sampled_from(
    [
        lambda seq: held(period(None, paused="2026-11-23"), correction(DUE[2]), seq=seq),
        lambda seq: held(period(DUE[0]), seq=seq, land=LandVerdict.UNKNOWN),
        lambda seq: held(period(DUE[1]), seq=seq, land=LandVerdict.INDUSTRIAL),
        lambda seq: amended(period(DUE[1]), seq=seq),
        accepted,
        refused,
        withdrawn,
    ]
)
LAND = st.sampled_from(
    [
        lambda seq: requested(DUE[2], seq, f"sr-{seq}"),
        lambda seq: requested(DUE[1], seq, f"sr-{seq}"),
        lambda seq: statement(seq),
        lambda seq: statement(seq, "invalid", None),
        declined,
        returned,
    ]
)
SITE = st.permutations([acknowledged(Unit.PSC, seq=5), acknowledged(Unit.AMR, seq=6), lifted("2026-11-25", seq=9)])


@st.composite
def stories(draw: st.DrawFn) -> list[Received[Any]]:
    """What was said about one filing, one entry and one site, each stream in its own order."""
    filing = [say(seq) for seq, say in enumerate(draw(st.lists(FILING, max_size=5)), 1)]
    land = [say(seq) for seq, say in enumerate(draw(st.lists(LAND, max_size=4)), 1)]
    site = [imposed("2026-11-23"), *draw(SITE)[: draw(st.integers(0, 3))]]
    return [*filing, *land, *site, listed(DUE[0]), *([delisted()] if draw(st.booleans()) else [])]


def what_is_left(events: list[Received[Any]]) -> tuple[dict[str, Item], list[Any]]:
    """What is open after all of it, and what is said about it on a day on which everything has fallen due."""
    with notifier_on("2026-11-23") as (db, clock):
        hear(db, *events)
        left = open_items(db)
        clock.set(at("2026-12-30"))
        return left, reminded(db)


@FEW
@given(story=stories(), data=st.data())
def test_any_order_and_any_repetition_leaves_the_same(story: list[Received[Any]], data: st.DataObject) -> None:
    told = data.draw(st.permutations([*story, *data.draw(st.lists(st.sampled_from(story), max_size=5))]))
    assert what_is_left(list(told)) == what_is_left(story)


@pytest.mark.parametrize("later", [accepted, refused, withdrawn])
def test_a_filing_that_was_decided_before_the_request_was_heard_of_asks_nobody(later: Any) -> None:
    for told in ([later(1), requested(DUE[2])], [requested(DUE[2]), later(1)]):
        assert what_is_left(told) == ({}, [])
