"""What a process of a system under test does in one life. Everything heavy is imported here, before the process is forked."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence

import chassis.serving
import deploy.services
import tests.proof.world
from chassis import failpoints
from chassis.telemetry import configure_logging
from deploy import cli


def live(program: str, arguments: Sequence[str], environment: Mapping[str, str], plan: str, log: str) -> None:
    """``plan`` are its failpoints; what it prints goes to the pipe ``log``."""
    pipe = os.open(log, os.O_WRONLY)
    for number in (1, 2):
        os.dup2(pipe, number)
    sys.stdout, sys.stderr = (os.fdopen(number, "w", buffering=1, encoding="utf-8") for number in (1, 2))
    os.environ.update(environment)
    failpoints.arm(plan)
    PROGRAMS[program](arguments)


def _world(arguments: Sequence[str]) -> None:
    tests.proof.world.main(int(arguments[0]))


def _replica(arguments: Sequence[str]) -> None:
    name, port = arguments
    part = tests.proof.world.PARTS[name]
    settings = part.settings()
    configure_logging(settings.log_level)
    chassis.serving.serve(part.create, settings, "127.0.0.1", int(port), lambda address: print(f"READY {address}", flush=True))


def _sluicegate(arguments: Sequence[str]) -> None:
    assert deploy.services.SERVICES
    cli.app(list(arguments))


PROGRAMS = {"world": _world, "replica": _replica, "sluicegate": _sluicegate}
