"""Logs: JSON on standard error, nothing personal in them."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import orjson


def logged(statements: str) -> list[dict[str, Any]]:
    """The lines a process of its own logs when it runs ``statements`` with ``log`` at hand."""
    set_up = "import structlog; from chassis.telemetry import configure_logging; configure_logging('info'); log = structlog.get_logger()"
    finished = subprocess.run([sys.executable, "-c", f"{set_up}\n{statements}"], capture_output=True, check=True)
    assert finished.stdout == b""
    return [orjson.loads(line) for line in finished.stderr.splitlines()]


def test_personal_data_and_secrets_are_blanked_however_deep_they_lie() -> None:
    (line,) = logged("log.info('seen', filing_id='f1', applicant={'name': '张三'}, body=[1], nested={'a': [{'phone': '138'}]})")

    assert (line["event"], line["filing_id"], line["level"]) == ("seen", "f1", "info")
    assert (line["applicant"], line["body"], line["nested"]) == ("***", "***", {"a": [{"phone": "***"}]})


def test_an_error_is_logged_with_its_traceback_on_one_line() -> None:
    (line,) = logged("try: 1 / 0\nexcept ZeroDivisionError: log.exception('failed')")

    assert "ZeroDivisionError" in line["exception"]


def test_what_is_below_the_level_is_not_logged() -> None:
    assert logged("log.debug('unseen')") == []
