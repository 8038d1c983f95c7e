"""``sluicegate policy what-if FILE``: what a candidate set would decide otherwise, asked of the running system; nothing changes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from chassis.settings import ServiceSettings
from deploy.configuration import Data, read_settings, stop

PARTS = (("registration", "登记 / filings"), ("power-grid", "用电 / clearances"))
BY = (("by_township", "镇街 / township"), ("by_group", "督导组 / group"), ("by_rule", "规则 / rule"))
SECONDS = 3600


def what_if(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="候选政策集，YAML / a candidate set")],
    url: Annotated[str, typer.Option("--url", help="运行中的系统地址 / address of the running system")] = "http://127.0.0.1:8080",
    token_file: Annotated[
        Path | None,
        typer.Option("--token-file", exists=True, dir_okay=False, help="令牌文件，分布模式必填 / file with an auditor's token"),
    ] = None,
    data: Data = None,
) -> None:
    """试算候选政策集：已有决定中哪些会改变，按镇街、督导组、规则汇总；不改变任何事。/ What a candidate would decide otherwise."""
    from deploy.policies import checked

    candidate = checked(file).model_dump(mode="json")
    token = _token(data) if token_file is None else token_file.read_text(encoding="ascii").strip()
    answers = []
    with Console(stderr=True).status("") as status:
        for part, name in PARTS:
            status.update(f"正在试算{name} …")
            answers.append((name, _ask(f"{url}/{part}/v1/decisions:what-if", token, candidate)))
    console = Console(width=None if Console().is_terminal else 140)
    for name, answer in answers:
        summary = answer["summary"]
        console.print(f"{name}: 共查 / checked {answer['checked']}，将改变 / would flip {summary['flips']}", highlight=False)
        if summary["not_judged"]:
            console.print(f"  土地认定未到，未试算 / not judged, no land findings: {summary['not_judged']}", highlight=False)
        if summary["flips"]:
            console.print(_counts(summary))


def _ask(address: str, token: str, candidate: dict[str, Any]) -> dict[str, Any]:
    import httpx

    try:
        answer = httpx.post(address, json=candidate, params={"limit": 1}, headers={"Authorization": f"Bearer {token}"}, timeout=SECONDS)
        found: dict[str, Any] = answer.json()
    except (httpx.HTTPError, ValueError) as error:
        stop(f"{address} 没有应答，请先运行 sluicegate up / no answer from {address}: run sluicegate up first ({error})")
    if answer.status_code != 200:
        stop(f"未作试算 / nothing was tried: {found.get('detail', answer.status_code)}")
    return found


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


def _token(data: Path | None) -> str:
    """One of the development issuer: embedded, whoever may read the data directory may be anyone."""
    from chassis.tokens import DevelopmentIssuer, NotForProductionError
    from contracts.vocabulary import Role

    try:
        issuer = DevelopmentIssuer.embedded(read_settings(data, ServiceSettings))
    except NotForProductionError as error:
        stop(f"{error}；请用 --token-file / use --token-file")
    return issuer.token("policy-what-if", roles=[Role.AUDITOR])
