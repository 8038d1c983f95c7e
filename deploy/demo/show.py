"""``sluicegate demo`` plays everything in a temporary system and compares; ``up --demo`` leaves the same data in a lasting one."""

from __future__ import annotations

import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from chassis.auth import DevelopmentIssuer
from chassis.clock import SystemClock
from chassis.telemetry import configure_logging
from contracts.catalogue import STREAMS
from contracts.reference import townships
from deploy.demo.cases import Case, annex_projects, scenarios
from deploy.demo.city import NOTIFIER, City
from deploy.demo.play import Played, Stage
from deploy.demo.receiver import Receiver, Told
from deploy.demo.report import WIDTH_OF_A_FILE, differences, print_summary, print_table
from deploy.running import Embedded

MARK = "demo.loaded"
RECEIVERS = ("AMR", "PSC", "TWN", "NRP", "EIT", "EEB", "EMB", "CLE", "MGO")


def main(arguments: Sequence[str] = ()) -> int:
    """Play, print, compare. 0 if every decision is the expected one and everyone was told, else 1."""
    from deploy.services import SERVICES

    configure_logging("error")
    console = Console()
    if not console.is_terminal:
        console.width = WIDTH_OF_A_FILE
    if arguments:
        console.print("sluicegate demo 不需要参数 / takes no arguments", style="red")
        return 2
    started = time.monotonic()
    with Receiver() as receiver, Embedded(SERVICES, notifier_allow_private_addresses=True) as system:
        city = City(system.url, system.token)
        try:
            _register_receivers(city, receiver)
            played = _play_all(console, Stage(city, SystemClock().now(), lambda: _unreachable(system)), annex_projects() + scenarios())
            everyone = _until_all_are_told(city)
        finally:
            city.close()
    results = [(each, differences(each, receiver.told)) for each in played]
    print_table(console, results)
    print_summary(console, results, receiver.told, time.monotonic() - started)
    if not everyone:
        console.print("仍有通知未送达 / some deliveries are still waiting", style="bold red")
    return 0 if everyone and not _failures(results, receiver.told) else 1


def load(address: str, data: Path) -> None:
    """Put the demonstration data into the running system at ``address``, once; begun again after a crash it goes on."""
    mark = data / MARK
    if mark.exists():
        return
    issuer = DevelopmentIssuer(data)

    def token(role: str, *, townships: tuple[str, ...] = (), unit: str | None = None) -> str:
        return issuer.token(f"demo-{role}", roles=[role], townships=list(townships), unit=unit)

    city = City(address, token)
    try:
        now = SystemClock().now()
        _play_all(Console(stderr=True), Stage(city, now), annex_projects() + scenarios())
    finally:
        city.close()
    mark.touch()


def _play_all(console: Console, stage: Stage, cases: list[Case]) -> list[Played]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    played = []
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("演示 demonstration", total=len(cases))
        for number, case in enumerate(cases, 1):
            progress.update(task, description=f"{case.name} {case.title[:24]}")
            played.append(stage.play(case, number))
            progress.advance(task)
    return played


def _register_receivers(city: City, receiver: Receiver) -> None:
    types = [event.type for stream in STREAMS for event in stream.events if "notify" in event.model_fields]
    for unit in RECEIVERS:
        body = {
            "recipient": unit,
            "channel": {"type": "webhook", "url": receiver.url(unit)},
            "events": types,
            "townships": [each.code for each in townships() if each.in_area] if unit == "TWN" else None,
            "lang": "zh",
        }
        receiver.secrets[unit] = city.call("admin", "POST", f"{NOTIFIER}/endpoints", body)["secret"]


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
