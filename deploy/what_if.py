"""``sluicegate policy what-if FILE``: what a candidate set would decide otherwise, asked of the running system; nothing changes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from contracts.vocabulary import Role
from deploy.calling import HERE, TokenFile, Url, post, token_of
from deploy.configuration import Data, stop

PARTS = (("registration", "登记 / filings"), ("power-grid", "用电 / clearances"))
BY = (("by_township", "镇街 / township"), ("by_group", "督导组 / group"), ("by_rule", "规则 / rule"))
SECONDS = 3600


def what_if(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="候选政策集，YAML / a candidate set")],
    url: Url = HERE,
    token_file: TokenFile = None,
    data: Data = None,
) -> None:
    """试算候选政策集：已有决定中哪些会改变，按镇街、督导组、规则汇总；不改变任何事。/ What a candidate would decide otherwise."""
    from deploy.candidates import checked

    candidate = checked(file).model_dump(mode="json")
    token = token_of(token_file, data, "policy-what-if", Role.AUDITOR)
    answers = []
    with Console(stderr=True).status("") as status:
        for part, name in PARTS:
            status.update(f"正在试算{name} …")
            answers.append((name, _ask(url, f"/{part}/v1/decisions:what-if", token, candidate)))
    console = Console(width=None if Console().is_terminal else 140)
    for name, answer in answers:
        summary = answer["summary"]
        console.print(f"{name}: 共查 / checked {answer['checked']}，将改变 / would flip {summary['flips']}", highlight=False)
        if summary["not_judged"]:
            console.print(f"  土地认定未到，未试算 / not judged, no land findings: {summary['not_judged']}", highlight=False)
        if summary["flips"]:
            console.print(_counts(summary))


def _ask(url: str, path: str, token: str, candidate: dict[str, Any]) -> dict[str, Any]:
    answer = post(url, path, token, seconds=SECONDS, json=candidate, params={"limit": 1})
    if answer.status != 200:
        stop(f"未作试算 / nothing was tried: {answer.detail}")
    return answer.body


def _counts(summary: dict[str, Any]) -> Table:
    from contracts import reference

    table = Table("汇总 / by", "", "将改变 / would flip")
    for key, title in BY:
        for value, count in summary[key].items():
            unit = reference.township(value) if key == "by_township" else None
            table.add_row(title, value if unit is None else f"{value} {unit.name_zh}", str(count))
        table.add_section()
    table.add_row("合计 / total", "", str(summary["flips"]))
    return table
