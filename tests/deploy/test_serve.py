"""``sluicegate serve``: real processes on a real Kafka and PostgreSQL, from the first start to the last signal."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from joserfc.jwk import OctKey
from sqlalchemy.engine import make_url

from chassis.tokens import DevelopmentIssuer
from deploy.demo import Running, against
from tests.deploy.fleet import NAMES, START_SECONDS, Fleet, Replica, within
from tests.parts.kafka import running_kafka
from tests.parts.postgresql import server
from tests.parts.unavailable import Unavailable, skip_or_fail

PARTS = ["database", "schema", "bus", "consumer", "outbox", "quarantine", "policy_sweeps", "tokens"]
FILING = {
    "action": "establish",
    "subject_type": "company",
    "industry_code": "3857",
    "business_scope": "小家电制造",
    "applicant": {"name": "张三", "phone": "0574-00000000"},
}


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    """A Kafka and a PostgreSQL of our own, which may be killed; nothing is served yet, databases and topics are not made."""
    folder = tmp_path_factory.mktemp("fleet")
    (folder / "clearance.jwk").write_text(json.dumps(OctKey.generate_key(256).as_dict(private=True)))
    try:
        postgresql = server()
        running = postgresql.__enter__()
    except Unavailable as reason:
        skip_or_fail(reason)
    try:
        with running_kafka() as broker:
            fleet = Fleet(folder, running, broker)
            yield fleet
            fleet.close()
    finally:
        postgresql.__exit__(None, None, None)


@pytest.fixture(scope="module")
def fleet(empty: Fleet) -> Fleet:
    """All four services, ready."""
    empty.prepare()
    for replica in [empty.serve(name) for name in NAMES if not empty.of(name)]:
        replica.ready()
    return empty


def file_at(http: httpx.Client, number: int) -> str:
    """A filing on a place of its own; its id."""
    place = {"township_code": "330282112", "address": f"新浦镇某村{number}号", "parcel_code": None, "used_for_production": True}
    answer = http.post("/registration/v1/filings", json=FILING | {"enterprise_name": f"慈溪{number}号电器有限公司", "premises": place})
    assert answer.status_code in (200, 201, 202), answer.text
    return str(answer.json()["filing_id"])


def decided(http: httpx.Client, filing: str) -> bool:
    return bool(http.get(f"/registration/v1/filings/{filing}").json().get("status") != "under_review")


def test_before_migrate_it_says_so_and_waits(empty: Fleet) -> None:
    replica = empty.serve("registration")
    within(START_SECONDS, lambda: _answers(replica))
    within(10, lambda: "sluicegate migrate" in str(replica.parts()["database"]["reason"]))
    assert replica.get("healthz").status_code == 200
    assert list(replica.parts()) == PARTS
    assert replica.said == []

    empty.prepare()

    replica.ready()
    empty.prepare()


def test_the_service_may_not_change_what_it_has_said(fleet: Fleet) -> None:
    address = make_url(fleet.environment["SLUICEGATE_REGISTRATION_DATABASE"])
    may = [
        fleet.server.run("SELECT has_table_privilege(%s, 'outbox', %s)", address.username, right, database=address.database)[0][0]
        for right in ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE")
    ]

    assert may == [True, True, False, False, False]


def test_the_demonstration_passes_as_it_does_embedded(fleet: Fleet) -> None:
    running = Running(fleet.url, fleet.issuer_file, first=100, unreachable=lambda: fleet.away("land_check"))

    assert against(running) == 0


def test_only_tokens_of_the_issuer_are_taken(fleet: Fleet, tmp_path: Path) -> None:
    development = DevelopmentIssuer(tmp_path).token("s", roles=["clerk"])
    for header in ({}, {"Authorization": f"Bearer {development}"}):
        assert httpx.get(f"{fleet.url}/registration/v1/filings", headers=header).status_code == 401
    with fleet.client("clerk") as http:
        assert http.get("/registration/v1/filings").status_code == 200


def test_a_precheck_asks_the_other_services_in_the_callers_name(fleet: Fleet) -> None:
    place = {"township_code": "330282112", "address": "新浦镇某村7号", "parcel_code": None, "used_for_production": True}
    with fleet.client("clerk") as http:
        answer = http.post("/registration/v1/pre-checks", json=FILING | {"enterprise_name": "慈溪某电器有限公司", "premises": place})

    assert answer.status_code == 200
    assert answer.json()["land_verdict"] == "unknown"


def test_two_replicas_share_the_work_and_one_may_die(fleet: Fleet) -> None:
    first = fleet.of("registration")[0]
    second = fleet.serve("registration").ready()
    with fleet.client("clerk") as http:
        one = file_at(http, 2)
        within(20, lambda: decided(http, one))
        answer = httpx.get(f"http://127.0.0.1:{second.port}/registration/v1/filings/{one}", headers=http.headers)
        assert answer.json()["status"] != "under_review"
        within(30, lambda: first.is_ready() and second.is_ready(), lambda: (first.parts(), second.parts()))

        second.process.kill()
        second.process.wait()
        filings = [file_at(http, number) for number in range(10, 30)]

        within(60, lambda: all(decided(http, filing) for filing in filings))
        assert first.is_ready(), first.parts()


def test_without_its_database_a_service_says_which_parts_are_away(fleet: Fleet) -> None:
    engine = fleet.server.engine
    if engine is None:
        pytest.skip("the PostgreSQL of the environment is not ours to kill")
    replica = fleet.of("registration")[0]

    engine.kill()
    try:
        within(20, lambda: not replica.is_ready())
        parts, seconds = _timed_parts(replica)
        assert seconds < 3
        assert list(parts) == PARTS
        assert {name: part["ready"] for name, part in parts.items() if name in ("database", "bus", "tokens")} == {
            "database": False,
            "bus": True,
            "tokens": True,
        }
        assert "/" in str(parts["database"]["reason"])
        assert replica.get("healthz").status_code == 200
        assert replica.get("v1/filings").status_code in (401, 503)
    finally:
        engine.start()
        fleet.server.wait()

    within(60, replica.is_ready, replica.parts)
    with fleet.client("clerk") as http:
        filing = file_at(http, 40)
        within(60, lambda: decided(http, filing))


def test_without_its_broker_it_takes_calls_and_publishes_later(fleet: Fleet) -> None:
    if not fleet.broker.ours:
        pytest.skip("the Kafka of the environment is not ours to kill")
    replica = fleet.of("registration")[0]

    fleet.broker.kill()
    try:
        within(30, lambda: not replica.is_ready())
        parts, seconds = _timed_parts(replica)
        assert seconds < 3
        assert {name for name, part in parts.items() if not part["ready"]} >= {"bus"}
        assert parts["database"]["ready"]
        with fleet.client("clerk") as http:
            filing = file_at(http, 50)
    finally:
        fleet.broker.start()

    within(90, replica.is_ready, replica.parts)
    with fleet.client("clerk") as http:
        within(60, lambda: decided(http, filing))


def test_operators_work_on_the_services_database(fleet: Fleet) -> None:
    assert "nothing is quarantined" in fleet.run("quarantine", "list").stdout
    said = fleet.run("republish", "registration", "registration.events", "no-such-key")
    assert "0" in said.stdout


def test_told_to_stop_without_its_parts_it_ends_all_the_same(fleet: Fleet) -> None:
    replica = fleet.serve("notifier", SLUICEGATE_KAFKA_BOOTSTRAP_SERVERS="127.0.0.1:1")
    within(START_SECONDS, lambda: _answers(replica))

    assert replica.end(signal.SIGTERM) == 0


@pytest.mark.parametrize("name", NAMES)
def test_told_to_stop_it_finishes_leaves_and_ends_well(fleet: Fleet, name: str) -> None:
    replica = fleet.of(name)[0]
    if name == "registration":
        with fleet.client("clerk") as http:
            for number in range(60, 80):
                file_at(http, number)

    assert replica.end(signal.SIGTERM) == 0
    assert "could not stop in order" not in replica.log.read_text()


def _answers(replica: Replica) -> bool:
    try:
        return replica.get("healthz").status_code == 200
    except httpx.HTTPError:
        return False


def _timed_parts(replica: Replica) -> tuple[dict[str, dict[str, object]], float]:
    began = time.monotonic()
    return replica.parts(), time.monotonic() - began
