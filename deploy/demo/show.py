"""``sluicegate demo`` plays everything in a temporary system (``--against``: in a running one) and compares.

``up --demo`` leaves the same data in a lasting one.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any, NamedTuple

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from chassis.auth import DevelopmentIssuer
from chassis.clock import SystemClock
from chassis.settings import ServiceSettings
from chassis.telemetry import configure_logging
from contracts.catalogue import STREAMS
from contracts.reference import townships
from deploy.demo.cases import Case, annex_projects, scenarios
from deploy.demo.city import LOOK_AGAIN_AFAR, NOTIFIER, City
from deploy.demo.play import Played, Stage
from deploy.demo.receiver import Receiver, Told
from deploy.demo.report import WIDTH_OF_A_FILE, differences, print_summary, print_table
from deploy.running import Embedded
from deploy.trial import TrialIssuer

Unreachable = Callable[[], AbstractContextManager[Any]]
"""While it lasts, land_check hears nothing."""

MARK = "demo.loaded"
RECEIVERS = ("AMR", "PSC", "TWN", "NRP", "EIT", "EEB", "EMB", "CLE", "MGO")


def main() -> int:
    """Play in a temporary system, print, compare. 0 if every decision is the expected one and everyone was told, else 1."""
    from deploy.services import SERVICES

    configure_logging("error")
    with Receiver() as receiver, Embedded(SERVICES, notifier_allow_private_addresses=True) as system:
        clock = SystemClock(system.system.settings.clock_offset)
        return _shown(City(system.url, system.token), receiver, lambda: _unreachable(system), clock)


class Running(NamedTuple):
    """A system that runs already, at ``url``. ``issuer``: key file of the trial issuer whose tokens it takes. ``reached_as``: how it
    reaches this machine. ``first``: number of the first case, another one for another run. ``unreachable``: keeps land_check away.
    """

    url: str
    issuer: Path
    reached_as: str | None = None
    first: int = 1
    unreachable: Unreachable | None = None


def against(running: Running) -> int:
    """As ``main``, on a running system. Cases for which land_check must be away are left out if nobody can keep it away."""
    issuer = TrialIssuer(running.issuer)

    def token(role: str, *, townships: tuple[str, ...] = (), unit: str | None = None) -> str:
        return issuer.token(f"demo-{role}", roles=[role], townships=list(townships), unit=unit)

    with Receiver(running.reached_as) as receiver:
        return _shown(City(running.url, token, LOOK_AGAIN_AFAR), receiver, running.unreachable, SystemClock(), running.first)


def _shown(city: City, receiver: Receiver, unreachable: Unreachable | None, clock: SystemClock, first: int = 1) -> int:
    console = Console()
    if not console.is_terminal:
        console.width = WIDTH_OF_A_FILE
    started = time.monotonic()
    everything = annex_projects() + scenarios()
    cases = [case for case in everything if unreachable is not None or not case.verdict_pending]
    left_out = len(everything) - len(cases)
    endpoints: list[str] = []
    try:
        _register_receivers(city, receiver, endpoints)
        played = _play_all(console, Stage(city, clock.now(), unreachable or nullcontext), cases, first)
        everyone = _until_all_are_told(city)
    finally:
        for endpoint in endpoints:
            city.call("admin", "DELETE", f"{NOTIFIER}/endpoints/{endpoint}")
        city.close()
    results = [(each, differences(each, receiver.told)) for each in played]
    print_table(console, results)
    print_summary(console, results, receiver.told, time.monotonic() - started)
    if left_out:
        console.print(f"{left_out} 例须土地核查离线，已略去 / {left_out} case(s) left out: land_check would have to be away")
    if not everyone:
        console.print("仍有通知未送达 / some deliveries are still waiting", style="bold red")
    return 0 if everyone and not _failures(results, receiver.told) else 1


def load(address: str, settings: ServiceSettings) -> None:
    """Put the demonstration data into the running system at ``address``, once; begun again after a crash it goes on."""
    mark = settings.data / MARK
    if mark.exists():
        return
    issuer = DevelopmentIssuer(settings.data)

    def token(role: str, *, townships: tuple[str, ...] = (), unit: str | None = None) -> str:
        return issuer.token(f"demo-{role}", roles=[role], townships=list(townships), unit=unit)

    city = City(address, token)
    try:
        now = SystemClock(settings.clock_offset).now()
        _play_all(Console(stderr=True), Stage(city, now), annex_projects() + scenarios())
    finally:
        city.close()
    mark.touch()


def _play_all(console: Console, stage: Stage, cases: list[Case], first: int = 1) -> list[Played]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    played = []
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("演示 demonstration", total=len(cases))
        for number, case in enumerate(cases, first):
            progress.update(task, description=f"{case.name} {case.title[:24]}")
            played.append(stage.play(case, number))
            progress.advance(task)
    return played


def _register_receivers(city: City, receiver: Receiver, endpoints: list[str]) -> None:
    types = [event.type for stream in STREAMS for event in stream.events if "notify" in event.model_fields]
    for unit in RECEIVERS:
        body = {
            "recipient": unit,
            "channel": {"type": "webhook", "url": receiver.url(unit)},
            "events": types,
            "townships": [each.code for each in townships() if each.in_area] if unit == "TWN" else None,
            "lang": "zh",
        }
        endpoint = city.call("admin", "POST", f"{NOTIFIER}/endpoints", body)
        endpoints.append(endpoint["endpoint_id"])
        receiver.secrets[unit] = endpoint["secret"]


def _until_all_are_told(city: City) -> bool:
    """Wait until nothing is left to send. False when patience ended before."""
    path = f"{NOTIFIER}/deliveries"
    waiting = city.until(lambda: city.call("admin", "GET", path, status="pending", limit=1)["items"], lambda items: not items)
    return not waiting


@contextmanager
def _unreachable(system: Embedded) -> Generator[None]:
    system.pause("land_check")
    try:
        yield
    finally:
        system.resume("land_check")


def _failures(results: Sequence[tuple[Played, list[str]]], told: Told) -> bool:
    repeated = [webhook_id for webhook_id, times in told.ids.items() if times > 1]
    return bool(told.forged or repeated or [played for played, wrong in results if wrong])
