"""The command line as an operator uses it."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner, Result

from chassis.tokens import DevelopmentIssuer
from deploy.cli import app

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


@pytest.mark.parametrize("command", [["serve", "registration"], ["topics", "create"], ["policy", "show"], ["dossier", "verify", "f"]])
def test_a_command_that_comes_later_says_so(tmp_path: Path, command: list[str]) -> None:
    refused = sluicegate(*command, data=tmp_path)

    assert refused.exit_code == 2
    assert "comes with a later version" in refused.stderr


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
