"""What a failpoint does to its process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from chassis import failpoints
from chassis.errors import FailpointReachedError
from chassis.failpoints import failpoint


@pytest.fixture(autouse=True)
def disarmed() -> Iterator[None]:
    yield
    failpoints.arm("")


@pytest.mark.parametrize(("action", "error"), [("raise", FailpointReachedError), ("cut", ConnectionResetError)])
def test_it_fails_at_the_hit_that_was_named_and_at_no_other(action: str, error: type[Exception]) -> None:
    failpoints.arm(f"here={action}@2")
    failpoint("here")
    failpoint("elsewhere")
    with pytest.raises(error, match="here"):
        failpoint("here")
    failpoint("here")


def test_an_unknown_action_is_refused() -> None:
    with pytest.raises(ValueError, match="burn"):
        failpoints.arm("here=burn")


@pytest.mark.parametrize(("action", "by"), [("kill", signal.SIGKILL), ("stop", signal.SIGSTOP)])
def test_it_ends_or_stops_its_process(action: str, by: signal.Signals) -> None:
    code = "from chassis.failpoints import failpoint; failpoint('here')"
    process = subprocess.Popen([sys.executable, "-c", code], env={**os.environ, failpoints.VARIABLE: f"here={action}"})
    _, status = os.waitpid(process.pid, os.WUNTRACED)
    if action == "stop":
        assert os.WSTOPSIG(status) == by
        process.send_signal(signal.SIGCONT)
        assert process.wait(10) == 0
    else:
        assert os.WTERMSIG(status) == by
        process.returncode = -by
