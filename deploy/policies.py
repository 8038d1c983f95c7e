"""``sluicegate policy``: the policy set in force as people read it, and a candidate checked before anybody decides about it.

The set is read by the commands that need it, not by every command that is started.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Column, Table

from deploy.activation import activate
from deploy.calling import HERE, TokenFile
from deploy.configuration import Data, stop
from deploy.what_if import what_if

if TYPE_CHECKING:
    from contracts.policy import PolicySet

policy = typer.Typer(help="政策集：查看、检查、试算、启用。/ Policy sets.", no_args_is_help=True)


@policy.command()
def show(
    as_yaml: Annotated[bool, typer.Option("--yaml", help="整份政策集，可改作候选 / the whole set, to be changed into a candidate")] = False,
    url: Annotated[
        str | None,
        typer.Option(
            "--url", help=f"运行中的系统，默认 {HERE}，无应答则为随软件提供的政策集 / the running system; without one, the shipped set"
        ),
    ] = None,
    token_file: TokenFile = None,
    data: Data = None,
) -> None:
    """打印现行政策集：效力、规则、开关。/ Print the set in force: its standing, rules and switches."""
    from deploy.candidates import written
    from deploy.in_force import set_in_force

    shown, told = set_in_force(url, token_file, data)
    if as_yaml:
        print(f"# {told}", written(shown), sep="\n", end="")
        return
    console = Console()
    console.print(*_standing(shown, told), sep="\n", markup=False, highlight=False, soft_wrap=True)
    console.print(_rules(shown), _switches(shown), sep="\n")


@policy.command()
def check(file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="候选政策集，YAML / a candidate set")]) -> None:
    """检查候选政策集：逐处报告行列，引文须与原文一字不差。/ Check a candidate: faults by line and column, quotes to the letter."""
    from deploy.candidates import checked

    chosen = checked(file)
    if _is_another(chosen):
        stop("该版本已经发布，不可改动，请用新的 version / this version is published and never changes: give it a new version")
    _report(chosen)


policy.command()(activate)
policy.command("what-if")(what_if)


def _is_another(candidate: PolicySet) -> bool:
    """Whether a published version of that number says something else."""
    from contracts.policy import PolicyNotFoundError, load_policy

    try:
        return load_policy(candidate.id, candidate.version).set != candidate
    except PolicyNotFoundError:
        return False


def _report(candidate: PolicySet) -> None:
    """What was checked, and which switches the candidate turns."""
    from contracts.policy import CURRENT

    quotes = sum(len(rule.clauses) for rule in candidate.rules)
    print(f"{candidate.id} v{candidate.version}: 规则 {len(candidate.rules)} 条，引文 {quotes} 处，均与原文一致 / all quotes stand")
    before, after = CURRENT.switches.model_dump(mode="json"), candidate.switches.model_dump(mode="json")
    for switch, value in after.items():
        if value != before[switch]:
            print(f"  {switch}: {_text(before[switch])} -> {_text(value)}")
    if candidate.confirmed_by is None:
        print("尚无人确认其现行有效 / nobody has confirmed that it is in force")


def _standing(shown: PolicySet, told: str) -> tuple[str, ...]:
    until = "" if shown.effective_to is None else shown.effective_to
    confirmed = shown.confirmed_by or "尚无人确认其现行有效 / nobody has confirmed that it is in force"
    return (
        f"{shown.id} v{shown.version}  {shown.title}",
        told,
        f"有效期 / period: {shown.effective_from} – {until}",
        f"确认 / confirmed: {confirmed}",
        str(shown.status_note),
    )


def _rules(shown: PolicySet) -> Table:
    table = _table("规则 / rule", "效力 / mode", "内容 / what it says", "依据 / clause")
    for rule in shown.rules:
        clause = rule.clauses[0]
        table.add_row(rule.id, rule.mode, str(rule.title), f"{clause.document} {clause.section}「{clause.quote}」")
    return table


def _switches(shown: PolicySet) -> Table:
    table = _table("开关 / switch", "取值 / value", "规则 / rule", "决定什么 / decides", "理由 / reason")
    for switch, value in shown.switches.model_dump(mode="json").items():
        note = shown.switch_notes[switch]
        table.add_row(switch, _text(value), note.rule, str(note.decides), str(note.reason))
    return table


def _table(*titles: str) -> Table:
    """Nothing is cut off: a quote is whole or it is none."""
    return Table(*(Column(title, overflow="fold") for title in titles), show_lines=True)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
