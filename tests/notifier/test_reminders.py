"""Who is to look at what falls due is told when the day comes: once for each step, by a clock that is given."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from chassis.clock import FixedClock, rfc3339, today
from chassis.database import Database
from chassis.deadlines import escalation_of
from chassis.testing import command, run_handler
from contracts.notifier import ReminderIssued
from contracts.vocabulary import LandVerdict, Unit
from services.notifier import handlers
from services.notifier.domain import Channel, ChannelType
from services.notifier.handlers.endpoints import Registration
from tests.notifier.falling_due import (
    HOLD,
    accepted,
    acknowledged,
    amended,
    at,
    body_in_ledger,
    correction,
    day,
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
    published,
    refused,
    reminded,
    requested,
    returned,
    statement,
    withdrawn,
)
from tests.notifier.vocabulary import XINPU, ZHOUXIANG, ledger

pytestmark = pytest.mark.usefixtures("backend")


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
    wanted = Registration(recipient, Channel(ChannelType.WEBHOOK, "https://x.example/"), (ReminderIssued.type,), townships or None, "zh")
    return str(run_handler(db, handlers.create, [command(wanted)]).answers[0].row.endpoint_id)


@pytest.mark.parametrize(
    ("now", "step", "who"),
    [
        ("2026-12-03", "owner", "TWN"),
        ("2026-12-04T23:59:59", "owner", "TWN"),
        ("2026-12-05T00:00:00", "township", "TWN"),
        ("2026-12-08", "township", "TWN"),
        ("2026-12-09", "supervision_group", "SG"),
    ],
)
def test_the_step_that_is_said_is_the_one_that_the_list_of_deadlines_shows(
    db: Database, clock: FixedClock, now: str, step: str, who: str
) -> None:
    hear(db, requested("2026-12-04"))
    clock.set(at(now))
    assert reminded(db) == [("statement_request", "2026-12-04", step, who)]
    assert step == escalation_of(day("2026-12-04"), today(clock.now()))


def test_nobody_is_reminded_before_the_day_is_near(db: Database, clock: FixedClock) -> None:
    hear(db, requested("2026-12-04"))
    clock.set(at("2026-12-02T23:59:59"))
    assert reminded(db) == []


def test_each_step_is_said_once_however_often_the_clock_strikes(db: Database, clock: FixedClock) -> None:
    hear(db, requested("2026-12-04"))
    said = []
    while clock.now() < at("2027-01-10"):
        said += reminded(db)
        clock.advance(timedelta(hours=5))
    assert [step for _, _, step, _ in said] == ["owner", "township", "supervision_group"]
    assert len(ledger(db)) == 1 + 3, "the request itself, then one line for each reminder"


def test_after_days_away_only_the_present_step_is_said(db: Database, clock: FixedClock) -> None:
    hear(db, requested("2026-12-04"))
    clock.set(at("2026-12-20"))
    assert reminded(db) == [("statement_request", "2026-12-04", "supervision_group", "SG")]
    assert reminded(db) == []


def test_a_clock_that_went_back_says_nothing_again(db: Database, clock: FixedClock) -> None:
    hear(db, requested("2026-12-04"))
    clock.set(at("2026-12-03"))
    assert len(reminded(db)) == 1
    clock.set(at("2026-11-01"))
    assert reminded(db) == []
    hear(db, requested("2026-12-04", seq=2))
    clock.set(at("2026-12-03"))
    assert reminded(db) == [], "the same request for the same day, heard again"


def test_the_owner_of_each_matter_is_the_one_that_the_list_of_deadlines_names(db: Database, clock: FixedClock) -> None:
    hear(db, held(period("2026-11-26"), correction("2026-11-26")), listed("2026-11-26"), imposed("2026-11-23"))
    clock.set(at("2026-11-25"))
    assert reminded(db) == [
        ("acknowledgement", "2026-11-26", "owner", "AMR"),
        ("acknowledgement", "2026-11-26", "owner", "PSC"),
        ("correction", "2026-11-26", "owner", "AMR"),
        ("list_entry", "2026-11-26", "owner", "TWN"),
        ("registration", "2026-11-26", "owner", "AMR"),
    ]


@pytest.mark.parametrize(
    ("begun", "ended"),
    [
        ([held(period("2026-11-26"), correction("2026-12-04"))], accepted()),
        ([held(period("2026-11-26"), correction("2026-12-04")), requested("2026-12-04")], refused()),
        ([held(period("2026-11-26"), correction("2026-12-04")), requested("2026-12-04")], withdrawn()),
        ([requested("2026-12-04")], statement()),
        ([requested("2026-12-04")], statement(request=None)),
        ([requested("2026-12-04")], declined()),
        ([requested("2026-12-04")], returned()),
        ([requested("2026-12-04")], withdrawn(seq=1)),
        ([requested("2026-12-04")], refused(seq=1)),
        ([listed("2026-12-04")], delisted()),
        ([imposed("2026-11-23")], lifted("2026-11-24")),
        ([imposed("2026-11-23", kind=HOLD), acknowledged(Unit.PSC)], acknowledged(Unit.AMR, seq=6)),
    ],
)
def test_nobody_is_reminded_of_what_has_ended(db: Database, clock: FixedClock, begun: list[object], ended: object) -> None:
    hear(db, *begun)  # type: ignore[arg-type]
    assert open_items(db)
    hear(db, ended)  # type: ignore[arg-type]
    assert open_items(db) == {}
    for now in ("2026-11-25", "2026-12-03", "2026-12-10"):
        clock.set(at(now))
        assert reminded(db) == []


def test_what_stands_still_reminds_nobody_and_goes_on_with_its_new_day(db: Database, clock: FixedClock) -> None:
    hear(db, held(period(None, paused="2026-11-23"), correction("2026-12-04")))
    clock.set(at("2026-12-01"))
    assert reminded(db) == []
    hear(db, held(period("2026-12-07"), seq=2, land=LandVerdict.UNKNOWN))
    clock.set(at("2026-12-05"))
    assert reminded(db) == [("registration", "2026-12-07", "owner", "AMR")]


def test_a_period_that_was_extended_is_reminded_of_at_its_new_day(db: Database, clock: FixedClock) -> None:
    hear(db, held(period("2026-11-26")))
    clock.set(at("2026-11-25"))
    assert reminded(db) == [("registration", "2026-11-26", "owner", "AMR")]
    hear(db, held(period("2026-12-01"), seq=2, notify=()))
    clock.set(at("2026-11-29"))
    assert reminded(db) == []
    clock.set(at("2026-11-30"))
    assert reminded(db) == [("registration", "2026-12-01", "owner", "AMR")]


def test_an_amended_filing_has_no_correction_period_until_it_is_held_again(db: Database) -> None:
    hear(db, held(period(None, paused="2026-11-23"), correction("2026-12-04")), amended(period("2026-11-26")))
    assert [item.kind for item in open_items(db).values()] == ["registration"]


def test_a_request_that_moved_to_another_township_is_that_ones(db: Database, clock: FixedClock) -> None:
    hear(db, requested("2026-12-04"), returned(2), requested("2026-12-08", 3, "sr-2", township=ZHOUXIANG))
    there = endpoint(db, "TWN", ZHOUXIANG)
    endpoint(db, "TWN", XINPU)
    clock.set(at("2026-12-07"))
    assert reminded(db) == [("statement_request", "2026-12-08", "owner", "TWN")]
    assert ledger(db)[-1].endpoint_id == there


def test_a_paper_that_does_not_hold_leaves_the_township_asked(db: Database) -> None:
    hear(db, requested("2026-12-04"), statement(state="invalid", request=None))
    assert list(open_items(db)) == ["statement_request:f1"]


def test_land_that_became_industrial_meanwhile_asks_no_township_any_more(db: Database, clock: FixedClock) -> None:
    hear(db, held(period(None, paused="2026-11-23"), correction("2026-12-04")), requested("2026-12-04"))
    hear(db, held(period("2026-11-27"), seq=2, land=LandVerdict.INDUSTRIAL))
    clock.set(at("2026-12-03"))
    assert [kind for kind, *_ in reminded(db)] == ["registration"]


def test_one_owner_that_acknowledged_is_left_in_peace(db: Database, clock: FixedClock) -> None:
    hear(db, imposed("2026-11-23"), acknowledged(Unit.PSC))
    clock.set(at("2026-11-25"))
    assert reminded(db) == [("acknowledgement", "2026-11-26", "owner", "AMR")]


def test_a_year_without_a_calendar_is_not_guessed(db: Database, clock: FixedClock) -> None:
    hear(db, imposed("2026-12-30"), requested("2026-12-31"))
    assert {item.due for item in open_items(db).values() if item.kind == "acknowledgement"} == {None}
    clock.set(at("2027-03-01"))
    assert reminded(db) == [("statement_request", "2026-12-31", "township", "TWN")], "the step that can be counted"
    clock.set(at("2027-03-02"))
    assert reminded(db) == []


def test_a_reminder_goes_to_the_group_of_the_township_as_every_other_notice(db: Database, clock: FixedClock) -> None:
    ours, theirs = endpoint(db, "SG", XINPU), endpoint(db, "SG", ZHOUXIANG)
    hear(db, requested("2026-12-04"))
    clock.set(at("2026-12-10"))
    reminded(db)
    line = ledger(db)[-1]
    assert (line.endpoint_id, line.status, line.event_type) == (ours, "pending", ReminderIssued.type)
    assert theirs not in {row.endpoint_id for row in ledger(db)}
    body = body_in_ledger(db, line.event_id)
    assert (body["id"], body["partitionkey"], body["streamseq"]) == (line.event_id, line.event_id, "1")
    data = body["data"]
    assert (data["group"], data["state"], data["filing_id"], data["record_id"]) == ("SG1", "overdue", "f1", "sr-1")
    assert "enterprise_name" not in data


def test_what_is_published_is_what_is_sent(db: Database, clock: FixedClock) -> None:
    hear(db, requested("2026-12-04"))
    clock.set(at("2026-12-03"))
    reminded(db)
    [(event_id, kind, seq)] = published(db)
    body = body_in_ledger(db, event_id)
    assert (body["id"], body["type"], body["streamseq"], body["time"]) == (event_id, kind, str(seq), rfc3339(clock.now()))


def test_a_long_list_is_said_in_turns(db: Database, clock: FixedClock) -> None:
    run_handler(db, handlers.hear, [requested("2026-12-04", filing_id=f"f{n}", request=f"sr-{n}") for n in range(501)])
    clock.set(at("2026-12-03"))
    assert [len(reminded(db)) for _ in range(4)] == [200, 200, 101, 0]


def test_a_kind_that_only_a_later_registration_knows_is_passed_over(db: Database) -> None:
    hear(db, held(period("2026-11-26"), period("2026-11-26").model_copy(update={"kind": "of a later release"})))
    assert list(open_items(db)) == ["registration:f1"]
