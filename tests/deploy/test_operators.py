"""Quarantine and republish from the command line, on the databases of a system that may or may not run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from chassis.clock import SystemClock
from chassis.database import Database
from chassis.settings import ServiceSettings
from chassis.transaction import Transaction
from deploy.cli import app

LETTER = {
    "grp": "land_check",
    "topic": "registration.events",
    "part": 0,
    "off": 7,
    "key": "f-17",
    "seq": 1,
    "event_id": "e-1",
    "type": "registration.filing_submitted.v1",
    "headers": '{"ce_id": "e-1"}',
    "body": b'{"broken": ',
    "status": "parked",
    "reason": "decode",
    "error_text": "/premises: missing",
    "attempts": 1,
    "first_seen_at": "2026-11-22T00:00:00.000000Z",
}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    assert sluicegate("migrate", data=tmp_path).exit_code == 0
    return tmp_path


@pytest.fixture
def land_check(data: Path) -> Iterator[Database]:
    database = Database(ServiceSettings(data=data).database_url("land_check"), SystemClock())
    yield database
    database.close()


@pytest.fixture
def parked(land_check: Database) -> int:
    def store(tx: Transaction) -> int:
        columns = ", ".join(LETTER)
        tx.many(f"INSERT INTO dead_letter ({columns}) VALUES ({', '.join('?' * len(LETTER))})", [tuple(LETTER.values())])  # noqa: S608
        return int(tx.sql("SELECT id FROM dead_letter")[0][0])

    return land_check.write_sync(store)


def sluicegate(*arguments: str, data: Path) -> Result:
    return CliRunner().invoke(app, arguments, env={"SLUICEGATE_DATA": str(data)})


def column(database: Database, name: str) -> object:
    return database.read_sync(lambda tx: tx.sql(f"SELECT {name} FROM dead_letter")[0][0])  # noqa: S608


def test_nothing_quarantined_is_said(data: Path) -> None:
    assert "nothing is quarantined" in sluicegate("quarantine", "list", data=data).stdout


def test_what_is_parked_is_listed_and_shown(data: Path, parked: int) -> None:
    listed = sluicegate("quarantine", "list", data=data).stdout
    shown = sluicegate("quarantine", "show", "land-check", str(parked), data=data).stdout

    assert "f-17" in listed
    assert "/premises: missing" in listed
    assert "ce_id: e-1" in shown
    assert '{"broken": ' in shown


def test_a_message_is_given_up_only_with_a_reason(data: Path, parked: int, land_check: Database) -> None:
    without = sluicegate("quarantine", "discard", "land_check", str(parked), data=data)
    empty = sluicegate("quarantine", "discard", "land_check", str(parked), "--reason", " ", data=data)
    done = sluicegate("quarantine", "discard", "land_check", str(parked), "--reason", "sent twice", data=data)
    again = sluicegate("quarantine", "discard", "land_check", str(parked), "--reason", "sent twice", data=data)

    assert [each.exit_code for each in (without, empty, done, again)] == [2, 1, 0, 1]
    assert "already settled" in again.stderr
    assert (column(land_check, "status"), column(land_check, "resolution_note")) == ("discarded", "sent twice")


def test_a_corrected_body_takes_the_place_of_the_broken_one(data: Path, parked: int, land_check: Database, tmp_path: Path) -> None:
    (tmp_path / "corrected.json").write_text('{"whole": true}')

    done = sluicegate("quarantine", "supersede", "land_check", str(parked), str(tmp_path / "corrected.json"), "--reason", "typo", data=data)

    assert done.exit_code == 0
    assert (column(land_check, "body"), column(land_check, "original_body")) == (b'{"whole": true}', b'{"broken": ')


def test_a_replay_is_left_to_the_running_service(data: Path, parked: int, land_check: Database) -> None:
    assert sluicegate("quarantine", "replay", "land_check", str(parked), data=data).exit_code == 0
    assert column(land_check, "next_attempt_at") is not None


def test_an_entry_service_or_database_that_does_not_exist_is_said(data: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    no_entry = sluicegate("quarantine", "show", "land_check", "99", data=data)
    no_service = sluicegate("quarantine", "show", "weather", "1", data=data)
    no_database = sluicegate("quarantine", "list", data=tmp_path_factory.mktemp("empty"))

    assert "there is no entry 99" in no_entry.stderr
    assert "there is no service weather" in no_service.stderr
    assert "holds no database" in no_database.stderr


def test_messages_of_a_key_are_published_again(data: Path, land_check: Database) -> None:
    def said(tx: Transaction) -> None:
        columns = "event_id, topic, key, seq, type, headers, body, created_at"
        rows = [(f"e{seq}", "land_check.events", "f-17", seq, "t", "{}", b"{}", "2026-11-22T00:00:00.000000Z") for seq in (1, 2, 3)]
        tx.many(f"INSERT INTO outbox ({columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)  # noqa: S608

    land_check.write_sync(said)

    done = sluicegate("republish", "land_check", "land_check.events", "f-17", "--from", "2", data=data)

    assert done.stdout.startswith("2 ")
    assert land_check.read_sync(lambda tx: tx.sql("SELECT count(*) FROM outbox_pending")) == [(2,)]
