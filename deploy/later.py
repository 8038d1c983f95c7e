"""Commands of the public surface that this version does not have yet: each says so in one sentence and exits with status 2."""

from __future__ import annotations

from collections.abc import Callable

import typer

from deploy.configuration import stop

LATER = {
    "policy": ("政策集：查看、检查、试算、启用", "policy sets: show, check, what-if, activate"),
    "dossier": ("离线核验导出的企业档案", "checks an exported dossier offline"),
}
ANYTHING = {"ignore_unknown_options": True, "allow_extra_args": True}


def add_to(app: typer.Typer) -> None:
    for name, (zh, en) in LATER.items():
        app.command(name, context_settings=ANYTHING, help=f"（尚未提供 / not provided yet）{zh} / {en}")(_refusal(name))


def _refusal(name: str) -> Callable[[], None]:
    def refuse() -> None:
        stop(f"本版本尚未提供 sluicegate {name} / sluicegate {name} comes with a later version", 2)

    return refuse
