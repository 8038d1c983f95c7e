"""The weekly digests: on the first working day of the week, once for each week and recipient, late after an outage and never twice."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import pytest

from chassis.clock import FixedClock
from chassis.database import Database
from chassis.testing import command, run_handler
from contracts.notifier import DigestIssued
from contracts.policy import CURRENT
from contracts.vocabulary import Unit
from services.notifier import handlers
from services.notifier.domain import Attempt, Channel, ChannelType
from services.notifier.handlers.deliveries import Retries
from services.notifier.handlers.endpoints import Registration
from tests.notifier.falling_due import (
    WEEK,
    accepted,
    acknowledged,
    at,
    body_in_ledger,
    breach,
    correction,
    day,
    hear,
    held,
    imposed,
    issued,
    lifted,
    notifier_on,
    period,
    published,
    reminded,
    requested,
)
from tests.notifier.vocabulary import XINPU, ZHOUXIANG, ledger

pytestmark = pytest.mark.usefixtures("backend")

QIANWAN = "330282118"
FOUR = ["SG1", "SG2", "SG3", "MGO"]


@pytest.fixture
def store() -> Iterator[tuple[Database, FixedClock]]:
    with notifier_on("2026-11-23") as made:
        yield made


@pytest.fixture
def db(store: tuple[Database, FixedClock]) -> Database:
    return store[0]


@pytest.fixture
def clock(store: tuple[Database, FixedClock]) -> FixedClock:
    return store[1]


def endpoint(db: Database, recipient: str, *townships: str) -> str:
    wanted = Registration(recipient, Channel(ChannelType.WEBHOOK, "https://x.example/"), (DigestIssued.type,), townships or None, "zh")
    return str(run_handler(db, handlers.create, [command(wanted)]).answers[0].row.endpoint_id)


def of(digests: list[DigestIssued], whose: str) -> DigestIssued:
    return next(digest for digest in digests if digest.endpoint_id == whose)


def figures(digest: DigestIssued) -> dict[str, int]:
    """Those that are not zero."""
    return {name: number for name, number in digest.figures.items() if number}


def test_four_digests_on_the_first_working_day_and_none_on_any_other_day(db: Database, clock: FixedClock) -> None:
    hear(db, imposed("2026-11-23"))
    days = {}
    clock.set(at("2026-11-23T23:00:00"))
    while clock.now() < at("2026-12-20"):
        if digests := issued(db):
            days[clock.now()] = [(digest.endpoint_id, digest.period_from, digest.period_to) for digest in digests]
        clock.advance(timedelta(hours=1))
    weeks = [(day("2026-11-23"), day("2026-11-29")), (day("2026-11-30"), day("2026-12-06")), (day("2026-12-07"), day("2026-12-13"))]
    first = (at("2026-11-30T00:00:00"), at("2026-12-07T00:00:00"), at("2026-12-14T00:00:00"))
    assert days == {on: [(who, *week) for who in FOUR] for on, week in zip(first, weeks, strict=True)}


def test_a_digest_names_the_policy_set_and_that_nobody_has_confirmed_it(db: Database, clock: FixedClock) -> None:
    hear(db, imposed("2026-11-23"))
    clock.set(at("2026-11-30"))
    digest = of(issued(db), "MGO")
    assert (digest.policy, digest.policy_confirmed) == (CURRENT.ref, CURRENT.set.confirmed_by is not None)
    assert not digest.policy_confirmed


def test_a_system_that_told_nobody_anything_has_no_digest_to_issue(db: Database, clock: FixedClock) -> None:
    clock.set(at("2026-11-25"))
    assert issued(db) == []
    hear(db, imposed("2026-11-25"))
    assert issued(db) == [], "this week it began"
    clock.set(at("2026-11-30"))
    assert len(issued(db)) == 4


def test_after_an_outage_it_is_issued_late_and_its_period_leaves_no_day_out(db: Database, clock: FixedClock) -> None:
    hear(db, imposed("2026-11-23"))
    clock.set(at("2026-11-30"))
    issued(db)
    clock.set(at("2026-12-01"))
    hear(db, breach())
    clock.set(at("2026-12-24"))
    late = issued(db)
    assert [(digest.period_from, digest.period_to) for digest in late] == [(day("2026-11-30"), day("2026-12-20"))] * 4
    assert of(late, "MGO").figures["breaches"] == 1
    assert issued(db) == []
    clock.set(at("2026-11-30"))
    assert issued(db) == [], "a clock that went back"
    clock.set(at("2026-12-28"))
    assert [digest.period_from for digest in issued(db)] == [day("2026-12-21")] * 4


def test_the_first_digest_covers_everything_since_the_first_thing_that_was_told(db: Database, clock: FixedClock) -> None:
    clock.set(at("2026-11-04T00:00:00"))
    hear(db, imposed("2026-11-04"))
    clock.set(at("2026-11-11"))
    hear(db, breach())
    clock.set(at("2026-11-24"))
    first = issued(db)
    assert [(digest.period_from, digest.period_to) for digest in first] == [(day("2026-11-04"), day("2026-11-22"))] * 4
    assert (of(first, "MGO").figures["blocks_imposed"], of(first, "MGO").figures["breaches"]) == (1, 1)
    clock.set(at("2026-11-30"))
    assert [digest.period_from for digest in issued(db)] == [day("2026-11-23")] * 4


def test_every_event_is_in_the_digests_of_one_week(db: Database, clock: FixedClock) -> None:
    hear(db, imposed("2026-11-23"))
    seen = []
    for n in range(8):
        clock.set(at("2026-11-29T23:59:59") + n * WEEK)
        hear(db, breach(seq=n + 1))
        clock.advance(timedelta(seconds=1))
        hear(db, lifted("2026-11-30", f"blk-{n}", seq=1))
        seen += [(digest.figures["breaches"], digest.figures["blocks_lifted"]) for digest in issued(db) if digest.endpoint_id == "MGO"]
    assert seen == [(1, 0), *[(1, 1)] * 6], "the last two of them late, in a year whose calendar nobody has published"


def test_a_week_that_no_calendar_knows_has_its_digest_when_it_is_over_and_says_so(db: Database, clock: FixedClock) -> None:
    clock.set(at("2026-12-21"))
    hear(db, imposed("2026-12-30"))
    dates: dict[date, tuple[date, bool]] = {}
    while clock.now() < at("2027-01-20"):
        dates |= {clock.now().date(): (digest.period_to, digest.calendar_missing) for digest in issued(db)}
        clock.advance(timedelta(days=1))
    assert dates == {
        day("2026-12-28"): (day("2026-12-27"), False),
        day("2027-01-11"): (day("2027-01-03"), True),
        day("2027-01-18"): (day("2027-01-10"), True),
    }


def test_a_year_without_a_calendar_shows_how_many_days_are_not_known(db: Database, clock: FixedClock) -> None:
    clock.set(at("2026-12-25"))
    hear(db, held(period(None)), imposed("2026-12-30"))
    clock.set(at("2026-12-31"))
    assert figures(of(issued(db), "MGO")) == {
        "held": 1,
        "without_day": 3,  # the registration period, and two acknowledgements
        "unacknowledged": 1,
        "blocks_imposed": 1,
        "no_endpoint": 4,
    }


def test_what_is_counted_township_by_township_each_group_its_own(db: Database, clock: FixedClock) -> None:
    waiting = (period(None, paused="2026-11-23"), correction("2026-12-04"))
    hear(db, held(*waiting), held(period("2026-11-26"), filing_id="f2", township=ZHOUXIANG), requested("2026-11-27"))
    hear(db, held(*waiting, filing_id="f3"), accepted(filing_id="f3"))
    hear(db, imposed("2026-11-24"), acknowledged(Unit.PSC), imposed("2026-11-23", "blk-2", township=ZHOUXIANG))
    hear(db, lifted("2026-11-25", "blk-2", township=ZHOUXIANG), breach(QIANWAN))
    clock.set(at("2026-11-30"))
    digests = issued(db)
    ours = {"held": 1, "overdue": 2, "unacknowledged": 1, "blocks_imposed": 1}
    assert {name: number for name, number in figures(of(digests, "SG1")).items() if name != "no_endpoint"} == ours
    assert [each.township_code for each in of(digests, "SG1").townships] == [XINPU]
    assert [(each.block_id, each.since, each.units) for each in of(digests, "SG1").unacknowledged] == [
        ("blk-1", day("2026-11-24"), (Unit.AMR,))
    ]
    theirs = of(digests, "SG3")
    assert (theirs.figures["held"], theirs.figures["overdue"], theirs.figures["blocks_lifted"]) == (1, 1, 1)
    assert (theirs.unacknowledged, figures(of(digests, "SG2"))) == ((), {})
    city = of(digests, "MGO")
    assert [each.township_code for each in city.townships] == [XINPU, ZHOUXIANG, QIANWAN]
    assert (city.figures["held"], city.figures["breaches"], city.figures["overdue"]) == (2, 1, 3)
    assert city.figures["no_endpoint"] == len(ledger(db)) - 4


def test_notices_that_were_given_up_are_counted_as_long_as_they_stand(db: Database, clock: FixedClock) -> None:
    wanted = Registration("AMR", Channel(ChannelType.WEBHOOK, "https://x.example/"), ("power_grid.block_imposed.v1",), None, "zh")
    run_handler(db, handlers.create, [command(wanted)])
    clock.set(at("2026-11-28"))
    hear(db, imposed("2026-11-28"))
    clock.set(at("2026-11-30"))
    assert of(issued(db), "MGO").figures["exhausted"] == 0, "it is tried still"
    errand = db.write_sync(lambda tx: handlers.claim(tx, (), (), 16, 60.0))[0]
    db.write_sync(lambda tx: handlers.record(tx, [(errand, Attempt(tx.now, None, "timeout"))], Retries((0.0,), 0.0)))
    clock.set(at("2026-12-07"))
    assert of(issued(db), "MGO").figures["exhausted"] == 1
    run_handler(db, handlers.replay, [command(errand.delivery_id)])


def test_the_digest_goes_to_the_endpoints_of_its_group_and_of_the_governance_office(db: Database, clock: FixedClock) -> None:
    first, third, office = endpoint(db, "SG", XINPU), endpoint(db, "SG", ZHOUXIANG), endpoint(db, "MGO")
    hear(db, imposed("2026-11-23"))
    clock.set(at("2026-11-30"))
    digests = issued(db)
    lines = {row.event_id: (row.recipient, row.endpoint_id, row.status) for row in ledger(db) if row.event_type == DigestIssued.type}
    assert lines == {
        "dig-20261130-SG1": ("SG", first, "pending"),
        "dig-20261130-SG2": ("SG", None, "no_endpoint"),
        "dig-20261130-SG3": ("SG", third, "pending"),
        "dig-20261130-MGO": ("MGO", office, "pending"),
    }
    assert {(event_id, seq) for event_id, _, seq in published(db)} == {(event_id, 1) for event_id in lines}
    body = body_in_ledger(db, "dig-20261130-SG1")
    assert (body["data"]["filing_id"], body["data"]["parcel_code"]) == (None, None)
    assert DigestIssued.model_validate(body["data"]) == of(digests, "SG1")


def test_a_digest_without_endpoint_is_replayed_to_the_endpoint_of_its_group(db: Database, clock: FixedClock) -> None:
    hear(db, imposed("2026-11-23"))
    clock.set(at("2026-11-30"))
    issued(db)
    second = next(row for row in ledger(db) if row.event_id == "dig-20261130-SG2")
    endpoint(db, "SG", XINPU)
    assert run_handler(db, handlers.replay, [command(second.delivery_id)]).answers[0].code == "no-endpoint"
    there = endpoint(db, "SG", "330282111")
    assert run_handler(db, handlers.replay, [command(second.delivery_id)]).answers[0].endpoint_id == there


def test_the_list_of_blocks_is_bounded_and_the_figure_counts_all(db: Database, clock: FixedClock) -> None:
    run_handler(db, handlers.hear, [imposed("2026-11-24", f"blk-{n:03d}") for n in range(503)])
    hear(db, imposed("2026-11-23", "the oldest"))
    clock.set(at("2026-11-30"))
    city = of(issued(db), "MGO")
    assert (city.figures["unacknowledged"], len(city.unacknowledged)) == (504, 500)
    assert city.unacknowledged[0].block_id == "the oldest"


def test_what_was_settled_long_ago_is_read_no_more(db: Database, clock: FixedClock) -> None:
    hear(db, held(period(None, paused="2026-11-23"), correction("2026-12-04")), accepted())
    clock.set(at("2026-11-30"))
    issued(db)
    hear(db, held(period("2026-12-02"), seq=3))
    clock.set(at("2026-12-01"))
    assert reminded(db) == [("registration", "2026-12-02", "owner", "AMR")], "held again: the last word counts"
