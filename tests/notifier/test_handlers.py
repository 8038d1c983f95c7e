"""The ledger: made from events, claimed, recorded, replayed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import orjson
import pytest

from chassis.clock import FixedClock
from chassis.database import Database, Transaction
from chassis.messages import Result
from chassis.problems import Problem
from chassis.testing import command, run_handler
from contracts.notifier import DeliveryExhausted, DeliverySucceeded, EndpointDisabled
from contracts.vocabulary import Unit
from services.notifier import handlers
from services.notifier.domain import Attempt, Errand
from services.notifier.handlers.deliveries import Retries
from services.notifier.handlers.endpoints import Change, Rotation
from tests.notifier.vocabulary import ledger, notifier_database, refusal, register

pytestmark = pytest.mark.usefixtures("backend")

RETRIES = Retries((0.0, 5.0, 300.0), 0.0)


@pytest.fixture
def store() -> Iterator[tuple[Database, FixedClock]]:
    with notifier_database() as made:
        yield made


@pytest.fixture
def db(store: tuple[Database, FixedClock]) -> Database:
    return store[0]


@pytest.fixture
def clock(store: tuple[Database, FixedClock]) -> FixedClock:
    return store[1]


def claimed(db: Database, busy: tuple[str, ...] = ()) -> list[Errand]:
    return db.write_sync(lambda tx: handlers.claim(tx, busy, (), 16, 60.0))


def recorded(db: Database, errand: Errand, status: int | None = None, error: str | None = None) -> Result:
    def work(tx: Transaction) -> Result:
        return handlers.record(tx, [(errand, Attempt(tx.now, status, error))], RETRIES)

    return db.write_sync(work)


def test_every_named_unit_gets_a_line_in_the_ledger(db: Database) -> None:
    endpoint_id = register(db, "AMR")
    run_handler(db, handlers.tell, [refusal(notify=(Unit.AMR, Unit.PSC))])
    assert [(row.recipient, row.endpoint_id, row.status) for row in ledger(db)] == [
        ("AMR", endpoint_id, "pending"),
        ("PSC", None, "no_endpoint"),
    ]


def test_the_same_event_heard_again_tells_nobody_twice(db: Database) -> None:
    register(db, "AMR")
    event = refusal()
    for _ in range(2):
        run_handler(db, handlers.tell, [event])
    assert len(ledger(db)) == 2


def test_an_event_that_names_nobody_leaves_no_trace(db: Database) -> None:
    run_handler(db, handlers.tell, [refusal(notify=())])
    assert ledger(db) == []


def test_the_body_is_the_event_as_structured_cloudevent(db: Database) -> None:
    register(db)
    event = refusal()
    run_handler(db, handlers.tell, [event])
    body = orjson.loads(claimed(db)[0].body)
    assert body == event.envelope.structured()
    assert (body["data"]["filing_id"], body["data"]["parcel_code"]) == ("f1", "330282112001JC00001")


def test_what_is_claimed_is_claimed_once_until_the_lease_ends(db: Database, clock: FixedClock) -> None:
    register(db)
    run_handler(db, handlers.tell, [refusal()])
    first = claimed(db)
    assert len(first) == 1
    assert claimed(db) == []
    clock.advance(timedelta(seconds=61))
    assert [errand.delivery_id for errand in claimed(db)] == [first[0].delivery_id]


def test_a_start_lets_go_of_the_claims_of_a_dead_process(db: Database) -> None:
    register(db)
    run_handler(db, handlers.tell, [refusal()])
    before = claimed(db)
    db.write_sync(handlers.release)
    assert [errand.delivery_id for errand in claimed(db)] == [errand.delivery_id for errand in before]


def test_what_was_never_tried_does_not_wait_for_a_clock_that_went_back(db: Database, clock: FixedClock) -> None:
    register(db)
    run_handler(db, handlers.tell, [refusal()])
    clock.advance(timedelta(hours=-1))
    assert claimed(db) == []
    db.write_sync(lambda tx: handlers.hasten(tx, 60))
    assert len(claimed(db)) == 1
    clock.advance(timedelta(hours=-1))
    db.write_sync(lambda tx: handlers.hasten(tx, 60))
    assert len(claimed(db)) == 1, "its claim was made in another time"


def test_followers_of_one_filing_wait_behind_the_head_and_other_filings_pass(db: Database, clock: FixedClock) -> None:
    register(db)
    for event in (refusal("f1", seq=1), refusal("f1", seq=2), refusal("f2", seq=1)):
        run_handler(db, handlers.tell, [event])
    head, other = claimed(db)
    assert {head.filing_id, other.filing_id} == {"f1", "f2"}
    recorded(db, head, 500, "bad-status")
    assert claimed(db) == []
    clock.advance(timedelta(seconds=6))
    assert [errand.delivery_id for errand in claimed(db)] == [head.delivery_id]
    recorded(db, head, 200)
    assert [errand.filing_id for errand in claimed(db)] == ["f1"]


def test_success_is_recorded_and_said(db: Database) -> None:
    register(db)
    run_handler(db, handlers.tell, [refusal(notify=(Unit.AMR,))])
    errand = claimed(db)[0]
    result = recorded(db, errand, 204)
    row = ledger(db)[0]
    assert (row.status, row.due_at, orjson.loads(row.attempts)[0]["status_code"]) == ("delivered", None, 204)
    said = result.messages[0]
    assert isinstance(said.event, DeliverySucceeded)
    assert said.correlation_id == errand.correlation_id


def test_after_the_last_attempt_the_delivery_is_exhausted(db: Database, clock: FixedClock) -> None:
    register(db)
    run_handler(db, handlers.tell, [refusal(notify=(Unit.AMR,))])
    for _ in RETRIES.delays:
        result = recorded(db, claimed(db)[0], None, "timeout")
        clock.advance(timedelta(hours=1))
    row = ledger(db)[0]
    assert (row.status, len(orjson.loads(row.attempts))) == ("exhausted", 3)
    assert isinstance(result.messages[0].event, DeliveryExhausted)


def test_gone_disables_the_endpoint_and_ends_what_waits_for_it(db: Database) -> None:
    register(db)
    run_handler(db, handlers.tell, [refusal("f1", notify=(Unit.AMR,)), refusal("f2", notify=(Unit.AMR,))])
    result = recorded(db, claimed(db)[0], 410, "bad-status")
    assert [row.status for row in ledger(db)] == ["exhausted", "exhausted"]
    assert [type(message.event) for message in result.messages] == [DeliveryExhausted, EndpointDisabled]
    run_handler(db, handlers.tell, [refusal("f3", notify=(Unit.AMR,))])
    assert ledger(db)[-1].status == "no_endpoint"


def test_a_replay_keeps_the_webhook_id_and_starts_the_schedule_again(db: Database) -> None:
    register(db)
    run_handler(db, handlers.tell, [refusal(notify=(Unit.AMR,))])
    errand = claimed(db)[0]
    recorded(db, errand, 200)
    row = run_handler(db, handlers.replay, [command(errand.delivery_id)]).answers[0]
    assert (row.status, row.tries) == ("pending", 0)
    assert [again.delivery_id for again in claimed(db)] == [errand.delivery_id]


def test_a_replay_of_a_delivery_without_endpoint_goes_to_those_there_are_now(db: Database) -> None:
    run_handler(db, handlers.tell, [refusal(notify=(Unit.AMR,))])
    delivery_id = ledger(db)[0].delivery_id
    assert isinstance(run_handler(db, handlers.replay, [command(delivery_id)]).answers[0], Problem)
    endpoints = {register(db), register(db)}
    run_handler(db, handlers.replay, [command(delivery_id)])
    assert {row.endpoint_id for row in ledger(db)} == endpoints
    assert {errand.endpoint.endpoint_id for errand in claimed(db)} == endpoints


def test_a_rotated_secret_signs_beside_the_new_one_until_its_grace_ends(db: Database, clock: FixedClock) -> None:
    endpoint_id = register(db)
    run_handler(db, handlers.tell, [refusal(notify=(Unit.AMR,))])
    shown = run_handler(db, handlers.rotate_secret, [command(Rotation(endpoint_id, 1, 100.0))]).answers[0]
    during = claimed(db)[0].endpoint.secrets
    assert (during[0], len(during)) == (shown.secret, 2)
    clock.advance(timedelta(seconds=101))
    assert claimed(db)[0].endpoint.secrets == (shown.secret,)


@pytest.mark.parametrize(("version", "code"), [(7, "stale-version")])
def test_a_change_of_a_version_that_is_not_current_is_refused(db: Database, version: int, code: str) -> None:
    endpoint_id = register(db)
    answer = run_handler(db, handlers.change, [command(Change(endpoint_id, version, {"lang": "en"}))]).answers[0]
    assert (answer.status, answer.code) == (412, code)


def test_switching_off_gives_up_what_waits_and_says_so(db: Database) -> None:
    endpoint_id = register(db)
    run_handler(db, handlers.tell, [refusal(notify=(Unit.AMR,))])
    result = run_handler(db, handlers.change, [command(Change(endpoint_id, None, {"state": "disabled"}))])
    assert isinstance(result.messages[0].event, EndpointDisabled)
    assert ledger(db)[0].status == "exhausted"
