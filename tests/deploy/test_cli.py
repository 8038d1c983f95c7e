"""The command line as an operator uses it."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner, Result

from chassis.tokens import DevelopmentIssuer
from deploy.cli import app
from deploy.trial import TrialIssuer

ROOT = Path(__file__).parents[2]


def sluicegate(*arguments: str, data: Path, **environment: str) -> Result:
    """One command, run in this process."""
    return CliRunner().invoke(app, arguments, env={"SLUICEGATE_DATA": str(data), "COLUMNS": "200"} | environment)


def claims(data: Path, *arguments: str) -> dict[str, object]:
    printed = sluicegate("token", *arguments, data=data)
    assert printed.exit_code == 0, printed.stderr
    assert printed.stdout.count("\n") == 1
    return dict(asyncio.run(DevelopmentIssuer(data).claims(printed.stdout.strip())))


def test_a_token_is_printed_alone_and_says_who_it_is(tmp_path: Path) -> None:
    clerk = claims(tmp_path, "--role", "clerk")
    officer = claims(tmp_path, "--role", "township_officer", "--township", "330282112", "--township", "330282402")
    named = claims(tmp_path, "--role", "reviewer", "--unit", "EEB", "--sub", "u1", "--name", "李四", "--ttl", "60")

    assert (clerk["sub"], clerk["roles"], clerk["unit"]) == ("dev-clerk-AMR", ["clerk"], "AMR")
    assert (officer["sub"], officer["townships"]) == ("dev-township_officer-TWN-330282112+330282123", ["330282112", "330282123"])
    assert (named["sub"], named["name"], named["unit"]) == ("u1", "李四", "EEB")
    assert int(str(named["exp"])) - int(str(named["iat"])) == 60


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--role", "king"], "there is no role king"),
        (["--role", "township_officer"], "needs --township"),
        (["--role", "township_officer", "--township", "999999999"], "no township with code 999999999"),
        (["--role", "reviewer"], "needs --unit"),
        (["--role", "clerk", "--unit", "XYZ"], "no unit with code XYZ"),
    ],
)
def test_a_token_for_nobody_is_refused_with_the_reason(tmp_path: Path, arguments: list[str], said: str) -> None:
    refused = sluicegate("token", *arguments, data=tmp_path)

    assert (refused.exit_code, refused.stdout) == (2, "")
    assert said in refused.stderr


def test_settings_show_their_origin_and_no_secret(tmp_path: Path) -> None:
    shown = sluicegate("settings", data=tmp_path, SLUICEGATE_NOTIFIER_SMTP_PASSWORD="hunter2", SLUICEGATE_CLOCK_OFFSET="P30D").stdout

    lines = {line.split()[1]: line for line in shown.splitlines() if "SLUICEGATE_" in line}
    assert "P30D" in lines["SLUICEGATE_CLOCK_OFFSET"]
    assert "environment" in lines["SLUICEGATE_CLOCK_OFFSET"]
    assert "default" in lines["SLUICEGATE_GATHER_LIMIT"]
    assert "***" in lines["SLUICEGATE_NOTIFIER_SMTP_PASSWORD"]
    assert "hunter2" not in shown


def test_a_bad_setting_is_named(tmp_path: Path) -> None:
    refused = sluicegate("settings", data=tmp_path, SLUICEGATE_CLOCK_OFFSET="-P1D")

    assert refused.exit_code == 2
    assert "SLUICEGATE_CLOCK_OFFSET" in refused.stderr


@pytest.mark.parametrize("command", [["dossier", "verify", "f"]])
def test_a_command_that_comes_later_says_so(tmp_path: Path, command: list[str]) -> None:
    refused = sluicegate(*command, data=tmp_path)

    assert refused.exit_code == 2
    assert "comes with a later version" in refused.stderr


@pytest.fixture
def open_to_all() -> Iterator[None]:
    """As most machines are set up: files that everybody may read."""
    before = os.umask(0o022)
    yield
    os.umask(before)


@pytest.mark.usefixtures("open_to_all")
def test_whoever_comes_first_the_data_is_its_owners_alone(tmp_path: Path) -> None:
    data, there_before = tmp_path / "data", tmp_path / "there"
    there_before.mkdir(mode=0o755)
    claims(data, "--role", "clerk")
    for folder in (data, there_before):
        assert sluicegate("migrate", data=folder).exit_code == 0

    assert data.stat().st_mode & 0o777 == 0o700
    files = [file for folder in (data, there_before) for file in folder.glob("*.db*")]
    assert {file.name: oct(file.stat().st_mode & 0o077) for file in files} == {file.name: "0o0" for file in files}
    assert len(files) >= 8


def test_migrate_makes_every_database(tmp_path: Path) -> None:
    assert sluicegate("migrate", data=tmp_path).exit_code == 0
    assert sluicegate("migrate", "land-check", data=tmp_path).exit_code == 0
    assert sluicegate("migrate", "nothing", data=tmp_path).exit_code == 2

    assert {path.name for path in tmp_path.glob("*.db")} == {"registration.db", "land_check.db", "power_grid.db", "notifier.db"}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_up_says_ready_and_stops_cleanly(tmp_path: Path, number: signal.Signals) -> None:
    command = [sys.executable, "-m", "deploy.cli", "up", "--port", "18431", "--data", str(tmp_path)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        try:
            assert process.stdout.readline() == "READY http://127.0.0.1:18431\n"
            assert httpx.get("http://127.0.0.1:18431/readyz").status_code == 200
            assert "another Sluicegate process" in sluicegate("up", "--port", "18432", data=tmp_path).stderr
            assert "another Sluicegate process" in sluicegate("migrate", data=tmp_path).stderr
        finally:
            process.send_signal(number)
        assert process.wait(20) == 0
        assert (process.stdout.read(), process.stderr.read()) == ("", "")


SERVER = "postgresql+psycopg://nobody@localhost/{service}"
DISTRIBUTED = {
    "SLUICEGATE_DATABASE": SERVER,
    "SLUICEGATE_OIDC_ISSUER": "https://issuer.example.org",
    "SLUICEGATE_PEERS": "http://127.0.0.1:1",
    "SLUICEGATE_KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1",
    "SLUICEGATE_POWER_GRID_CLEARANCE_KEY_FILE": "clearance.jwk",
}


@pytest.mark.parametrize(
    ("service", "variable"),
    [
        ("registration", "SLUICEGATE_DATABASE"),
        ("registration", "SLUICEGATE_OIDC_ISSUER"),
        ("land-check", "SLUICEGATE_PEERS"),
        ("power-grid", "SLUICEGATE_PEERS"),
        ("notifier", "SLUICEGATE_KAFKA_BOOTSTRAP_SERVERS"),
        ("power_grid", "SLUICEGATE_POWER_GRID_CLEARANCE_KEY_FILE"),
    ],
)
def test_serve_names_the_setting_that_is_missing(tmp_path: Path, service: str, variable: str) -> None:
    refused = sluicegate("serve", service, "--port", "0", data=tmp_path, **DISTRIBUTED | {variable: ""})

    assert (refused.exit_code, refused.stdout) == (1, "")
    assert variable in refused.stderr
    assert not any(other in refused.stderr for other in DISTRIBUTED if other != variable)


def test_a_secret_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    absent = {"SLUICEGATE_DATABASE_PASSWORD_FILE": str(tmp_path / "{service}.password")}
    refused = sluicegate("quarantine", "list", "registration", data=tmp_path, **DISTRIBUTED | absent)
    (tmp_path / "registration.password").touch()
    empty = sluicegate("quarantine", "list", "registration", data=tmp_path, **DISTRIBUTED | absent)

    assert (refused.exit_code, empty.exit_code) == (1, 1)
    assert "SLUICEGATE_DATABASE_PASSWORD_FILE" in refused.stderr
    assert "registration.password is empty" in empty.stderr


def test_a_mail_password_that_cannot_be_read_is_named_at_the_start(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "deploy.cli", "up", "--port", "18433", "--data", str(tmp_path)]
    absent = os.environ | {"SLUICEGATE_NOTIFIER_SMTP_PASSWORD_FILE": str(tmp_path / "smtp")}
    done = subprocess.run(command, cwd=ROOT, env=absent, capture_output=True, text=True, timeout=60, check=False)

    assert (done.returncode, done.stdout) == (1, "")
    assert "SLUICEGATE_NOTIFIER_SMTP_PASSWORD_FILE" in done.stderr
    assert "Traceback" not in done.stderr


def test_nothing_made_for_trying_runs_in_distributed_mode(tmp_path: Path) -> None:
    up = sluicegate("up", data=tmp_path, SLUICEGATE_DATABASE=SERVER)
    token = sluicegate("token", "--role", "clerk", data=tmp_path, SLUICEGATE_DATABASE=SERVER)

    assert (up.exit_code, token.exit_code) == (1, 1)
    assert "use sluicegate serve" in up.stderr
    assert "does not start in distributed mode" in token.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("url", "seen"),
    [
        ("me:hunter2@localhost/{service}", "me:***@localhost/{service}"),
        ("{service}:hun/ter2@localhost/{service}", "{service}:***@localhost/{service}"),
        ("me:hun?ter2@localhost/{service}", "me:***@localhost/{service}"),
        ("me:hun ter2@localhost/{service}", "me:***@localhost/{service}"),
        ("me@localhost:5432/{service}?password=hun@ter2&sslmode=require", "me@localhost:5432/{service}?password=***&sslmode=require"),
        ("me@localhost/{service}?sslmode=require&sslpassword=hunter2", "me@localhost/{service}?sslmode=require&sslpassword=***"),
    ],
)
def test_settings_of_the_distributed_mode_are_shown_without_passwords(tmp_path: Path, url: str, seen: str) -> None:
    shown = sluicegate("settings", data=tmp_path, **DISTRIBUTED | {"SLUICEGATE_DATABASE": f"postgresql+psycopg://{url}"}).stdout

    assert "hun" not in shown
    assert "ter2" not in shown
    assert f"postgresql+psycopg://{seen} " in shown
    assert all(name in shown for name in DISTRIBUTED)


def test_a_token_of_a_trial_issuer_is_printed_alone(tmp_path: Path) -> None:
    issuer = TrialIssuer.made(tmp_path / "issuer.json", "http://127.0.0.1:9000")
    printed = sluicegate("token", "--role", "clerk", "--issuer", str(tmp_path / "issuer.json"), data=tmp_path, SLUICEGATE_DATABASE=SERVER)

    assert printed.exit_code == 0
    assert printed.stdout.count("\n") == 1
    assert "urn:" not in printed.stdout
    assert TrialIssuer(tmp_path / "issuer.json").url == issuer.url
