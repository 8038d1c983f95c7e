"""Commands of the public surface that this version does not have yet: each says so in one sentence and exits with status 2."""

from __future__ import annotations

from collections.abc import Callable

import typer

from deploy.configuration import stop

LATER = {
    "dossier": ("离线核验导出的企业档案", "checks an exported dossier offline"),
}
ANYTHING = {"ignore_unknown_options": True, "allow_extra_args": True}


def add_to(app: typer.Typer) -> None:
    for name, (zh, en) in LATER.items():
        app.command(name, context_settings=ANYTHING, help=f"（尚未提供 / not provided yet）{zh} / {en}")(refusal(name))


def refusal(name: str) -> Callable[[], None]:
    """The command that only says that it comes later."""

    def refuse() -> None:
        stop(f"本版本尚未提供 sluicegate {name} / sluicegate {name} comes with a later version", 2)

    return refuse
