"""What the reader of the demonstration sees: a table of decisions with their clauses, and a summary."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from deploy.demo.cases import Decided
from deploy.demo.play import Played
from deploy.demo.receiver import Told

WORDS = {
    "INDUSTRIAL": "工业用地",
    "NON_INDUSTRIAL": "非工业用地",
    "MIXED": "混合用地",
    "TRANSITION": "转换过渡区",
    "UNKNOWN": "性质不明",
    "PENDING": "认定中",
    "OUT_OF_AREA": "域外",
    "NOT_REQUIRED": "不需说明",
    "REQUIRED_VALID": "说明有效",
    "REQUIRED_MISSING": "缺说明",
    "REQUIRED_INVALID": "说明无效",
    "UNDETERMINED": "未定",
    "ACCEPT": "准予登记",
    "ACCEPT_FLAGGED": "准予登记·标注",
    "HOLD": "暂缓",
    "REFUSE": "不予登记",
    "CLOSED": "结案",
    "REFER": "移送",
    "STANDS": "登记不变",
    "ALLOW": "可装",
    "BLOCK": "不得加装",
    "NOT_RESTRICTED": "不受限",
    "N_A": "-",
}
COLOURS = dict.fromkeys(("ACCEPT", "ACCEPT_FLAGGED", "STANDS", "ALLOW"), "green") | {"HOLD": "yellow", "REFUSE": "red", "BLOCK": "red"}
COLUMNS = {
    "情形 case": 5,
    "用地 land\n说明 statement": 4,
    "登记 registration": 4,
    "三相 three-phase": 3,
    "告知 told": 2,
    "依据 clauses": 4,
}
WIDTH_OF_A_FILE = 140
"""Columns of the table where it is not shown on a terminal."""


def differences(played: Played, told: Told) -> list[str]:
    """The sides on which a case came out otherwise than expected; ``told`` if a unit that the rules name was not really told."""
    expected = played.case.expected
    sides = [name for name in Decided._fields if getattr(played.decided, name) != getattr(expected, name)]
    places = [place for place in (played.filing_id, played.parcel_code) if place]
    unheard = [unit for unit in expected.notify if not any((unit, place) in told.places for place in places)]
    return [*sides, *(["told"] if unheard else [])]


def print_table(console: Console, results: Sequence[tuple[Played, list[str]]]) -> None:
    """One row a case. Single-phase stands in the table only where it is not as expected: it is never restricted."""
    table = Table(
        title="决定一览 Decisions", show_lines=True, caption="✗ 与预期不符 differs; 单相电均不受限 single-phase is never restricted"
    )
    for name, ratio in {
        "情形 case": 5,
        "用地 land\n说明 statement": 4,
        "登记 registration": 4,
        "三相 three-phase": 3,
        "告知 told": 2,
    }.items():
        table.add_column(name, ratio=ratio, overflow="fold")
    table.add_column("依据 clauses", ratio=4, overflow="fold")
    table.add_column("", width=1)
    for played, wrong in results:
        got, expected = played.decided, played.case.expected
        power = _word(got.three_phase, expected.three_phase)
        if "single_phase" in wrong:
            power += Text("\n") + _word(got.single_phase, expected.single_phase)
        told = Text(" ".join(sorted(got.notify)))
        if "notify" in wrong:
            told += Text(f"\n≠ {' '.join(sorted(expected.notify))}", "bold red")
        table.add_row(
            Text(f"{played.case.name} {played.case.title}"),
            _word(got.land_verdict, expected.land_verdict) + Text("\n") + _word(got.statement, expected.statement),
            _word(got.registration, expected.registration),
            power,
            told,
            Text("\n".join(played.clauses) or "-"),
            Text("✗", "bold red") if wrong else Text("✓", "green"),
        )
    console.print(table)


def _word(value: str, expected: str) -> Text:
    text = Text(WORDS.get(value, "?"), COLOURS.get(value, ""))
    if value != "N_A":
        text += Text(f" {value.lower()}", "dim")
    if value != expected:
        text += Text(f"\n≠ {expected.lower()}", "bold red")
    return text


def print_summary(console: Console, results: Sequence[tuple[Played, list[str]]], told: Told, seconds: float) -> None:
    registration = Counter(played.decided.registration for played, _ in results)
    power = Counter(played.decided.three_phase for played, _ in results)
    counts = {
        "准予登记 accepted": registration["ACCEPT"] + registration["ACCEPT_FLAGGED"],
        "暂缓 held": registration["HOLD"],
        "不予登记 refused": registration["REFUSE"],
        "登记不变 stand": registration["STANDS"],
        "不得加装三相变压器 blocked": power["BLOCK"],
        "可装 allowed": power["ALLOW"],
        "送达（签名有效）told, signature verified": sum(told.units.values()),
        "其中 of which": " ".join(f"{unit} {count}" for unit, count in sorted(told.units.items())),
        "签名无效 forged": told.forged,
        "用时 time": f"{seconds:.1f} s",
    }
    table = Table(title="小结 Summary", show_header=False)
    for name, value in counts.items():
        table.add_row(name, str(value))
    console.print(table)
    wrong = [(played, sides) for played, sides in results if sides]
    if wrong:
        for played, sides in wrong:
            console.print(f"✗ {played.case.name}: {', '.join(sides)}", style="bold red", markup=False)
        console.print(f"{len(wrong)} 例与预期不符 / {len(wrong)} case(s) differ from what is expected", style="bold red")
    else:
        console.print(f"{len(results)} 例全部与预期一致 / all {len(results)} cases as expected", style="bold green")
    console.print(
        "宗地、信用代码、联系人均为虚构；附件项目为真实项目。/ Parcels, codes and contacts are synthetic; the annex projects are real.",
        style="dim",
    )
