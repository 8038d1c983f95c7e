"""``sluicegate policy what-if FILE``: what a candidate set would decide otherwise, asked of the running system; nothing changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.table import Column, Table

from contracts.vocabulary import Role
from deploy.calling import HERE, TokenFile, Url, lines, token_of
from deploy.configuration import Data, stop

PARTS = (("registration", "filing_id", "登记 / filings"), ("power-grid", "clearance_id", "用电 / clearances"))
BY = (
    ("by_township", "镇街 / township"),
    ("by_group", "督导组 / group"),
    ("by_rule", "规则 / rule"),
    ("by_reason", "原因 / reason"),
)
SECONDS = 120.0
"""The longest wait for the next line; a chunk takes about one second."""


def what_if(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="候选政策集，YAML / a candidate set")],
    sums_only: Annotated[bool, typer.Option("--sums", help="只要汇总，不逐件列出 / the sums alone, not every decision")] = False,
    url: Url = HERE,
    token_file: TokenFile = None,
    data: Data = None,
) -> None:
    """试算候选政策集：逐件列出会改变的决定（镇街、督导组、规则、原因）并汇总；不改变任何事。/ What a candidate would decide otherwise."""
    from deploy.candidates import checked

    candidate = checked(file).model_dump(mode="json")
    token = token_of(token_file, data, "policy-what-if", Role.AUDITOR)
    console = Console(width=None if Console().is_terminal else 160)
    found = [(name, key, *_asked(url, part, token, candidate, name)) for part, key, name in PARTS]
    for name, key, flips, answer in found:
        summary = answer["summary"]
        console.print(
            f"{name}: 共查 / checked {answer['checked']} / {answer['total']}，将改变 / would flip {summary['flips']}", highlight=False
        )
        if summary["not_judged"]:
            console.print(f"  土地认定未到，未试算 / not judged, no land findings: {summary['not_judged']}", highlight=False)
        if flips and not sums_only:
            _list(flips, key)
        if flips:
            console.print(_sums(summary))


def _asked(url: str, part: str, token: str, candidate: Mapping[str, Any], name: str) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Every flip, and the last line, which sums up. An answer without it is none."""
    flips: list[dict[str, Any]] = []
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(f"正在试算{name}", total=None)
        for answer in lines(url, f"/{part}/v1/decisions:what-if", token, seconds=SECONDS, json=candidate):
            if answer.status != 200:
                stop(f"未作试算 / nothing was tried: {answer.detail}")
            flips += answer.body["items"]
            progress.update(task, completed=answer.body["checked"], total=answer.body["total"])
            if "summary" in answer.body:
                return flips, answer.body
    stop("未作试算：应答中断，请重试 / nothing was tried: the answer broke off, ask again")


def _list(flips: Sequence[Mapping[str, Any]], key: str) -> None:
    """A line for each, by supervision group, township, rule and reason; tabs between, so that a spreadsheet takes it."""
    print("\t".join(("督导组 / group", "镇街 / township", "规则 / rule", "原因 / reason", "现 / was", "将 / would be", key)))
    rows = [
        (flip["group"] or "-", _township(flip["township_code"]), flip["rule"] or "-", flip["reason"] or "-", flip["was"], flip["would_be"])
        for flip in flips
    ]
    for row, flip in sorted(zip(rows, flips, strict=True), key=lambda each: (each[0], each[1][key])):
        print("\t".join((*row, flip[key])))


def _township(code: str | None) -> str:
    from contracts import reference

    unit = None if code is None else reference.township(code)
    return (code or "-") if unit is None else f"{code} {unit.name_zh}"


def _sums(summary: Mapping[str, Any]) -> Table:
    table = Table("汇总 / by", Column("", overflow="fold"), Column("将改变 / would flip", justify="right"))
    for key, title in BY:
        for value, count in summary[key].items():
            table.add_row(title, _township(value) if key == "by_township" else value, str(count))
        table.add_section()
    table.add_row("合计 / total", "", str(summary["flips"]))
    return table
